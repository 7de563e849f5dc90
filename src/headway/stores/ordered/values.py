"""Numbers that events carry, by day, and what subjects last had: Cells, Counts and States."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from headway.engine.selection import Match, Span
from headway.engine.statistics import Cells, Counts, States
from headway.stores.ordered.runs import Runs, instants
from headway.stores.ordered.streams import added, day_of, in_blocks, offsets_of
from headway.stores.ordered.tables import same

MOST_ANSWERS = 1000
"""Different numbers that are counted apart."""

Array = npt.NDArray[Any]
ONE = np.zeros(1, np.int32), np.ones(1)
"""The codes and numbers of events that count 1 each."""


def cells(of: Cells, runs: Runs) -> pa.Table | None:
    if of.segment is not None or not (of.value is None or isinstance(of.value, str)):
        return None
    mine = _numbered(runs, of.match, of.span, of.value)
    if mine is None:
        return None
    asked = _days(of.span)
    found = [part for rows in mine for part in _parts(rows, day_cells, *asked)]
    if not found:
        return None
    whole, low, high = (reduce(join, (part[i] for part in found)) for i, join in enumerate(_JOINS))
    (d,) = np.nonzero(whole[0])
    known = whole[1, d] > 0
    sums = {"total": whole[2, d], "squares": whole[3, d], "low": low[d], "high": high[d]}
    return pa.table(
        {
            "s": same("", len(d)), "d": pa.array(d + of.span.start),
            "events": pa.array(whole[0, d].astype(np.int64)),
            "n": pa.array(whole[1, d].astype(np.int64)),
            **{name: pa.array(x, pa.float64(), mask=~known) for name, x in sums.items()},
        }
    )  # fmt: skip


_JOINS = (np.add, np.minimum, np.maximum)


def counts(of: Counts, runs: Runs) -> pa.Table | None:
    mine = None if of.segment is not None else _numbered(runs, of.match, of.span, of.value)
    if not mine:
        return None
    numbers = np.unique(np.concatenate([numbers for _, _, numbers in mine]))
    if len(numbers) > MOST_ANSWERS:
        return None
    asked = (*_days(of.span), len(numbers))
    merged = ((at, np.searchsorted(numbers, own)[codes]) for at, codes, own in mine)
    matrix = added([part for rows in merged for part in _parts(rows, day_counts, *asked)])
    d, k = np.nonzero(matrix)
    return pa.table(
        {
            "s": same("", len(d)), "d": pa.array(d + of.span.start),
            "v": pa.array(numbers[k], from_pandas=True), "n": pa.array(matrix[d, k]),
        }
    )  # fmt: skip


def states(of: States, runs: Runs) -> pa.Table | None:
    match, value = of.set_to or (None, None)
    if of.segment is not None or match is None or not isinstance(value, str):
        return None
    mine, numbers = [], [np.zeros(1)]
    for run in runs.of(match, of.span.source):
        codes, own = runs.properties.numbers(run.ledger, run.name, value)
        held = np.where(np.isnan(own), 0, np.arange(len(own)) + sum(map(len, numbers)))
        mine.append((run, run.of_rows(held[codes].astype(np.int32))))
        numbers.append(own)
    inside, asked = instants(of.span), _days(of.span)

    def walked(start: int, end: int) -> Any:
        stream = runs.events(mine, start, end, *inside)
        return last_values(*stream, np.concatenate(numbers), *asked)

    found = in_blocks(runs.count, walked)
    if any(tied for _, tied in found):
        return None
    total, positive, moves = added([matrix for matrix, _ in found])
    (d,) = np.nonzero(moves)
    return pa.table(
        {
            "s": same("", len(d)), "d": pa.array(d + of.span.start), "total": pa.array(total[d]),
            "positive": pa.array(positive[d].astype(np.int64)),
        }
    )  # fmt: skip


def _days(span: Span) -> tuple[Any, ...]:
    offsets = offsets_of(span.calendar, span.start, span.end)
    return *offsets, span.start, span.end - span.start


def _numbered(
    runs: Runs, match: Match, span: Span, value: str | None
) -> list[tuple[Array, Array, Array]] | None:
    """Times, codes and the numbers they stand for; None where an event has no subject."""
    found = []
    for run in runs.whole(match, span.source):
        if run.ledger.without[run.name]:
            return None
        codes, numbers = ONE
        if value is not None:
            codes, numbers = runs.properties.numbers(run.ledger, run.name, value)
            codes = run.of_rows(codes)
        found.append((run.at, codes, numbers))
    return found


def _parts(rows: tuple[Array, ...], kernel: Any, *asked: Any) -> list[Any]:
    at, codes, *numbers = rows

    def walked(start: int, end: int) -> Any:
        mine = codes if len(codes) == 1 else codes[start:end]
        return kernel(at[start:end], mine, *numbers, *asked)

    return in_blocks(len(at), walked)


@njit(cache=True, nogil=True)
def day_cells(
    at: Any, codes: Any, numbers: Any, froms: Any, offsets: Any, first: int, width: int
) -> Any:
    """([events, n, total, squares] × day, least, greatest); sums lose nothing (Neumaier, 1974)."""
    found, lost = np.zeros((4, width)), np.zeros((2, width))
    low, high = np.full(width, np.inf), np.full(width, -np.inf)
    for i in range(at.size):
        d = day_of(at[i], froms, offsets) - first
        if d < 0 or d >= width:
            continue
        found[0, d] += 1
        v = numbers[codes[0 if codes.size == 1 else i]]
        if np.isnan(v):
            continue
        found[1, d] += 1
        _add(found[2], lost[0], d, v)
        _add(found[3], lost[1], d, v * v)
        low[d], high[d] = min(low[d], v), max(high[d], v)
    found[2:] += lost
    return found, low, high


@njit(cache=True, nogil=True, inline="always")
def _add(sums: Any, lost: Any, d: int, v: float) -> None:
    total = sums[d] + v
    lost[d] += (sums[d] - total) + v if abs(sums[d]) >= abs(v) else (v - total) + sums[d]
    sums[d] = total


@njit(cache=True, nogil=True)
def day_counts(
    at: Any, codes: Any, froms: Any, offsets: Any, first: int, width: int, most: int
) -> Any:
    """[d, code] → events."""
    found = np.zeros((width, most), np.int64)
    for i in range(at.size):
        d = day_of(at[i], froms, offsets) - first
        if 0 <= d < width:
            found[d, codes[i]] += 1
    return found


@njit(cache=True, nogil=True)
def last_values(
    subject: Any, at: Any, codes: Any, numbers: Any, froms: Any, offsets: Any, first: int,
    width: int,
) -> Any:  # fmt: skip
    """([total, positive, moves] × day, whether an order matters that only ids tell)."""
    found, lost = np.zeros((3, width)), np.zeros(width)
    for i in range(subject.size):
        v, was = numbers[codes[i]], 0.0
        if i and subject[i - 1] == subject[i]:
            was = numbers[codes[i - 1]]
            if was == v:
                continue
            if at[i] == at[i - 1]:
                return found, True
        d = day_of(at[i], froms, offsets) - first
        _add(found[0], lost, d, v - was)
        found[1, d] += (1 if v > 0 else 0) - (1 if was > 0 else 0)
        found[2, d] += 1
    found[0] += lost
    return found, False
