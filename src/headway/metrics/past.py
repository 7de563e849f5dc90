"""A metric's stored points as statistics read them: its complete periods, and what is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from headway.engine.definition import Definition
from headway.engine.period import Calendar, Grain
from headway.engine.series import WHOLE, Point
from headway.metrics.definitions import definitions_of
from headway.metrics.happened.happenings import known_by
from headway.metrics.models import Metric
from headway.metrics.models import Point as Row
from headway.metrics.reading import grain_of
from headway.metrics.rows import numbers
from headway.stats.history import FEWEST, Bound, CannotTell, History, Known

NOTHING = "No period is complete yet."
Place = tuple[int, Grain]
"""A metric's primary key, and the grain at which it is read."""


def history(metric: Metric, grain: Grain | None = None) -> History | CannotTell:
    """At the grain at which people read the metric, or at another."""
    asked = (metric, grain or grain_of(metric))
    return histories([asked])[metric.pk, asked[1]]


def histories(asked: Iterable[tuple[Metric, Grain]]) -> dict[Place, History | CannotTell]:
    """Of metrics of one workspace, in a few queries for each grain."""
    by_grain: dict[Grain, list[Metric]] = defaultdict(list)
    for metric, grain in asked:
        by_grain[grain].append(metric)
    return {
        (pk, grain): found
        for grain, metrics in by_grain.items()
        for pk, found in _at(grain, metrics).items()
    }


def history_of(
    points: Sequence[Point],
    definition: Definition,
    grain: Grain,
    calendar: Calendar,
    known: Sequence[Known] = (),
) -> History | CannotTell:
    """`points` are those of everybody, oldest first."""
    done = [p for p in points if p.complete]
    if not done:
        return CannotTell(NOTHING)
    values = [p.value for p in done]
    bound = _bound(definition, values)
    starts = [p.start for p in done]
    return History(
        starts,
        values,
        grain,
        bound,
        _counts(done) if bound is Bound.share else None,
        tuple(known),
        _partial(points, done[-1].end) if definition.grows and bound is Bound.zero else None,
        calendar,
    )


def enough_on(found: History) -> date | None:
    """The day on which enough periods will have a value, if each has one; None: there are."""
    missing = FEWEST - sum(value is not None for value in found.values)
    if missing <= 0:
        return None
    return found.calendar.after(found.starts[-1], found.grain, missing + 1)


def _at(grain: Grain, metrics: list[Metric]) -> Mapping[int, History | CannotTell]:
    workspace = metrics[0].workspace
    definitions = definitions_of(workspace)
    points, known = _points(metrics, grain), known_by(metrics, grain)
    return {
        m.pk: history_of(points[m.pk], definition, grain, workspace.calendar, known[m.pk])
        if (definition := definitions.get(m.key))
        else CannotTell(m.problem or f"The metric {m} is archived.")
        for m in metrics
    }


def _points(metrics: Iterable[Metric], grain: Grain) -> Mapping[int, list[Point]]:
    rows = Row.objects.filter(
        metric__in=[m.pk for m in metrics], grain=grain, segment_by=WHOLE, segment=WHOLE
    )
    found: dict[int, list[Point]] = defaultdict(list)
    for metric, point in numbers(rows.order_by("start")):
        found[metric].append(point)
    return found


def _bound(definition: Definition, values: Iterable[float | None]) -> Bound:
    """What is not said by the kind is told by the past: what was never below zero stays there."""
    if definition.limits is not None:
        return Bound.share if definition.limits == (0.0, 1.0) else Bound.none
    known = [value for value in values if value is not None]
    return Bound.zero if known and min(known) >= 0 else Bound.none


def _counts(done: Iterable[Point]) -> list[float] | None:
    found = [p.denominator or 0.0 for p in done]
    return found if any(found) else None


def _partial(points: Iterable[Point], end: date) -> float | None:
    """What is in of the period that is under way, if that begins where the last one ended."""
    return next((p.value for p in points if p.start == end and not p.complete), None)
