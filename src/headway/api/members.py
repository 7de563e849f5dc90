"""Members and their roles."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Router
from ninja.responses import Status

from headway.accounts import actions
from headway.accounts.models import Member
from headway.api import answers, forms
from headway.api.context import Caller, caller
from headway.engine.errors import NotFound, nearest

router = Router()


@router.get("", summary="List members", response=list[answers.Member])
def index(request: HttpRequest, workspace: Path[str]) -> QuerySet[Member]:
    members = caller(request, workspace).workspace.members.select_related("person")
    return members.order_by("person__email")


@router.patch("/{email}", summary="Give another role", response=answers.Member)
def change(request: HttpRequest, workspace: Path[str], email: str, body: forms.Role) -> Member:
    """For admins."""
    who = caller(request, workspace)
    return actions.set_role(_member(who, email), body.role, by=who.member, now=who.clock)


@router.delete("/{email}", summary="End a membership", response={204: None})
def remove(request: HttpRequest, workspace: Path[str], email: str) -> Status[None]:
    """What the person wrote stays. For admins."""
    who = caller(request, workspace)
    actions.remove_member(_member(who, email), by=who.member, now=who.clock)
    return Status(204, None)


def _member(who: Caller, email: str) -> Member:
    members = who.workspace.members.select_related("person")
    found = members.filter(person__email=email.lower()).first()
    if found is None:
        known = members.values_list("person__email", flat=True)
        raise NotFound(f"{email} is no member of {who.workspace}.", fix=nearest(email, known))
    return found
