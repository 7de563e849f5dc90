"""Who was active on which days, and how often: Gaps and Activity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from headway.engine.period import Calendar, Grain, day_at, day_number
from headway.engine.selection import Match, Span
from headway.engine.statistics import Activity, Gaps
from headway.stores.ordered.runs import Active, Runs
from headway.stores.ordered.streams import added, in_blocks
from headway.stores.ordered.tables import stacked

WIDEST = 3000
"""Days over which a matrix of days is held in memory."""

MOST_SEGMENTS = 200


def gaps(of: Gaps, runs: Runs) -> pa.Table | None:
    first, width = of.span.start, of.span.end - of.span.start
    groups = _active(runs, of.match, of.span, of.segment)
    if groups is None or width > WIDEST:
        return None
    found = []
    for text, mine in groups.items():
        matrix = _summed(runs, mine, of.span, gap_matrix, width)
        d, nx = np.nonzero(matrix)
        found.append((text, d, nx, matrix[d, nx]))
    s, d, nx, subjects = stacked(found, 3)
    following = pa.array(nx + first, pa.int64(), mask=nx == width)
    return pa.table(
        {"s": s, "d": pa.array(d + first), "nx": following, "subjects": pa.array(subjects)}
    )


def activity(of: Activity, runs: Runs) -> pa.Table | None:
    width = of.span.end - of.span.start
    groups = _active(runs, of.match, of.span, of.segment)
    if groups is None or of.count == "events" or width > WIDEST:
        return None
    starts, period = periods(of.span.calendar, of.span.start, of.span.end, of.grain)
    longest = int(np.bincount(period).max()) if width else 0
    found = []
    for text, mine in groups.items():
        counts = _summed(runs, mine, of.span, days_by_period, period, len(starts), longest)
        p, k = np.nonzero(counts)
        found.append((text, starts[p], k, counts[p, k]))
    s, d, k, subjects = stacked(found, 3)
    return pa.table({"s": s, "d": pa.array(d), "k": pa.array(k), "subjects": pa.array(subjects)})


def periods(
    calendar: Calendar, start: int, end: int, grain: Grain
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """The first day of each period of these days, and of each day which period it is in."""
    if grain is Grain.all:
        return np.array([start]), np.zeros(max(end - start, 0), np.int32)
    firsts = [day_number(calendar.start_of(day_at(d), grain)) for d in range(start, end)]
    starts, period = np.unique(np.array(firsts, np.int64), return_inverse=True)
    return starts, period.astype(np.int32)


def _summed(
    runs: Runs, mine: list[Active], span: Span, kernel: Any, *asked: Any
) -> npt.NDArray[np.int64]:
    def walked(start: int, end: int) -> npt.NDArray[Any]:
        days = runs.days(mine, start, end, (span.start, span.end))
        found: npt.NDArray[Any] = kernel(*days, span.start, *asked)
        return found

    return added(in_blocks(runs.count, walked))


def _active(
    runs: Runs, match: Match, span: Span, segment: str | None
) -> Mapping[str, list[Active]] | None:
    """The active days by segment; None where there are too many segments."""
    if segment is None:
        mine = list(runs.active(match, span))
        return {"": mine} if mine else {}
    found: dict[str, list[Active]] = defaultdict(list)
    for run in runs.of(match, span.source):
        for text, part in runs.by_text(run, segment):
            found[text].append(runs.rolled(part, span.calendar))
        if len(found) > MOST_SEGMENTS:
            return None
    return found


@njit(cache=True, nogil=True)
def gap_matrix(subject: Any, days: Any, first: int, width: int) -> Any:
    """[d, nx] → subjects active on day first + d whose next active day is first + nx.

    The last column counts those who are not active again.
    """
    found = np.zeros((width, width + 1), np.int32)
    mine, before = np.int64(-1), -1
    for i in range(subject.size):
        d = days[i] - first
        if d < 0 or d >= width:
            continue
        if np.int64(subject[i]) == mine:
            found[before, d] += 1
        elif before >= 0:
            found[before, width] += 1
        mine, before = np.int64(subject[i]), d
    if before >= 0:
        found[before, width] += 1
    return found


@njit(cache=True, nogil=True)
def days_by_period(
    subject: Any, days: Any, first: int, period: Any, count: int, longest: int
) -> Any:
    """[p, k] → subjects with k active days in period p; `period` is that of each day."""
    found = np.zeros((count, longest + 1), np.int32)
    mine, p, k = np.int64(-1), -1, 0
    for i in range(subject.size):
        d = days[i] - first
        if d < 0 or d >= period.size:
            continue
        if np.int64(subject[i]) != mine or period[d] != p:
            if k:
                found[p, k] += 1
            mine, p, k = np.int64(subject[i]), period[d], 0
        k += 1
    if k:
        found[p, k] += 1
    return found
