"""What all kernels share: a walk, subject by subject, through several sorted lists at once.

A list is one event name in one ledger. Subjects are told apart by their key, which is the same in
all ledgers; lists are sorted by key, so that a walk merges them as it goes. Blocks of keys are
walked in parallel and their results added up, since statistics add over disjoint subjects.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

BLOCKS = 8
LAST = np.uint64(2**64 - 1)
MICROS_A_DAY = 86_400_000_000


@njit(cache=True, nogil=True, inline="always")
def place_of(keys: Any, subject: Any, bound: Any) -> int:
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
def day_of(at: Any, froms: Any, offsets: Any) -> Any:
    """The local day number of an instant."""
    i = froms.size - 1
    while i > 0 and at < froms[i]:
        i -= 1
    return (at + offsets[i]) // MICROS_A_DAY


@njit(cache=True, nogil=True)
def open_block(keys: Any, subjects: Any, block: int, blocks: int) -> Any:
    """Of each list, where the block's rows begin and end."""
    step = LAST // np.uint64(blocks)
    here = np.empty(len(subjects), np.int64)
    end = np.empty(len(subjects), np.int64)
    for i in range(len(subjects)):
        here[i] = place_of(keys[i], subjects[i], step * np.uint64(block))
        end[i] = subjects[i].size
        if block + 1 < blocks:
            end[i] = place_of(keys[i], subjects[i], step * np.uint64(block + 1))
    return here, end


@njit(cache=True, nogil=True)
def next_subject(keys: Any, subjects: Any, skips: Any, here: Any, end: Any) -> Any:
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
def take_days(
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


@njit(cache=True, nogil=True)
def take_events(
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
def sort_events(times: Any, marked: Any, n: int, count: int) -> None:
    """By time, and of one instant by the first step that an event is; stable."""
    for i in range(1, n):
        at, flag, j = times[i], marked[i], i - 1
        rank = step_of(flag, count)
        while j >= 0 and (times[j] > at or (times[j] == at and step_of(marked[j], count) > rank)):
            times[j + 1], marked[j + 1] = times[j], marked[j]
            j -= 1
        times[j + 1], marked[j + 1] = at, flag


@njit(cache=True, nogil=True, inline="always")
def step_of(flag: Any, count: int) -> int:
    for k in range(count):
        if flag & np.uint16(1 << k):
            return k
    return count
