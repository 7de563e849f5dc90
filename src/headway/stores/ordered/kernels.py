"""Compiled loops over runs: each walks subject by subject through several sorted lists at once.

A list is one event name in one ledger. Subjects are told apart by their key, which is the same in
all ledgers; lists are sorted by key, so that a walk merges them as it goes. Blocks of keys are
walked in parallel and their results added up, since statistics add over disjoint subjects.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

BLOCKS = 8
LAST = np.uint64(2**64 - 1)
MICROS_A_DAY = 86_400_000_000


@njit(cache=True, nogil=True)
def by_subject(subject: Any, rows: Any, count: int) -> Any:
    """The rows, sorted by subject by counting; rows of one subject stay in their order."""
    start = np.zeros(count + 1, np.int64)
    for s in subject:
        start[s + 1] += 1
    for s in range(count):
        start[s + 1] += start[s]
    found = np.empty(rows.size, np.uint32)
    for i in range(rows.size):
        s = subject[i]
        found[start[s]] = rows[i]
        start[s] += 1
    return found


@njit(cache=True, nogil=True, inline="always")
def _place(keys: Any, subject: Any, bound: Any) -> int:
    """The first row whose key is not below the bound."""
    low, high = 0, subject.size
    while low < high:
        middle = (low + high) // 2
        if keys[subject[middle]] < bound:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True, inline="always")
def _day(at: Any, froms: Any, offsets: Any) -> Any:
    """The local day number of an instant."""
    i = froms.size - 1
    while i > 0 and at < froms[i]:
        i -= 1
    return (at + offsets[i]) // MICROS_A_DAY


@njit(cache=True, nogil=True)
def _open(keys: Any, subjects: Any, block: int, blocks: int) -> Any:
    """Of each list, where the block's rows begin and end."""
    step = LAST // np.uint64(blocks)
    here = np.empty(len(subjects), np.int64)
    end = np.empty(len(subjects), np.int64)
    for i in range(len(subjects)):
        here[i] = _place(keys[i], subjects[i], step * np.uint64(block))
        end[i] = subjects[i].size
        if block + 1 < blocks:
            end[i] = _place(keys[i], subjects[i], step * np.uint64(block + 1))
    return here, end


@njit(cache=True, nogil=True)
def _next(keys: Any, subjects: Any, skips: Any, here: Any, end: Any) -> Any:
    """(whether there is one, key): the least subject ahead; skipped ones are passed by."""
    found, least = False, LAST
    for i in range(len(subjects)):
        subject, skip = subjects[i], skips[i]
        while here[i] < end[i] and skip.size and skip[subject[here[i]]]:
            here[i] += 1
        if here[i] < end[i]:
            key = keys[i][subject[here[i]]]
            if not found or key < least:
                found, least = True, key
    return found, least


@njit(cache=True, nogil=True)
def _take_days(
    key: Any, keys: Any, subjects: Any, days: Any, here: Any, end: Any, first: int, active: Any
) -> Any:
    """Marks the subject's days in `active`; (least, greatest) of them, or greatest below least."""
    low, high = active.size, -1
    for i in range(len(subjects)):
        if here[i] >= end[i] or keys[i][subjects[i][here[i]]] != key:
            continue
        subject, at = subjects[i], days[i]
        mine, j = subject[here[i]], here[i]
        while j < end[i] and subject[j] == mine:
            d = at[j] - first
            if 0 <= d < active.size:
                active[d] = True
                low, high = min(low, d), max(high, d)
            j += 1
        here[i] = j
    return low, high


@njit(cache=True, nogil=True, parallel=True)
def gap_matrix(keys: Any, subjects: Any, skips: Any, days: Any, first: int, width: int) -> Any:
    """[d, nx] → subjects active on day first + d whose next active day is first + nx.

    The last column counts those who are not active again. Lists have days, in order.
    """
    found = np.zeros((BLOCKS, width, width + 1), np.int32)
    for block in prange(BLOCKS):
        here, end = _open(keys, subjects, block, BLOCKS)
        active = np.zeros(width, np.bool_)
        while True:
            more, key = _next(keys, subjects, skips, here, end)
            if not more:
                break
            low, high = _take_days(key, keys, subjects, days, here, end, first, active)
            before = -1
            for d in range(low, high + 1):
                if active[d]:
                    active[d] = False
                    if before >= 0:
                        found[block, before, d] += 1
                    before = d
            if before >= 0:
                found[block, before, width] += 1
    return found.sum(0)


@njit(cache=True, nogil=True, parallel=True)
def days_by_period(
    keys: Any, subjects: Any, skips: Any, days: Any, first: int, period: Any, periods: int,
    longest: int,
) -> Any:  # fmt: skip
    """[p, k] → subjects with k active days in period p; `period` is that of each day."""
    found = np.zeros((BLOCKS, periods, longest + 1), np.int32)
    for block in prange(BLOCKS):
        here, end = _open(keys, subjects, block, BLOCKS)
        active = np.zeros(period.size, np.bool_)
        while True:
            more, key = _next(keys, subjects, skips, here, end)
            if not more:
                break
            low, high = _take_days(key, keys, subjects, days, here, end, first, active)
            count, p = 0, -1
            for d in range(low, high + 1):
                if active[d]:
                    active[d] = False
                    if period[d] != p and count:
                        found[block, p, count] += 1
                        count = 0
                    p = period[d]
                    count += 1
            if count:
                found[block, p, count] += 1
    return found.sum(0)


