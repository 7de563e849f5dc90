"""Why a key result moved as it did, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from headway.charts import formats
from headway.engine.errors import HeadwayError
from headway.engine.period import STORED_GRAINS, Grain
from headway.goals.models import Cycle, KeyResult
from headway.metrics.drivers import Span, moved, moved_by
from headway.metrics.models import Metric
from headway.stats.drivers import Split

DAY = timedelta(days=1)
LARGEST = 3
"""So many parts of a change are told."""


def told(found: KeyResult, cycle: Cycle) -> Iterator[str]:
    """What drove its metric over the cycle, or else which segments moved most.

    The longest period that lies within the cycle is compared with the one before the cycle: a
    quarter with a quarter where there are such points.
    """
    metric, through = found.metric, found.value_through
    if metric is None or metric.archived_at is not None or through is None:
        return
    metric.workspace = cycle.workspace
    for span in _spans(cycle, metric):
        split, names, kind = _split(metric, span)
        if split is not None and split.change:
            yield _sentence(split, metric, span, names, kind)
            return


def _spans(cycle: Cycle, metric: Metric) -> Iterator[Span]:
    calendar = metric.workspace.calendar
    for grain in reversed(STORED_GRAINS):
        periods = calendar.periods(cycle.starts, cycle.ends + DAY, grain)
        inside = [p for p in periods if p.start >= cycle.starts and p.last <= cycle.ends]
        if inside:
            first = calendar.start_of(cycle.starts, grain)
            yield Span(Grain(grain), calendar.after(first, grain, -1), inside[-1].start)


def _split(metric: Metric, span: Span) -> tuple[Split | None, Mapping[str, str], str]:
    try:
        by_drivers = moved(metric, span)
        if by_drivers.split.parts:
            names = {key: str(driver) for key, driver in by_drivers.metrics.items()}
            return by_drivers.split, names, ""
        segments = metric.definition.segments
        if segments:
            return moved_by(metric, span, segments[0]), {}, segments[0]
    except HeadwayError:
        pass
    return None, {}, ""


def _sentence(split: Split, metric: Metric, span: Span, names: Mapping[str, str], kind: str) -> str:
    currency, change = metric.workspace.currency, split.change or 0.0
    whole = formats.step(abs(change), metric.unit, currency).lstrip("+")
    before, after = (formats.period(start, span.grain) for start in (span.before, span.after))
    way = "rose" if change > 0 else "fell"
    parts = [part for part in split.largest_first if part.share]
    said = [
        f"{names.get(part.name, part.name)} {formats.step(part.share, metric.unit, currency)}"
        for part in parts[:LARGEST]
    ]
    more = f", and {len(parts) - LARGEST} more" if len(parts) > LARGEST else ""
    by = f", by {kind.replace('_', ' ')}" if kind else ""
    return f"{metric} {way} by {whole} from {before} to {after}{by}: {', '.join(said)}{more}."
