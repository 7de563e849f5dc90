"""The workspace that a token belongs to: its settings, and all of it as one document."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from headway.accounts import gate
from headway.api.context import Caller, caller, whoever
from headway.api.shapes import Workspace
from headway.api.written import Shown, keyed
from headway.files import document
from headway.files.export import export
from headway.files.put import put
from headway.ingest.models import Keeping

router = Router()


@router.get("", summary="List workspaces", response=list[Workspace])
def index(request: HttpRequest) -> list[Shown]:
    """A token opens one workspace."""
    return [_shown(whoever(request))]


@router.get("/{workspace}", summary="Read the settings", response=Workspace)
def show(request: HttpRequest, workspace: str) -> Shown:
    return _shown(caller(request, workspace))


@router.patch("/{workspace}", summary="Change settings", response=Workspace)
def change(request: HttpRequest, workspace: str, body: Workspace) -> Shown:
    """Settings that are left out stay as they are. For admins."""
    who = caller(request, workspace)
    gate.require(who.member, "administer")
    put(who.workspace, {"workspace": keyed(body, workspace)}, by=who.member, now=who.clock)
    return _shown(who)


@router.get("/{workspace}/export", summary="Export everything", response=dict[str, Any])
def whole(request: HttpRequest, workspace: str) -> dict[str, Any]:
    """The whole workspace as one document, as `headway export` writes it."""
    return export(caller(request, workspace).workspace)


def _shown(who: Caller) -> Shown:
    names = document.Workspace.__struct_fields__
    fields = {name: getattr(who.workspace, name) for name in names}
    kept = Keeping.objects.filter(workspace=who.workspace).first() or Keeping()
    events = {"events_kept_from": kept.kept_from, "events_removed": kept.removed}
    return {**fields, "state": {"now": who.now, "role": who.member.role, **events}}
