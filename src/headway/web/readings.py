"""Metrics as pages show them: a tile of numbers with the words beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from headway.charts import formats
from headway.engine.period import Grain
from headway.metrics.models import Metric
from headway.metrics.ranges import healthy_words
from headway.metrics.reading import LONGEST, Tile, latest_tiles, newest_tiles, series
from headway.web.context import Here

PERIODS_BACK = 54
"""So many periods before today hold the latest value and the one of a year before."""


SHOWN = ("workspace_id", "key", "name", "unit", "direction", "family", "profile", "problem")
"""The columns of a metric that its reading shows."""


@dataclass(frozen=True)
class Reading(Tile):
    currency: str = ""

    @property
    def before_words(self) -> str:
        return f"the {formats.PERIOD_WORDS[self.grain]} before"

    @property
    def range_words(self) -> str:
        """The healthy range; empty when there is none."""
        return healthy_words(
            self.metric.profile.get("healthy") or {}, self.metric.unit, self.currency
        )

    @property
    def row(self) -> dict[str, Any]:
        """The reading as data."""
        return {
            "key": self.metric.key,
            "name": self.metric.name,
            "family": self.metric.family,
            "unit": self.metric.unit,
            "grain": str(self.grain),
            "start": self.latest.start.isoformat() if self.latest else None,
            "value": self.value,
            "low": self.latest.low if self.latest else None,
            "high": self.latest.high if self.latest else None,
            "n": self.latest.n if self.latest else None,
            "before": self.before.value if self.before else None,
            "year_ago": self.year_ago.value if self.year_ago else None,
            "health": self.health,
            "reason": self.reason if self.value is None else "",
        }


def readings(here: Here, metrics: Iterable[Metric]) -> list[Reading]:
    """Each at its own grain, in the order given: two queries however many there are."""
    listed = list(metrics)
    currency = here.workspace.currency
    tiles = {t.metric.pk: t for t in latest_tiles(here.workspace, here.today, listed)}
    found = [tiles[m.pk] for m in listed]
    return [Reading(t.metric, t.grain, t.points, currency) for t in found]


def glances(here: Here, metrics: Iterable[Metric]) -> list[Reading]:
    """With their latest point alone: value and health, but no line and nothing before."""
    listed = list(metrics)
    currency = here.workspace.currency
    tiles = newest_tiles(here.workspace, here.today, listed)
    return [Reading(m, tiles[m.pk].grain, tiles[m.pk].points, currency) for m in listed]


def reading_at(here: Here, metric: Metric, grain: Grain) -> Reading:
    since = here.today - timedelta(days=LONGEST[grain] * PERIODS_BACK + 366)
    points = series(metric, grain, start=since).points
    return Reading(metric, grain, points, here.workspace.currency)
