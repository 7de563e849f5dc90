"""Links by which somebody becomes a member."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from ninja import Path, Router
from ninja.responses import Status

from headway.accounts import actions, gate
from headway.accounts.models import Invitation
from headway.api import answers, forms
from headway.api.context import caller
from headway.engine.errors import NotFound

router = Router()


@router.get("", summary="List open invitations", response=list[answers.Invitation])
def index(request: HttpRequest, workspace: Path[str]) -> QuerySet[Invitation]:
    """Those that can still be used. For admins."""
    who = caller(request, workspace)
    gate.require(who.member, "administer")
    unused = who.workspace.invitations.filter(accepted_at=None, expires_at__gt=who.clock)
    return unused.order_by("created_at", "pk")


@router.post("", summary="Invite somebody", response={201: answers.NewInvitation})
def invite(
    request: HttpRequest, workspace: Path[str], body: forms.Invitation
) -> Status[dict[str, Any]]:
    """The link is in this answer and nowhere else. For admins."""
    who = caller(request, workspace)
    made, raw = actions.invite(who.workspace, body.role, body.email, by=who.member, now=who.clock)
    link = settings.BASE_URL + reverse("invitation", args=[raw])
    return Status(201, {**answers.Invitation.from_orm(made).dict(), "link": link})


@router.delete("/{number}", summary="Withdraw an invitation", response={204: None})
def withdraw(request: HttpRequest, workspace: Path[str], number: int) -> Status[None]:
    """For admins."""
    who = caller(request, workspace)
    gate.require(who.member, "administer")
    invitation = who.workspace.invitations.filter(pk=number).first()
    if invitation is None:
        raise NotFound(f"There is no invitation {number}.")
    actions.withdraw_invitation(invitation, by=who.member, now=who.clock)
    return Status(204, None)
