"""Objectives with their key results."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router

from headway.api.context import Caller, caller, one
from headway.api.key_results import key_results_of
from headway.api.shapes import ObjectiveBody
from headway.api.written import keyed, live
from headway.files.put import put
from headway.goals import actions
from headway.goals.models import Objective

router = Router()


@router.get("")
def index(
    request: HttpRequest,
    workspace: str,
    cycle: str = Query("", description="Key of a cycle; empty: all."),
    team: str = Query("", description="Key of a team; empty: all."),
) -> list[dict[str, Any]]:
    who = caller(request, workspace)
    rows = _live(who)
    rows = rows.filter(cycle=one(who.workspace.cycles.all(), cycle, "cycle")) if cycle else rows
    rows = rows.filter(team=one(who.workspace.teams.all(), team, "team")) if team else rows
    return _shown(who, rows)


@router.get("/{key}")
def show(request: HttpRequest, workspace: str, key: str) -> dict[str, Any]:
    """The objective as files write it; `state` is what the last pass of the worker found."""
    who = caller(request, workspace)
    one(_live(who), key, "objective")
    return _shown(who, _live(who).filter(key=key))[0]


@router.put("/{key}")
def save(request: HttpRequest, workspace: str, key: str, body: ObjectiveBody) -> dict[str, Any]:
    """Makes the objective with the key results it names, or changes them to be like this.

    Key results it does not name stay.
    """
    who = caller(request, workspace)
    item = keyed(body, key)
    bare = [_without_state(k) for k in item.get("key_results", [])]
    put(
        who.workspace,
        {"objectives": [{**item, "key_results": bare}]},
        by=who.member,
        now=who.clock,
    )
    return show(request, workspace, key)


@router.delete("/{key}", response={204: None})
def archive(request: HttpRequest, workspace: str, key: str) -> tuple[int, None]:
    """Archives the objective with its key results; `restore` brings it back."""
    who = caller(request, workspace)
    actions.archive_objective(one(_live(who), key, "objective"), by=who.member, now=who.clock)
    return 204, None


@router.post("/{key}/restore")
def restore(request: HttpRequest, workspace: str, key: str) -> dict[str, Any]:
    who = caller(request, workspace)
    row = one(who.workspace.objectives.all(), key, "objective")
    actions.restore_objective(row, by=who.member, now=who.clock)
    return show(request, workspace, key)


def _live(who: Caller) -> QuerySet[Objective]:
    return who.workspace.objectives.filter(archived_at=None)


def _shown(who: Caller, rows: QuerySet[Objective]) -> list[dict[str, Any]]:
    objectives, results = live(who, "objective"), key_results_of(who)
    return [
        {**objectives[o.key], "key_results": results.get(o.key, []), "state": _state(o)}
        for o in rows.order_by("key")
    ]


def _state(objective: Objective) -> dict[str, Any]:
    return {
        "status": objective.status,
        "progress": objective.progress,
        "unknown_key_results": objective.unknown_count,
        "managed_in_code": objective.managed_in_code,
    }


def _without_state(item: Any) -> Any:
    return {k: v for k, v in item.items() if k != "state"} if isinstance(item, dict) else item
