"""Metrics: their definitions, points, versions, typed values, and drafts of key results."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from headway.api.context import Caller, caller, one
from headway.api.shapes import EntryBody, MetricBody
from headway.api.written import save, written, written_one
from headway.engine.errors import NotFound, nearest
from headway.engine.period import STORED_GRAINS, Grain
from headway.engine.series import point_dict
from headway.goals.promote import draft
from headway.metrics import actions
from headway.metrics.models import Metric
from headway.metrics.reading import grain_of, series

router = Router()


@router.get("")
def index(request: HttpRequest, workspace: str) -> list[dict[str, Any]]:
    return written(caller(request, workspace), "metric")


@router.get("/{key}")
def show(request: HttpRequest, workspace: str, key: str) -> dict[str, Any]:
    """The definition and, under `state`, its version and how far it has been computed."""
    who = caller(request, workspace)
    metric = _metric(who, key)
    state = {
        "version": metric.version,
        "refreshed_at": metric.refreshed_at,
        "problem": metric.problem,
        "managed_in_code": metric.managed_in_code,
        "words": metric.definition.words(),
    }
    return written_one(who, "metric", key) | {"state": state}


@router.put("/{key}")
def put(request: HttpRequest, workspace: str, key: str, body: MetricBody) -> dict[str, Any]:
    """Makes the metric, or changes it to be like this. Its points follow with the next pass."""
    who = caller(request, workspace)
    save(who, "metric", key, body)
    return show(request, workspace, key)


@router.delete("/{key}", response={204: None})
def archive(request: HttpRequest, workspace: str, key: str) -> tuple[int, None]:
    """Archives the metric; `restore` brings it back."""
    who = caller(request, workspace)
    actions.archive_metric(_metric(who, key), by=who.member, now=who.clock)
    return 204, None


@router.post("/{key}/restore")
def restore(request: HttpRequest, workspace: str, key: str) -> dict[str, Any]:
    who = caller(request, workspace)
    actions.restore_metric(
        one(who.workspace.metrics.all(), key, "metric"), by=who.member, now=who.clock
    )
    return show(request, workspace, key)


@router.get("/{key}/points")
def points(
    request: HttpRequest,
    workspace: str,
    key: str,
    grain: str = Query("", description="day, week, month, quarter or year; empty: the usual one"),
    segment_by: str = Query("", description="A property that the definition names in `segments`."),
    start: date | None = Query(None, description="First day."),
    end: date | None = Query(None, description="The day after the last."),
) -> dict[str, Any]:
    """The stored points, in order of segment and time; see `headway measure` for the fields."""
    metric = _metric(caller(request, workspace), key)
    chosen = _grain(grain) if grain else grain_of(metric)
    found = series(metric, chosen, segment_by, start, end)
    return {
        "key": metric.key,
        "kind": metric.definition.kind,
        "unit": metric.unit,
        "definition_version": metric.version,
        "grain": chosen,
        "points": [point_dict(p) for p in found.points],
        **{t.name: t.rows for t in metric.tables.filter(grain=chosen)},
    }


@router.get("/{key}/versions")
def versions(request: HttpRequest, workspace: str, key: str) -> list[dict[str, Any]]:
    rows = _metric(caller(request, workspace), key).definitions.select_related("by")
    return [
        {
            "version": d.version,
            "definition": d.body,
            "note": d.note,
            "by": d.by.email if d.by else None,
            "at": d.at,
        }
        for d in rows.order_by("version")
    ]


@router.post("/{key}/entries", response={201: dict[str, Any]})
def enter(
    request: HttpRequest, workspace: str, key: str, body: EntryBody
) -> tuple[int, dict[str, Any]]:
    """Types the value of a manual metric on a day."""
    who = caller(request, workspace)
    entry = actions.enter_value(
        _metric(who, key), body.day, body.value, by=who.member, now=who.clock
    )
    return 201, {"day": entry.day, "value": entry.value}


@router.get("/{key}/draft")
def promote(request: HttpRequest, workspace: str, key: str, cycle: str) -> dict[str, Any]:
    """A key result filled in from this metric: what `PUT …/key-results/{key}` can be given."""
    who = caller(request, workspace)
    row = one(who.workspace.cycles.all(), cycle, "cycle")
    found = draft(_metric(who, key), row, now=who.clock)
    return {
        "metric": key,
        "title": found.title,
        "shape": found.shape,
        "baseline": asdict(found.baseline),
        "target": asdict(found.target),
        "at_least": found.at_least,
        "at_most": found.at_most,
        "due": found.due,
        "guardrails": [m.key for m in found.guardrails],
    }


def _metric(who: Caller, key: str) -> Metric:
    found: Metric = one(who.workspace.metrics.filter(archived_at=None), key, "metric")
    return found


def _grain(name: str) -> Grain:
    if name not in STORED_GRAINS:
        fix = nearest(name, STORED_GRAINS) or f"Use one of {', '.join(STORED_GRAINS)}."
        raise NotFound(f"There is no grain `{name}`.", where="grain", fix=fix)
    return Grain(name)
