"""The tracking plan: what comes in, what should, and what is odd about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Path, Router, Schema
from ninja.responses import Status

from headway.accounts import gate
from headway.api.context import caller, one
from headway.api.forms import Form
from headway.engine.errors import NotFound
from headway.goals.resting import NOTHING, Resting, resting
from headway.ingest.models import Report as ReportRow
from headway.ingest.plan import planning, tracking
from headway.ingest.plan.tracking import Row

router = Router()


class Property(Schema):
    """`seen` and `declared` are types: text, number, boolean, time; empty: it is not, or any is."""

    name: str
    seen: str
    rows: int
    declared: str
    required: bool


class Event(Schema):
    """`state` in words; `metrics` and `key_results` rest on it."""

    event: str
    state: str
    description: str
    also: list[str]
    managed_in_code: bool
    rows: int
    first_at: datetime | None
    last_at: datetime | None
    properties: list[Property]
    metrics: list[str]
    key_results: list[str]


class Report(Schema):
    """`code`: unknown, misspelt, silent, type, missing; `other` is the name that may be meant."""

    id: int
    code: str
    event: str
    property: str
    words: str
    suggestion: str
    other: str
    since: date
    raised_at: datetime
    settled_at: datetime | None
    settled_as: str


class Asked(Form):
    type: str = ""
    required: bool = False


class Plan(Form):
    """What is left out gets its default."""

    description: str = ""
    also: list[str] = []
    properties: dict[str, Asked] = {}


class Settling(Form):
    """`way`: accepted, renamed (`to` another name; `past`: what came before too) or ignored."""

    way: str
    to: str = ""
    past: bool = False


@router.get("", summary="List events, seen and declared", response=list[Event])
def index(request: HttpRequest, workspace: Path[str]) -> list[dict[str, Any]]:
    """The most frequent first."""
    home = caller(request, workspace).workspace
    rests = resting(home)
    return [_shown(row, rests.get(row.name, NOTHING)) for row in tracking.rows(home)]


@router.get("/reports", summary="List what is odd", response=list[Report])
def reports(request: HttpRequest, workspace: Path[str], settled: bool = False) -> Any:
    """Those that wait for somebody; with `settled` all of them."""
    found = caller(request, workspace).workspace.reports.all()
    return found if settled else found.filter(settled_at=None)


@router.post("/reports/{number}", summary="Settle a report", response=Report)
def settle(request: HttpRequest, workspace: Path[str], number: int, body: Settling) -> ReportRow:
    who = caller(request, workspace)
    gate.require(who.member, "write")
    report = who.workspace.reports.filter(pk=number, settled_at=None).first()
    if report is None:
        raise NotFound(f"There is no open report {number}.")
    return planning.settle(
        report, body.way, to=body.to, past=body.past, by=who.member, now=who.clock
    )


@router.put("/events/{path:key}", summary="Declare an event, or change it", response=Event)
def declare(request: HttpRequest, workspace: Path[str], key: str, body: Plan) -> dict[str, Any]:
    who = caller(request, workspace)
    planning.declare(who.workspace, key, by=who.member, now=who.clock, **body.dict())
    row = next(r for r in tracking.rows(who.workspace) if r.name == key.strip())
    return _shown(row, resting(who.workspace, [row.name]).get(row.name, NOTHING))


@router.delete("/events/{path:key}", summary="Take an event out", response={204: None})
def undeclare(request: HttpRequest, workspace: Path[str], key: str) -> Status[None]:
    """Of the plan; what came in stays."""
    who = caller(request, workspace)
    gate.require(who.member, "write")
    planning.undeclare(one(who.workspace.events.all(), key, "event"), by=who.member, now=who.clock)
    return Status(204, None)


def _shown(row: Row, rests: Resting) -> dict[str, Any]:
    return {
        "event": row.name,
        "state": row.state,
        "description": row.planned.description if row.planned else "",
        "also": row.planned.also if row.planned else [],
        "managed_in_code": bool(row.planned and row.planned.managed_in_code),
        "rows": row.seen.rows if row.seen else 0,
        "first_at": row.seen.first_at if row.seen else None,
        "last_at": row.seen.last_at if row.seen else None,
        "properties": row.properties,
        "metrics": [metric.key for metric in rests.metrics],
        "key_results": [f"{k.objective.key}/{k.key}" for k in rests.key_results],
    }
