"""How long it takes from a start to its end: Lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from headway.engine.sql.queries.lengths import NEARLY, SECOND
from headway.engine.statistics import Lengths
from headway.stores.ordered.active import periods
from headway.stores.ordered.runs import Runs, instants
from headway.stores.ordered.streams import day_of, in_blocks, offsets_of, rank_ties
from headway.stores.ordered.tables import same

STARTS, ENDS = 1, 2
RANKS = np.array([3, 0, 2, 1], np.int8)
"""Of one instant first what only starts, then what is both, then what only ends."""

LENGTH = 50
"""Bits for a length in µs and whether it is done; the bits above have the period."""

Array = npt.NDArray[Any]


def lengths(of: Lengths, runs: Runs) -> pa.Table | None:
    starts, period = periods(of.span.calendar, of.start, of.end, of.grain)
    if of.segment is not None or of.own or of.limit >> (LENGTH - 1) or len(starts) >> 13:
        return None
    mine = runs.flagged(of.span.source, (of.opens, of.closes))
    offsets, (low, high) = (
        offsets_of(of.span.calendar, of.span.start, of.span.end),
        instants(of.span),
    )
    asked: tuple[Any, ...] = (of.limit, of.until, of.start, period)

    def walked(start: int, end: int) -> Any:
        stream = runs.events(mine, start, end, low, min(high, of.until + 1))
        rank_ties(*stream, RANKS)
        return waited(*stream, *offsets, *asked)

    packed = np.sort(np.concatenate(in_blocks(runs.count, walked)))
    return _table(starts, packed, of.limit)


def _table(starts: Array, packed: Array, limit: int) -> pa.Table:
    """Kaplan and Meier's curve of each period over its lengths, as the SQL has it."""
    place, x = packed >> LENGTH, (packed & ((1 << LENGTH) - 1)) >> 1
    first = np.ones(len(packed), np.bool_)
    first[1:] = packed[1:] >> 1 != packed[:-1] >> 1
    (at,) = np.nonzero(first)
    gone = np.diff(np.append(at, len(packed)))
    done = np.add.reduceat(packed & 1, at) if len(at) else gone
    curve = _Curve(place[at], x[at], gone, done, limit)
    return pa.table(
        {
            "s": same("", len(curve.begins)),
            "d": pa.array(starts[curve.place[curve.begins]]),
            **{name: pa.array(values, from_pandas=True) for name, values in curve.columns()},
        }
    )


class _Curve:
    """Rows (period, length) in order: how many are `gone` there, and how many of these `done`."""

    def __init__(self, place: Array, x: Array, gone: Array, done: Array, limit: int) -> None:
        self.place, self.x, self.gone, self.done, self.limit = place, x, gone, done, limit
        (self.begins,) = np.nonzero(np.diff(place, prepend=-1))
        self.sizes = np.diff(np.append(self.begins, len(place)))
        self.y = x / SECOND

    def columns(self) -> list[tuple[str, Array]]:
        alive = self._alive()
        lost = np.where(self.x < self.limit, self.gone - self.done, 0)
        following: Array = np.append(self.x[1:], 0)
        following[self.begins[1:] - 1] = self.limit
        following[-1:] = self.limit
        wide = (following - self.x) / SECOND
        return [
            ("n", self._sum(self.gone)), ("done", self._sum(self.done)), ("early", self._sum(lost)),
            ("faults", np.zeros(len(self.begins), np.int64)),
            ("total", self._sum(self.y * self.gone)),
            ("squares", self._sum(self.y * self.y * self.gone)),
            ("area", self.y[self.begins] + self._sum(alive * wide)),
            ("median", self._falls_to(alive, 0.5)), ("p90", self._falls_to(alive, 0.1)),
        ]  # fmt: skip

    def _sum(self, values: Array) -> Array:
        found: Array = np.add.reduceat(values, self.begins) if len(self.begins) else values
        return found

    def _within(self, values: Array) -> Array:
        """Running sums that begin anew with each period."""
        so_far: Array = np.cumsum(values)
        before = so_far[self.begins] - values[self.begins]
        found: Array = so_far - np.repeat(before, self.sizes)
        return found

    def _alive(self) -> Array:
        """Each period's curve after each of its lengths."""
        at_risk = np.repeat(self._sum(self.gone), self.sizes) - self._within(self.gone) + self.gone
        found: Array = survived(self.place, self.done, at_risk)
        return found

    def _falls_to(self, alive: Array, share: float) -> Array:
        """The least length at which the curve has fallen so far; NaN where it never does."""
        there = np.where((self.done > 0) & (alive <= share + NEARLY), self.y, np.inf)
        least = np.minimum.reduceat(there, self.begins) if len(self.begins) else there
        return np.where(np.isfinite(least), least, np.nan)


@njit(cache=True, nogil=True)
def survived(place: Any, done: Any, at_risk: Any) -> Any:
    """The product of 1 − done / at risk, anew for each period; what falls to nothing is e^−1000."""
    found = np.empty(place.size, np.float64)
    curve = 1.0
    for i in range(place.size):
        if i == 0 or place[i] != place[i - 1]:
            curve = 1.0
        curve *= 1.0 - done[i] / at_risk[i]
        found[i] = curve
    return found


@njit(cache=True, nogil=True)
def waited(
    subject: Any, at: Any, flags: Any, froms: Any, offsets: Any, limit: int, until: int,
    start: int, period: Any,
) -> Any:  # fmt: skip
    """Of every start that counts its period, length and whether it is done, packed.

    First in, first out: each start takes the next end that no earlier one has taken, and gives up
    at its limit, so that the end is left to the next. No event finishes itself.
    """
    found, n = np.empty(subject.size, np.int64), 0
    a = 0
    while a < subject.size:
        b = a
        while b < subject.size and subject[b] == subject[a]:
            b += 1
        free = a
        for i in range(a, b):
            if not flags[i] & STARTS:
                continue
            free = max(free, i + 1)
            while free < b and not flags[free] & ENDS:
                free += 1
            length, done = min(limit, until - at[i]), 0
            if free < b and at[free] - at[i] <= limit:
                length, done = at[free] - at[i], 1
                free += 1
            d = day_of(at[i], froms, offsets) - start
            if 0 <= d < period.size:
                found[n] = (np.int64(period[d]) << LENGTH) | (length << 1) | done
                n += 1
        a = b
    return found[:n]
