"""Subjects by number: marks of ids, and where each stands among all that there are. Compiled.

Marks are those of `stores.marks`, made here without leaving compiled code, because a ledger is made
of millions of ids.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

Keys = npt.NDArray[np.uint64]
NOBODY = np.uint32(2**32 - 1)
"""In place of a subject where an event has none."""

ROOM = 4
"""A table has at least so many places for each key, so that looking one up takes few steps."""


def marked(ids: pa.Array) -> Keys:
    """One mark for each id, none of which is null."""
    if not len(ids):
        return np.zeros(0, np.uint64)
    _, offsets, data = ids.buffers()
    wide = np.int64 if pa.types.is_large_string(ids.type) else np.int32
    bounds = np.frombuffer(offsets, wide)[ids.offset : ids.offset + len(ids) + 1]
    content = np.frombuffer(data or b"\0", np.uint8)
    found: Keys = _marks(content, bounds)
    return found


@njit(cache=True, nogil=True)
def _marks(content: Any, bounds: Any) -> Any:
    found = np.empty(bounds.size - 1, np.uint64)
    for i in range(found.size):
        mark = np.uint64(bounds[i + 1] - bounds[i])
        for start in range(bounds[i], bounds[i + 1], 8):
            word = np.uint64(0)
            for k in range(min(8, bounds[i + 1] - start)):
                word |= np.uint64(content[start + k]) << np.uint64(8 * k)
            mark = _mixed(mark ^ word)
        found[i] = mark
    return found


@njit(cache=True, nogil=True, inline="always")
def _mixed(x: Any) -> Any:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True, nogil=True)
def distinct(marks: Any, half: int) -> Any:
    """The different ones among the marks that are even, or odd, in no order."""
    table, size, empty = np.zeros(1 << 16, np.uint64), 0, 0
    for some in marks:
        for mark in some:
            if mark & np.uint64(1) != half:
                continue
            if mark == 0:
                empty = 1
                continue
            if ROOM * size > table.size:
                table = _larger(table)
            size += _put(table, mark)
    found = np.zeros(size + empty, np.uint64)
    found[empty:] = table[table != 0]
    return found


@njit(cache=True, nogil=True, inline="always")
def _put(table: Any, mark: Any) -> int:
    """1 if it was not there."""
    last = np.uint64(table.size - 1)
    place = (mark >> np.uint64(1)) & last
    while table[place] != mark:
        if table[place] == 0:
            table[place] = mark
            return 1
        place = (place + np.uint64(1)) & last
    return 0


@njit(cache=True, nogil=True)
def _larger(table: Any) -> Any:
    found = np.zeros(4 * table.size, np.uint64)
    for mark in table:
        if mark:
            _put(found, mark)
    return found


@njit(cache=True, nogil=True)
def index_of(keys: Any) -> Any:
    """A table in which the place of a key is found by its last bits; −1 is nobody's."""
    size = 2
    while size < ROOM * keys.size:
        size *= 2
    table = np.full(size, -1, np.int64)
    last = np.uint64(size - 1)
    for i in range(keys.size):
        place = keys[i] & last
        while table[place] >= 0:
            place = (place + np.uint64(1)) & last
        table[place] = i
    return table


@njit(cache=True, nogil=True)
def places_of(marks: Any, keys: Any, index: Any) -> Any:
    """Where each mark stands among the keys, all of which are there; after the last, NOBODY."""
    found = np.empty(marks.size + 1, np.uint32)
    found[marks.size] = NOBODY
    last = np.uint64(index.size - 1)
    for i in range(marks.size):
        place = marks[i] & last
        while keys[index[place]] != marks[i]:
            place = (place + np.uint64(1)) & last
        found[i] = index[place]
    return found


@njit(cache=True, nogil=True)
def among(keys: Any, wanted: Any) -> Any:
    """Which of the wanted are among the keys; both are in order."""
    found = np.zeros(wanted.size, np.bool_)
    j = 0
    for i in range(wanted.size):
        while j < keys.size and keys[j] < wanted[i]:
            j += 1
        found[i] = j < keys.size and keys[j] == wanted[i]
    return found
