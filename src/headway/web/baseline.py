"""What a key result would start from: its metric's reading on the eve of the cycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from headway.goals.models import Cycle, KeyResult
from headway.goals.reading import Reading, reading_on, readings
from headway.goals.refresh import grain_of
from headway.metrics.models import Metric
from headway.metrics.reading import series
from headway.web.context import Here


@dataclass(frozen=True, slots=True)
class Baseline:
    """`before` is the reading that a measured baseline takes, `now` the latest one."""

    metric: Metric
    before: Reading | None
    now: Reading | None


def measured(here: Here, metric: Metric, cycle: Cycle, over: str, over_n: int | None) -> Baseline:
    asked = KeyResult(metric=metric, cycle=cycle, over=over, over_n=over_n)
    points = series(metric, grain_of(asked, here.workspace)).of()
    found = readings(points, over, over_n, cycle.starts)
    eve = min(cycle.starts - timedelta(days=1), here.today)
    return Baseline(metric, reading_on(found, eve), reading_on(found, here.today))
