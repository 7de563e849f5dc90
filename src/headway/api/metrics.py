"""Metrics: their definitions, points, versions, typed values, and drafts of key results."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Router
from ninja.params.functions import Query
from ninja.responses import Status

from headway.api import answers, forms
from headway.api.context import Caller, caller, one
from headway.api.shapes import Metric
from headway.api.written import Shown, keyed, live, one_live, save, shown
from headway.engine.errors import InputError, nearest
from headway.engine.kinds import parse
from headway.engine.period import STORED_GRAINS, Grain
from headway.engine.phrases import sentence
from headway.files.drafted import document_of
from headway.files.state import Kept
from headway.goals.promote import draft
from headway.metrics import actions
from headway.metrics.models import Definition, Entry
from headway.metrics.models import Metric as Row
from headway.metrics.reading import grain_of, series
from headway.metrics.restated import restated
from headway.outlook.ahead import FORECAST
from headway.outlook.words import sentences
from headway.stats.history import CannotTell

router = Router()
GRAIN = Query("", description="day, week, month, quarter or year; empty: the usual one.")
SEGMENT_BY = Query("", description="One of the definition's `segments`, or `@part`.")
START = Query(None, description="First day.")
END = Query(None, description="The day after the last.")


@router.get("", summary="List metrics", response=list[Metric])
def index(request: HttpRequest, workspace: Path[str]) -> list[Shown]:
    who = caller(request, workspace)
    rows = {row.key: row for row in _live(who)}
    return [_shown(item, rows[key]) for key, item in live(who, "metric").items()]


@router.get("/{key}", summary="Read a metric", response=Metric)
def show(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    return _shown(one_live(who, "metric", key), live_metric(who, key))


@router.put("/{key}", summary="Make or change a metric", response=Metric)
def put(request: HttpRequest, workspace: Path[str], key: str, body: Metric) -> Shown:
    """A new version when its numbers change; the points follow with the worker's next pass."""
    save(caller(request, workspace), "metrics", keyed(body, key))
    return show(request, workspace, key)


@router.delete("/{key}", summary="Archive a metric", response={204: None})
def archive(request: HttpRequest, workspace: Path[str], key: str) -> Status[None]:
    """Refused while something is measured by it."""
    who = caller(request, workspace)
    actions.archive_metric(live_metric(who, key), by=who.member, now=who.clock)
    return Status(204, None)


@router.post("/{key}/restore", summary="Restore a metric", response=Metric)
def restore(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    row = one(who.workspace.metrics.all(), key, "metric")
    actions.restore_metric(row, by=who.member, now=who.clock)
    return show(request, workspace, key)


@router.get("/{key}/points", summary="Read its points", response=answers.Series)
def points(
    request: HttpRequest,
    workspace: Path[str],
    key: str,
    grain: Annotated[str, GRAIN] = "",
    segment_by: Annotated[str, SEGMENT_BY] = "",
    start: Annotated[date | None, START] = None,
    end: Annotated[date | None, END] = None,
) -> dict[str, Any]:
    """What the worker has computed, by segment and time."""
    metric = live_metric(caller(request, workspace), key)
    chosen = grain_named(grain) if grain else grain_of(metric)
    check_segment(metric, segment_by)
    return {
        "key": metric.key,
        "kind": metric.definition.kind,
        "unit": metric.unit,
        "definition_version": metric.version,
        "grain": chosen.value,
        "segment_by": segment_by,
        "points": series(metric, chosen, segment_by, start, end).points,
        "restated": [] if segment_by else restated(metric, chosen, start or date.min, _last(end)),
        "tables": {t.name: t.rows for t in metric.tables.filter(grain=chosen)},
    }


@router.get("/{key}/forecast", summary="Read its forecast", response=answers.Forecast)
def forecast(request: HttpRequest, workspace: Path[str], key: str) -> dict[str, Any]:
    """The next periods at its usual grain, as the worker has worked them out."""
    who = caller(request, workspace)
    metric = live_metric(who, key)
    grain = grain_of(metric)
    found = FORECAST.read(metric, grain)
    if isinstance(found, CannotTell):
        nothing = {"words": [], "rests": "", "notes": [], "steps": []}
        return {"grain": grain.value, "reason": found.reason, **nothing}
    words = sentences(found, grain, metric.unit, who.workspace.currency)
    return {"grain": grain.value, "reason": "", "words": words, **vars(found)}


def _last(end: date | None) -> date:
    return end - timedelta(days=1) if end else date.max


@router.get("/{key}/versions", summary="List its versions", response=list[answers.Version])
def versions(request: HttpRequest, workspace: Path[str], key: str) -> QuerySet[Definition]:
    """Oldest first."""
    metric = live_metric(caller(request, workspace), key)
    return metric.definitions.select_related("by").order_by("version")


@router.get("/{key}/entries", summary="List typed values", response=list[answers.Entry])
def entries(request: HttpRequest, workspace: Path[str], key: str) -> QuerySet[Entry]:
    """By day."""
    return live_metric(caller(request, workspace), key).entries.order_by("day")


@router.post("/{key}/entries", summary="Type a value", response={201: answers.Entry})
def enter(request: HttpRequest, workspace: Path[str], key: str, body: forms.Entry) -> Status[Entry]:
    """Of a manual metric on a day; a second value on the day replaces the first."""
    who = caller(request, workspace)
    metric = live_metric(who, key)
    return Status(
        201, actions.enter_value(metric, body.day, body.value, by=who.member, now=who.clock)
    )


@router.get("/{key}/draft", summary="Draft a key result", response=answers.Draft)
def promote(
    request: HttpRequest,
    workspace: Path[str],
    key: str,
    cycle: str = Query(..., description="Key of the cycle."),
    mean: bool = Query(False, description="Start from, and read, the mean of 4 periods."),
) -> dict[str, Any]:
    """A key result on this metric with its measured baseline and three levels of ambition."""
    who = caller(request, workspace)
    row = one(who.workspace.cycles.all(), cycle, "cycle")
    found = draft(live_metric(who, key), row, now=who.clock, mean=mean)
    return {
        "key_result": document_of(found),
        "baseline": found.baseline,
        "target": found.target,
        "levels": found.levels,
        "guardrails": [m.key for m in found.guardrails],
    }


def _live(who: Caller) -> QuerySet[Row]:
    return who.workspace.metrics.filter(archived_at=None)


def live_metric(who: Caller, key: str) -> Row:
    found: Row = one(_live(who), key, "metric")
    return found


def _shown(item: Kept, row: Row) -> Shown:
    return shown(
        item,
        version=row.version,
        words=sentence(parse(item.fields)),
        problem=row.problem,
        refreshed_at=row.refreshed_at,
    )


def grain_named(name: str) -> Grain:
    if name not in STORED_GRAINS:
        fix = nearest(name, STORED_GRAINS) or f"Use one of {', '.join(STORED_GRAINS)}."
        raise InputError(f"There is no grain `{name}`.", where="grain", fix=fix)
    return Grain(name)


def check_segment(metric: Row, segment_by: str) -> None:
    known = metric.definition.splits
    if segment_by and segment_by not in known:
        fix = f"There are: {', '.join(known)}." if known else "Name it in the metric's `segments`."
        raise InputError(
            f"`{metric.key}` has no segments by `{segment_by}`.",
            where="segment_by",
            fix=nearest(segment_by, known) or fix,
        )
