"""Cycles."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Path, Router

from headway.api.context import caller
from headway.api.shapes import Cycle
from headway.api.written import Shown, keyed, live, one_live, save, shown

router = Router()


@router.get("", summary="List cycles", response=list[Cycle])
def index(request: HttpRequest, workspace: Path[str]) -> list[Shown]:
    return [shown(cycle) for cycle in live(caller(request, workspace), "cycle").values()]


@router.get("/{key}", summary="Read a cycle", response=Cycle)
def show(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    return shown(one_live(caller(request, workspace), "cycle", key))


@router.put("/{key}", summary="Make or change a cycle", response=Cycle)
def put(request: HttpRequest, workspace: Path[str], key: str, body: Cycle) -> Shown:
    """Both days belong to it. What is left out gets its default."""
    save(caller(request, workspace), "cycles", keyed(body, key))
    return show(request, workspace, key)
