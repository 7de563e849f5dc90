"""What people say of objectives and key results."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Router
from ninja.params.functions import Query
from ninja.responses import Status

from headway.api import answers, forms
from headway.api.context import caller, goal_of
from headway.goals.models import Comment
from headway.goals.talk import discussion

router = Router()
OF = "Key of a key result; empty: what is said of the objective itself."


@router.get("", summary="List comments", response=list[answers.Comment])
def index(
    request: HttpRequest,
    workspace: Path[str],
    objective: Path[str],
    key_result: str = Query("", description=OF),
) -> QuerySet[Comment]:
    """The oldest first."""
    goal = goal_of(caller(request, workspace), objective, key_result)
    return discussion.comments(goal).prefetch_related("mentions__member__person")


@router.post("", summary="Comment", response={201: answers.Comment})
def say(
    request: HttpRequest, workspace: Path[str], objective: Path[str], body: forms.Comment
) -> Status[Comment]:
    """Members that are named with `@`, by e-mail address or name, are told by mail."""
    who = caller(request, workspace)
    goal = goal_of(who, objective, body.key_result)
    return Status(201, discussion.say(goal, body.text, by=who.member, now=who.clock))


@router.put("/{number}", summary="Edit a comment", response=answers.Comment)
def edit(
    request: HttpRequest,
    workspace: Path[str],
    objective: Path[str],
    number: int,
    body: forms.Comment,
) -> Comment:
    """Its author's own verb."""
    who = caller(request, workspace)
    found = discussion.find(goal_of(who, objective, body.key_result), number)
    return discussion.edit(found, body.text, by=who.member, now=who.clock)


@router.delete("/{number}", summary="Delete a comment", response={204: None})
def delete(
    request: HttpRequest,
    workspace: Path[str],
    objective: Path[str],
    number: int,
    key_result: str = Query("", description=OF),
) -> Status[None]:
    """Its author's own verb; the audit trail keeps what it said."""
    who = caller(request, workspace)
    found = discussion.find(goal_of(who, objective, key_result), number)
    discussion.delete(found, by=who.member, now=who.clock)
    return Status(204, None)
