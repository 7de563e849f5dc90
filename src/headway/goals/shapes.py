"""The shapes a key result can have, and how each is judged from its readings."""

from __future__ import annotations

from dataclasses import dataclass, replace

from headway.engine.errors import DefinitionError
from headway.goals.progress import Course, Progress, Status, fraction, hold, pace
from headway.goals.reading import DAY, Reading, Readings, reading_on

NOT_STARTED = "The cycle opens on {}."
NO_VALUE = "There is no value yet."
NO_BASELINE = "There is no value from before the cycle to start from: type a baseline."


@dataclass(frozen=True, slots=True)
class Reach:
    """From a baseline to a target, up or down. Without a typed baseline it is measured."""

    target: float | None
    baseline: float | None = None

    def aim(self, baseline: float) -> float | None:
        return self.target

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


Shape = Reach | Relative | Keep


def _towards(shape: Reach | Relative, course: Course, readings: Readings) -> Progress:
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
        p = fraction(now.value, start.value, known.aim)
    except DefinitionError as error:
        return _unknown(known, course, str(error))
    if not course.started:
        return replace(known, p=p)
    day = course.judged_on(now.through)
    return replace(known, p=p, day=day, expected=course.expected(day), status=pace(course, p, day))


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
