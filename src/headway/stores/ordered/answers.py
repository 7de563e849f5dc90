"""Statistics by compiled kernels; each gives the table that the SQL gives, or None."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headway.engine.period import Calendar, Grain, day_at, day_number, micros
from headway.engine.selection import Match, Span
from headway.engine.statistics import Activity, Gaps, Returns, Steps
from headway.stores.ordered.days import days_by_period, gap_matrix
from headway.stores.ordered.paths import entries_by_block, funnel, return_matrix
from headway.stores.ordered.runs import Active, Run, Runs, offsets_of, rolled, typed
from headway.stores.ordered.walk import MICROS_A_DAY

WIDEST = 3000
"""Days over which a matrix of days is held in memory."""

MOST_SEGMENTS = 200
FLAGS = 15
"""Steps of a path, with the bit for what ends it."""


def gaps(of: Gaps, runs: Runs) -> pa.Table | None:
    width = of.span.end - of.span.start
    groups = _active(runs, of.match, of.span, of.segment)
    if groups is None or width > WIDEST:
        return None
    found = []
    for text, mine in groups.items():
        matrix = gap_matrix(*_days(mine), of.span.start, width)
        d, nx = np.nonzero(matrix)
        found.append((text, d, nx, matrix[d, nx]))
    s, d, nx, subjects = _stacked(found, 3)
    following = pa.array(nx + of.span.start, pa.int64(), mask=nx == width)
    return pa.table(
        {"s": s, "d": pa.array(d + of.span.start), "nx": following, "subjects": pa.array(subjects)}
    )


def activity(of: Activity, runs: Runs) -> pa.Table | None:
    width = of.span.end - of.span.start
    groups = _active(runs, of.match, of.span, of.segment)
    if groups is None or of.count == "events" or width > WIDEST:
        return None
    starts, period = _periods(of.span, of.grain)
    longest = int(np.bincount(period).max()) if width else 0
    found = []
    for text, mine in groups.items():
        counts = days_by_period(*_days(mine), of.span.start, period, len(starts), longest)
        p, k = np.nonzero(counts)
        found.append((text, starts[p], k, counts[p, k]))
    s, d, k, subjects = _stacked(found, 3)
    return pa.table({"s": s, "d": pa.array(d), "k": pa.array(k), "subjects": pa.array(subjects)})


def returns(of: Returns, runs: Runs) -> pa.Table | None:
    width = of.span.end - of.span.start
    if of.segment is not None or width > WIDEST or of.horizon > WIDEST:
        return None
    if of.start == of.returns and not of.rolling:
        walked = _by_day(of, runs)
    else:
        walked = _by_instant(of, runs)
    if not len(walked[0]):
        return None
    days = np.arange(of.span.start, of.span.end)
    unit = MICROS_A_DAY * {"day": 1, "week": 7}.get(of.bucket, 0) if of.rolling else 0
    asked: tuple[Any, ...] = (
        of.span.start, width, _buckets(of, days), unit, of.each, of.last_only, of.horizon,
        np.array(of.edges, np.int64),
    )  # fmt: skip
    matrix = return_matrix(*walked, *asked)
    d, lag = np.nonzero(matrix)
    return pa.table(
        {
            "s": _same("", len(d)), "d": pa.array(d + of.span.start), "lag": pa.array(lag - 1),
            "subjects": pa.array(matrix[d, lag].astype(np.int64)),
        }
    )  # fmt: skip


def _by_day(of: Returns, runs: Runs) -> tuple[Any, ...]:
    """Where one selection starts and returns, its active days say who came back on which."""
    mine = list(runs.active(of.start, of.span))
    keys, subjects, skips, _ = _days(mine)
    day = MICROS_A_DAY
    at = typed([one.days.astype(np.int64) * day for one in mine])
    flags = typed([np.array([3], np.uint16) for _ in mine])
    nowhere = np.zeros(1, np.int64)
    return (
        keys, subjects, skips, at, flags, nowhere, nowhere, of.span.start * day, of.span.end * day,
    )  # fmt: skip


def _by_instant(of: Returns, runs: Runs) -> tuple[Any, ...]:
    mine, flags = _flagged(runs, of.span, (of.start, of.returns))
    lists = (*_lists(mine), typed([r.at for r in mine]), typed(flags))
    offsets = offsets_of(of.span.calendar, of.span.start, of.span.end)
    return *lists, *offsets, *_instants(of.span)


def _buckets(of: Returns, days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    if of.bucket == "month":
        whole = [day_at(d) for d in days]
        return np.array([12 * d.year + d.month for d in whole], np.int64)
    if of.bucket == "week":
        return (days + (3 - of.span.calendar.week_starts) % 7) // 7
    return days.astype(np.int64)


def steps(of: Steps, runs: Runs) -> pa.Table | None:
    count = len(of.steps)
    if of.attempts or of.segment is not None or count >= FLAGS or _close(of):
        return None
    mine, flags = _flagged(runs, of.span, of.steps, of.exclude)
    if not mine:
        return None
    starts, period = _entered(of)
    bits, lists = typed(flags), _lists(mine)
    most = int(entries_by_block(lists[0], lists[1], bits).max(initial=0))
    depth, place, spent, sizes = funnel(
        *lists, typed([r.at for r in mine]), bits,
        *offsets_of(of.span.calendar, of.span.start, of.span.end), *_instants(of.span),
        count, of.window, of.strict, of.first, of.since, of.start, of.end, period, most,
    )  # fmt: skip
    held = np.arange(most)[None, :] < sizes[:, None]
    return _walked(depth[held], place[held], spent[held], starts, count)


def _close(of: Steps) -> bool:
    """Whether the order of different events of one instant matters: then SQL has the ids."""
    names = [set(m.events) for m in (*of.steps, *of.exclude)]
    paths = names[: len(of.steps)]
    apart = sum(map(len, paths)) == len(set().union(*paths))
    outside = set().union(*paths).isdisjoint(set().union(*names[len(of.steps) :]))
    return of.strict or not all(names) or not apart or not outside


def _entered(of: Steps) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    days = max(of.end - of.start, 0)
    if of.grain is Grain.all:
        return np.array([of.start]), np.zeros(days, np.int32)
    return _split(of.span.calendar, of.start, of.start + days, of.grain)


def _walked(
    depth: npt.NDArray[np.int8], place: npt.NDArray[np.int32], spent: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64], count: int,
) -> pa.Table:  # fmt: skip
    periods = len(starts)
    columns: dict[str, Any] = {}
    for k in range(1, count + 1):
        columns[f"c{k}"] = np.bincount(place[depth >= k], minlength=periods)
    for k in range(2, count + 1):
        reached = depth >= k
        columns[f"a{k}"], columns[f"m{k}"] = _middles(
            place[reached], spent[reached, k - 2], columns[f"c{k}"]
        )
    seen = columns["c1"] > 0
    table = {name: pa.array(values[seen], from_pandas=True) for name, values in columns.items()}
    return pa.table({"s": _same("", int(seen.sum())), "d": pa.array(starts[seen]), **table})


def _middles(
    place: npt.NDArray[np.int32], spent: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean and median of each period; NaN where there is nothing."""
    order = np.lexsort((spent, place))
    values, ends = spent[order], np.cumsum(sizes)
    starts = ends - sizes
    sums = np.concatenate([[0], np.cumsum(values)])
    some = sizes > 0
    mean, median = np.full((2, len(sizes)), np.nan)
    mean[some] = (sums[ends] - sums[starts])[some] / sizes[some]
    low = values[(starts + (sizes - 1) // 2)[some]].astype(np.float64)
    high = values[(starts + sizes // 2)[some]].astype(np.float64)
    median[some] = low + (high - low) * 0.5
    return mean, median


def _flagged(
    runs: Runs, span: Span, wanted: Sequence[Match], ends: Sequence[Match] = ()
) -> tuple[list[Run], list[npt.NDArray[np.uint16]]]:
    """Every event that one of the matches selects, once, with a bit for each that does."""
    matches = [*enumerate(wanted), *((len(wanted), m) for m in ends)]
    names: set[str] = set().union(*(m.events for _, m in matches))
    everything = any(not m.events for _, m in matches)
    found: list[tuple[Run, npt.NDArray[np.uint16]]] = []
    for run in runs.named(() if everything else sorted(names), span.source):
        flags = _bits(runs, run, matches)
        if flags.any():
            found.append((run, flags))
    return [run for run, _ in found], [flags for _, flags in found]


def _bits(runs: Runs, run: Run, matches: Iterable[tuple[int, Match]]) -> npt.NDArray[np.uint16]:
    """One number for the whole run where all its events are the same."""
    whole, masks = 0, []
    for bit, match in matches:
        if match.events and run.name not in match.events:
            continue
        held = runs.properties.mask(run.ledger, run.name, match)
        if held is None:
            whole |= 1 << bit
        else:
            masks.append((bit, held if run.row is None else held[run.row]))
    if not masks:
        return np.array([whole], np.uint16)
    flags = np.full(run.subject.size, whole, np.uint16)
    for bit, held in masks:
        flags |= held.astype(np.uint16) << np.uint16(bit)
    return flags


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
            found[text].append(Active(part.keys, part.skip, *rolled(part, span.calendar)))
        if len(found) > MOST_SEGMENTS:
            return None
    return found


def _days(mine: Sequence[Active]) -> tuple[Any, Any, Any, Any]:
    return (
        typed([one.keys for one in mine]), typed([one.subject for one in mine]),
        typed([one.skip for one in mine]), typed([one.days for one in mine]),
    )  # fmt: skip


def _lists(mine: Sequence[Run]) -> tuple[Any, Any, Any]:
    return (
        typed([run.keys for run in mine]), typed([run.subject for run in mine]),
        typed([run.skip for run in mine]),
    )  # fmt: skip


def _periods(span: Span, grain: Grain) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """The first day of each period of a span, and of each day which period it is in."""
    if grain is Grain.all:
        return np.array([span.start]), np.zeros(span.end - span.start, np.int32)
    return _split(span.calendar, span.start, span.end, grain)


def _split(
    calendar: Calendar, start: int, end: int, grain: Grain
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    firsts = [day_number(calendar.start_of(day_at(d), grain)) for d in range(start, end)]
    starts, period = np.unique(np.array(firsts, np.int64), return_inverse=True)
    return starts, period.astype(np.int32)


def _instants(span: Span) -> tuple[int, int]:
    low, high = (micros(span.calendar.instant(day_at(d))) for d in (span.start, span.end))
    return low, high


def _stacked(found: Sequence[tuple[Any, ...]], columns: int) -> tuple[Any, ...]:
    texts = [_same(row[0], len(row[1])) for row in found]
    s = pa.concat_arrays(texts) if texts else _same("", 0)
    parts = (np.concatenate([np.zeros(0, np.int64), *(r[i] for r in found)])
             for i in range(1, columns + 1))  # fmt: skip
    return s, *(p.astype(np.int64) for p in parts)


def _same(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


ANSWERS: Mapping[type[Any], Callable[[Any, Runs], pa.Table | None]] = {
    Gaps: gaps,
    Activity: activity,
    Returns: returns,
    Steps: steps,
}
