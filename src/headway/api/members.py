"""Members, their roles, and invitations."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Router

from headway.accounts import actions
from headway.accounts.models import Member
from headway.api.context import Caller, caller
from headway.api.shapes import InvitationBody, RoleBody
from headway.engine.errors import NotFound

router = Router()


@router.get("")
def index(request: HttpRequest, workspace: str) -> list[dict[str, Any]]:
    members = caller(request, workspace).workspace.members.select_related("person")
    return [_shown(m) for m in members.order_by("person__email")]


@router.patch("/{email}")
def change(request: HttpRequest, workspace: str, email: str, body: RoleBody) -> dict[str, Any]:
    """Gives a member another role. For admins."""
    who = caller(request, workspace)
    return _shown(actions.set_role(_member(who, email), body.role, by=who.member, now=who.clock))


@router.delete("/{email}", response={204: None})
def remove(request: HttpRequest, workspace: str, email: str) -> tuple[int, None]:
    """Ends a membership; what the person wrote stays. For admins."""
    who = caller(request, workspace)
    actions.remove_member(_member(who, email), by=who.member, now=who.clock)
    return 204, None


@router.post("/invitations", response={201: dict[str, Any]})
def invite(
    request: HttpRequest, workspace: str, body: InvitationBody
) -> tuple[int, dict[str, Any]]:
    """Makes a link by which somebody becomes a member. It is shown once. For admins."""
    who = caller(request, workspace)
    invitation, raw = actions.invite(
        who.workspace, body.role, body.email, by=who.member, now=who.clock
    )
    link = settings.BASE_URL + reverse("invitation", args=[raw])
    return 201, {"link": link, "role": invitation.role, "expires_at": invitation.expires_at}


def _member(who: Caller, email: str) -> Member:
    found = who.workspace.members.filter(person__email=email.lower()).first()
    if found is None:
        raise NotFound(f"{email} is no member of {who.workspace}.")
    return found


def _shown(member: Member) -> dict[str, Any]:
    return {"email": member.person.email, "name": member.person.name, "role": member.role}
