"""What is expected between the first day and the due date: evenly, by phases, or by the season."""

from __future__ import annotations

import calendar
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from math import fsum

from headway.engine.errors import DefinitionError
from headway.engine.period import Period
from headway.goals.reading import DAY, Reading, Readings, reading_on

YEAR_OF_WEEKS = timedelta(days=364)
"""52 weeks: a Sunday is held against a Sunday."""

FEWEST_KNOWN = 0.9
"""So large a share of last year's readings has to be known."""

SLACK = 0.05
"""So far a path may leave the span between its ends and still be a movement, not a swing."""

Way = Callable[[float], float]
"""From a value to progress, 0 at the baseline and 1 at the target."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Which share of the way is expected by the end of some days; straight in between."""

    days: tuple[date, ...]
    shares: tuple[float, ...]

    def at(self, day: date) -> float:
        i = bisect_right(self.days, day)
        if i == 0:
            return self.shares[0]
        if i == len(self.days):
            return self.shares[-1]
        before, after = self.days[i - 1], self.days[i]
        part = (day - before) / (after - before)
        return self.shares[i - 1] + part * (self.shares[i] - self.shares[i - 1])


@dataclass(frozen=True, slots=True)
class Expectation:
    """Without a curve it grows evenly; `reason` says why, or what the curve follows."""

    curve: Curve | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Even:
    def expect(self, span: Period, baseline: float, aim: float, way: Way) -> Expectation:
        del span, baseline, aim, way
        return Expectation()


@dataclass(frozen=True, slots=True)
class Phased:
    """Values that somebody expects by certain days; straight from the first day to the last."""

    values: tuple[tuple[date, float], ...]

    def expect(self, span: Period, baseline: float, aim: float, way: Way) -> Expectation:
        del baseline, aim
        typed = {day: way(value) for day, value in self.values}
        points = {span.start: 0.0, **typed, span.last: 1.0}
        return Expectation(_curve(points))


@dataclass(frozen=True, slots=True)
class Stepped:
    """Shares that are due by the end of certain days, such as those of dated milestones."""

    weights: tuple[tuple[date, float], ...]

    def expect(self, span: Period, baseline: float, aim: float, way: Way) -> Expectation:
        del baseline, aim, way
        total = sum(weight for _, weight in self.weights)
        points, gone = {span.start: 0.0}, 0.0
        for day, weight in sorted(self.weights):
            points.setdefault(day, gone / total)
            gone += weight
            points[day + DAY] = gone / total
        return Expectation(_curve(points))


@dataclass(frozen=True, slots=True)
class Seasonal:
    """As the same reading went over the same days a year before.

    `weekly`: the year has 52 whole weeks, so that weekdays meet; else it is the calendar's.
    """

    last_year: Readings
    weekly: bool = True

    def expect(self, span: Period, baseline: float, aim: float, way: Way) -> Expectation:
        opened, closed = (a_year_before(d, weekly=self.weekly) for d in (span.start, span.last))
        eve = reading_on(self.last_year, opened - DAY)
        found = [r for r in self.last_year if opened <= r.through <= closed]
        start = eve.value if eve else None
        if start is None or (trouble := _trouble(found, opened, closed)):
            why = f"nothing is known from just before {opened}" if start is None else trouble
            return Expectation(None, f"Expected evenly: {why}, a year before.")
        path = [(self._now(r.through), r.value) for r in found if r.value is not None]
        shares = _movement(start, [v for _, v in path])
        reason = "Expected as the same days went a year before"
        if shares is None:
            shares = _swings(span, start, path, baseline, aim, way)
            reason += ": their swings around a straight line, on the way to this target"
        points = {span.start - DAY: 0.0, **dict(zip([d for d, _ in path], shares, strict=True))}
        return Expectation(_curve({**points, span.last: 1.0}), f"{reason}.")

    def _now(self, day: date) -> date:
        return day + YEAR_OF_WEEKS if self.weekly else moved_years(day, 1)


def a_year_before(day: date, *, weekly: bool) -> date:
    return day - YEAR_OF_WEEKS if weekly else moved_years(day, -1)


def moved_years(day: date, years: int) -> date:
    """The last day of a month stays the last day of it."""
    year = day.year + years
    length = calendar.monthrange(year, day.month)[1]
    if day.day == calendar.monthrange(day.year, day.month)[1]:
        return date(year, day.month, length)
    return date(year, day.month, min(day.day, length))


