"""How likely a key result is to succeed, and what its metric will read on the way there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from headway.engine.period import Calendar, Grain, Period
from headway.goals.progress import Course
from headway.goals.reading import DAY, Readings
from headway.goals.shapes import Keep, Shape
from headway.outlook.ahead import Step, patient
from headway.stats import chance as courses
from headway.stats.history import Bound, CannotTell, Floats, History

OVER = "It is past its due date."
OUT = "Every period until it is due is complete."
NO_BASELINE = "There is no baseline yet to go from."
FAR = 40
"""From so many points between the chance and the owner's confidence on, it is said."""


@dataclass(frozen=True)
class Likelihood:
    """`chance` lies between 0 and 1; `steps` end with the last reading by the due date."""

    chance: float
    steps: tuple[Step, ...]
    rests: str
    notes: tuple[str, ...] = ()


Aim = courses.Reach | courses.Keep


def aim_of(
    shape: Shape, course: Course, baseline: float | None, over: str, n: int | None
) -> Aim | CannotTell:
    """What counts as success: for an aspirational goal less than all of the way."""
    if isinstance(shape, Keep):
        inside = course.thresholds.inside
        return courses.Keep(shape.at_least, shape.at_most, inside, over, n or 1)
    if baseline is None or shape.aim(baseline) is None:
        return CannotTell(NO_BASELINE)
    target = shape.value(course.success, baseline)
    return courses.Reach(target, target > baseline, over, n or 1)


def likelihood(history: History, aim: Aim, span: Period) -> Likelihood | CannotTell:
    """`span` are the days of the key result."""
    from headway.stats.forecast import forecast  # statistics that only the worker needs

    steps = history.steps_until(span.last)
    if steps < 1:
        return CannotTell(OUT)
    found = forecast(history, steps)
    if isinstance(found, CannotTell):
        return patient(found, history)
    done, since = _done(history, aim.n, span.start)
    said = courses.chance(found, aim, done, since)
    if isinstance(said, CannotTell):
        return said
    read = courses.readings(found, aim, done, since)[:, len(done) :]
    rests = found.rests
    return Likelihood(said.p, tuple(_steps(history, read)), rests.sentence, rests.notes)


def _done(history: History, n: int, opens: date) -> tuple[list[float | None], int]:
    """The values that count beside those to come, and how many of all lie before the cycle."""
    values = dict(zip(history.starts, history.values, strict=True))
    calendar, grain = history.calendar, history.grain
    first = calendar.after(calendar.start_of(opens, grain), grain, -n)
    begin = max(history.starts[0], min(first, calendar.after(history.starts[-1], grain, 1 - n)))
    places = list(_places(begin, history.starts[-1], grain, calendar))
    before = sum(start < opens for start in places)
    if before == len(places):
        following = calendar.after(history.starts[-1], grain)
        before += sum(1 for _ in _places(following, opens - DAY, grain, calendar))
    return [values.get(start) for start in places], before


def _places(start: date, last: date, grain: Grain, calendar: Calendar) -> Iterator[date]:
    while start <= last:
        yield start
        start = calendar.after(start, grain)


def _steps(history: History, read: Floats) -> Iterator[Step]:
    """Sums since the cycle opened are not read before it has."""
    import numpy as np

    starts = history.next_starts(read.shape[1] + 1)
    for place in np.flatnonzero(np.isfinite(read).all(axis=0)).tolist():
        low, middle, high = np.quantile(read[:, place], [0.1, 0.5, 0.9]).tolist()
        yield Step(starts[place], starts[place + 1] - DAY, middle, low, high)


def typed_history(typed: Readings, unit: str, calendar: Calendar) -> History | CannotTell:
    """Values that people typed, week by week: the last one of each week stands for it."""
    weeks = {
        calendar.start_of(reading.through, Grain.week): reading.value
        for reading in typed
        if reading.value is not None
    }
    if not weeks:
        return CannotTell("No value was typed yet.")
    values: Sequence[float] = list(weeks.values())
    bound = Bound.zero if min(values) >= 0 else Bound.none
    if unit == "percent" and bound is Bound.zero and max(values) <= 1:
        bound = Bound.share
    return History(list(weeks), values, Grain.week, bound, calendar=calendar)


def gap(chance: float | None, confidence: int | None) -> int:
    """By how many points the owner, who says 0 to 10, is surer than the forecast; 0: as sure."""
    if chance is None or confidence is None:
        return 0
    points = round(10 * confidence - 100 * chance)
    return points if abs(points) > FAR else 0


def in_ten(chance: float) -> str:
    """`4 in 10`, as people say it."""
    if chance < 0.05:
        return "less than 1 in 20"
    if chance > 0.95:
        return "more than 19 in 20"
    return f"{min(max(round(10 * chance), 1), 9)} in 10"
