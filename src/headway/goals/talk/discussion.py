"""What people say of a goal, and whom they name in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.errors import DefinitionError, NotAllowed, NotFound
from headway.engine.written import grouped
from headway.feed.record import record
from headway.goals import checks
from headway.goals.models import Comment, KeyResult, Mention, Objective
from headway.goals.refresh import subject_of
from headway.goals.talk.mentions import named

LONGEST = 5000


@transaction.atomic
def say(goal: Objective | KeyResult, text: str, *, by: Member | None, now: datetime) -> Comment:
    """Writes a comment; members that it names with `@` are told."""
    objective = goal.objective if isinstance(goal, KeyResult) else goal
    gate.require(by, "write", objective.workspace)
    checks.present(objective)
    checks.present(goal)
    text = _checked(text)
    comment = Comment.objects.create(
        objective=objective,
        key_result=goal if isinstance(goal, KeyResult) else None,
        text=text,
        by=by.person if by else None,
        at=now,
    )
    _mention(comment, now)
    _record(comment, "comment", after=text, by=by, now=now)
    return comment


@transaction.atomic
def edit(comment: Comment, text: str, *, by: Member | None, now: datetime) -> Comment:
    """Members whom the new words name for the first time are told."""
    _own(comment, by)
    before, comment.text = comment.text, _checked(text)
    if before == comment.text:
        return comment
    comment.edited_at = now
    comment.save(update_fields=["text", "edited_at"])
    _mention(comment, now)
    _record(comment, "comment_edited", before=before, after=comment.text, by=by, now=now)
    return comment


@transaction.atomic
def delete(comment: Comment, *, by: Member | None, now: datetime) -> None:
    """Takes it off the page. What it said stays in the audit trail."""
    _own(comment, by)
    before, comment.text, comment.deleted_at = comment.text, "", now
    comment.save(update_fields=["text", "deleted_at"])
    comment.mentions.all().delete()
    _record(comment, "comment_deleted", before=before, by=by, now=now)


def comments(goal: Objective | KeyResult) -> QuerySet[Comment]:
    """Those of an objective are its own: each key result has its comments on its own page."""
    found = Comment.objects.filter(deleted_at=None).select_related("by", "key_result")
    if isinstance(goal, KeyResult):
        return found.filter(key_result=goal)
    return found.filter(objective=goal, key_result=None)


def find(goal: Objective | KeyResult, number: int) -> Comment:
    found = comments(goal).filter(pk=number).select_related("objective__workspace").first()
    if found is None:
        raise NotFound(f"There is no comment {number} here.", fix="It may have been deleted.")
    return found


def goal_of(comment: Comment) -> Objective | KeyResult:
    return comment.key_result or comment.objective


def people(workspace: Workspace) -> Iterable[Member]:
    """Who can be named."""
    return workspace.members.filter(person__is_active=True).select_related("person")


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise DefinitionError("The comment says nothing.", where="text", fix="Write a few words.")
    if len(text) > LONGEST:
        raise DefinitionError(
            f"The comment has {grouped(len(text))} characters.",
            where="text",
            fix=f"Say it in {grouped(LONGEST)}, or put the rest where it can be linked to.",
        )
    return text


def _own(comment: Comment, by: Member | None) -> None:
    gate.require(by, "write", comment.objective.workspace)
    if comment.deleted_at:
        raise NotFound("This comment has been deleted.")
    if by is not None and by.person_id != comment.by_id:
        raise NotAllowed(
            "Only its author changes a comment.", fix="Answer it with one of your own."
        )


def _mention(comment: Comment, now: datetime) -> None:
    """Nobody is told of what they wrote themselves, and nobody twice of one comment."""
    told = {found.member for found in named(comment.text, people(comment.objective.workspace))}
    for member in told:
        if member.person_id != comment.by_id:
            Mention.objects.get_or_create(comment=comment, member=member, defaults={"at": now})


def _record(
    comment: Comment,
    what: str,
    *,
    before: str = "",
    after: str = "",
    by: Member | None,
    now: datetime,
) -> None:
    goal = goal_of(comment)
    record(
        comment.objective.workspace,
        subject=subject_of(goal),
        title=str(goal),
        what=what,
        before=before,
        after=after,
        by=by,
        now=now,
    )
