"""Streams: the rows of several sorted lists as one, in the order of subject and time.

Subjects are walked in blocks, each by a thread of its own, and what the blocks find is added up:
statistics add over disjoint subjects. Kernels walk one stream from its start to its end; they are
compiled, let other threads run, and start none.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, reduce
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

from headway.engine.period import MICROS_A_DAY, Calendar, day_at

Offsets = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""From which instants on (epoch µs) which offsets from UTC (µs) hold."""

SUBJECTS_A_BLOCK = 100_000
MOST_BLOCKS = 16
Found = TypeVar("Found")
Rows = tuple[npt.NDArray[Any], ...]


def in_blocks(count: int, walk: Callable[[int, int], Found]) -> list[Found]:
    """What is found among the subjects [start, end) of each block of so many subjects."""
    blocks = max(1, min(count // SUBJECTS_A_BLOCK, MOST_BLOCKS))
    blocks = max(blocks, min(cores(), count)) if blocks > 1 else 1
    bounds = [count * i // blocks for i in range(blocks + 1)]
    if blocks == 1:
        return [walk(0, count)]
    return list(_threads().map(walk, bounds[:-1], bounds[1:]))


def added(found: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return reduce(np.add, found)


def cores() -> int:
    return os.cpu_count() or 1


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(cores(), thread_name_prefix="kernel")


def joined(lists: Sequence[Rows], merge: Callable[..., Rows]) -> Rows:
    """Two and two, so that each row is moved as often as the number of lists has doubled."""
    rest = list(lists)
    while len(rest) > 1:
        pairs = zip(rest[::2], rest[1::2], strict=False)
        rest = [*(merge(*a, *b) for a, b in pairs), *rest[len(rest) // 2 * 2 :]]
    return rest[0]


@njit(cache=True, nogil=True)
def merge_days(s: Any, d: Any, t: Any, e: Any) -> Any:
    """Subjects and days, each pair once."""
    whose = np.empty(s.size + t.size, np.uint32)
    days = np.empty(s.size + t.size, np.int32)
    i, j, n = 0, 0, 0
    while i < s.size or j < t.size:
        if j >= t.size or (i < s.size and (s[i] < t[j] or (s[i] == t[j] and d[i] <= e[j]))):
            if j < t.size and s[i] == t[j] and d[i] == e[j]:
                j += 1
            whose[n], days[n] = s[i], d[i]
            i += 1
        else:
            whose[n], days[n] = t[j], e[j]
            j += 1
        n += 1
    return whose[:n], days[:n]


@njit(cache=True, nogil=True)
def merge_events(s: Any, at: Any, flag: Any, t: Any, bt: Any, glag: Any) -> Any:
    """Subjects, times and flags; those of one instant as the lists stand."""
    n = s.size + t.size
    whose, times, flags = np.empty(n, np.uint32), np.empty(n, np.int64), np.empty(n, np.int32)
    i, j = 0, 0
    for k in range(n):
        if j >= t.size or (i < s.size and (s[i] < t[j] or (s[i] == t[j] and at[i] <= bt[j]))):
            whose[k], times[k], flags[k] = s[i], at[i], flag[i]
            i += 1
        else:
            whose[k], times[k], flags[k] = t[j], bt[j], glag[j]
            j += 1
    return whose, times, flags


@njit(cache=True, nogil=True)
def rank_ties(subject: Any, at: Any, flags: Any, ranks: Any) -> None:
    """Puts a subject's events of one instant in the order of their flags' ranks."""
    for i in range(1, subject.size):
        if at[i] != at[i - 1] or subject[i] != subject[i - 1]:
            continue
        flag, j = flags[i], i - 1
        while (
            j >= 0 and at[j] == at[i] and subject[j] == subject[i]
            and ranks[flags[j]] > ranks[flag]
        ):  # fmt: skip
            flags[j + 1] = flags[j]
            j -= 1
        flags[j + 1] = flag


@njit(cache=True, nogil=True)
def placed_days(place: Any, skip: Any, subject: Any, days: Any, first: int, end: int) -> Any:
    """The rows of [first, end) by place, without those of skipped subjects."""
    whose, kept = np.empty(subject.size, np.uint32), np.empty(subject.size, np.int32)
    n = 0
    for i in range(subject.size):
        if days[i] < first or days[i] >= end or (skip.size and skip[subject[i]]):
            continue
        whose[n] = place[subject[i]] if place.size else subject[i]
        kept[n] = days[i]
        n += 1
    return whose[:n], kept[:n]


@njit(cache=True, nogil=True)
def placed_flags(
    place: Any, skip: Any, subject: Any, at: Any, flags: Any, low: int, high: int
) -> Any:
    """The rows of [low, high) that have a flag, by place; `flags` has one for each, or for all."""
    whose = np.empty(subject.size, np.uint32)
    times, kept = np.empty(subject.size, np.int64), np.empty(subject.size, np.int32)
    n, same = 0, flags.size == 1
    for i in range(subject.size):
        flag = flags[0] if same else flags[i]
        if not flag or at[i] < low or at[i] >= high or (skip.size and skip[subject[i]]):
            continue
        whose[n] = place[subject[i]] if place.size else subject[i]
        times[n], kept[n] = at[i], flag
        n += 1
    return whose[:n], times[:n], kept[:n]


@njit(cache=True, nogil=True)
def places(keys: Any, mine: Any) -> Any:
    """Where each of some keys stands among all of them; both are in order."""
    found = np.empty(mine.size, np.uint32)
    j = 0
    for i in range(mine.size):
        while keys[j] < mine[i]:
            j += 1
        found[i] = j
    return found


@njit(cache=True, nogil=True)
def local_days(subject: Any, at: Any, froms: Any, offsets: Any) -> Any:
    """The rollup of a list: its subjects and their active days, each once."""
    of, days = np.empty(subject.size, np.uint32), np.empty(subject.size, np.int32)
    n = 0
    for i in range(subject.size):
        d = np.int32(day_of(at[i], froms, offsets))
        if n and of[n - 1] == subject[i] and days[n - 1] == d:
            continue
        of[n], days[n] = subject[i], d
        n += 1
    return of[:n].copy(), days[:n].copy()


@njit(cache=True, nogil=True, inline="always")
def day_of(at: Any, froms: Any, offsets: Any) -> Any:
    """The local day number of an instant."""
    i = froms.size - 1
    while i > 0 and at < froms[i]:
        i -= 1
    return (at + offsets[i]) // MICROS_A_DAY


def offsets_over(at: npt.NDArray[np.int64], calendar: Calendar) -> Offsets:
    """Those that hold over all these times."""
    first, last = int(at.min()) // MICROS_A_DAY, int(at.max()) // MICROS_A_DAY
    return offsets_of(calendar, first - 2, last + 2)


def offsets_of(calendar: Calendar, start: int, end: int) -> Offsets:
    found = np.array(calendar.offsets(day_at(start), day_at(end)), np.int64)
    return found[:, 0].copy(), found[:, 1].copy()
