"""One's own tokens."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Router
from ninja.responses import Status

from headway.accounts import actions
from headway.accounts.models import Token
from headway.api import answers, forms
from headway.api.context import caller
from headway.engine.errors import NotFound

router = Router()


@router.get("", summary="List one's tokens", response=list[answers.Token])
def index(request: HttpRequest, workspace: Path[str]) -> QuerySet[Token]:
    return caller(request, workspace).member.tokens.order_by("created_at", "pk")


@router.post("", summary="Make a token", response={201: answers.NewToken})
def create(request: HttpRequest, workspace: Path[str], body: forms.Token) -> Status[dict[str, Any]]:
    """It acts as the one who calls. The token is in this answer and nowhere else."""
    who = caller(request, workspace)
    token, raw = actions.create_token(who.member, body.name, now=who.clock)
    return Status(201, {**answers.Token.from_orm(token).dict(), "token": raw})


@router.delete("/{number}", summary="Revoke a token", response={204: None})
def revoke(request: HttpRequest, workspace: Path[str], number: int) -> Status[None]:
    who = caller(request, workspace)
    token = who.member.tokens.filter(pk=number).first()
    if token is None:
        raise NotFound(f"You have no token {number}.")
    actions.revoke_token(token, by=who.member, now=who.clock)
    return Status(204, None)
