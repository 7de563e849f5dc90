"""What a key result would start from: its metric's reading on the eve of the cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from headway.engine.period import STORED_GRAINS
from headway.goals.models import Cycle, KeyResult, Over, Shape
from headway.goals.promote import Level, draft
from headway.goals.reading import Reading, reading_on, readings
from headway.goals.refresh import grain_of
from headway.metrics.models import Metric
from headway.metrics.reading import series
from headway.web import aim
from headway.web.context import Here
from headway.web.forms.fields import written
from headway.web.whole import whole


@dataclass(frozen=True, slots=True)
class Baseline:
    """`before` is the reading that a measured baseline takes, `now` the latest one.

    `aim` says in words what the target asks for, as far as the form says it. `levels` are suggested
    targets, each as it would be typed.
    """

    metric: Metric
    before: Reading | None
    now: Reading | None
    aim: str = ""
    levels: tuple[tuple[Level, str], ...] = ()


def asked_for(here: Here, metric: Metric, cycle: Cycle, asked: Mapping[str, Any]) -> Baseline:
    """As the fields of a form stand; what cannot be read yet is passed over."""
    over = str(asked.get("over") or "")
    count = str(asked.get("over_n") or "")
    grain = str(asked.get("grain") or "")
    found = measured(
        here,
        metric,
        cycle,
        over if over in Over.values else Over.latest,
        whole(count),
        grain if grain in STORED_GRAINS else "",
    )
    start = found.before.value if found.before else None
    return replace(found, aim=aim.words(metric, cycle, start, asked))


def with_levels(here: Here, found: Baseline, cycle: Cycle, asked: Mapping[str, Any]) -> Baseline:
    """With three levels of ambition, where the form asks for a value to reach as a promotion does:
    the last period of the usual grain, or the mean of a few.
    """
    over, metric = str(asked.get("over") or Over.latest), found.metric
    usual = asked.get("grain") in (None, "", metric.profile.get("grain") or here.workspace.grain)
    if asked.get("shape") != Shape.reach or over not in (Over.latest, Over.mean) or not usual:
        return found
    suggested = draft(metric, cycle, now=here.now, mean=over == Over.mean).levels
    return replace(found, levels=tuple((s, written(s.value, metric.unit)) for s in suggested))


def measured(
    here: Here, metric: Metric, cycle: Cycle, over: str, over_n: int | None, grain: str = ""
) -> Baseline:
    asked = KeyResult(metric=metric, cycle=cycle, over=over, over_n=over_n, grain=grain)
    points = series(metric, grain_of(asked, here.workspace)).of()
    found = readings(points, over, over_n, cycle.starts)
    eve = min(cycle.starts - timedelta(days=1), here.today)
    return Baseline(metric, reading_on(found, eve), reading_on(found, here.today))
