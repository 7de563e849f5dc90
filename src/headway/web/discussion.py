"""The comments of a goal as its page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from headway.accounts.models import Member
from headway.goals.models import Comment, KeyResult, Objective
from headway.goals.talk import discussion
from headway.goals.talk.mentions import known
from headway.web.context import Here


@dataclass(frozen=True, slots=True)
class Said:
    """A comment; `own` when the reader wrote it and may change it."""

    comment: Comment
    words: SafeString
    own: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """`people` can be named; `problem` and `text` are of a comment that could not be saved."""

    said: tuple[Said, ...]
    people: tuple[Member, ...]
    url: str
    problem: str = ""
    text: str = ""


def talk(here: Here, goal: Objective | KeyResult, problem: str = "", text: str = "") -> Talk:
    """Two queries however many comments there are."""
    people = tuple(sorted(discussion.people(here.workspace), key=str))
    found = discussion.comments(goal)
    said = (Said(c, words(c.text, people), _own(here, c)) for c in found)
    return Talk(tuple(said), people, url(here, goal), problem, text)


def url(here: Here, goal: Objective | KeyResult) -> str:
    if isinstance(goal, KeyResult):
        return here.url("key_result_comment", goal.objective.key, goal.key)
    return here.url("objective_comment", goal.key)


def words(text: str, people: Iterable[Member]) -> SafeString:
    """Escaped, with those it names made to stand out, in the lines in which it was written."""
    parts, at = [], 0
    for found in known(text, people):
        parts += [conditional_escape(text[at : found.start])]
        parts += [format_html('<strong class="mention">@{}</strong>', found.member)]
        at = found.end
    parts.append(conditional_escape(text[at:]))
    return mark_safe("".join(parts).replace("\n", "<br>"))  # noqa: S308 - each part is escaped


def _own(here: Here, comment: Comment) -> bool:
    return here.may_write and comment.by_id == here.member.person_id
