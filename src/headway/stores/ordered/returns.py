"""Who comes back how long after a start: Returns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from headway.engine.period import MICROS_A_DAY, day_at
from headway.engine.statistics import Returns
from headway.stores.ordered.active import WIDEST
from headway.stores.ordered.runs import Runs, instants
from headway.stores.ordered.streams import added, day_of, in_blocks, offsets_of
from headway.stores.ordered.tables import same

STARTS, RETURNS = 1, 2


def returns(of: Returns, runs: Runs) -> pa.Table | None:
    width = of.span.end - of.span.start
    if of.segment is not None or width > WIDEST or of.horizon > WIDEST:
        return None
    walk = _days if of.start == of.returns and not of.rolling else _instants
    matrix = walk(of, runs, _buckets(of, np.arange(of.span.start, of.span.end)))
    d, lag = np.nonzero(matrix)
    return pa.table(
        {
            "s": same("", len(d)), "d": pa.array(d + of.span.start), "lag": pa.array(lag - 1),
            "subjects": pa.array(matrix[d, lag].astype(np.int64)),
        }
    )  # fmt: skip


def _days(of: Returns, runs: Runs, bucket: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Where one selection starts and returns, its active days say who came back on which."""
    mine = list(runs.active(of.start, of.span))
    asked: tuple[Any, ...] = (of.span.start, bucket, of.each, of.last_only, of.horizon, _edges(of))
    ends = (of.span.start, of.span.end)
    return added(
        in_blocks(runs.count, lambda a, b: days_after(*runs.days(mine, a, b, ends), *asked))
    )


def _instants(of: Returns, runs: Runs, bucket: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    mine = runs.flagged(of.span.source, (of.start, of.returns))
    unit = MICROS_A_DAY * {"day": 1, "week": 7}.get(of.bucket, 0) if of.rolling else 0
    offsets = offsets_of(of.span.calendar, of.span.start, of.span.end)
    asked: tuple[Any, ...] = (
        *offsets,
        of.span.start,
        bucket,
        unit,
        of.each,
        of.last_only,
        of.horizon,
        _edges(of),
    )
    inside = instants(of.span)
    return added(
        in_blocks(runs.count, lambda a, b: times_after(*runs.events(mine, a, b, *inside), *asked))
    )


def _edges(of: Returns) -> npt.NDArray[np.int64]:
    return np.array(of.edges, np.int64)


def _buckets(of: Returns, days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    if of.bucket == "month":
        whole = [day_at(d) for d in days]
        return np.array([12 * d.year + d.month for d in whole], np.int64)
    if of.bucket == "week":
        return (days + (3 - of.span.calendar.week_starts) % 7) // 7
    return days.astype(np.int64)


@njit(cache=True, nogil=True, inline="always")
def _lag(lag: Any, horizon: int, edges: Any) -> Any:
    """The bracket of a lag, where there are brackets; past the horizon there is none."""
    if not edges.size:
        return lag
    found = np.searchsorted(edges, lag, side="right")
    return found if found < edges.size else horizon + 1


@njit(cache=True, nogil=True)
def days_after(
    subject: Any, days: Any, first: int, bucket: Any, each: bool, last_only: bool, horizon: int,
    edges: Any,
) -> Any:  # fmt: skip
    """[d, lag + 1] → subjects who started on day first + d and were active lag buckets later."""
    found = np.zeros((bucket.size, horizon + 2), np.int32)
    mine, last = np.int64(-1), np.int64(0)
    for i in range(subject.size):
        d = days[i] - first
        if d < 0 or d >= bucket.size:
            continue
        same_subject = np.int64(subject[i]) == mine
        if same_subject and (not each or bucket[d] == last):
            continue
        mine, last = np.int64(subject[i]), bucket[d]
        found[d, 0] += 1
        before, j = -1, i
        while j < subject.size and subject[j] == subject[i] and days[j] - first < bucket.size:
            lag = _lag(bucket[days[j] - first] - last, horizon, edges)
            if lag > horizon:
                break
            if lag != before and not last_only:
                found[d, lag + 1] += 1
            before = lag
            j += 1
        if last_only and before >= 0:
            found[d, before + 1] += 1
    return found


@njit(cache=True, nogil=True)
def times_after(
    subject: Any, at: Any, flags: Any, froms: Any, offsets: Any, first: int, bucket: Any,
    rolling: int, each: bool, last_only: bool, horizon: int, edges: Any,
) -> Any:  # fmt: skip
    """As `days_after`, from starts and returns; `rolling` a bucket's µs, or 0 for calendar ones."""
    found = np.zeros((bucket.size, horizon + 2), np.int32)
    mine, last = np.int64(-1), np.int64(0)
    for i in range(subject.size):
        if not flags[i] & STARTS:
            continue
        d = day_of(at[i], froms, offsets) - first
        same_subject = np.int64(subject[i]) == mine
        if same_subject and (not each or bucket[d] == last):
            continue
        mine, last = np.int64(subject[i]), bucket[d]
        found[d, 0] += 1
        before, j = -1, i
        while j > 0 and subject[j - 1] == subject[i] and at[j - 1] == at[i]:
            j -= 1
        while j < subject.size and subject[j] == subject[i]:
            if flags[j] & RETURNS:
                if rolling:
                    lag = (at[j] - at[i]) // rolling
                else:
                    lag = bucket[day_of(at[j], froms, offsets) - first] - last
                lag = _lag(lag, horizon, edges)
                if lag > horizon:
                    break
                if lag != before and not last_only:
                    found[d, lag + 1] += 1
                before = lag
            j += 1
        if last_only and before >= 0:
            found[d, before + 1] += 1
    return found
