"""Value creation beside value capture: one dot per product, and its trail over cycles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean
from typing import Any, Literal

from django.db.models import Q

from headway.accounts.models import Workspace
from headway.engine.series import WHOLE
from headway.goals.models import Cycle
from headway.metrics.models import Metric, Point
from headway.metrics.reading import LONGEST, SLACK, grain_of

Side = Literal["creation", "capture"]
MIDDLE = 50.0
QUADRANTS: Mapping[tuple[bool, bool], tuple[int, str, str]] = {
    (True, False): (1, "Loved, not paid", "High creation, low capture: ask for more."),
    (True, True): (2, "The aim", "High creation, high capture: keep it there."),
    (False, True): (3, "At risk", "Low creation, high capture: customers will leave."),
    (False, False): (4, "Not there yet", "Low creation, low capture: create value first."),
}
"""By whether creation and capture are above the middle: number, name, and what it says."""

MOST = 6
"""So many cycles are in a trail."""


@dataclass(frozen=True, slots=True)
class Share:
    """A KPI on the scale from its floor (0) to its goal (100), or why it is not on it."""

    metric: Metric
    side: Side
    value: float | None
    scaled: float | None


@dataclass(frozen=True)
class Dot:
    """An index is the mean of the known KPIs of its side; None where none is known."""

    title: str
    day: date
    shares: Sequence[Share]

    def index(self, side: Side) -> float | None:
        known = [s.scaled for s in self.shares if s.side == side and s.scaled is not None]
        return fmean(known) if known else None

    @property
    def creation(self) -> float | None:
        return self.index("creation")

    @property
    def capture(self) -> float | None:
        return self.index("capture")

    @property
    def quadrant(self) -> tuple[int, str, str] | None:
        x, y = self.creation, self.capture
        return None if x is None or y is None else QUADRANTS[x >= MIDDLE, y >= MIDDLE]

    @property
    def unknown(self) -> int:
        return sum(s.scaled is None for s in self.shares)

    def count(self, side: Side) -> int:
        return sum(s.side == side and s.scaled is not None for s in self.shares)


@dataclass(frozen=True)
class Product:
    """The last dot is today's; those before stand at the ends of cycles."""

    name: str
    trail: Sequence[Dot]

    @property
    def now(self) -> Dot:
        return self.trail[-1]


@dataclass(frozen=True)
class ValueMap:
    products: Sequence[Product]
    unscaled: Sequence[Metric]
    """KPIs of a stage without floor and goal, which no index can hold."""

    def rows(self) -> Iterable[dict[str, Any]]:
        for product in self.products:
            for dot in product.trail:
                yield {
                    "product": product.name,
                    "when": dot.title,
                    "day": dot.day.isoformat(),
                    "creation": dot.creation,
                    "capture": dot.capture,
                    "quadrant": dot.quadrant[0] if dot.quadrant else None,
                    "kpis": len(dot.shares),
                    "unknown": dot.unknown,
                }


def value_map(workspace: Workspace, today: date, cycles: Sequence[Cycle]) -> ValueMap:
    """Of the KPIs with a floor and a goal, by product; those that name none are the workspace's."""
    metrics = [m for m in workspace.metrics.filter(archived_at=None, level="kpi") if _side(m)]
    scaled = [m for m in metrics if _scale(m)]
    stops = _stops(cycles, today)
    values = {day: _values(scaled, day) for _, day in stops}
    by_product: dict[str, list[Metric]] = {}
    for metric in sorted(scaled, key=lambda m: m.name.lower()):
        by_product.setdefault(metric.profile.get("product") or str(workspace), []).append(metric)
    products = [
        Product(name, [Dot(title, day, _shares(found, values[day])) for title, day in stops])
        for name, found in sorted(by_product.items())
    ]
    return ValueMap(products, [m for m in metrics if not _scale(m)])


def scaled(value: float, floor: float, goal: float) -> float:
    """From 0 at the floor to 100 at the goal, whichever of them is higher; not beyond."""
    return min(max((value - floor) / (goal - floor) * 100, 0.0), 100.0)


def _stops(cycles: Sequence[Cycle], today: date) -> list[tuple[str, date]]:
    """The ends of past cycles of the shortest length there is, and today."""
    shortest = min((c.ends - c.starts for c in cycles), default=None)
    past = [
        c for c in cycles if c.ends < today and shortest and c.ends - c.starts <= shortest * 1.5
    ]
    ordered = sorted(past, key=lambda c: c.ends)[-MOST:]
    return [*((f"end of {c}", c.ends) for c in ordered), ("now", today)]


def _values(metrics: Sequence[Metric], day: date) -> dict[int, float]:
    """What each metric's last complete period that ended by the day says. One query."""
    asked = Q(pk__in=[])
    for metric in metrics:
        grain = grain_of(metric)
        since = day - timedelta(days=SLACK * LONGEST[grain])
        asked |= Q(metric=metric, grain=grain, start__gt=since)
    rows = Point.objects.filter(asked, segment_by="", segment=WHOLE, complete=True, start__lt=day)
    found: dict[int, tuple[date, float | None]] = {}
    for pk, end, value in rows.order_by("start").values_list("metric", "end", "value"):
        if (end - day).days <= 1:
            found[pk] = (end, value)
    return {pk: value for pk, (_, value) in found.items() if value is not None}


def _shares(metrics: Sequence[Metric], values: Mapping[int, float]) -> list[Share]:
    found = []
    for metric in metrics:
        value, ends = values.get(metric.pk), _scale(metric)
        on_scale = scaled(value, *ends) if value is not None and ends else None
        found.append(Share(metric, _side(metric) or "creation", value, on_scale))
    return found


def _side(metric: Metric) -> Side | None:
    head = metric.family.partition("/")[0]
    return "creation" if head == "creation" else "capture" if head == "capture" else None


def _scale(metric: Metric) -> tuple[float, float] | None:
    healthy = metric.profile.get("healthy") or {}
    floor, goal = healthy.get("floor"), healthy.get("goal")
    return None if floor is None or goal is None or floor == goal else (floor, goal)
