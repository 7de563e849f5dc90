"""Goals of other tools come in; everything of goals goes out."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Path, Router, Schema
from ninja.files import UploadedFile
from ninja.params.functions import Query

from headway.accounts import gate
from headway.api.context import caller
from headway.engine.errors import InputError
from headway.moving import opening
from headway.moving.actions import Look, look, move_in
from headway.moving.arrival import lines
from headway.moving.choices import DAYS, DECIMALS, Choices, pairs
from headway.moving.out import as_csv, as_json, everything

router = Router()


class Asked(Schema):
    """`columns` are `field=heading`; what is left out is guessed from the files."""

    columns: list[str] = []
    sort: Literal["", "goals", "check-ins"] = ""
    team: str = ""
    cycle: str = ""
    key_result: str = ""
    days: Literal["", "day-first", "month-first"] = ""
    decimals: Literal["", "comma", "point"] = ""
    add_people: bool = False


class Seen(Schema):
    """Counts by noun. `mappings`: table → field → heading."""

    done: bool
    made: dict[str, int]
    there_already: dict[str, int]
    problems: list[str]
    notices: list[str]
    mappings: dict[str, dict[str, str]]


@router.post("/in", summary="Move in", response=Seen)
def bring(
    request: HttpRequest,
    workspace: Path[str],
    files: File[list[UploadedFile]],
    asked: Form[Asked],
    do: bool = Query(False, description="Make it; otherwise it is only shown."),
) -> dict[str, Any]:
    """CSV, XLSX, the JSON of Viva Goals, or what `out` wrote. All of it is made or nothing, and
    nothing twice."""
    who = caller(request, workspace)
    gate.require(who.member, "write")
    sent = [_file(file) for file in files]
    choices = Choices(
        columns={"": pairs(asked.columns)},
        sorts={"": asked.sort},
        team=asked.team,
        cycle=asked.cycle,
        key_result=asked.key_result,
        day_first=DAYS.get(asked.days),
        comma_decimal=DECIMALS.get(asked.decimals),
        add_people=asked.add_people,
    )
    seen = look(who.workspace, sent, choices, now=who.clock)
    if do:
        move_in(who.workspace, sent, choices, by=who.member, now=who.clock)
    return _shown(seen, do)


@router.get("/out", summary="Move out")
def take(
    request: HttpRequest,
    workspace: Path[str],
    format: Literal["json", "csv"] = Query("json", description="csv: a ZIP of tables."),
) -> HttpResponse:
    """Teams, cycles, metrics, objectives, outputs and check-ins, as `in` reads them."""
    who = caller(request, workspace)
    document = everything(who.workspace, now=who.now)
    if format == "csv":
        return HttpResponse(as_csv(document), content_type="application/zip")
    return HttpResponse(as_json(document), content_type="application/json")


def _file(file: UploadedFile) -> opening.File:
    if (file.size or 0) > opening.MOST_BYTES:
        raise InputError("The file is too large.", where=file.name or "", fix="Send it in parts.")
    return opening.File(file.name or "file", file.read())


def _shown(seen: Look, done: bool) -> dict[str, Any]:
    return {
        "done": done,
        "made": seen.arrival.made,
        "there_already": seen.arrival.kept,
        "problems": lines(seen.arrival.problems),
        "notices": lines(seen.arrival.notices),
        "mappings": {sheet.table.name: dict(sheet.mapping.columns) for sheet in seen.sheets},
    }
