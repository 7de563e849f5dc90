"""Objectives with their key results."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Router
from ninja.params.functions import Query
from ninja.responses import Status

from headway.api import forms
from headway.api.context import Caller, caller, objective_of, one
from headway.api.key_results import key_results_of
from headway.api.shapes import Objective
from headway.api.written import Shown, keyed, live, save, shown
from headway.files.state import Kept
from headway.goals import actions
from headway.goals.models import Objective as Row
from headway.goals.shares import shares

router = Router()


@router.get("", summary="List objectives", response=list[Objective])
def index(
    request: HttpRequest,
    workspace: Path[str],
    cycle: str = Query("", description="Key of a cycle; empty: all."),
    team: str = Query("", description="Key of a team; empty: all."),
) -> list[Shown]:
    who = caller(request, workspace)
    rows = _live(who)
    rows = rows.filter(cycle=one(who.workspace.cycles.all(), cycle, "cycle")) if cycle else rows
    rows = rows.filter(team=one(who.workspace.teams.all(), team, "team")) if team else rows
    return _shown(who, rows)


@router.get("/{key}", summary="Read an objective", response=Objective)
def show(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    row = objective_of(who, key)
    return _shown(who, _live(who).filter(pk=row.pk))[0]


@router.put("/{key}", summary="Make or change an objective", response=Objective)
def put(
    request: HttpRequest,
    workspace: Path[str],
    key: str,
    body: Objective,
    reason: str = Query("", description="Why key results of a running cycle change."),
) -> Shown:
    """With the key results it names; those it does not name stay.

    What is left out of the objective and of a named key result gets its default.
    """
    save(caller(request, workspace), "objectives", keyed(body, key), reason)
    return show(request, workspace, key)


@router.put("/{key}/shares", summary="Share an objective out", response=dict[str, float])
def share_out(
    request: HttpRequest, workspace: Path[str], key: str, body: forms.Shares
) -> dict[str, float]:
    """Which part of the objective each key result is. They always sum to 1."""
    who = caller(request, workspace)
    row = objective_of(who, key)
    actions.save_shares(row, body.shares, reason=body.reason, by=who.member, now=who.clock)
    weights = dict(row.key_results.filter(archived_at=None).values_list("key", "weight"))
    return dict(zip(weights, shares(list(weights.values())), strict=True))


@router.delete("/{key}", summary="Archive an objective", response={204: None})
def archive(request: HttpRequest, workspace: Path[str], key: str) -> Status[None]:
    """With its key results; `restore` brings it back."""
    who = caller(request, workspace)
    actions.archive_objective(objective_of(who, key), by=who.member, now=who.clock)
    return Status(204, None)


@router.post("/{key}/restore", summary="Restore an objective", response=Objective)
def restore(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    row = one(who.workspace.objectives.all(), key, "objective")
    actions.restore_objective(row, by=who.member, now=who.clock)
    return show(request, workspace, key)


def _live(who: Caller) -> QuerySet[Row]:
    return who.workspace.objectives.filter(archived_at=None)


def _shown(who: Caller, rows: QuerySet[Row]) -> list[Shown]:
    items, key_results = live(who, "objective"), key_results_of(who)
    return [
        {**_with_state(items[row.key], row), "key_results": key_results.get(row.key, [])}
        for row in rows.order_by("key")
    ]


def _with_state(item: Kept, row: Row) -> Shown:
    return shown(
        item,
        status=row.status,
        reason=row.reason,
        progress=row.progress,
        unknown_key_results=row.unknown_count,
    )
