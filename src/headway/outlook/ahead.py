"""The next periods of a metric, as its forecast says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from headway.engine.period import Grain
from headway.metrics.models import Metric
from headway.metrics.past import enough_on
from headway.metrics.reading import grain_of
from headway.outlook.method import Matter, Method
from headway.stats.history import CannotTell, History

STEPS = {Grain.day: 28, Grain.week: 12, Grain.month: 6, Grain.quarter: 4, Grain.year: 2}


@dataclass(frozen=True)
class Step:
    """A period to come; with a chance of 80 % it lies between `low` and `high`."""

    start: date
    through: date
    middle: float
    low: float
    high: float


@dataclass(frozen=True)
class Ahead:
    """`rests` is a sentence on what the steps rest on, `notes` what was known of the past."""

    steps: tuple[Step, ...]
    rests: str
    notes: tuple[str, ...] = ()


def ahead(histories: Sequence[History]) -> Ahead | CannotTell:
    (history,) = histories
    return look(history, STEPS[history.grain])


def look(history: History, steps: int) -> Ahead | CannotTell:
    from headway.stats.forecast import forecast  # most processes never ask for one

    found = forecast(history, steps)
    if isinstance(found, CannotTell):
        return patient(found, history)
    interval = found.interval()
    ends = [*found.starts[1:], history.calendar.after(found.starts[-1], history.grain)]
    columns = zip(found.starts, ends, found.middle, interval.low, interval.high, strict=True)
    told = [Step(s, e - timedelta(days=1), m, low, high) for s, e, m, low, high in columns]
    return Ahead(tuple(told), found.rests.sentence, found.rests.notes)


def patient(found: CannotTell, history: History) -> CannotTell:
    """With the day from which on it can be told, where only time is missing."""
    day = enough_on(history)
    if day is None:
        return found
    return CannotTell(f"{found.reason} From {day:%-d %b %Y} on it can be told.")


def _matters(metrics: Sequence[Metric]) -> Iterator[Matter]:
    return (Matter(metric, grain_of(metric)) for metric in metrics)


FORECAST = Method("forecast", 2, Ahead, _matters, ahead)
