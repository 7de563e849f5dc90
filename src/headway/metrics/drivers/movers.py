"""Which parts of a change are more than they usually make, from the changes before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from headway.engine.period import Calendar
from headway.metrics.drivers.drivers import Moved, Span, Tree, documents_below, segmented
from headway.metrics.models import Metric
from headway.stats.drivers import Split
from headway.stats.moved import Mover, Verdict, movers, whole

EARLIER = 26
"""So many earlier changes, at most, tell what is usual."""
FARTHEST = 13
"""Two periods that are farther apart have too few changes like theirs behind them."""


@dataclass(frozen=True)
class Usual:
    """Whether the change, and each of its parts, is beyond what it usually is."""

    change: Verdict = "cannot tell"
    parts: Mapping[str, Mover] = field(default_factory=dict)

    def of(self, name: str) -> Verdict:
        return self.parts[name].verdict if name in self.parts else "cannot tell"


def usual(metric: Metric, span: Span, now: Split, segment_by: str = "") -> Usual:
    """Of the split of a span whose periods are complete; a few queries."""
    earlier = list(_earlier(metric, span, segment_by))
    return Usual(whole(now, earlier), {m.part.name: m for m in movers(now, earlier)})


def of_change(found: Moved, span: Span, split: Split | None, segment_by: str) -> Usual:
    """Nothing of a change to a period that is still open: it would be told too soon."""
    if not found.complete:
        return Usual()
    return usual(found.metric, span, split or found.split, segment_by)


def spans_before(span: Span, calendar: Calendar, most: int = EARLIER) -> list[Span]:
    """As far apart as its periods, one after the other, the newest first; they share no change."""
    apart = _apart(span, calendar)
    if apart is None:
        return []
    back = [-steps for steps in range(apart, apart * (most + 1), apart)]
    return [
        Span(
            span.grain,
            calendar.after(span.before, span.grain, steps),
            calendar.after(span.after, span.grain, steps),
        )
        for steps in back
    ]


def _apart(span: Span, calendar: Calendar) -> int | None:
    for steps in range(1, FARTHEST + 1):
        if calendar.after(span.before, span.grain, steps) == span.after:
            return steps
    return None


def _earlier(metric: Metric, span: Span, segment_by: str) -> Iterator[Split]:
    """Those that are known; a formula is split as it is written today."""
    spans = spans_before(span, metric.workspace.calendar)
    for split in _splits(metric, spans, segment_by) if spans else ():
        if split.change is not None and split.parts:
            yield split


def _splits(metric: Metric, spans: Sequence[Span], segment_by: str) -> list[Split]:
    if segment_by:
        found = segmented({metric: segment_by}, spans)
        return [found[span][metric.key] for span in spans]
    documents = documents_below(metric.workspace, [metric.key])
    trees = Tree.over([metric], spans, documents)
    return [trees[span].moved(metric.key).split for span in spans]
