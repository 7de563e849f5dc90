"""Why a key result moved as it did, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from headway.charts import formats
from headway.engine.errors import HeadwayError
from headway.goals.models import Cycle, KeyResult
from headway.metrics.drivers import Span, moved, moved_by
from headway.metrics.models import Metric
from headway.metrics.reading import grain_of
from headway.stats.drivers import Split

DAY = timedelta(days=1)
LARGEST = 3
"""So many parts of a change are told."""


def told(found: KeyResult, cycle: Cycle) -> Iterator[str]:
    """The drivers of what its metric moved over the cycle, or else the segments that moved most."""
    metric, through = found.metric, found.value_through
    if metric is None or metric.archived_at is not None or through is None:
        return
    grain, calendar = grain_of(metric), metric.workspace.calendar
    before, after = (calendar.start_of(day, grain) for day in (cycle.starts - DAY, through))
    if before >= after:
        return
    span = Span(grain, before, after)
    try:
        split, kind = _split(metric, span)
    except HeadwayError:
        return
    if split is not None and split.change:
        yield from _told(split, metric, span, kind)


def _split(metric: Metric, span: Span) -> tuple[Split | None, str]:
    by_drivers = moved(metric, span).split
    if by_drivers.parts:
        return by_drivers, ""
    segments = metric.definition.segments
    return (moved_by(metric, span, segments[0]), segments[0]) if segments else (None, "")


def _told(split: Split, metric: Metric, span: Span, kind: str) -> Iterator[str]:
    currency = metric.workspace.currency
    days = f"from {formats.day(span.before)} to {formats.day(span.after)}"
    whole = formats.value(abs(split.change or 0.0), metric.unit, currency)
    way = "rose" if (split.change or 0.0) > 0 else "fell"
    by = f", by {kind}" if kind else ""
    parts = [
        f"{part.name} {'+' * (part.share > 0)}{formats.value(part.share, metric.unit, currency)}"
        for part in split.largest_first[:LARGEST]
        if part.share
    ]
    more = len([p for p in split.parts if p.share]) - len(parts)
    rest = f", and {more} more" if more > 0 else ""
    yield f"{metric} {way} by {whole} {days} ({span.grain}s){by}: {', '.join(parts)}{rest}."