@njit(cache=True, nogil=True)
def local_days(subject: Any, at: Any, froms: Any, offsets: Any) -> Any:
    """The rollup of a list: its subjects and their active days, each once."""
    of = np.empty(subject.size, np.uint32)
    days = np.empty(subject.size, np.int32)
    n = 0
    for i in range(subject.size):
        d = np.int32(_day(at[i], froms, offsets))
        if n and of[n - 1] == subject[i] and days[n - 1] == d:
            continue
        of[n], days[n] = subject[i], d
        n += 1
    return of[:n].copy(), days[:n].copy()


@njit(cache=True, nogil=True, parallel=True)
def union_days(keys: Any, subjects: Any, skips: Any, days: Any, first: int, width: int) -> Any:
    """(subjects, days, sizes) of each block: who was active when in any of one ledger's lists."""
    most = 0
    for block in range(BLOCKS):
        here, end = _open(keys, subjects, block, BLOCKS)
        most = max(most, (end - here).sum())
    of = np.empty((BLOCKS, most), np.uint32)
    on = np.empty((BLOCKS, most), np.int32)
    sizes = np.zeros(BLOCKS, np.int64)
    for block in prange(BLOCKS):
        here, end = _open(keys, subjects, block, BLOCKS)
        active = np.zeros(width, np.bool_)
        n = 0
        while True:
            more, key = _next(keys, subjects, skips, here, end)
            if not more:
                break
            mine = np.uint32(np.searchsorted(keys[0], key))
            low, high = _take_days(key, keys, subjects, days, here, end, first, active)
            for d in range(low, high + 1):
                if active[d]:
                    active[d] = False
                    of[block, n], on[block, n] = mine, first + d
                    n += 1
        sizes[block] = n
    return of, on, sizes


@njit(cache=True, nogil=True)
def _take_events(
    key: Any, keys: Any, subjects: Any, ats: Any, flags: Any, here: Any, end: Any, room: Any
) -> Any:
    """Copies the subject's events into the room (at, flags), sorted by time; how many, and room."""
    times, marked = room
    n = 0
    for i in range(len(subjects)):
        if here[i] >= end[i] or keys[i][subjects[i][here[i]]] != key:
            continue
        subject, at, flag = subjects[i], ats[i], flags[i]
        mine, j = subject[here[i]], here[i]
        while j < end[i] and subject[j] == mine:
            if n == times.size:
                times = np.concatenate((times, np.empty_like(times)))
                marked = np.concatenate((marked, np.empty_like(marked)))
            if flag[j if flag.size > 1 else 0]:
                times[n], marked[n] = at[j], flag[j if flag.size > 1 else 0]
                n += 1
            j += 1
        here[i] = j
    return n, (times, marked)


@njit(cache=True, nogil=True)
def _sort(times: Any, marked: Any, n: int, count: int) -> None:
    """By time, and of one instant by the first step that an event is; stable."""
    for i in range(1, n):
        at, flag, j = times[i], marked[i], i - 1
        rank = _rank(flag, count)
        while j >= 0 and (times[j] > at or (times[j] == at and _rank(marked[j], count) > rank)):
            times[j + 1], marked[j + 1] = times[j], marked[j]
            j -= 1
        times[j + 1], marked[j + 1] = at, flag


@njit(cache=True, nogil=True, inline="always")
def _rank(flag: Any, count: int) -> int:
    for k in range(count):
        if flag & np.uint16(1 << k):
            return k
    return count


NEVER = np.int64(2**62)


@njit(cache=True, nogil=True)
def entries_by_block(keys: Any, subjects: Any, flags: Any) -> Any:
    """How many events of each block are a first step."""
    found = np.zeros(BLOCKS, np.int64)
    for block in range(BLOCKS):
        here, end = _open(keys, subjects, block, BLOCKS)
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
        here, end = _open(keys, subjects, block, BLOCKS)
        room = (np.empty(64, np.int64), np.empty(64, np.uint16))
        best = np.empty((count, count), np.int64)
        mine = np.empty((count, count), np.int64)
        while True:
            more, key = _next(keys, subjects, skips, here, end)
            if not more:
                break
            n, room = _take_events(key, keys, subjects, ats, flags, here, end, room)
            times, marked = room
            _sort(times, marked, n, count)
            best[:] = NEVER
            void = NEVER
            base = sizes[block]
            for i in range(n - 1, -1, -1):
                at, flag = times[i], marked[i]
                if at < low or at >= high:
                    continue
                if flag & np.uint16((1 << count) - 1):
                    if flag & np.uint16(1):
                        d = _day(at, froms, offsets)
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
        here, end = _open(keys, subjects, block, BLOCKS)
        room = (np.empty(64, np.int64), np.empty(64, np.uint16))
        seen = np.zeros(horizon + 1, np.bool_)
        while True:
            more, key = _next(keys, subjects, skips, here, end)
            if not more:
                break
            n, room = _take_events(key, keys, subjects, ats, flags, here, end, room)
            times, marked = room
            _sort(times, marked, n, 0)
            last = np.int64(-(2**62))
            for i in range(n):
                at = times[i]
                if at < low or at >= high or not marked[i] & np.uint16(1):
                    continue
                d = _day(at, froms, offsets) - first
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
                            lag = bucket[_day(then, froms, offsets) - first] - bucket[d]
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
