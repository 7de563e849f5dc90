"""What changed, in words: rows of the feed about an objective, its key results, or a workspace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from headway.charts.formats import day
from headway.feed.models import Change
from headway.goals.models import KeyResult, Objective
from headway.web.context import Here

DONE = {
    "created": "was created",
    "archived": "was archived",
    "restored": "was brought back",
    "check_in": "was checked in",
    "added": "was added",
    "handed_back": "was handed back to monitoring",
    "closed": "was closed",
    "reopened": "was reopened",
    "imported": "was sent events",
    "rewrite_asked": "was asked for",
    "rewritten": "is done",
    "unblocked": "was stopped: their events are taken again",
    "removed": "were removed",
    "enough_answers": "has enough answers, and asks nobody any more",
    "effect": "was judged",
    "raised": "was raised as an alert",
    "resolved": "is over",
    "acknowledged": "is looked after",
    "snoozed": "was put off",
    "put back": "is open again",
    "part of": "is part of what was found since",
    "comment": "was commented on",
    "comment_edited": "has a comment that was edited",
    "comment_deleted": "had a comment deleted",
}
NOUNS = {"launched": "launch day", "planned": "planned day", "moves": "metrics to move"}
NOTHING_YET = ("unknown", "not started")
A_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Happening:
    """A change as a sentence that begins with the name of what changed."""

    change: Change
    url: str = ""

    @property
    def words(self) -> str:
        what, before, after = self.change.what, self.change.before, self.change.after
        if what in DONE:
            return f"{DONE[what]}: {after}" if after else DONE[what]
        if what == "status":
            return _flip(before, after)
        if what == "milestone":
            return f"has news of a milestone: {after}"
        noun = NOUNS.get(what, what.replace("_", " "))
        before, after = _readable(before), _readable(after)
        if before and after:
            return f"has another {noun}: {after} instead of {before}"
        return f"now has the {noun} {after}" if after else f"lost the {noun} {before}"

    @property
    def words_alone(self) -> str:
        """On the page of what changed, where its name is said already."""
        words = self.words.removeprefix("is ").removeprefix("was ")
        return words[:1].upper() + words[1:]


def _readable(said: str) -> str:
    """Days as they stand everywhere else; the trail keeps them as 2026-06-29."""
    return day(date.fromisoformat(said)) if A_DAY.fullmatch(said) else said


def _flip(before: str, after: str) -> str:
    if not before or before in NOTHING_YET or after == "unknown":
        return f"is now {after}"
    return f"went from {before} to {after}"


def happenings(here: Here, subjects: Q, limit: int) -> list[Happening]:
    """The newest first."""
    found = Change.objects.filter(subjects, workspace=here.workspace).select_related("by")
    return [Happening(c, url(here, c.subject)) for c in found.order_by("-at", "-pk")[:limit]]


UNSAID = ~Q(what__startswith="comment")
"""On the page of a goal its comments stand themselves."""


def of_objective(objective: Objective) -> Q:
    own = Q(subject=f"objective:{objective.key}")
    return (own | Q(subject__startswith=f"key_result:{objective.key}/")) & UNSAID


def of_key_result(key_result: KeyResult) -> Q:
    return Q(subject=f"key_result:{key_result.objective.key}/{key_result.key}") & UNSAID


def url(here: Here, subject: str) -> str:
    """The page of what changed; empty for what has none."""
    noun, _, key = subject.partition(":")
    named = (
        *("objective", "key_result", "pack", "output", "source", "survey", "check"),
        *("annotation", "alert"),
    )
    same = {noun: noun for noun in named}
    pages = {**same, "metric": "kpi", "close": "review"}
    keys = key.split("/")
    return here.url(pages[noun], *keys) if noun in pages and all(keys) else ""
