"""What is shipped, when, for whom, and what it should move."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Router
from ninja.responses import Status

from headway.api.boards import Moved
from headway.api.context import Caller, caller, one
from headway.api.shapes import Output
from headway.api.written import Shown, keyed, live, one_live, save, shown
from headway.goals import outputs
from headway.goals.launch.launches import launches, living
from headway.goals.models import Output as Row

router = Router()


@router.get("", summary="List outputs", response=list[Output])
def index(request: HttpRequest, workspace: Path[str]) -> list[Shown]:
    return [shown(output) for output in live(caller(request, workspace), "output").values()]


@router.get("/{key}", summary="Read an output", response=Output)
def show(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    return shown(one_live(caller(request, workspace), "output", key))


@router.put("/{key}", summary="Make or change an output", response=Output)
def put(request: HttpRequest, workspace: Path[str], key: str, body: Output) -> Shown:
    """What is left out gets its default."""
    save(caller(request, workspace), "outputs", keyed(body, key))
    return show(request, workspace, key)


@router.get("/{key}/effects", summary="Read what a launch did", response=list[Moved])
def effects(request: HttpRequest, workspace: Path[str], key: str) -> list[dict[str, Any]]:
    """On each metric that it should move; empty before the launch, or where it names none."""
    output = one(living(caller(request, workspace).workspace), key, "output")
    return list(launches([output])[0].to_dict()["moves"]) if output.launched else []


@router.delete("/{key}", summary="Archive an output", response={204: None})
def archive(request: HttpRequest, workspace: Path[str], key: str) -> Status[None]:
    """`restore` brings it back."""
    who = caller(request, workspace)
    row = one(_rows(who).filter(archived_at=None), key, "output")
    outputs.archive_output(row, by=who.member, now=who.clock)
    return Status(204, None)


@router.post("/{key}/restore", summary="Restore an output", response=Output)
def restore(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    outputs.restore_output(one(_rows(who), key, "output"), by=who.member, now=who.clock)
    return show(request, workspace, key)


def _rows(who: Caller) -> QuerySet[Row]:
    return who.workspace.outputs.all()
