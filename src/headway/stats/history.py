"""What is known of a metric when something is asked of its past."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headway.engine.period import Calendar, Grain

Floats = NDArray[np.float64]
Ints = NDArray[np.signedinteger[Any]]

FEWEST = 6
"""So many known periods tell something of the next ones."""

LONGEST = {Grain.day: 1200, Grain.week: 320}
"""Periods further back say little of the next ones, and cost time."""


class Bound(StrEnum):
    """What the values can never be."""

    none = "none"
    zero = "zero"
    share = "share"


LIMITS = {Bound.none: (-np.inf, np.inf), Bound.zero: (0.0, np.inf), Bound.share: (0.0, 1.0)}


@dataclass(frozen=True, slots=True)
class Known:
    """A launch or incident: from its day on (`step`), or until its `end` and no longer (`pulse`).

    `end` is the first day after it.
    """

    start: date
    end: date | None = None


@dataclass(frozen=True, slots=True)
class CannotTell:
    """In place of an answer: why there is none, as a sentence."""

    reason: str


@dataclass(frozen=True)
class History:
    """Complete periods, oldest first; a value that is None is missing, as is a period left out.

    `counts` tell what a share is a share of: how many were behind each value. `partial` is what
    the period after the last one has so far, of something that only grows within a period.
    """

    starts: Sequence[date]
    values: Sequence[float | None]
    grain: Grain
    bound: Bound = Bound.none
    counts: Sequence[float] | None = None
    known: Sequence[Known] = ()
    partial: float | None = None
    calendar: Calendar = field(default_factory=Calendar)

    def next_starts(self, steps: int) -> tuple[date, ...]:
        last = self.starts[-1]
        return tuple(self.calendar.after(last, self.grain, i + 1) for i in range(steps))

    def steps_until(self, day: date) -> int:
        """How many periods after the last one end by the day, which belongs to them."""
        steps = 0
        while (self._end(steps + 1) - day).days <= 1:
            steps += 1
        return steps

    def _end(self, step: int) -> date:
        return self.calendar.after(self.starts[-1], self.grain, step + 1)


@dataclass(frozen=True)
class Line:
    """A history without holes in time: one place for each period, NaN where nothing is known."""

    starts: tuple[date, ...]
    values: Floats
    weights: Floats

    @staticmethod
    def of(history: History) -> Line:
        starts = tuple(_periods(history))[-LONGEST.get(history.grain, 320) :]
        values = _placed(starts, history.starts, history.values)
        weights = np.ones(len(starts))
        if history.counts is not None:
            weights = np.nan_to_num(_placed(starts, history.starts, history.counts))
        for known in history.known:
            if known.end is not None:
                values[_within(starts, known.start, known.end, history)] = np.nan
        return Line(starts, values, np.where(np.isfinite(values), weights, 0.0)).trimmed()

    def trimmed(self) -> Line:
        """From the first known value on."""
        found = np.flatnonzero(np.isfinite(self.values))
        first = int(found[0]) if len(found) else len(self.starts)
        return Line(self.starts[first:], self.values[first:], self.weights[first:])

    @property
    def known(self) -> NDArray[np.bool_]:
        return np.isfinite(self.values)

    def place(self, day: date) -> int:
        """Of the first period that starts on that day or later."""
        return sum(start < day for start in self.starts)


def filled(values: Floats) -> Floats:
    """Straight across what is missing, and on as it was at the end."""
    known = np.flatnonzero(np.isfinite(values))
    return np.asarray(np.interp(np.arange(len(values)), known, values[known]))


def trouble(line: Line) -> str:
    """Why nothing can be said, or ""."""
    known = int(line.known.sum())
    if not known:
        return "No period has a value yet."
    if known < FEWEST:
        periods = "period has a value" if known == 1 else "periods have a value"
        return f"Only {known} {periods}; it takes {FEWEST}."
    if known < len(line.values) / 2:
        return f"Only {known} of {len(line.values)} periods have a value; it takes half of them."
    if not line.known[-FEWEST:].any():
        return f"None of the last {FEWEST} periods has a value."
    return ""


def _periods(history: History) -> Iterator[date]:
    start, last = history.starts[0], history.starts[-1]
    while start <= last:
        yield start
        start = history.calendar.after(start, history.grain)


def _placed(
    starts: Sequence[date], given: Sequence[date], values: Sequence[float | None]
) -> Floats:
    found: Mapping[date, float | None] = dict(zip(given, values, strict=True))
    return np.array([_number(found.get(start)) for start in starts], dtype=float)


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _within(starts: Sequence[date], first: date, end: date, history: History) -> NDArray[np.bool_]:
    """Periods that share a day with [first, end)."""
    after = [history.calendar.after(start, history.grain) for start in starts]
    return np.array([a < end and first < b for a, b in zip(starts, after, strict=True)], dtype=bool)
