"""The outcome map, recent launches, alignment, and the three boards."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Path, Router, Schema
from ninja.params.functions import Query

from headway.api.context import Caller, caller, one
from headway.goals.boards import alignment as aligned
from headway.goals.boards import funnel as funnels
from headway.goals.boards import journey as journeys
from headway.goals.boards import outcomes as chain
from headway.goals.boards import value_map as values
from headway.goals.launch import launches as launched
from headway.goals.models import Cycle

outcomes, launches, alignment, boards = Router(), Router(), Router(), Router()
SINCE = Query(None, description="Empty: three months ago.")
BY = Query("", description="A property: one dot per segment of it instead of per product.")
CYCLE = Query("", description="Key of a cycle; empty: all.")


class Outcome(Schema):
    """An output, or a metric of the map. `drives` are keys of metrics; `loose` is what is amiss."""

    kind: str
    key: str
    name: str
    drives: list[str]
    value: float | None
    before: float | None
    health: str
    status: str
    loose: str


class Moved(Schema):
    """What a launch did to a metric, in its unit, from `first` to `last`; or why nobody knows.

    `verdict`: moved, wrong way, no clear effect, too early, cannot tell, not judged yet. `expected`
    would have come without the launch, `value` came; `low` and `high` hold the effect in 95 of 100
    cases, `relative…` are shares of `expected`. `held_against`: past, controls or unexposed.
    `placebos` are days without a launch that were judged in the same way.
    """

    metric: str
    verdict: str
    words: str
    reason: str
    can_be_told_from: date | None
    value: float | None
    expected: float | None
    effect: float | None
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    first: date | None
    last: date | None
    shown_since: date | None
    held_against: str
    controls: list[str]
    placebos: int
    placebos_with_effect: int
    rests_on: str


class Launch(Schema):
    key: str
    name: str
    status: str
    launched: date | None
    success: str
    moves: list[Moved]


class Aligned(Schema):
    """`alone` says why an objective stands alone; empty where it does not."""

    key: str
    title: str
    team: str
    cycle: str
    status: str
    progress: float | None
    level: int
    supports: list[str]
    supported_by: list[str]
    alone: str


class Shelf(Schema):
    """A capability of a stage. `kpis` are their last values; unknown ones are null."""

    stage: str
    capability: str
    name: str
    health: str
    importance: float | None
    satisfaction: float | None
    underserved: bool
    kpis: dict[str, float | None]


class Step(Schema):
    """`many` of `counted` in `month`; `conversion` compares with the stage before."""

    stage: str
    health: str
    kpis: dict[str, float | None]
    counted: str | None
    month: date | None
    many: float | None
    conversion: float | None
    key_results: int
    outputs: int
    fix_first: bool


class Funnel(Schema):
    advice: str
    warning: str
    stages: list[Step]


class Dot(Schema):
    """Indices from 0 to 100, null where no KPI is known; `kpis` count for it, `unknown` of them
    do not. With `by`, `product` is a segment of that property.
    """

    product: str
    by: str
    when: str
    day: date
    creation: float | None
    capture: float | None
    quadrant: int | None
    kpis: int
    unknown: int


@outcomes.get("", summary="Read the outcome map", response=list[Outcome])
def show_outcomes(request: HttpRequest, workspace: Path[str]) -> list[dict[str, Any]]:
    who = caller(request, workspace)
    return list(chain.outcome_map(who.workspace, _today(who)).rows())


@launches.get("", summary="List recent launches", response=list[Launch])
def list_launches(
    request: HttpRequest,
    workspace: Path[str],
    since: date | None = SINCE,
) -> list[dict[str, Any]]:
    """Each with what it did to the metrics that it should move, as far as that is known."""
    who = caller(request, workspace)
    return [found.to_dict() for found in launched.recent(who.workspace, _today(who), since)]


@alignment.get("", summary="Read what supports what", response=list[Aligned])
def show_alignment(
    request: HttpRequest, workspace: Path[str], cycle: str = CYCLE
) -> list[dict[str, Any]]:
    """Of cycles that run beside the given one, with all that they support."""
    who = caller(request, workspace)
    return list(aligned.alignment(who.workspace, _cycle(who, cycle)).rows())


@boards.get("/journey", summary="Read the journey board", response=list[Shelf])
def show_journey(request: HttpRequest, workspace: Path[str]) -> list[dict[str, Any]]:
    who = caller(request, workspace)
    return list(journeys.rows(journeys.board(who.workspace, _today(who))))


@boards.get("/funnel", summary="Read the funnel board", response=Funnel)
def show_funnel(request: HttpRequest, workspace: Path[str], cycle: str = CYCLE) -> dict[str, Any]:
    """Advice runs bottom-up: the first unhealthy stage counted from retention."""
    who = caller(request, workspace)
    found = funnels.funnel(who.workspace, _today(who), _cycle(who, cycle))
    return {"advice": found.advice, "warning": found.warning, "stages": list(found.rows())}


@boards.get("/value-map", summary="Read the value map", response=list[Dot])
def show_value_map(
    request: HttpRequest, workspace: Path[str], by: str = BY
) -> list[dict[str, Any]]:
    who = caller(request, workspace)
    cycles = list(who.workspace.cycles.all())
    return list(values.value_map(who.workspace, _today(who), cycles, by).rows())


def _today(who: Caller) -> date:
    return who.workspace.calendar.day_of(who.now)


def _cycle(who: Caller, key: str) -> Cycle | None:
    found: Cycle | None = one(who.workspace.cycles.all(), key, "cycle") if key else None
    return found
