"""The line of a key result: what it read, period after period, and where it should be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from headway.accounts.models import Workspace
from headway.engine.period import Grain
from headway.engine.series import Point as EnginePoint
from headway.goals.models import CheckIn, KeyResult, Milestone, Over, Shape
from headway.goals.reading import readings
from headway.goals.refresh import grain_of
from headway.goals.shapes import Milestones, Step
from headway.metrics.models import Point

LOOK_BACK = timedelta(days=400)
"""How much of a metric's past is read: enough for a long trailing window."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A reading over `start` to `through`, both inclusive, as the key result reads its metric."""

    start: date
    through: date
    value: float | None
    complete: bool = True
    reason: str = ""


def lines(workspace: Workspace, rows: Sequence[KeyResult]) -> Mapping[int, tuple[Mark, ...]]:
    """By key result, oldest first, in up to three queries whatever the number of rows."""
    points = _points(workspace, rows)
    typed = _typed(rows)
    return {
        r.pk: typed.get(r.pk, ())
        if r.metric_id is None
        else read(r, points.get((r.metric_id, grain_of(r, workspace)), ()))
        for r in rows
    }


def read(key_result: KeyResult, points: Iterable[EnginePoint]) -> tuple[Mark, ...]:
    """Incomplete periods are read as if they were over, and marked."""
    found = list(points)
    open_from = {p.start for p in found if not p.complete}
    over, n, opens = key_result.over, key_result.over_n, key_result.cycle.starts
    return tuple(
        Mark(r.start, r.through, r.value, r.start not in open_from, r.reason)
        for r in readings([replace(p, complete=True) for p in found], over, n, opens)
    )


def paced(key_result: KeyResult, marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """The marks of the cycle, with empty ones up to the due day, so that all of it has its width.

    They start with the last mark before the cycle, which is where a measured baseline stands.
    """
    opens, due = key_result.cycle.starts, key_result.due
    before = [m for m in marks if m.through < opens][-1:]
    during = [m for m in marks if opens <= m.through <= due]
    return (*before, *during, *_ahead(during, due))


def shown(key_result: KeyResult, marks: Sequence[Mark]) -> list[Mark]:
    """The cycle, and half its length before it, to see where it comes from; a sum has its eve."""
    opens, due = key_result.cycle.starts, key_result.due
    summed = key_result.over == Over.cycle_to_date
    before = timedelta(days=1) if summed else (due - opens) / 2
    return [m for m in marks if opens - before <= m.through and m.start <= due]


def _ahead(during: Sequence[Mark], due: date) -> Iterator[Mark]:
    if not during:
        return
    length = max(during[-1].through - during[-1].start, timedelta(0)) + timedelta(days=1)
    start = during[-1].through + timedelta(days=1)
    while start + length - timedelta(days=1) <= due:
        yield Mark(start, start + length - timedelta(days=1), None, complete=False)
        start += length


Points = Mapping[tuple[int | None, Grain], list[EnginePoint]]


def _points(workspace: Workspace, rows: Sequence[KeyResult]) -> Points:
    measured = [r for r in rows if r.metric_id]
    if not measured:
        return {}
    found = Point.objects.filter(
        metric__in={r.metric_id for r in measured},
        grain__in={grain_of(r, workspace) for r in measured},
        segment_by="",
        start__gte=min(r.cycle.starts for r in measured) - LOOK_BACK,
    )
    grouped: dict[tuple[int | None, Grain], list[EnginePoint]] = {}
    for p in found.order_by("start"):
        point = EnginePoint(p.start, p.end, p.value, complete=p.complete, reason=p.reason)
        grouped.setdefault((p.metric_id, Grain(p.grain)), []).append(point)
    return grouped


def _typed(rows: Sequence[KeyResult]) -> Mapping[int, tuple[Mark, ...]]:
    """Values of check-ins, and what was done of milestones."""
    found = _reached([r for r in rows if r.shape == Shape.milestones])
    by_hand = [r.pk for r in rows if r.shape == Shape.manual]
    values = CheckIn.objects.filter(key_result__in=by_hand, value__isnull=False)
    for c in values.order_by("day", "at"):
        found.setdefault(c.key_result_id, []).append(Mark(c.day, c.day, c.value))
    return {key: tuple(marks) for key, marks in found.items()}


def _reached(rows: Sequence[KeyResult]) -> dict[int, list[Mark]]:
    if not rows:
        return {}
    steps: dict[int, list[Step]] = {r.pk: [] for r in rows}
    for m in Milestone.objects.filter(key_result__in=steps):
        steps[m.key_result_id].append(Step(m.weight, m.done))
    readings_of = {r.pk: Milestones(tuple(steps[r.pk])).readings(r.cycle.starts) for r in rows}
    return {
        key: [Mark(r.start, r.through, r.value) for r in found]
        for key, found in readings_of.items()
    }
