"""When the level of a metric changed, and what stood beside it; never why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from headway.charts import formats
from headway.charts.picture import Flag, Picture
from headway.metrics.models import Annotation, Metric
from headway.metrics.reading import LONGEST, grain_of
from headway.outlook.method import Matter, Method
from headway.stats.history import CannotTell, History

NEAR = 2
"""Marks so many periods around a turn stand beside it."""
SMALL = 0.01


@dataclass(frozen=True)
class Turn:
    """`day` begins the first period of the new level; levels are without season and drift."""

    day: date
    before: float
    after: float
    relative: float | None


@dataclass(frozen=True)
class Levels:
    """The turns, oldest first; `rests` is a sentence on what they rest on."""

    found: tuple[Turn, ...]
    rests: str


@dataclass(frozen=True)
class Seen:
    """A turn as people read it, with what happened around it."""

    turn: Turn
    metric: Metric
    beside: tuple[Annotation, ...]
    currency: str

    @property
    def size(self) -> str:
        """`4.1 points`, `12 %`."""
        turn, unit = self.turn, self.metric.unit
        if turn.relative is not None and unit != "percent":
            return formats.percent(abs(turn.relative))
        difference = turn.after - turn.before
        if unit == "percent" and abs(difference) >= SMALL:
            return formats.points(round(abs(difference) * 100, 1))
        return formats.step(abs(difference), unit, self.currency).lstrip("+±")

    @property
    def word(self) -> str:
        return "rose" if self.turn.after > self.turn.before else "fell"

    @property
    def sentence(self) -> str:
        """`The level fell by 4.1 points around 3 May 2026, 2 days after “Checkout v2”.`"""
        around = formats.day(self.turn.day)
        beside = ", ".join(_beside(row, self.turn.day) for row in self.beside)
        said = f"The level {self.word} by {self.size} around {around}"
        return f"{said}, {beside}." if beside else f"{said}; nothing is marked near it."

    @property
    def good(self) -> str:
        return formats.judgement(self.turn.after - self.turn.before, self.metric.direction)

    @property
    def flag(self) -> Flag:
        words = f"the level {self.word} by {self.size}, {formats.day(self.turn.day)}"
        return Flag(self.turn.day, f"level {self.word}", words=words)


def turned_in(
    picture: Picture, metric: Metric, found: Levels | CannotTell, currency: str
) -> Picture:
    """The picture of everybody with a mark for each turn in its days."""
    if not picture.ends or len(picture.segments) > 1:
        return picture
    turns = seen(metric, found, (), *picture.ends, currency)
    flags = [*picture.flags, *(one.flag for one in turns)]
    return replace(picture, flags=tuple(sorted(flags, key=lambda flag: flag.day)))


def seen(
    metric: Metric, found: Levels | CannotTell, rows: Iterable[Annotation],
    first: date, last: date, currency: str,
) -> list[Seen]:  # fmt: skip
    """The turns of some days, the newest first, each beside what happened around it."""
    if isinstance(found, CannotTell):
        return []
    near = timedelta(days=NEAR * max(LONGEST[grain_of(metric)], 7))
    marks = list(rows)
    turns = [turn for turn in found.found if first <= turn.day <= last]
    return [
        Seen(turn, metric, tuple(r for r in marks if _near(r, turn.day, near)), currency)
        for turn in reversed(turns)
    ]


def _near(row: Annotation, day: date, near: timedelta) -> bool:
    return row.starts - near <= day <= row.last + near


def _beside(row: Annotation, day: date) -> str:
    days = (day - row.starts).days
    name = f"“{row}”"
    if row.starts <= day <= row.last:
        return f"on the day of {name}" if row.starts == row.last else f"during {name}"
    many = f"{abs(days)} day{'s' * (abs(days) != 1)}"
    return f"{many} {'after' if days > 0 else 'before'} {name}"


def turned(histories: Sequence[History]) -> Levels | CannotTell:
    from headway.stats.turns import turns  # it takes long to load

    (history,) = histories
    found = turns(history)
    if isinstance(found, CannotTell):
        return found
    told = [Turn(t.day, t.before, t.after, t.relative) for t in found.found]
    return Levels(tuple(told), found.rests_on)


def _matters(metrics: Sequence[Metric]) -> Iterator[Matter]:
    return (Matter(metric, grain_of(metric)) for metric in metrics)


TURNS = Method("turns", 1, Levels, _matters, turned)
