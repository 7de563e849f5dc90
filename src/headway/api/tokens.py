"""One's own tokens."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from headway.accounts import actions
from headway.accounts.models import Token
from headway.api.context import caller
from headway.api.shapes import TokenBody, TokenOut
from headway.engine.errors import NotFound

router = Router()


@router.get("", response=list[TokenOut])
def index(request: HttpRequest, workspace: str) -> list[Token]:
    return list(caller(request, workspace).member.tokens.order_by("created_at"))


@router.post("", response={201: dict[str, Any]})
def create(request: HttpRequest, workspace: str, body: TokenBody) -> tuple[int, dict[str, Any]]:
    """The token is in this answer and nowhere else."""
    who = caller(request, workspace)
    token, raw = actions.create_token(who.member, body.name, now=who.clock)
    return 201, {"id": token.pk, "name": token.name, "token": raw}


@router.delete("/{number}", response={204: None})
def revoke(request: HttpRequest, workspace: str, number: int) -> tuple[int, None]:
    who = caller(request, workspace)
    token = who.member.tokens.filter(pk=number).first()
    if token is None:
        raise NotFound(f"You have no token {number}.")
    actions.revoke_token(token, by=who.member, now=who.clock)
    return 204, None
