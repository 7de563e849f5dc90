"""Compiled: how far subjects get on a path, and when they come back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from headway.stores.ordered.walk import (
    BLOCKS,
    day_of,
    next_subject,
    open_block,
    sort_events,
    take_events,
)

NEVER = np.int64(2**62)


@njit(cache=True, nogil=True)
def entries_by_block(keys: Any, subjects: Any, flags: Any) -> Any:
    """How many events of each block are a first step."""
    found = np.zeros(BLOCKS, np.int64)
    for block in range(BLOCKS):
        here, end = open_block(keys, subjects, block, BLOCKS)
        for i in range(len(subjects)):
            if flags[i].size == 1:
                found[block] += (end[i] - here[i]) * (flags[i][0] & np.uint16(1))
            else:
                for j in range(here[i], end[i]):
                    found[block] += flags[i][j] & np.uint16(1)
    return found


@njit(cache=True, nogil=True, parallel=True)
def funnel(
    keys: Any, subjects: Any, skips: Any, ats: Any, flags: Any, froms: Any, offsets: Any,
    low: int, high: int, count: int, window: int, strict: bool, once: bool, since: int,
    start: int, end_day: int, period: Any, most: int,
) -> Any:  # fmt: skip
    """(period, depth, times) of every subject's best entry of each period, or of its first.

    Bit k of an event's flags says that it is step k, bit `count` that it ends an attempt. Events
    outside [low, high) do not count. `period` holds that of each day from `start` on.
    """
    depths = np.zeros((BLOCKS, most), np.int8)
    places = np.zeros((BLOCKS, most), np.int32)
    spent = np.zeros((BLOCKS, most, max(count - 1, 1)), np.int64)
    sizes = np.zeros(BLOCKS, np.int64)
    for block in prange(BLOCKS):
        here, end = open_block(keys, subjects, block, BLOCKS)
        room = (np.empty(64, np.int64), np.empty(64, np.uint16))
        best = np.empty((count, count), np.int64)
        mine = np.empty((count, count), np.int64)
        while True:
            more, key = next_subject(keys, subjects, skips, here, end)
            if not more:
                break
            n, room = take_events(key, keys, subjects, ats, flags, here, end, room)
            times, marked = room
            sort_events(times, marked, n, count)
            best[:] = NEVER
            void = NEVER
            base = sizes[block]
            for i in range(n - 1, -1, -1):
                at, flag = times[i], marked[i]
                if at < low or at >= high:
                    continue
                if flag & np.uint16((1 << count) - 1):
                    if flag & np.uint16(1):
                        d = day_of(at, froms, offsets)
                        if d < end_day and d >= (since if once else start):
                            _enter(
                                depths[block], places[block], spent[block], sizes, block, base,
                                best, at, void, window, count, once,
                                period[d - start] if d >= start else -1,
                            )  # fmt: skip
                    _advance(best, mine, flag, at, count, strict)
                if flag & np.uint16(1 << count):
                    void = at
            if once and sizes[block] > base and places[block, base] < 0:
                sizes[block] = base
    return depths, places, spent, sizes


@njit(cache=True, nogil=True, inline="always")
def _advance(best: Any, mine: Any, flag: Any, at: Any, count: int, strict: bool) -> None:
    """best[k, j]: when step j is taken if the path goes on with step k after the events before."""
    for k in range(1, count):
        for j in range(k, count):
            mine[k, j] = NEVER
            if flag & np.uint16(1 << k):
                mine[k, j] = at if j == k else best[k + 1, j]
    for k in range(1, count):
        for j in range(k, count):
            best[k, j] = mine[k, j] if strict else min(best[k, j], mine[k, j])


@njit(cache=True, nogil=True, inline="always")
def _enter(
    depths: Any, places: Any, spent: Any, sizes: Any, block: int, base: int, best: Any, at: Any,
    void: Any, window: int, count: int, once: bool, place: int,
) -> None:  # fmt: skip
    """Walked backwards: an earlier entry takes the place of a later one that is not deeper."""
    depth = 1
    for k in range(count - 1, 0, -1):
        if best[1, k] - at <= window and best[1, k] <= void:
            depth = k + 1
            break
    slot = sizes[block]
    if slot > base and (once or places[slot - 1] == place):
        slot -= 1
        if not once and depths[slot] > depth:
            return
    else:
        sizes[block] += 1
    depths[slot], places[slot] = depth, place
    before = at
    for k in range(1, count):
        spent[slot, k - 1] = best[1, k] - before
        before = best[1, k]


@njit(cache=True, nogil=True, parallel=True)
def return_matrix(
    keys: Any, subjects: Any, skips: Any, ats: Any, flags: Any, froms: Any, offsets: Any,
    low: int, high: int, first: int, width: int, bucket: Any, rolling: int, each: bool,
    last_only: bool, horizon: int, edges: Any,
) -> Any:  # fmt: skip
    """[d, lag + 1] → subjects who started on day first + d and came back lag buckets later.

    Bit 0 of an event's flags says that it starts, bit 1 that it is a return. `bucket` is that of
    each day; `rolling` a bucket's microseconds, or 0 for calendar buckets.
    """
    found = np.zeros((BLOCKS, width, horizon + 2), np.int32)
    for block in prange(BLOCKS):
        here, end = open_block(keys, subjects, block, BLOCKS)
        room = (np.empty(64, np.int64), np.empty(64, np.uint16))
        seen = np.zeros(horizon + 1, np.bool_)
        while True:
            more, key = next_subject(keys, subjects, skips, here, end)
            if not more:
                break
            n, room = take_events(key, keys, subjects, ats, flags, here, end, room)
            times, marked = room
            sort_events(times, marked, n, 0)
            last = np.int64(-(2**62))
            for i in range(n):
                at = times[i]
                if at < low or at >= high or not marked[i] & np.uint16(1):
                    continue
                d = day_of(at, froms, offsets) - first
                if bucket[d] == last:
                    continue
                last = bucket[d]
                found[block, d, 0] += 1
                greatest = -1
                j = i
                while j > 0 and times[j - 1] == at:
                    j -= 1
                while j < n:
                    then = times[j]
                    if then < high and marked[j] & np.uint16(2):
                        if rolling:
                            lag = (then - at) // rolling
                        else:
                            lag = bucket[day_of(then, froms, offsets) - first] - bucket[d]
                        if edges.size:
                            lag = np.searchsorted(edges, lag, side="right")
                            if lag >= edges.size:
                                lag = horizon + 1
                        if lag > horizon:
                            break
                        seen[lag] = True
                        greatest = max(greatest, lag)
                    j += 1
                for lag in range(greatest + 1):
                    if seen[lag]:
                        seen[lag] = False
                        if not last_only or lag == greatest:
                            found[block, d, lag + 1] += 1
                if not each:
                    break
    return found.sum(0)
