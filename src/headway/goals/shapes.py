"""The shapes a key result can have, and how each is judged from its readings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import fsum

from headway.engine.errors import DefinitionError
from headway.goals.pace import Expectation
from headway.goals.progress import (
    GRADES,
    Course,
    Progress,
    Status,
    fraction,
    graded,
    hold,
    pace,
    value_at_grade,
)
from headway.goals.reading import DAY, Reading, Readings, reading_on

NOT_STARTED = "The cycle opens on {}."
NO_VALUE = "There is no value yet."
NO_BASELINE = "There is no value from before the cycle to start from: type a baseline."
NO_MILESTONES = "There are no milestones yet."


@dataclass(frozen=True, slots=True)
class Reach:
    """From a baseline to a target, up or down. Without a typed baseline it is measured."""

    target: float | None
    baseline: float | None = None

    def aim(self, baseline: float) -> float | None:
        return self.target

    def way(self, value: float, baseline: float) -> float:
        return _way(self, value, baseline)

    def value(self, p: float, baseline: float) -> float:
        return _value(self, p, baseline)

    def judge(self, course: Course, readings: Readings) -> Progress:
        return _towards(self, course, readings)


@dataclass(frozen=True, slots=True)
class Relative:
    """A change against the baseline: `change` is a factor, or an amount when in points."""

    change: float
    points: bool = False
    baseline: float | None = None

    def aim(self, baseline: float) -> float | None:
        """+25 % of a loss of 100 is a loss of 75: an increase always goes up."""
        if self.points:
            return baseline + self.change
        return baseline * (1 + self.change if baseline >= 0 else 1 - self.change)

    def way(self, value: float, baseline: float) -> float:
        return _way(self, value, baseline)

    def value(self, p: float, baseline: float) -> float:
        return _value(self, p, baseline)

    def judge(self, course: Course, readings: Readings) -> Progress:
        return _towards(self, course, readings)


@dataclass(frozen=True, slots=True)
class Keep:
    """Within bounds, which are inclusive, for as good as all periods of the cycle."""

    at_least: float | None = None
    at_most: float | None = None

    def holds(self, value: float) -> bool:
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)

    def judge(self, course: Course, readings: Readings) -> Progress:
        """A period whose value is unknown counts neither as inside nor as outside."""
        now = reading_on(readings, course.until)
        known = _read(course, now)
        if now is None or now.value is None:
            return known
        verdicts = [
            self.holds(r.value)
            for r in readings
            if r.value is not None and r.start >= course.span.start and r.through <= course.until
        ]
        holds, inside, periods = self.holds(now.value), sum(verdicts), len(verdicts)
        share = inside / periods if periods else None
        known = replace(known, p=share, inside=inside, periods=periods, holds=holds)
        if not course.started:
            return known
        return replace(
            known,
            status=hold(course, holds, 1.0 if share is None else share),
            expected=course.thresholds.inside,
            day=course.judged_on(now.through),
        )


@dataclass(frozen=True, slots=True)
class Graded:
    """Three values of one metric: commit is 0.3 of the way, target 0.7, stretch all of it."""

    commit: float
    target: float
    stretch: float
    baseline: float | None = None

    def aim(self, baseline: float) -> float | None:
        return self.target

    def way(self, value: float, baseline: float) -> float:
        return graded(value, self._marks(baseline))

    def value(self, p: float, baseline: float) -> float:
        return value_at_grade(p, self._marks(baseline))

    def judge(self, course: Course, readings: Readings) -> Progress:
        """Its success is the target, whatever the objective's ambition."""
        found = _towards(self, replace(course, aspirational=True), readings)
        return replace(found, enough="which is the target; the stretch is still ahead")

    def _marks(self, baseline: float) -> tuple[float, ...]:
        return baseline, self.commit, self.target, self.stretch


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone: what it weighs, and the day on which it was reached."""

    weight: float
    done: date | None = None


@dataclass(frozen=True, slots=True)
class Milestones:
    """What cannot be measured: the weight of what is done, of all weight."""

    steps: tuple[Step, ...]
    baseline: float | None = 0.0

    def aim(self, baseline: float) -> float | None:
        return 1.0

    def way(self, value: float, baseline: float) -> float:
        return value

    def value(self, p: float, baseline: float) -> float:
        return p

    def done(self, day: date) -> float:
        """The share that was done by the end of the day."""
        done = fsum(s.weight for s in self.steps if s.done is not None and s.done <= day)
        return done / fsum(s.weight for s in self.steps)

    def readings(self, opens: date) -> Readings:
        """One for the eve of the cycle, and one for each day on which something was reached."""
        if not self.steps:
            return ()
        days = sorted({opens - DAY, *(s.done for s in self.steps if s.done is not None)})
        return tuple(Reading(day, day, self.done(day)) for day in days)

    def judge(self, course: Course, readings: Readings) -> Progress:
        """What is done needs no new reading to be known today."""
        if not self.steps:
            return _unknown(_read(course, None), course, NO_MILESTONES)
        day = course.until
        return _towards(self, course, (Reading(day, day, self.done(day)),))


Moving = Reach | Relative | Graded | Milestones
Shape = Moving | Keep


def _way(shape: Reach | Relative, value: float, baseline: float) -> float:
    aim = shape.aim(baseline)
    return fraction(value, baseline, baseline if aim is None else aim)


def _value(shape: Reach | Relative, p: float, baseline: float) -> float:
    aim = shape.aim(baseline)
    return baseline + p * ((baseline if aim is None else aim) - baseline)


def _towards(shape: Moving, course: Course, readings: Readings) -> Progress:
    now = reading_on(readings, course.until)
    start = _baseline(shape.baseline, course, readings)
    known = _read(course, now)
    if start.value is not None:
        known = replace(known, baseline=start.value, aim=shape.aim(start.value))
    if now is None or now.value is None:
        return known
    if start.value is None:
        return _unknown(known, course, start.reason)
    if known.aim is None:
        return _unknown(known, course, "There is no target.")
    try:
        p = shape.way(now.value, start.value)
        expectation = _expectation(shape, course, start.value, known.aim)
    except DefinitionError as error:
        return _unknown(known, course, str(error))
    course = replace(course, curve=expectation.curve)
    known = replace(known, p=p, curve=expectation.curve, pace_reason=expectation.reason)
    if not course.started:
        return known
    day = course.judged_on(now.through)
    return replace(known, day=day, expected=course.expected(day), status=pace(course, p, day))


def _expectation(shape: Moving, course: Course, baseline: float, aim: float) -> Expectation:
    """Its shares are shares of the way to the target, also where progress goes on beyond it."""
    whole = GRADES[2] if isinstance(shape, Graded) else 1.0

    def way(value: float) -> float:
        return shape.way(value, baseline) / whole

    return course.pace.expect(course.span, baseline, aim, way)


def _read(course: Course, now: Reading | None) -> Progress:
    """What can be said before anything is compared: not started, or unknown and why."""
    reason = NO_VALUE if now is None else now.reason
    status = Status.unknown
    if not course.started:
        status, reason = Status.not_started, NOT_STARTED.format(course.span.start)
    if now is None:
        return Progress(status, reason)
    return Progress(status, reason, value=now.value, through=now.through)


def _unknown(known: Progress, course: Course, reason: str) -> Progress:
    return replace(known, reason=reason) if course.started else known


def _baseline(typed: float | None, course: Course, readings: Readings) -> Reading:
    eve = course.span.start - DAY
    if typed is not None:
        return Reading(eve, eve, typed)
    found = reading_on(readings, min(eve, course.today))
    if found is None:
        return Reading(eve, eve, None, NO_BASELINE)
    return replace(found, reason=f"The baseline is unknown: {found.reason}")
