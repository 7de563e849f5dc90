"""How far subjects get on a path: Steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from headway.engine.statistics import Steps
from headway.stores.ordered.active import periods
from headway.stores.ordered.runs import Runs, instants
from headway.stores.ordered.streams import added, day_of, in_blocks, offsets_of, rank_ties
from headway.stores.ordered.tables import same

NEVER = np.int64(2**62)
MOST = 12
"""Steps of a path, each with a bit."""

WAIT = 44
"""Bits for a time between two steps: 203 days; the bits above have the period."""

Middles = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def steps(of: Steps, runs: Runs) -> pa.Table | None:
    count = len(of.steps)
    if of.attempts or of.segment is not None or count > MOST or _close(of) or of.window >> WAIT:
        return None
    starts, period = periods(of.span.calendar, of.start, of.end, of.grain)
    mine = runs.flagged(of.span.source, of.steps, of.exclude)
    offsets, inside = offsets_of(of.span.calendar, of.span.start, of.span.end), instants(of.span)
    ranks = _ranks(count)
    asked: tuple[Any, ...] = (
        count,
        of.window,
        of.first,
        of.since,
        of.start,
        of.end,
        period,
        len(starts),
    )

    def walked(start: int, end: int) -> Any:
        stream = runs.events(mine, start, end, *inside)
        rank_ties(*stream, ranks)
        return funnel(*stream, *offsets, *asked)

    found = in_blocks(runs.count, walked)
    waits = [np.concatenate([block[1][k] for block in found]) for k in range(count - 1)]
    return _table(starts, added([block[0] for block in found]), waits)


def _close(of: Steps) -> bool:
    """Whether the order of different events of one instant matters: then SQL has the ids."""
    names = [set(m.events) for m in (*of.steps, *of.exclude)]
    paths = names[: len(of.steps)]
    apart = sum(map(len, paths)) == len(set().union(*paths))
    outside = set().union(*paths).isdisjoint(set().union(*names[len(of.steps) :]))
    return of.strict or not all(names) or not apart or not outside


def _ranks(count: int) -> npt.NDArray[np.int8]:
    """Of each flag the first step that it has: events of one instant count in this order."""
    flags = np.arange(1 << (count + 1))
    held = (flags[:, None] >> np.arange(count)) & 1
    return np.where(held.any(1), held.argmax(1), count).astype(np.int8)


def _table(
    starts: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], waits: list[npt.NDArray[np.int64]]
) -> pa.Table:
    reached = counts[:, ::-1].cumsum(1)[:, ::-1]
    columns: dict[str, Any] = {f"c{k + 1}": reached[:, k] for k in range(reached.shape[1])}
    for k, packed in enumerate(waits, 2):
        columns[f"a{k}"], columns[f"m{k}"] = _middles(np.sort(packed), reached[:, k - 1])
    seen = reached[:, 0] > 0
    table = {name: pa.array(values[seen], from_pandas=True) for name, values in columns.items()}
    return pa.table({"s": same("", int(seen.sum())), "d": pa.array(starts[seen]), **table})


def _middles(packed: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> Middles:
    """Mean and median of each period, whose times stand together in order; NaN where none are."""
    spent, ends = packed & ((1 << WAIT) - 1), np.cumsum(sizes)
    starts, some = ends - sizes, sizes > 0
    mean, median = np.full((2, len(sizes)), np.nan)
    if spent.size:
        mean[some] = np.add.reduceat(spent, starts[some]) / sizes[some]
    low = spent[(starts + (sizes - 1) // 2)[some]].astype(np.float64)
    high = spent[(starts + sizes // 2)[some]].astype(np.float64)
    median[some] = low + (high - low) * 0.5
    return mean, median


@njit(cache=True, nogil=True)
def funnel(
    subject: Any, at: Any, flags: Any, froms: Any, offsets: Any, count: int, window: int,
    once: bool, since: int, start: int, end_day: int, period: Any, periods: int,
) -> Any:  # fmt: skip
    """([period, depth − 1] → subjects, [k] → packed (period, time since the step before)).

    Of every subject its best entry of each period counts, or its first. Bit k of an event's flags
    says that it is step k, bit `count` that it ends an attempt. `period` holds that of each day
    from `start` on. A stream is walked backwards: `best[k, j]` is when step j is taken if the path
    goes on with step k after the events that were not walked yet.
    """
    counts = np.zeros((periods, count), np.int64)
    waits = np.empty((count - 1, subject.size), np.int64)
    sizes = np.zeros(count - 1, np.int64)
    best, entry = np.full((count + 1, count), NEVER), np.empty(count, np.int64)
    path, void = (1 << count) - 1, NEVER
    depth, place = 0, -1
    for i in range(subject.size - 1, -1, -1):
        flag, now = flags[i], at[i]
        if i + 1 == subject.size or subject[i + 1] != subject[i]:
            if depth and place >= 0:
                _count(counts, waits, sizes, entry, depth, place)
            void, depth, place = NEVER, 0, -1
            for k in range(1, count):
                for j in range(k, count):
                    best[k, j] = NEVER
        if flag & 1:
            d = day_of(now, froms, offsets)
            if d < end_day and d >= (since if once else start):
                where = period[d - start] if d >= start else -1
                if depth and not once and where != place:
                    _count(counts, waits, sizes, entry, depth, place)
                    depth = 0
                deep = _depth(best, now, void, window, count)
                if once or deep >= depth:
                    depth, place, entry[0] = deep, where, now
                    for k in range(1, deep):
                        entry[k] = best[1, k]
        if flag & path:
            for k in range(1, count):
                if flag & (1 << k):
                    best[k, k] = now
                    for j in range(k + 1, count):
                        best[k, j] = min(best[k, j], best[k + 1, j])
        if flag & (1 << count):
            void = now
    if depth and place >= 0:
        _count(counts, waits, sizes, entry, depth, place)
    return counts, [waits[k, : sizes[k]] for k in range(count - 1)]


@njit(cache=True, nogil=True, inline="always")
def _depth(best: Any, now: Any, void: Any, window: int, count: int) -> int:
    for k in range(count - 1, 0, -1):
        if best[1, k] - now <= window and best[1, k] <= void:
            return k + 1
    return 1


@njit(cache=True, nogil=True, inline="always")
def _count(counts: Any, waits: Any, sizes: Any, entry: Any, depth: Any, place: Any) -> None:
    counts[place, depth - 1] += 1
    for k in range(depth - 1):
        waits[k, sizes[k]] = (np.int64(place) << WAIT) | (entry[k + 1] - entry[k])
        sizes[k] += 1
