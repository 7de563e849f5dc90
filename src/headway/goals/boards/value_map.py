"""Value creation beside value capture: a dot per product or segment, and its trail over cycles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean
from typing import Any, Literal

from django.db.models import Q

from headway.accounts.models import Workspace
from headway.engine.errors import NotFound, nearest
from headway.engine.series import WHOLE
from headway.goals.models import Cycle
from headway.metrics.definitions import documents_of, parsed
from headway.metrics.models import Metric, Point
from headway.metrics.reading import LONGEST, SLACK, grain_of

Side = Literal["creation", "capture"]
Stops = Sequence[tuple[str, date]]
Values = Mapping[tuple[int, str], tuple[float, int]]
"""By metric and segment: the value, and how many it rests on."""
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

MOST_SEGMENTS = 6
"""So many segments are on the map, the largest."""


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
    """Or a segment. The last dot is today's; those before stand at the ends of cycles."""

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
    splits: Sequence[str] = ()
    """By which properties it can be split: those of KPIs of both sides."""
    segment_by: str = ""

    def rows(self) -> Iterable[dict[str, Any]]:
        for product in self.products:
            for dot in product.trail:
                yield {
                    "product": product.name,
                    "by": self.segment_by,
                    "when": dot.title,
                    "day": dot.day.isoformat(),
                    "creation": dot.creation,
                    "capture": dot.capture,
                    "quadrant": dot.quadrant[0] if dot.quadrant else None,
                    "kpis": len(dot.shares),
                    "unknown": dot.unknown,
                }


def value_map(
    workspace: Workspace, today: date, cycles: Sequence[Cycle], segment_by: str = ""
) -> ValueMap:
    """Of the KPIs with a floor and a goal, by product; those that name none are the workspace's.

    Or of the largest segments of a property. Raises NotFound for one that does not split it.
    """
    metrics = [m for m in workspace.metrics.filter(archived_at=None, level="kpi") if _side(m)]
    scaled = sorted((m for m in metrics if _scale(m)), key=lambda m: m.name.lower())
    unscaled, split = [m for m in metrics if not _scale(m)], _split(workspace, scaled)
    splits = sorted(name for name, found in split.items() if len({_side(m) for m in found}) == 2)
    if segment_by and segment_by not in splits:
        fix = nearest(segment_by, splits) or f"It can be split by {', '.join(splits) or 'nothing'}."
        raise NotFound(f"The map cannot be split by `{segment_by}`.", where="by", fix=fix)
    stops = _stops(cycles, today)
    if segment_by:
        products = _segments(split[segment_by], stops, segment_by)
    else:
        products = _products(scaled, stops, str(workspace))
    return ValueMap(products, unscaled, splits, segment_by)


def _products(scaled: Sequence[Metric], stops: Stops, whole: str) -> list[Product]:
    values = {day: _values(scaled, day) for _, day in stops}
    by_product: dict[str, list[Metric]] = {}
    for metric in scaled:
        by_product.setdefault(metric.profile.get("product") or whole, []).append(metric)
    return [
        Product(name, [Dot(title, day, _shares(found, values[day])) for title, day in stops])
        for name, found in sorted(by_product.items())
    ]


def _segments(metrics: Sequence[Metric], stops: Stops, segment_by: str) -> list[Product]:
    values = {day: _values(metrics, day, segment_by) for _, day in stops}
    sizes: Counter[str] = Counter()
    for (_, segment), (_, n) in values[stops[-1][1]].items():
        sizes[segment] = max(sizes[segment], n)
    return [
        Product(name, [Dot(title, d, _shares(metrics, values[d], name)) for title, d in stops])
        for name, _ in sizes.most_common(MOST_SEGMENTS)
    ]


def _split(workspace: Workspace, scaled: Sequence[Metric]) -> dict[str, list[Metric]]:
    """The metrics that are computed by each property.

    Of sums there are none: what one segment adds to the whole has no goal of its own.
    """
    definitions, _ = parsed(documents_of(workspace, [m.key for m in scaled]))
    found: dict[str, list[Metric]] = defaultdict(list)
    for metric in scaled:
        known = definitions.get(metric.key)
        for name in known.segments if known and not known.additive else ():
            found[name].append(metric)
    return found


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


def _values(metrics: Sequence[Metric], day: date, segment_by: str = "") -> Values:
    """What each metric's last complete period that ended by the day says. One query."""
    asked = Q(pk__in=[])
    for metric in metrics:
        grain = grain_of(metric)
        since = day - timedelta(days=SLACK * LONGEST[grain])
        asked |= Q(metric=metric, grain=grain, start__gt=since)
    whole = {} if segment_by else {"segment": WHOLE}
    rows = Point.objects.filter(
        asked, segment_by=segment_by, complete=True, start__lt=day, **whole
    ).order_by("start")
    found: dict[tuple[int, str], tuple[float | None, int]] = {}
    for pk, segment, end, value, n in rows.values_list("metric", "segment", "end", "value", "n"):
        if (end - day).days <= 1:
            found[pk, segment] = (value, n)
    return {at: (value, n) for at, (value, n) in found.items() if value is not None}


def _shares(metrics: Sequence[Metric], values: Values, segment: str = WHOLE) -> list[Share]:
    found = []
    for metric in metrics:
        value, _ = values.get((metric.pk, segment), (None, 0))
        ends = _scale(metric)
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
