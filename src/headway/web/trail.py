"""The way down to a number: key result → metric → point → the points it is computed from.

The address of a number carries the way by which somebody came, so that each step leads back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from headway.engine.series import PART
from headway.goals.models import KeyResult, Over
from headway.goals.refresh import grain_of
from headway.metrics.evidence import Place
from headway.metrics.models import Metric
from headway.web.context import Here

LONGEST = 6
"""So many steps an address carries."""


@dataclass(frozen=True, slots=True)
class Crumb:
    title: str
    url: str


def address(
    here: Here,
    name: str,
    key: str,
    grain: str,
    start: date,
    segment_by: str = "",
    segment: str = "",
    via: str = "",
) -> str:
    """Of a number, or with another `name` of something about it."""
    split = {"segment": segment_by, "is": segment} if segment_by else {}
    split = {"part": segment} if segment_by == PART else split
    return here.url(name, key, str(grain), start.isoformat(), **split, via=via)


def of_place(here: Here, place: Place, via: str = "") -> str:
    start, by = place.period.start, place.segment_by
    return address(here, "point", place.metric.key, place.grain, start, by, place.segment, via)


def of_reading(here: Here, key_result: KeyResult, through: date | None) -> str:
    """What a key result's value rests on: one number, or on the metric's page those it adds up.

    Empty where nothing was measured.
    """
    metric = key_result.metric
    if metric is None or through is None:
        return ""
    calendar, grain = here.workspace.calendar, grain_of(key_result, here.workspace)
    start, n = calendar.start_of(through, grain), key_result.over_n or 1
    if key_result.over == Over.latest:
        via = f"{key_result.objective.key}/{key_result.key}"
        return address(here, "point", metric.key, grain, start, via=via)
    opens = key_result.cycle.starts
    to_date = key_result.over == Over.cycle_to_date
    first = opens if to_date else calendar.after(start, grain, 1 - n)
    if first > through:
        return ""
    return here.url("kpi", metric.key, grain=grain, **{"from": first, "to": through})


def further(here: Here, *steps: str) -> str:
    """The way so far, with more steps."""
    return ",".join([*_steps(here), *steps][-LONGEST:])


def crumbs(here: Here, place: Place) -> list[Crumb]:
    """From the key result or the list of KPIs down to the metric: two queries."""
    steps = _steps(here)
    return [
        *_goal(here, [s for s in steps if "/" in s]),
        *_outer(here, place, steps),
        Crumb(str(place.metric), here.url("kpi", place.metric.key)),
    ]


def _steps(here: Here) -> list[str]:
    return [step for step in here.request.GET.get("via", "").split(",") if step][-LONGEST:]


def _goal(here: Here, steps: Sequence[str]) -> Iterator[Crumb]:
    found = _key_result(here, steps[0]) if steps else None
    if found is None:
        yield Crumb("KPIs", here.url("kpis"))
        return
    objective = found.objective
    yield Crumb("Objectives", here.url("objectives"))
    yield Crumb(str(objective), here.url("objective", objective.key))
    yield Crumb(str(found), here.url("key_result", objective.key, found.key))


def _key_result(here: Here, step: str) -> KeyResult | None:
    objective, _, key = step.partition("/")
    rows = KeyResult.objects.filter(
        objective__workspace=here.workspace, objective__key=objective, key=key
    )
    return rows.select_related("objective", "metric").first()


def _outer(here: Here, place: Place, steps: Sequence[str]) -> Iterator[Crumb]:
    """The numbers that were opened on the way, each with the way to it."""
    keys = [s for s in steps if "/" not in s]
    named: dict[str, Metric] = {}
    if keys:
        named = {m.key: m for m in here.workspace.metrics.filter(key__in=keys)}
    for i, step in enumerate(steps):
        if step in named:
            at = Place(named[step], place.grain, place.period, *_split(place))
            yield Crumb(str(named[step]), of_place(here, at, ",".join(steps[:i])))


def _split(place: Place) -> tuple[str, str]:
    """What reads a part of a metric reads it as a whole."""
    return ("", "") if place.is_part else (place.segment_by, place.segment)
