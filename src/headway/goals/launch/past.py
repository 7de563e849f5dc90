"""The past of metrics as effects read it: what stands behind each value, by whole and by group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from headway.engine.definition import Definition, Where
from headway.engine.period import Calendar, Grain
from headway.engine.selection import Test, tests_of
from headway.engine.series import NONE, WHOLE, Point
from headway.metrics.models import Metric
from headway.metrics.models import Point as Row
from headway.metrics.past import history_of
from headway.metrics.reading import grain_of
from headway.metrics.rows import numbers
from headway.stats.history import CannotTell, History, Known

WEEKLY = (Grain.day, Grain.week)


@dataclass(frozen=True)
class Groups:
    """Those who got it and those who did not, by the segments of one property."""

    exposed: History
    unexposed: History


def judged_at(metric: Metric) -> Grain:
    """Months and quarters are read by week: else it would take most of a year to tell."""
    grain = grain_of(metric)
    return grain if grain in WEEKLY else Grain.week


def pasts(
    metrics: Iterable[Metric], grain: Grain, definitions: Mapping[str, Definition],
    calendar: Calendar, known: Mapping[int, Sequence[Known]],
) -> dict[str, History]:  # fmt: skip
    """By key, of those that have any complete period: one query."""
    rows = {m.pk: m for m in metrics if m.key in definitions}
    points: dict[int, list[Point]] = defaultdict(list)
    asked = Row.objects.filter(
        metric__in=rows, grain=grain, segment_by=WHOLE, segment=WHOLE, complete=True
    )
    for pk, point in numbers(asked.order_by("start")):
        points[pk].append(point)
    found = {
        metric.key: past_of(points[pk], definitions[metric.key], grain, calendar, known[pk])
        for pk, metric in rows.items()
        if pk in points
    }
    return {key: one for key, one in found.items() if one is not None}


def past_of(
    points: Sequence[Point], definition: Definition, grain: Grain,
    calendar: Calendar, known: Sequence[Known],
) -> History | None:  # fmt: skip
    """From the first value that is not 0 on: before, what is counted was not there yet."""
    first = next((i for i, point in enumerate(points) if point.value), len(points))
    begun = points[first:]
    found = history_of(begun, definition, grain, calendar, known)
    if isinstance(found, CannotTell):
        return None
    return replace(found, counts=behind(begun, definition), partial=None)


def behind(points: Sequence[Point], definition: Definition) -> list[float] | None:
    """How many stood behind each value; None for amounts, which have only how much there is."""
    there = [point for point in points if point.value is not None]
    if all(point.denominator for point in there):
        return [point.denominator or 0.0 for point in points]
    of_each = all(point.numerator is None and point.n for point in there)
    if of_each and definition.measured and not definition.inputs():
        return [float(point.n) for point in points]
    if definition.unit == "percent":
        return [1.0 if point.value is not None else 0.0 for point in points]
    return None


def groups(
    metric: Metric, definition: Definition, where: Where, grain: Grain, known: Sequence[Known]
) -> Groups | None:
    """None where the metric is not split by what decides who got it."""
    tests = tests_of(where)
    names = {name for name, _, _ in tests}
    if len(names) != 1 or not names <= set(definition.segments):
        return None
    segments = _segments(metric, grain, names.pop())
    sides = [[p for s, p in segments.items() if _gets(s, tests) is got] for got in (True, False)]
    if any(_gets(segment, tests) is None for segment in segments) or not all(sides):
        return None
    calendar = metric.workspace.calendar
    found = [past_of(together(side), definition, grain, calendar, known) for side in sides]
    return Groups(found[0], found[1]) if found[0] and found[1] else None


def together(segments: Sequence[Sequence[Point]]) -> list[Point]:
    """Several segments as one: sums of what was counted, else means by how many there were."""
    by_start: dict[date, list[Point]] = defaultdict(list)
    for points in segments:
        for point in points:
            by_start[point.start].append(point)
    return [_joined(by_start[start]) for start in sorted(by_start)]


def _segments(metric: Metric, grain: Grain, by: str) -> dict[str, list[Point]]:
    rows = Row.objects.filter(metric=metric, grain=grain, segment_by=by, complete=True)
    found: dict[str, list[Point]] = defaultdict(list)
    for _, point in numbers(rows.order_by("start")):
        found[point.segment].append(point)
    return found


def _joined(points: Sequence[Point]) -> Point:
    known = [point for point in points if point.value is not None]
    if not known or len(points) == 1:
        return points[0]
    n = sum(point.n for point in known)
    if all(point.denominator is not None and point.numerator is not None for point in known):
        above = sum(point.numerator or 0.0 for point in known)
        below = sum(point.denominator or 0.0 for point in known)
        value = above / below if below else None
        return replace(known[0], value=value, numerator=above, denominator=below, n=n)
    if all(point.numerator is not None for point in known):
        total = sum(point.value or 0.0 for point in known)
        return replace(known[0], value=total, numerator=total, n=n)
    mean = sum((point.value or 0.0) * point.n for point in known) / n if n else None
    return replace(known[0], value=mean, n=n)


def _gets(segment: str, tests: Sequence[Test]) -> bool | None:
    """Whether those of a segment got it; None for a test that a segment's name does not answer."""
    answers = [_passes(segment, operator, operand) for _, operator, operand in tests]
    return None if None in answers else all(answers)


def _passes(segment: str, operator: str, operand: object) -> bool | None:
    listed = operand if isinstance(operand, tuple) else (operand,)
    if operator == "set":
        return (segment != NONE) == bool(getattr(operand, "value", operand))
    if operator not in ("in", "not_in"):
        return None
    named = segment != NONE and segment in {_word(one) for one in listed}
    return named == (operator == "in")


def _word(one: object) -> str:
    value = getattr(one, "value", one)
    return str(value).lower() if isinstance(value, bool) else str(value)
