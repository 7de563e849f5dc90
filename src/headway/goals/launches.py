"""What was shipped lately, and what the metrics that it should move did before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean
from typing import Any, Literal

from django.db.models import Q, QuerySet

from headway.accounts.models import Workspace
from headway.engine.period import Grain
from headway.engine.series import Point
from headway.goals.models import Output, OutputStatus
from headway.metrics.models import Metric
from headway.metrics.models import Point as Row
from headway.metrics.reading import LONGEST, grain_of
from headway.metrics.rows import numbers
from headway.stats.shift import FEWEST, Shift, shift

RECENT = timedelta(days=92)
SOON = timedelta(days=31)
MOST = 8
"""So many periods on each side are compared."""

Verdict = Literal["moved", "wrong way", "no clear move", "too early", "cannot tell"]


@dataclass(frozen=True)
class Move:
    """A metric around a launch: up to MOST complete periods on each side, oldest first."""

    metric: Metric
    grain: Grain
    before: tuple[Point, ...]
    after: tuple[Point, ...]

    @property
    def shift(self) -> Shift | None:
        return shift(_known(self.before), _known(self.after))

    @property
    def mean_before(self) -> float | None:
        return fmean(known) if (known := _known(self.before)) else None

    @property
    def mean_after(self) -> float | None:
        return fmean(known) if (known := _known(self.after)) else None

    @property
    def verdict(self) -> Verdict:
        if len(self.after) < FEWEST:
            return "too early"
        found = self.shift
        if found is None:
            return "cannot tell"
        if not found.clear:
            return "no clear move"
        right_way = self.metric.direction == "none" or _better(self.metric, found.difference)
        return "moved" if right_way else "wrong way"

    @property
    def reason(self) -> str:
        """Why nothing can be said, or how sure it is."""
        many = f"{self.grain}s"
        if self.verdict == "too early":
            return (
                f"{len(self.after)} complete {many} since the launch; it takes {FEWEST}."
                if self.after
                else f"No {self.grain} since the launch is complete yet; it takes {FEWEST}."
            )
        for side, points in (("before", self.before), ("after", self.after)):
            if len(_known(points)) < FEWEST:
                why = next((p.reason for p in points if p.value is None), "")
                known = len(_known(points))
                return f"Only {known} {many} {side} the launch have a value. {why}".strip()
        if self.verdict == "no clear move":
            return "The difference lies within its usual ups and downs."
        return "The difference is beyond its usual ups and downs."


@dataclass(frozen=True)
class Launch:
    output: Output
    moves: tuple[Move, ...]

    def overdue(self, today: date) -> bool:
        waiting = self.output.status in (OutputStatus.planned, OutputStatus.building)
        return waiting and self.output.planned is not None and self.output.planned < today

    def to_dict(self) -> dict[str, Any]:
        output = self.output
        return {
            "key": output.key,
            "name": output.name,
            "status": output.status,
            "launched": output.launched.isoformat() if output.launched else None,
            "success": output.description,
            "moves": [_row(move) for move in self.moves],
        }


def recent(workspace: Workspace, today: date, since: date | None = None) -> list[Launch]:
    """Launched within RECENT days, or since a day, the newest first."""
    first = since or today - RECENT
    return launches(living(workspace).filter(launched__gte=first, launched__lte=today))


def upcoming(workspace: Workspace, today: date) -> list[Output]:
    """Planned for the next weeks or overdue, the soonest first."""
    waiting = (OutputStatus.planned, OutputStatus.building)
    found = living(workspace).filter(status__in=waiting, planned__lte=today + SOON)
    return list(found.order_by("planned", "name"))


def living(workspace: Workspace) -> QuerySet[Output]:
    rows = workspace.outputs.filter(archived_at=None)
    return rows.select_related("team", "owner__person").prefetch_related("moves")


def launches(outputs: Iterable[Output]) -> list[Launch]:
    """With what each of its metrics did: two queries however many there are."""
    found = list(outputs)
    points = _points([o for o in found if o.launched])
    return [Launch(o, tuple(_moves(o, points))) for o in found]


def _moves(output: Output, points: Mapping[int, Sequence[Point]]) -> Iterable[Move]:
    for metric in _metrics(output):
        around = points.get(metric.pk, ()) if output.launched else ()
        day = output.launched or date.max
        before = tuple(p for p in around if p.end <= day)[-MOST:]
        after = tuple(p for p in around if p.start >= day)[:MOST]
        yield Move(metric, grain_of(metric), before, after)


def _metrics(output: Output) -> list[Metric]:
    """That are not archived, by name; they know their workspace without asking for it."""
    found = [m for m in output.moves.all() if m.archived_at is None]
    for metric in found:
        metric.workspace = output.workspace
    return sorted(found, key=lambda metric: metric.name.lower())


def _points(outputs: Sequence[Output]) -> Mapping[int, Sequence[Point]]:
    asked = Q(pk__in=[])
    for output in outputs:
        for metric in _metrics(output):
            asked |= _around(metric, output.launched or date.max)
    found: dict[int, list[Point]] = defaultdict(list)
    rows = Row.objects.filter(asked, complete=True).order_by("start")
    for metric_id, point in numbers(rows):
        found[metric_id].append(point)
    return found


def _around(metric: Metric, day: date) -> Q:
    """Each names every column of the index of points."""
    grain = grain_of(metric)
    reach = timedelta(days=LONGEST[grain] * (MOST + 1))
    return Q(
        metric=metric, grain=grain, segment_by="", segment="",
        start__range=(day - reach, day + reach),
    )  # fmt: skip


def _known(points: Iterable[Point]) -> list[float]:
    return [p.value for p in points if p.value is not None]


def _better(metric: Metric, difference: float) -> bool:
    return (difference > 0) == (metric.direction == "up")


def _row(move: Move) -> dict[str, Any]:
    return {
        "metric": move.metric.key,
        "grain": str(move.grain),
        "before": move.mean_before,
        "after": move.mean_after,
        "periods_before": len(move.before),
        "periods_after": len(move.after),
        "from": move.before[0].start.isoformat() if move.before else None,
        "to": (move.after[-1].end - timedelta(days=1)).isoformat() if move.after else None,
        "verdict": move.verdict,
        "reason": move.reason,
    }