def _trouble(found: Sequence[Reading], opened: date, closed: date) -> str:
    """Why last year's readings are too few to follow, or ""."""
    if not found or found[0].start > opened + (found[0].through - found[0].start):
        return f"the history does not begin by {opened}"
    if found[-1].through + (found[-1].through - found[-1].start) + DAY <= closed:
        return f"the history does not reach {closed}"
    known = sum(r.value is not None for r in found)
    if found[-1].value is None or known < FEWEST_KNOWN * len(found):
        return f"{len(found) - known} of {len(found)} periods have no value"
    return ""


@dataclass(frozen=True, slots=True)
class Season:
    """How a reading swings until it is due: off its level, by the last day of each of its periods.

    `now` is that of the eve of the cycle. As factors, or plainly; `flow` for sums that begin with
    the cycle, whose swings are those of their periods.
    """

    days: tuple[date, ...]
    now: float
    swings: tuple[float, ...]
    factors: bool
    cycles: tuple[str, ...]
    flow: bool = False

    def values(self, baseline: float, aim: float) -> Sequence[float]:
        """What is expected by each day."""
        from headway.stats.swings import Swings  # statistics that few paces need

        if not self.flow:
            return Swings(self.factors, self.now, self.swings, self.cycles).line(baseline, aim)
        total = fsum(self.swings)
        if self.factors:
            return [aim * part / total for part in accumulate(self.swings)]
        level = (aim - total) / len(self.swings)
        return [level * i + part for i, part in enumerate(accumulate(self.swings), 1)]


@dataclass(frozen=True, slots=True)
class Swinging:
    """Straight for the level, and with the metric's own season as its whole past shows it.

    Where that past tells of weeks alone, `rather` the same days a year before.
    """

    season: Season
    rather: Seasonal | None = None

    def expect(self, span: Period, baseline: float, aim: float, way: Way) -> Expectation:
        if self.rather and "year" not in self.season.cycles:
            found = self.rather.expect(span, baseline, aim, way)
            if found.curve:
                return found
        values = self.season.values(baseline, aim)
        shares = zip(self.season.days, map(way, values), strict=True)
        points = {span.start - DAY: 0.0, **dict(shares), span.last: 1.0}
        cycles = " and the ".join(self.season.cycles)
        return Expectation(_curve(points), f"Expected with its own season of the {cycles}.")


Pace = Even | Phased | Stepped | Seasonal | Swinging
EVEN = Even()


def _movement(start: float, values: Sequence[float]) -> list[float] | None:
    """Each value as a share of the movement from first to last.

    None when it did not move, or went outside the span between its ends: that is no way to go
    but a swing, which a larger or smaller target would not stretch.
    """
    moved = values[-1] - start
    if moved == 0:
        return None
    shares = [(value - start) / moved for value in values]
    inside = all(-SLACK <= share <= 1 + SLACK for share in shares)
    return shares if inside else None


def _swings(
    span: Period,
    start: float,
    path: Sequence[tuple[date, float]],
    baseline: float,
    aim: float,
    way: Way,
) -> list[float]:
    """How far each value was off the straight line, carried over to this year's straight line.

    As a factor where all is above zero, else as it was.
    """
    length = (span.last - span.start).days or 1
    parts = [min(max((day - span.start).days / length, 0.0), 1.0) for day, _ in path]
    parts[-1] = 1.0
    lines = [start + t * (path[-1][1] - start) for t in parts]
    now = [baseline + t * (aim - baseline) for t in parts]
    factors = min([*lines, *now]) > 0
    values = [v for _, v in path]
    expected = [
        n * v / line if factors else n + v - line
        for n, v, line in zip(now, values, lines, strict=True)
    ]
    return [way(value) for value in expected]


def _curve(points: dict[date, float]) -> Curve:
    days = sorted(points)
    return Curve(tuple(days), tuple(points[day] for day in days))


def check_phases(values: Sequence[tuple[date, float]], span: Period) -> None:
    """Raises DefinitionError for phases that are none."""
    if not values:
        raise DefinitionError(
            "There are no values to expect by certain days.",
            where="phases",
            fix="Give at least one day with its value, or expect it evenly.",
        )
    for day, _ in values:
        if not span.start <= day < span.last:
            raise DefinitionError(
                f"A value is expected by {day}, which is not between the days of the key result.",
                where="phases",
                fix=f"Choose days from {span.start} on and before {span.last}, when it is due.",
            )
