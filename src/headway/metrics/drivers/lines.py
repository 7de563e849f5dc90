"""The parts of a change as the rows of a table, each under what it is a part of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from headway.charts import formats
from headway.metrics.drivers.drivers import Moved
from headway.metrics.drivers.movers import Usual
from headway.metrics.models import Metric
from headway.stats.drivers import Part, Split


@dataclass(frozen=True, slots=True)
class Line:
    """`made` is the part's share of the change of `whole`, the metric above it.

    `size` is the share beside the largest of its neighbours, from −1 to 1. `noise` says of the
    first level whether it is beyond what the part usually makes, where that is known.
    """

    depth: int
    name: str
    metric: Metric | None
    whole: Metric
    before: str
    after: str
    share: float
    made: str
    size: float
    own: str = ""
    noise: str = ""

    @property
    def good(self) -> str:
        return formats.judgement(self.share, self.whole.direction)


def lines(
    found: Moved, split: Split | None, currency: str, depth: int = 0, usual: Usual | None = None
) -> Iterator[Line]:
    """Of a split among segments if one is given, else of the drivers and those below them.

    The largest part first.
    """
    shown = split or found.split
    largest = max((abs(part.share) for part in shown.parts), default=0.0) or 1.0
    for part in shown.largest_first:
        metric = found.metric if split else found.metrics.get(part.name)
        line = _line(part, metric, found, currency, depth, part.share / largest, split is not None)
        yield replace(line, noise=_noise(usual, part))
        below = None if split else found.of(part.name)
        if below is not None:
            yield from lines(below, None, currency, depth + 1)


def _noise(usual: Usual | None, part: Part) -> str:
    verdict = usual.of(part.name) if usual else "cannot tell"
    return "" if verdict == "cannot tell" else verdict


def _line(
    part: Part, metric: Metric | None, found: Moved, currency: str, depth: int, size: float,
    segment: bool,
) -> Line:  # fmt: skip
    whole = found.metric
    unit = metric.unit if metric else whole.unit
    own = "" if part.own is None else formats.step(part.own, whole.unit, currency)
    return Line(
        depth=depth,
        name=part.name if segment or metric is None else _name(part.name, metric),
        metric=None if segment else metric,
        whole=whole,
        before=_amount(part.before, unit, currency),
        after=_amount(part.after, unit, currency),
        share=part.share,
        made=formats.step(part.share, whole.unit, currency),
        size=size,
        own=own,
    )


def _name(written: str, metric: Metric) -> str:
    """The metric's name, with the part or the periods back that the formula says."""
    if written.startswith("lag("):
        back = written.rsplit(",", 1)[1].strip(" )")
        return f"{metric.name}, {back} period{'s' if back != '1' else ''} before"
    part = written.partition(".")[2]
    return f"{metric.name}: {part}" if part else metric.name


def _amount(value: float | None, unit: str, currency: str) -> str:
    return formats.NONE if value is None else formats.value(value, unit, currency)
