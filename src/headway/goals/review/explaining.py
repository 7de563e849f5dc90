"""Why key results moved as they did, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from headway.charts import formats
from headway.engine.errors import HeadwayError
from headway.engine.period import STORED_GRAINS, Grain
from headway.goals.models import Cycle, KeyResult
from headway.metrics.definitions import parsed
from headway.metrics.drivers.drivers import Span, Tree, documents_below, segmented
from headway.metrics.models import Metric
from headway.stats.drivers import Split

DAY = timedelta(days=1)
LARGEST = 3
"""So many parts of a change are told."""


Reason = tuple[Split, Mapping[str, str], str]
"""A split, the names of its parts where they are drivers, and the property where they are not."""


def told(rows: Iterable[KeyResult], cycle: Cycle) -> dict[int, str]:
    """By metric, what drove it over the cycle, or else which segments moved most.

    The longest period that lies within the cycle is compared with the one before the cycle: a
    quarter with a quarter where there are such points. A few queries, whatever the number of rows.
    """
    waiting = {r.metric.key: r.metric for r in rows if r.metric and _has_numbers(r, r.metric)}
    if not waiting:
        return {}
    said: dict[int, str] = {}
    for span, found in _splits(list(waiting.values()), list(_spans(cycle))):
        for key, (split, names, kind) in found.items():
            if key in waiting and split.change:
                metric = waiting.pop(key)
                said[metric.pk] = _sentence(split, metric, span, names, kind)
    return said


def _has_numbers(found: KeyResult, metric: Metric) -> bool:
    return metric.archived_at is None and found.value_through is not None


def _spans(cycle: Cycle) -> Iterator[Span]:
    calendar = cycle.workspace.calendar
    for grain in reversed(STORED_GRAINS):
        periods = calendar.periods(cycle.starts, cycle.ends + DAY, grain)
        inside = [p for p in periods if p.start >= cycle.starts and p.last <= cycle.ends]
        if inside:
            first = calendar.start_of(cycle.starts, grain)
            yield Span(Grain(grain), calendar.after(first, grain, -1), inside[-1].start)


def _splits(
    metrics: Sequence[Metric], spans: Sequence[Span]
) -> Iterator[tuple[Span, dict[str, Reason]]]:
    """By key, among drivers where there are some, else among the first segments."""
    documents = documents_below(metrics[0].workspace, [m.key for m in metrics])
    known, _ = parsed(documents)
    kinds = {
        m: known[m.key].segments[0] for m in metrics if m.key in known and known[m.key].segments
    }
    trees, segments = Tree.over(metrics, spans, documents), segmented(kinds, spans)
    for span in spans:
        found: dict[str, Reason] = {
            metric.key: (segments[span][metric.key], {}, kind) for metric, kind in kinds.items()
        }
        driven = {m.key: reason for m in metrics if (reason := _by_drivers(trees[span], m))}
        yield span, found | driven


def _by_drivers(tree: Tree, metric: Metric) -> Reason | None:
    try:
        found = tree.moved(metric.key)
    except HeadwayError:
        return None
    names = {key: str(driver) for key, driver in found.metrics.items()}
    return (found.split, names, "") if found.split.parts else None


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
