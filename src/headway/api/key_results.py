"""Key results and their check-ins."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from headway.api.context import Caller, caller, one
from headway.api.shapes import CheckInBody, KeyResultBody
from headway.api.written import keyed, live
from headway.files.put import put
from headway.goals import actions
from headway.goals.models import CheckIn, KeyResult, Objective

router = Router()


@router.get("")
def index(request: HttpRequest, workspace: str, objective: str) -> list[dict[str, Any]]:
    who = caller(request, workspace)
    return key_results_of(who).get(_objective(who, objective).key, [])


@router.get("/{key}")
def show(request: HttpRequest, workspace: str, objective: str, key: str) -> dict[str, Any]:
    """The key result as files write it; `state` is what the last pass of the worker found."""
    who = caller(request, workspace)
    row = _key_result(who, objective, key)
    return {**live(who, "key_result")[f"{objective}/{key}"], "state": state_of(row)}


@router.put("/{key}")
def save(
    request: HttpRequest, workspace: str, objective: str, key: str, body: KeyResultBody
) -> dict[str, Any]:
    """Makes the key result, or changes it to be like this."""
    who = caller(request, workspace)
    _objective(who, objective)
    item = {**live(who, "objective")[objective], "key_results": [keyed(body, key)]}
    put(who.workspace, {"objectives": [item]}, by=who.member, now=who.clock)
    return show(request, workspace, objective, key)


@router.delete("/{key}", response={204: None})
def archive(request: HttpRequest, workspace: str, objective: str, key: str) -> tuple[int, None]:
    """Archives the key result; `restore` brings it back."""
    who = caller(request, workspace)
    row = _key_result(who, objective, key)
    actions.archive_key_result(row, by=who.member, now=who.clock)
    return 204, None


@router.post("/{key}/restore")
def restore(request: HttpRequest, workspace: str, objective: str, key: str) -> dict[str, Any]:
    who = caller(request, workspace)
    row = one(_objective(who, objective).key_results.all(), key, "key result")
    actions.restore_key_result(row, by=who.member, now=who.clock)
    return show(request, workspace, objective, key)


@router.get("/{key}/check-ins")
def check_ins(
    request: HttpRequest, workspace: str, objective: str, key: str
) -> list[dict[str, Any]]:
    row = _key_result(caller(request, workspace), objective, key)
    return [_check_in(c) for c in row.check_ins.select_related("by")]


@router.post("/{key}/check-ins", response={201: dict[str, Any]})
def check_in(
    request: HttpRequest, workspace: str, objective: str, key: str, body: CheckInBody
) -> tuple[int, dict[str, Any]]:
    who = caller(request, workspace)
    row = _key_result(who, objective, key)
    return 201, _check_in(
        actions.check_in(row, **body.dict(), by=who.member, now=who.clock),
    )


def key_results_of(who: Caller) -> dict[str, list[dict[str, Any]]]:
    """The key results of each objective, in order, with their states."""
    rows = KeyResult.objects.filter(objective__workspace=who.workspace, archived_at=None)
    states = {f"{r.objective.key}/{r.key}": state_of(r) for r in rows.select_related("objective")}
    found: dict[str, list[dict[str, Any]]] = {}
    for place, fields in live(who, "key_result").items():
        found.setdefault(place.partition("/")[0], []).append({**fields, "state": states[place]})
    return found


def state_of(row: KeyResult) -> dict[str, Any]:
    names = (
        "baseline", "aim", "value", "value_through", "progress", "expected", "holds", "status",
        "reason", "definition_version", "refreshed_at", "managed_in_code",
    )  # fmt: skip
    return {n: getattr(row, n) for n in names}


def _objective(who: Caller, key: str) -> Objective:
    found: Objective = one(who.workspace.objectives.filter(archived_at=None), key, "objective")
    return found


def _key_result(who: Caller, objective: str, key: str) -> KeyResult:
    rows = _objective(who, objective).key_results.filter(archived_at=None)
    found: KeyResult = one(rows, key, "key result")
    return found


def _check_in(row: CheckIn) -> dict[str, Any]:
    names = ("day", "value", "confidence", "note", "at")
    return {n: getattr(row, n) for n in names} | {"by": row.by.email if row.by else None}
