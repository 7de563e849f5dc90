"""Key results and their check-ins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Router
from ninja.params.functions import Query
from ninja.responses import Status

from headway.api import answers, forms
from headway.api.context import Caller, caller, key_result_of, objective_of, one
from headway.api.shapes import KeyResult, KeyResultState
from headway.api.written import Shown, keyed, live, one_live, save, shown
from headway.goals import actions, milestones
from headway.goals.ahead import words as chance_words
from headway.goals.ahead.prospects import prospect_of
from headway.goals.breaking.suggestions import drivers_of, parts_of
from headway.goals.close import handing
from headway.goals.models import CheckIn
from headway.goals.models import KeyResult as Row
from headway.goals.shares import shares
from headway.stats.history import CannotTell

router = Router()
OF_OTHERS = ("managed_in_code", "share")
STATE = tuple(name for name in KeyResultState.model_fields if name not in OF_OTHERS)


@router.get("", summary="List key results", response=list[KeyResult])
def index(request: HttpRequest, workspace: Path[str], objective: Path[str]) -> list[Shown]:
    """In the order in which pages show them."""
    who = caller(request, workspace)
    return key_results_of(who).get(objective_of(who, objective).key, [])


@router.get("/{key}", summary="Read a key result", response=KeyResult)
def show(request: HttpRequest, workspace: Path[str], objective: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    row = key_result_of(who, objective, key)
    item = one_live(who, "key_result", f"{objective}/{key}")
    return shown(item, **_state(row, row.objective.key_results.filter(archived_at=None)))


@router.put("/{key}", summary="Make or change a key result", response=KeyResult)
def put(
    request: HttpRequest,
    workspace: Path[str],
    objective: Path[str],
    key: str,
    body: KeyResult,
    reason: str = Query("", description="Why it changes, when its cycle has opened."),
) -> Shown:
    """A new one comes last. What is left out gets its default; see also a metric's draft."""
    who = caller(request, workspace)
    above = one_live(who, "objective", objective).fields
    save(who, "objectives", {**above, "key_results": [keyed(body, key)]}, reason)
    return show(request, workspace, objective, key)


@router.delete("/{key}", summary="Archive a key result", response={204: None})
def archive(
    request: HttpRequest, workspace: Path[str], objective: Path[str], key: str
) -> Status[None]:
    """It counts no more; `restore` brings it back."""
    who = caller(request, workspace)
    actions.archive_key_result(key_result_of(who, objective, key), by=who.member, now=who.clock)
    return Status(204, None)


@router.post("/{key}/restore", summary="Restore a key result", response=KeyResult)
def restore(request: HttpRequest, workspace: Path[str], objective: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    row = one(objective_of(who, objective).key_results.all(), key, "key result")
    actions.restore_key_result(row, by=who.member, now=who.clock)
    return show(request, workspace, objective, key)


@router.get("/{key}/check-ins", summary="List check-ins", response=list[answers.CheckIn])
def check_ins(
    request: HttpRequest, workspace: Path[str], objective: Path[str], key: str
) -> QuerySet[CheckIn]:
    """Newest first."""
    row = key_result_of(caller(request, workspace), objective, key)
    return row.check_ins.select_related("by")


@router.post("/{key}/check-ins", summary="Check in", response={201: answers.CheckIn})
def check_in(
    request: HttpRequest, workspace: Path[str], objective: Path[str], key: str, body: forms.CheckIn
) -> Status[CheckIn]:
    """The status follows at once."""
    who = caller(request, workspace)
    row = key_result_of(who, objective, key)
    return Status(201, actions.check_in(row, **body.dict(), by=who.member, now=who.clock))


@router.post("/{key}/milestones", summary="Tick a milestone", response=KeyResult)
def tick(
    request: HttpRequest, workspace: Path[str], objective: Path[str], key: str, body: forms.Tick
) -> Shown:
    """The status follows at once."""
    who = caller(request, workspace)
    done = None if body.undo else body.done or who.workspace.calendar.day_of(who.clock)
    row = key_result_of(who, objective, key)
    milestones.tick(row, body.name, done=done, note=body.note, by=who.member, now=who.clock)
    return show(request, workspace, objective, key)


@router.post("/{key}/hand-back", summary="Hand back to monitoring", response=KeyResult)
def hand_back(
    request: HttpRequest, workspace: Path[str], objective: Path[str], key: str, body: forms.HandBack
) -> Shown:
    """Once it is due: its metric is watched as a KPI again, in the same series."""
    who = caller(request, workspace)
    row = key_result_of(who, objective, key)
    handing.hand_back(row, **body.dict(), by=who.member, now=who.clock)
    return show(request, workspace, objective, key)


@router.get("/{key}/forecast", summary="Will it get there?", response=answers.Prospect)
def forecast(
    request: HttpRequest, workspace: Path[str], objective: Path[str], key: str
) -> dict[str, Any]:
    """The chance, and what its metric will read until it is due, as the worker found them."""
    who = caller(request, workspace)
    row = key_result_of(who, objective, key)
    last = row.check_ins.first()
    confidence, found = last.confidence if last else None, prospect_of(row)
    if isinstance(found, CannotTell):
        nothing: dict[str, Any] = {
            "chance": None,
            "words": "",
            "apart": "",
            "rests": "",
            "notes": [],
            "steps": [],
        }
        return {"confidence": confidence, "reason": found.reason, **nothing}
    said = chance_words.sentence(row, found, who.workspace.currency)
    apart = chance_words.apart(found.chance, confidence)
    return {"confidence": confidence, "reason": "", "words": said, "apart": apart, **vars(found)}


@router.get("/{key}/breakdown", summary="Break a target down", response=answers.Breakdown)
def break_down(
    request: HttpRequest,
    workspace: Path[str],
    objective: Path[str],
    key: str,
    hold: str = Query("", description="Keys of drivers that stay as they are, with commas."),
) -> dict[str, Any]:
    """Suggestions: its target over the quarters of its cycle, and over a formula's drivers."""
    row = key_result_of(caller(request, workspace), objective, key)
    parts = parts_of(row)
    return {
        "flow": parts.flow,
        "parts": [{"start": p.start, "through": p.last} for p in parts.periods],
        "ways": parts.ways,
        "drivers": [
            {"metric": d.metric.key, "now": d.now, "suggested": d.suggested}
            for d in drivers_of(row, hold.split(","))
        ],
    }


def key_results_of(who: Caller) -> dict[str, list[Shown]]:
    """The key results of each objective, in order, with their states."""
    rows = Row.objects.filter(objective__workspace=who.workspace).select_related("objective")
    live_rows = [r for r in rows if r.archived_at is None]
    beside: dict[int, list[Row]] = {}
    for row in live_rows:
        beside.setdefault(row.objective_id, []).append(row)
    states = {f"{r.objective.key}/{r.key}": _state(r, beside[r.objective_id]) for r in live_rows}
    found: dict[str, list[Shown]] = {}
    for place, item in live(who, "key_result").items():
        found.setdefault(place.partition("/")[0], []).append(shown(item, **states[place]))
    return found


def _state(row: Row, beside: Iterable[Row]) -> dict[str, Any]:
    """`beside` are the key results of its objective."""
    weights = {other.pk: other.weight for other in beside}
    share = dict(zip(weights, shares(list(weights.values())), strict=True))[row.pk]
    return {"share": share} | {name: getattr(row, name) for name in STATE}
