"""Metrics as a board shows them: the last complete value, what it was before, and its health."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q

from headway.charts import formats
from headway.engine.period import Grain
from headway.metrics.models import Metric, Point
from headway.web.context import Here

SHOWN = {"day": 30, "week": 16, "month": 13, "quarter": 8, "year": 6}
"""How many periods a sparkline reaches back."""

LENGTH = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
"""Days that a period has at most."""


@dataclass(frozen=True)
class Reading:
    """`points` are those of one grain for everybody, oldest first."""

    metric: Metric
    grain: str
    points: Sequence[Point]
    currency: str = ""

    @cached_property
    def latest(self) -> Point | None:
        done = [p for p in self.points if p.complete]
        return done[-1] if done else None

    @cached_property
    def before(self) -> Point | None:
        done = [p for p in self.points if p.complete]
        return done[-2] if len(done) > 1 else None

    @cached_property
    def year_ago(self) -> Point | None:
        if self.latest is None:
            return None
        asked = a_year_before(self.latest.start, self.grain)
        return next((p for p in self.points if p.start == asked), None)

    @property
    def recent(self) -> Sequence[Point]:
        return self.points[-SHOWN[self.grain] :]

    @property
    def value(self) -> float | None:
        return self.latest.value if self.latest else None

    @property
    def reason(self) -> str:
        """Why there is no value."""
        if self.metric.problem:
            return self.metric.problem
        if self.latest is None:
            return "No period is complete yet." if self.points else "Not computed yet."
        return self.latest.reason

    @property
    def before_words(self) -> str:
        return f"the {formats.PERIOD_WORDS[self.grain]} before"

    @property
    def healthy(self) -> Mapping[str, Any]:
        return self.metric.profile.get("healthy") or {}

    @property
    def range_words(self) -> str:
        return healthy_words(self.healthy, self.metric.unit, self.currency)

    @property
    def health(self) -> str:
        """`healthy`, `unhealthy`, `unknown`, or empty for a metric that has no healthy range."""
        if not self.range_words:
            return ""
        if self.value is None:
            return "unknown"
        low, high = self.healthy.get("at_least"), self.healthy.get("at_most")
        inside = (low is None or self.value >= low) and (high is None or self.value <= high)
        return "healthy" if inside else "unhealthy"

    @property
    def row(self) -> dict[str, Any]:
        """The reading as data."""
        return {
            "key": self.metric.key,
            "name": self.metric.name,
            "family": self.metric.family,
            "unit": self.metric.unit,
            "grain": self.grain,
            "start": self.latest.start.isoformat() if self.latest else None,
            "value": self.value,
            "before": self.before.value if self.before else None,
            "year_ago": self.year_ago.value if self.year_ago else None,
            "health": self.health,
            "reason": self.reason if self.value is None else "",
        }


def readings(here: Here, metrics: Iterable[Metric], grain: str = "") -> list[Reading]:
    """One query for all of them. Without a grain, each metric is read at its own."""
    grains = {m: grain or usual_grain(m, here.workspace.grain) for m in metrics}
    points = _points(grains, here.today)
    currency = here.workspace.currency
    return [Reading(m, g, points[m.pk], currency) for m, g in grains.items()]


def usual_grain(metric: Metric, otherwise: str) -> str:
    return str(metric.profile.get("grain") or otherwise)


def a_year_before(start: date, grain: str) -> date:
    """Weeks and days keep their weekday: 52 weeks; months keep their name."""
    if grain in ("day", "week"):
        return start - timedelta(days=364)
    return start.replace(year=start.year - 1)


def healthy_words(healthy: Mapping[str, Any], unit: str, currency: str) -> str:
    low, high = healthy.get("at_least"), healthy.get("at_most")
    if low is not None and high is not None:
        return " to ".join(formats.value(v, unit, currency) for v in (low, high))
    if low is not None:
        return f"at least {formats.value(low, unit, currency)}"
    return f"at most {formats.value(high, unit, currency)}" if high is not None else ""


def _points(grains: Mapping[Metric, str], today: date) -> dict[int, list[Point]]:
    found: dict[int, list[Point]] = defaultdict(list)
    asked = Q(pk__in=[])
    for grain in set(grains.values()):
        of = [m.pk for m, g in grains.items() if g == grain]
        asked |= Q(metric__in=of, grain=grain) & _near(today, Grain(grain))
    for point in Point.objects.filter(asked, segment_by="").order_by("start"):
        found[point.metric_id].append(point)
    return found


def _near(today: date, grain: Grain) -> Q:
    """The periods of a sparkline, and the same stretch a year before."""
    back = timedelta(days=LENGTH[grain] * (SHOWN[grain] + 2))
    year = timedelta(days=365)
    since = today - back
    return Q(start__gte=since) | Q(start__range=(since - year, today - year + timedelta(days=7)))
