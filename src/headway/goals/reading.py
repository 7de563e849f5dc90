"""What a key result reads from its metric's points, period after period."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum
from statistics import fmean
from typing import cast

from headway.engine.series import Point

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it stood when the period from `start` to `through`, inclusive, was complete.

    `value` is None only together with a `reason`.
    """

    start: date
    through: date
    value: float | None
    reason: str = ""


Readings = tuple[Reading, ...]
Combine = Callable[[Sequence[float]], float]


def readings(points: Iterable[Point], over: str, n: int | None, opens: date) -> Readings:
    """One reading for each complete point, oldest first. `over` is a key of OVER.

    `n` counts the periods of `mean` or the days of `trailing`; `opens` is the cycle's first day.
    """
    done = sorted((p for p in points if p.complete), key=lambda p: p.start)
    return OVER[over](done, n or 1, opens)


def reading_on(found: Sequence[Reading], day: date) -> Reading | None:
    """The last reading that covers nothing after `day`."""
    at = bisect_right(found, day, key=lambda reading: reading.through)
    return found[at - 1] if at else None


def _latest(points: Sequence[Point], _n: int, _opens: date) -> Readings:
    return tuple(_reading([p], [p.value], fsum) for p in points)


def _mean(points: Sequence[Point], n: int, _opens: date) -> Readings:
    return _rolling(points, n, fmean)


def _trailing(points: Sequence[Point], n: int, _opens: date) -> Readings:
    return _rolling(points, n, fsum)


def _cycle_to_date(points: Sequence[Point], _n: int, opens: date) -> Readings:
    """Sums from 0 on the eve of the cycle, which is the baseline."""
    since = [p for p in points if p.start >= opens]
    eve = [Reading(opens - DAY, opens - DAY, 0.0)] if points else []
    return (*eve, *(_windows(since, [(0, i + 1) for i in range(len(since))], fsum)))


OVER: dict[str, Callable[[Sequence[Point], int, date], Readings]] = {
    "latest": _latest,
    "mean": _mean,
    "cycle_to_date": _cycle_to_date,
    "trailing": _trailing,
}


def _rolling(points: Sequence[Point], n: int, combine: Combine) -> Readings:
    few = (_too_few(p, n, i + 1) for i, p in enumerate(points[: n - 1]))
    full = [(last - n, last) for last in range(n, len(points) + 1)]
    return (*few, *_windows(points, full, combine))


def _windows(
    points: Sequence[Point], windows: Iterable[tuple[int, int]], combine: Combine
) -> Iterator[Reading]:
    """One for each stretch of points, as of its last one."""
    values = [p.value for p in points]
    for first, end in windows:
        yield _reading(points[first:end], values[first:end], combine)


def _too_few(point: Point, n: int, seen: int) -> Reading:
    reason = f"Reads {n} complete periods, and by then there were {seen}."
    return Reading(point.start, point.end - DAY, None, reason)


def _reading(window: Sequence[Point], values: Sequence[float | None], combine: Combine) -> Reading:
    last = window[-1]
    if None not in values:
        return Reading(last.start, last.end - DAY, combine(cast(Sequence[float], values)))
    unknown = next(p for p in window if p.value is None)
    reason = unknown.reason or f"No value for the period that starts on {unknown.start}."
    return Reading(last.start, last.end - DAY, None, reason)
