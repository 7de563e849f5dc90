"""A history in blocks around a day: whole weeks where it is daily, whatever weekdays do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from headway.engine.period import Grain
from headway.stats.history import Bound, Floats, History, Line

WEEK = 7
YEAR = {Grain.day: 52, Grain.week: 52, Grain.month: 12, Grain.quarter: 4}
"""Blocks in a year."""


@dataclass(frozen=True)
class Blocks:
    """`starts[first]` is the first block after the day; what holds the day itself is in none.

    `weights` are how many stood behind each value: periods, or what a share is a share of.
    """

    starts: tuple[date, ...]
    values: Floats
    weights: Floats
    first: int

    @staticmethod
    def around(history: History, day: date) -> Blocks:
        line = Line.of(history)
        after = next((i for i, start in enumerate(line.starts) if start > day), len(line.starts))
        before = sum(history.calendar.after(s, history.grain) <= day for s in line.starts)
        size = WEEK if history.grain == Grain.day else 1
        firsts = [*range(before % size, before, size)]
        earlier = len(firsts)
        firsts += range(after, len(line.starts) - size + 1, size)
        parts = [_mean(line, i, size, counted=history.counts is not None) for i in firsts]
        values, weights = (
            (np.array(column, dtype=float) for column in zip(*parts, strict=True))
            if (parts)
            else (np.zeros(0), np.zeros(0))
        )
        return Blocks(tuple(line.starts[i] for i in firsts), values, weights, earlier)

    def place(self, day: date) -> int:
        """Of the first block that starts on the day or later."""
        return sum(start < day for start in self.starts)


def _mean(line: Line, first: int, size: int, *, counted: bool) -> tuple[float, float]:
    """NaN where less than half of the block is known."""
    rows = slice(first, first + size)
    known = line.known[rows]
    if known.sum() * 2 <= size - (size == 1):
        return float("nan"), 0.0
    values = line.values[rows][known]
    weights = line.weights[rows][known] if counted else np.ones(len(values))
    total = float(weights.sum())
    return (float(values @ weights) / total, total) if total else (float("nan"), 0.0)


def logarithmic(bound: Bound, values: Sequence[Floats]) -> bool:
    """Whether per cents are the better measure: nothing is ever 0 or below, nor a share."""
    return bound != Bound.share and all(bool((v[np.isfinite(v)] > 0).all()) for v in values)


def days_of(blocks: Blocks, history: History, place: int) -> tuple[date, date]:
    """First day of a block, and the day after its last one."""
    start = blocks.starts[place]
    if history.grain == Grain.day:
        return start, start + timedelta(days=WEEK)
    return start, history.calendar.after(start, history.grain)
