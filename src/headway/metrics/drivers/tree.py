"""A measured metric beside what its tree makes of its drivers, from stored points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from headway.charts import formats
from headway.engine.kinds.formula import Formula
from headway.engine.period import Grain
from headway.engine.series import PART, WHOLE, Point
from headway.metrics.models import Metric
from headway.metrics.reading import series

CLOSE = 0.005
"""A tree whose gap is at most this share of the measured value holds."""


@dataclass(frozen=True)
class Verified:
    """One period: the measured point, and what the drivers make together or why they do not."""

    point: Point
    made: float | None
    reason: str = ""

    @property
    def gap(self) -> float | None:
        """Made less measured, as a share of the measured; None where one of them is unknown."""
        if self.made is None or self.point.value is None:
            return None
        difference = self.made - self.point.value
        if not self.point.value:
            return 0.0 if not difference else None
        return difference / abs(self.point.value)

    @property
    def holds(self) -> bool:
        return self.gap is not None and abs(self.gap) <= CLOSE


def finding(found: list[Verified], grain: Grain) -> str:
    """What the periods say together, in a sentence."""
    known = [v for v in found if v.gap is not None]
    if not known:
        return "It cannot be compared yet: no period has both sides."
    amiss = [v for v in known if not v.holds]
    if not amiss:
        of = f"{len(known)} of {len(known)} {grain}s"
        return f"It holds to within {CLOSE * 100:g}\u202f% in {of}."
    worst = max(amiss, key=lambda v: abs(v.gap or 0))
    gap, day = worst.gap or 0.0, worst.point.start
    return (
        f"It does not hold in {len(amiss)} of {len(known)} {grain}s: the drivers make "
        f"{_percent(abs(gap))} {'more' if gap > 0 else 'less'} than was measured in the {grain} "
        f"from {day.day} {day:%b %Y}."
    )


def _percent(share: float) -> str:
    return formats.value(share, "percent")


def verified(metric: Metric, grain: Grain, start: date, end: date) -> list[Verified]:
    """Every complete period that starts in [start, end), the newest first; none without a tree."""
    if not metric.profile.get("tree"):
        return []
    tree = Formula(key=metric.key, formula=metric.profile["tree"])
    drivers = {name: _driver(metric, name, grain, start, end) for name in tree.reads()}
    found = series(metric, grain, start=start, end=end).of(WHOLE)
    return [_verified(tree, point, drivers) for point in reversed(found) if point.complete]


def _driver(
    metric: Metric, name: str, grain: Grain, start: date, end: date
) -> Mapping[date, Point]:
    key, _, part = name.partition(".")
    of = metric.workspace.metrics.filter(key=key).first()
    split = series(of, grain, PART if part else "", start=start, end=end) if of else None
    return {p.start: p for p in split.of(part)} if split else {}


def _verified(tree: Formula, point: Point, drivers: Mapping[str, Mapping[date, Point]]) -> Verified:
    nothing = Point(point.start, point.end, None, reason="It has no number for this period.")
    now = {name: (points.get(point.start, nothing),) for name, points in drivers.items()}
    made, reason = tree.value_at(now, 0)
    return Verified(point, made, reason)
