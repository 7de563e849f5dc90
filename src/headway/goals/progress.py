"""How far a key result is, how far it should be, and the status that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from headway.engine.errors import DefinitionError
from headway.engine.period import Period
from headway.engine.written import THIN, figure, grouped
from headway.goals.pace import EVEN, Curve, Pace

GRADES = (0.0, 0.3, 0.7, 1.0)
"""The progress of a graded goal at its baseline, commit, target and stretch."""


class Status(StrEnum):
    missed = "missed"
    at_risk = "at_risk"
    behind = "behind"
    unknown = "unknown"
    not_started = "not_started"
    on_track = "on_track"
    achieved_aspirational = "achieved_aspirational"
    achieved = "achieved"

    @property
    def words(self) -> str:
        if self is Status.achieved_aspirational:
            return "achieved (aspirational)"
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How far under the expected mark is still on track, or only behind.

    `aspirational` is the progress at which an aspirational goal has succeeded; `inside` the share
    of periods that something kept within bounds has to be inside them.
    """

    on_track: float = 0.05
    behind: float = 0.25
    aspirational: float = 0.7
    inside: float = 0.9


@dataclass(frozen=True, slots=True)
class Course:
    """The days a key result has, the day it is looked at, and what counts as success.

    `patience` is for values that people type: how many days one stands before the expected mark
    moves on without it. A measured value is held against the mark of the last day it covers, so
    that the wait for the next complete period turns nothing red. `pace` says what is expected in
    between, and `curve` what that comes to, once the baseline is known.
    """

    span: Period
    today: date
    aspirational: bool = False
    thresholds: Thresholds = Thresholds()
    patience: int | None = None
    pace: Pace = EVEN
    curve: Curve | None = None

    @property
    def started(self) -> bool:
        return self.today >= self.span.start

    @property
    def due_today(self) -> bool:
        """Whether the due day has come; it may have passed."""
        return self.today >= self.span.last

    @property
    def over(self) -> bool:
        return self.today > self.span.last

    @property
    def until(self) -> date:
        """The last day whose values count."""
        return min(self.today, self.span.last)

    @property
    def success(self) -> float:
        return self.thresholds.aspirational if self.aspirational else 1.0

    def elapsed(self, day: date) -> float:
        """e(t): 0 on the first day, 1 on the last; evenly in between, or along the curve."""
        if self.curve is not None:
            return self.curve.at(day)
        length = (self.span.last - self.span.start).days
        gone = (day - self.span.start).days
        return min(max(gone / length, 0.0), 1.0) if length else float(gone >= 0)

    def judged_on(self, through: date) -> date:
        """The day whose expected mark a value that covers the days `through` is held against."""
        if self.over:
            return self.span.last
        if self.patience is not None:
            through = max(through, self.today - timedelta(days=self.patience))
        return min(max(through, self._first), self.until)

    @property
    def _first(self) -> date:
        """A curve may begin on the eve, with the value that is the baseline."""
        return min(self.curve.days[0], self.span.start) if self.curve else self.span.start

    def expected(self, day: date) -> float:
        """Where progress should be on that day, on the way to success."""
        return self.success * self.elapsed(day)


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known about a key result on a day.

    `p` is raw, never clamped; for bounds that are kept it is the share of periods inside.
    `expected` is where `p` should have been on `day`. `reason` says why something is unknown.
    """

    status: Status
    reason: str = ""
    p: float | None = None
    expected: float | None = None
    day: date | None = None
    value: float | None = None
    through: date | None = None
    baseline: float | None = None
    aim: float | None = None
    holds: bool | None = None
    inside: int = 0
    periods: int = 0
    curve: Curve | None = None
    pace_reason: str = ""
    enough: str = "enough for an aspirational goal"


def inclusive(first: date, last: date) -> Period:
    """The span between two days that people typed, both of which belong to it."""
    return Period(first, last + timedelta(days=1))


def fraction(now: float, baseline: float, target: float) -> float:
    """Progress from baseline to target; the same formula whichever way the target lies."""
    if baseline == target:
        raise DefinitionError(
            f"The baseline and the target are both {figure(target)}.",
            where="target",
            fix="Set a target that differs from the baseline.",
        )
    return (now - baseline) / (target - baseline)


def graded(now: float, marks: Sequence[float]) -> float:
    """Progress of a graded goal; `marks` are its baseline, commit, target and stretch.

    Straight between them; beyond both ends it goes on as steeply.
    """
    check_order(marks)
    sign = 1 if marks[-1] > marks[0] else -1
    at = next((i for i, mark in enumerate(marks[1:-1]) if sign * now < sign * mark), len(marks) - 2)
    low, high = marks[at], marks[at + 1]
    return GRADES[at] + (now - low) / (high - low) * (GRADES[at + 1] - GRADES[at])


def value_at_grade(p: float, marks: Sequence[float]) -> float:
    """The value at which a graded goal has that progress."""
    at = next((i for i, grade in enumerate(GRADES[1:-1]) if p < grade), len(GRADES) - 2)
    part = (p - GRADES[at]) / (GRADES[at + 1] - GRADES[at])
    return marks[at] + part * (marks[at + 1] - marks[at])


def check_order(marks: Sequence[float]) -> None:
    """Raises DefinitionError unless baseline, commit, target and stretch lie in that order."""
    steps = [b - a for a, b in pairwise(marks)]
    if not (all(s > 0 for s in steps) or all(s < 0 for s in steps)):
        said = ", ".join(f"{figure(mark)}" for mark in marks)
        names = ("baseline, " if len(marks) == len(GRADES) else "") + "commit, target and stretch"
        raise DefinitionError(
            f"The {names} are not in order: {said}.",
            where="commit",
            fix="Each has to be further from the baseline than the one before.",
        )


def pace(course: Course, p: float, day: date) -> Status:
    """The status of a key result that moves towards a target."""
    if _at_least(p, 1.0):
        return Status.achieved
    if course.aspirational and _at_least(p, course.success):
        return Status.achieved_aspirational
    if course.over:
        return Status.missed
    short = course.expected(day) - p
    if _at_least(course.thresholds.on_track, short):
        return Status.on_track
    return Status.behind if _at_least(course.thresholds.behind, short) else Status.at_risk


def hold(course: Course, holds: bool, share: float) -> Status:
    """The status of a key result that keeps a metric within bounds."""
    inside = holds and _at_least(share, course.thresholds.inside)
    if inside and course.due_today:
        return Status.achieved
    if course.over:
        return Status.missed
    if not holds:
        return Status.at_risk
    return Status.on_track if inside else Status.behind


def sentence(progress: Progress) -> str:
    """Why the status is what it is, in one sentence."""
    if progress.status in (Status.unknown, Status.not_started):
        return progress.reason
    return _kept(progress) if progress.holds is not None else _moved(progress)


def _moved(progress: Progress) -> str:
    p, expected, day = progress.p, progress.expected, progress.day
    if p is None or expected is None or day is None:
        return progress.reason
    if progress.status is Status.missed:
        return f"{_way(p)} when it was due on {_day(day)}: {_gap(p - expected)}."
    if progress.status is Status.achieved:
        return f"Reached the target: {_way(p)} by {_day(day)}."
    if progress.status is Status.achieved_aspirational:
        return f"{_way(p)} by {_day(day)}, {progress.enough}."
    return f"{_way(p)}, {_percent(expected)} expected by {_day(day)}: {_gap(p - expected)}."


def _kept(progress: Progress) -> str:
    now = "Holds now" if progress.holds else "Does not hold now"
    if not progress.periods:
        return f"{now}; no period of the cycle is complete yet."
    periods = "period" if progress.periods == 1 else "periods"
    return f"{now}; inside the bounds in {progress.inside} of {progress.periods} {periods} so far."


def _way(p: float) -> str:
    """Behind the start, a share of the way would read as progress."""
    if round(100 * p) < 0:
        return f"Moved the wrong way, by {_percent(-p)} of the distance to the target"
    return f"{_percent(p)} of the way"


def _percent(share: float) -> str:
    """Whole ones; what is not everything never reads 100 %."""
    whole = round(100 * share)
    return f"{grouped(99 if whole == 100 and share < 1 else whole)}{THIN}%"


def _gap(difference: float) -> str:
    points = round(100 * difference)
    if not points:
        return "as expected"
    count = "1 point" if abs(points) == 1 else f"{abs(points)} points"
    return f"{count} {'ahead' if points > 0 else 'behind'}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _at_least(a: float, b: float) -> bool:
    """a ≥ b, forgiving the last bits: 1 − 0.95 is within 0.05."""
    return a >= b or round(b - a, 9) == 0
