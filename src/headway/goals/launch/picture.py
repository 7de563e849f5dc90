"""A launch as a picture: what came, and what would have come without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from headway.charts import formats
from headway.charts.picture import Dot, Flag, Picture, Slope
from headway.engine.period import Grain
from headway.engine.series import WHOLE
from headway.goals.launch.launches import Move
from headway.goals.launch.told import Block
from headway.metrics.picture import SCALES, axis
from headway.metrics.reading import LONGEST, series

BEFORE = 26
"""Blocks before the launch that are shown."""
WEEK = timedelta(days=7)
NOTE = (
    "The dashes are what would have come without the launch; in 95 of 100 cases it would have "
    "lain within the band."
)


def picture(move: Move) -> Picture:
    """Of a move whose effect is known."""
    told, metric, day = move.told, move.metric, move.launched or date.max
    before = [] if told.way == "unexposed" else _before(move, day)
    return Picture(
        title=f"{metric}: {move.words.finding}",
        unit=axis(metric.unit, move.currency),
        dots=(*(_plain(move, *one) for one in before), *(_judged(move, b) for b in told.blocks)),
        scale=SCALES.get(metric.unit, "number"),
        currency=move.currency,
        slopes=tuple(_expected(told.blocks)),
        flags=(Flag(day, "launched"),),
        note=NOTE,
    )


def _before(move: Move, day: date) -> list[tuple[date, float | None]]:
    """Periods before the launch; of a daily metric the means of whole weeks."""
    grain = Grain(move.told.grain)
    reach = BEFORE * (WEEK if grain is Grain.day else timedelta(days=LONGEST[grain]))
    points = series(move.metric, grain, start=day - reach, end=day).of(WHOLE)
    done = [(p.start, p.value) for p in points if p.complete and p.end <= day]
    return done if grain is not Grain.day else list(_weeks(done))


def _weeks(days: Sequence[tuple[date, float | None]]) -> Iterator[tuple[date, float | None]]:
    first = len(days) % 7
    for at in range(first, len(days), 7):
        known = [value for _, value in days[at : at + 7] if value is not None]
        yield days[at][0], sum(known) / len(known) if known else None


def _plain(move: Move, start: date, value: float | None) -> Dot:
    when = formats.period(start, "week" if move.told.grain == "day" else move.told.grain)
    return Dot(start, value, f"{when}: {_said(move, value)}")


def _judged(move: Move, block: Block) -> Dot:
    low, high = _said(move, block.low), _said(move, block.high)
    label = (
        f"{formats.days(block.start, block.through)}: {_said(move, block.value)}; without the "
        f"launch {_said(move, block.expected)}, from {low} to {high}"
    )
    return Dot(block.start, block.value, label, low=block.low, high=block.high)


def _expected(blocks: Sequence[Block]) -> Iterator[Slope]:
    for one, other in pairwise(blocks):
        yield Slope(one.start, one.expected, other.start, other.expected, "without the launch")


def _said(move: Move, value: float | None) -> str:
    return formats.value(value, move.metric.unit, move.currency)
