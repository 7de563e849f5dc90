"""Compiled: who was active on which days, and how often."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from headway.stores.ordered.walk import BLOCKS, day_of, next_subject, open_block, take_days


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


@njit(cache=True, nogil=True, parallel=True)
def gap_matrix(keys: Any, subjects: Any, skips: Any, days: Any, first: int, width: int) -> Any:
    """[d, nx] → subjects active on day first + d whose next active day is first + nx.

    The last column counts those who are not active again. Lists have days, in order.
    """
    found = np.zeros((BLOCKS, width, width + 1), np.int32)
    for block in prange(BLOCKS):
        here, end = open_block(keys, subjects, block, BLOCKS)
        active = np.zeros(width, np.bool_)
        while True:
            more, key = next_subject(keys, subjects, skips, here, end)
            if not more:
                break
            low, high = take_days(key, keys, subjects, days, here, end, first, active)
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
        here, end = open_block(keys, subjects, block, BLOCKS)
        active = np.zeros(period.size, np.bool_)
        while True:
            more, key = next_subject(keys, subjects, skips, here, end)
            if not more:
                break
            low, high = take_days(key, keys, subjects, days, here, end, first, active)
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
        d = np.int32(day_of(at[i], froms, offsets))
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
        here, end = open_block(keys, subjects, block, BLOCKS)
        most = max(most, (end - here).sum())
    of = np.empty((BLOCKS, most), np.uint32)
    on = np.empty((BLOCKS, most), np.int32)
    sizes = np.zeros(BLOCKS, np.int64)
    for block in prange(BLOCKS):
        here, end = open_block(keys, subjects, block, BLOCKS)
        active = np.zeros(width, np.bool_)
        n = 0
        while True:
            more, key = next_subject(keys, subjects, skips, here, end)
            if not more:
                break
            mine = np.uint32(np.searchsorted(keys[0], key))
            low, high = take_days(key, keys, subjects, days, here, end, first, active)
            for d in range(low, high + 1):
                if active[d]:
                    active[d] = False
                    of[block, n], on[block, n] = mine, first + d
                    n += 1
        sizes[block] = n
    return of, on, sizes
