"""Workspaces: the settings of the one that the token belongs to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Body, Router

from headway.accounts.actions import save_settings
from headway.api.context import Caller, caller
from headway.files.export import export

router = Router()


@router.get("")
def index(request: HttpRequest) -> list[dict[str, Any]]:
    """The workspace this token opens."""
    who: Caller = request.auth  # type: ignore[attr-defined]
    return [_shown(who)]


@router.get("/{workspace}")
def show(request: HttpRequest, workspace: str) -> dict[str, Any]:
    return _shown(caller(request, workspace))


@router.patch("/{workspace}")
def change(
    request: HttpRequest, workspace: str, settings: dict[str, Any] = Body(...)
) -> dict[str, Any]:
    """Changes the settings that are given. For admins."""
    who = caller(request, workspace)
    save_settings(who.workspace, settings, by=who.member, now=who.clock)
    return _shown(who)


@router.get("/{workspace}/export")
def document(request: HttpRequest, workspace: str) -> dict[str, Any]:
    """The whole workspace as one document, as `headway export` writes it."""
    return export(caller(request, workspace).workspace)


def _shown(who: Caller) -> dict[str, Any]:
    workspace = who.workspace
    names = (
        "key", "name", "notice", "vision", "strategy", "timezone", "week_starts", "currency",
        "grain", "cadence_days", "on_track_within", "behind_within", "aspirational_success",
    )  # fmt: skip
    return {n: getattr(workspace, n) for n in names} | {
        "now": who.now.isoformat(),
        "role": who.member.role,
    }
