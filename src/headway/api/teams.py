"""Teams."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Path, Router

from headway.api.context import caller
from headway.api.shapes import Team
from headway.api.written import Shown, keyed, live, one_live, save, shown

router = Router()


@router.get("", summary="List teams", response=list[Team])
def index(request: HttpRequest, workspace: Path[str]) -> list[Shown]:
    return [shown(team) for team in live(caller(request, workspace), "team").values()]


@router.get("/{key}", summary="Read a team", response=Team)
def show(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    return shown(one_live(caller(request, workspace), "team", key))


@router.put("/{key}", summary="Make or change a team", response=Team)
def put(request: HttpRequest, workspace: Path[str], key: str, body: Team) -> Shown:
    """What is left out gets its default. Members become members of the workspace."""
    save(caller(request, workspace), "teams", keyed(body, key))
    return show(request, workspace, key)
