"""Stored points, as pages, commands and goals read them: no event is looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from django.db.models import OuterRef, Q, QuerySet, Subquery

from headway.accounts.models import Workspace
from headway.engine.period import Grain
from headway.engine.series import WHOLE, Point, Series
from headway.metrics.models import Metric
from headway.metrics.models import Point as Row
from headway.metrics.rows import numbers

SPARKS = 26
LONGEST = {Grain.day: 1, Grain.week: 7, Grain.month: 31, Grain.quarter: 92, Grain.year: 366}
"""Days that a period has at most."""

SLACK = 9
"""So many periods may still be open when the latest complete one is compared with a year ago."""

Health = Literal["healthy", "out of range", "no range", "unknown"]


def series(
    metric: Metric,
    grain: Grain | str,
    segment_by: str = "",
    start: date | None = None,
    end: date | None = None,
) -> Series:
    """The points that start in [start, end), by segment and time."""
    rows = Row.objects.filter(metric=metric, grain=Grain(grain), segment_by=segment_by)
    if start:
        rows = rows.filter(start__gte=start)
    if end:
        rows = rows.filter(start__lt=end)
    points = tuple(point for _, point in numbers(rows.order_by("segment", "start")))
    return Series(metric.key, Grain(grain), points, segment_by or None)


def grain_of(metric: Metric) -> Grain:
    """The grain at which people read the metric."""
    return Grain(metric.profile.get("grain") or metric.workspace.grain)


def health(metric: Metric, value: float | None) -> Health:
    """Bounds are inclusive. An unknown value is never healthy."""
    bounds = metric.profile.get("healthy") or {}
    low, high = bounds.get("at_least"), bounds.get("at_most")
    if low is None and high is None:
        return "no range"
    if value is None:
        return "unknown"
    inside = (low is None or value >= low) and (high is None or value <= high)
    return "healthy" if inside else "out of range"


@dataclass(frozen=True)
class Tile:
    """A metric at its own grain: `points` are those of everybody, oldest first."""

    metric: Metric
    grain: Grain
    points: tuple[Point, ...]

    @cached_property
    def complete(self) -> tuple[Point, ...]:
        return tuple(p for p in self.points if p.complete)

    @property
    def latest(self) -> Point | None:
        return self.complete[-1] if self.complete else None

    @property
    def before(self) -> Point | None:
        return self.complete[-2] if len(self.complete) > 1 else None

    @property
    def year_ago(self) -> Point | None:
        """The same period of last year; 52 weeks before for weeks."""
        if self.latest is None:
            return None
        asked = _year_before(self.latest.start, self.grain)
        return next((p for p in self.points if p.start == asked), None)

    @property
    def recent(self) -> tuple[Point, ...]:
        return self.points[-SPARKS:]

    @property
    def value(self) -> float | None:
        return self.latest.value if self.latest else None

    @property
    def reason(self) -> str:
        """Why there is no value."""
        if self.latest is None:
            return self.metric.problem or "No period is complete yet."
        return self.latest.reason

    @property
    def change(self) -> float | None:
        """Against the period before, as a fraction of it."""
        now, then = self.value, self.before.value if self.before else None
        return None if now is None or not then else (now - then) / abs(then)

    @property
    def health(self) -> Health:
        return health(self.metric, self.value)


def latest_tiles(
    workspace: Workspace, today: date, metrics: Iterable[Metric] | None = None
) -> list[Tile]:
    """A tile for each metric that is not archived, by name: two queries however many there are."""
    chosen = list(workspace.metrics.filter(archived_at=None) if metrics is None else metrics)
    for metric in chosen:
        metric.workspace = workspace
    found = _recent_points(chosen, today)
    ordered = sorted(chosen, key=lambda metric: metric.name.lower())
    return [Tile(m, grain_of(m), tuple(found.get(m.pk, ()))) for m in ordered]


def newest_tiles(
    workspace: Workspace, today: date, metrics: Iterable[Metric]
) -> Mapping[int, Tile]:
    """By metric, tiles that hold the latest point alone: enough to tell its value and health."""
    chosen = list(metrics)
    for metric in chosen:
        metric.workspace = workspace
    found = _newest_points(chosen, today)
    return {m.pk: Tile(m, grain_of(m), (found[m.pk],) if m.pk in found else ()) for m in chosen}


def _newest_points(metrics: list[Metric], today: date) -> Mapping[int, Point]:
    """Each is looked up by its metric: two queries however many there are."""
    latest = [
        Metric.objects.filter(pk__in=keys).values_list(Subquery(_newest(grain, today).values("pk")))
        for grain, keys in _by_grain(metrics).items()
    ]
    if not latest:
        return {}
    rows = latest[0].union(*latest[1:], all=True)
    return dict(numbers(Row.objects.filter(pk__in=[pk for (pk,) in rows if pk])))


def _newest(grain: Grain, today: date) -> QuerySet[Row]:
    points = Row.objects.filter(_recent(grain, today), metric=OuterRef("pk"), complete=True)
    return points.order_by("-start")[:1]


def _recent_points(metrics: list[Metric], today: date) -> Mapping[int, list[Point]]:
    """What sparklines show, and the year before."""
    asked = Q(pk__in=[])
    for grain, keys in _by_grain(metrics).items():
        asked |= Q(metric__in=keys) & _recent(grain, today)
    found: dict[int, list[Point]] = defaultdict(list)
    for metric, point in numbers(Row.objects.filter(asked).order_by("start")):
        found[metric].append(point)
    return found


def _by_grain(metrics: list[Metric]) -> Mapping[Grain, list[int]]:
    found: dict[Grain, list[int]] = defaultdict(list)
    for metric in metrics:
        found[grain_of(metric)].append(metric.pk)
    return found


def _recent(grain: Grain, today: date) -> Q:
    """With the metric, each alternative names every column of the index of points.

    Else all points are scanned.
    """
    recent, year_ago = _stretches(grain, today)
    whole = Q(grain=grain, segment_by=WHOLE, segment=WHOLE)
    return (whole & Q(start__range=recent)) | (whole & Q(start__range=year_ago))


def _stretches(grain: Grain, today: date) -> Iterator[tuple[date, date]]:
    """The days of a sparkline, and those a year before its end."""
    length = LONGEST[grain]
    recent = today - timedelta(days=length * (SPARKS + 2))
    yield recent, today
    yield today - timedelta(days=366 + SLACK * length), today - timedelta(days=364)


def _year_before(start: date, grain: Grain) -> date:
    if grain is Grain.week:
        return start - timedelta(weeks=52)
    if (start.month, start.day) == (2, 29):
        return date(start.year - 1, 2, 28)
    return start.replace(year=start.year - 1)
