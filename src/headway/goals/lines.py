"""The line of a key result: what it read, period after period, and where it should be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Q

from headway.accounts.models import Workspace
from headway.engine.period import Grain
from headway.engine.series import WHOLE
from headway.engine.series import Point as EnginePoint
from headway.goals.models import CheckIn, KeyResult, Milestone, Over, Shape
from headway.goals.reading import readings
from headway.goals.refresh import grain_of
from headway.goals.shapes import Milestones, Step
from headway.metrics.models import Point
from headway.metrics.reading import LONGEST


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
    first = key_result.cycle.starts - _before(key_result)
    return [m for m in marks if first <= m.through and m.start <= key_result.due]


def _before(key_result: KeyResult) -> timedelta:
    summed = key_result.over == Over.cycle_to_date
    return timedelta(days=1) if summed else (key_result.due - key_result.cycle.starts) / 2


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
    found = Point.objects.filter(_which(workspace, measured), segment_by=WHOLE, segment=WHOLE)
    columns = found.order_by("start").values_list(
        "metric", "grain", "start", "end", "value", "complete", "reason"
    )
    grouped: dict[tuple[int | None, Grain], list[EnginePoint]] = defaultdict(list)
    for metric, grain_name, start, end, value, complete, reason in columns:
        point = EnginePoint(start, end, value, complete=complete, reason=reason)
        grouped[metric, Grain(grain_name)].append(point)
    return grouped


def _which(workspace: Workspace, rows: Sequence[KeyResult]) -> Q:
    asked: dict[Grain, list[KeyResult]] = defaultdict(list)
    for row in rows:
        asked[grain_of(row, workspace)].append(row)
    where = Q(pk__in=[])
    for grain, found in asked.items():
        where |= Q(
            grain=grain,
            metric__in={r.metric_id for r in found},
            start__range=(min(_first(r, grain) for r in found), max(r.due for r in found)),
        )
    return where


def _first(row: KeyResult, grain: Grain) -> date:
    """What is shown before the cycle, and the window of the first reading there."""
    windows = {Over.mean: LONGEST[grain], Over.trailing: 1}
    window = (row.over_n or 1) * windows.get(Over(row.over), 0) + 2 * LONGEST[grain]
    return row.cycle.starts - _before(row) - timedelta(days=window)


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
