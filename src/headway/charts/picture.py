"""What a chart shows, as values: no colours, no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Scale = Literal["number", "percent", "money", "seconds", "milliseconds"]


@dataclass(frozen=True, slots=True)
class Dot:
    """A point at the start of its period. `label` is how a person reads it: date, value, unit."""

    day: date
    value: float | None
    label: str = ""
    complete: bool = True
    low: float | None = None
    high: float | None = None
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A value that holds for the whole range: a target, a baseline, an edge of a healthy range."""

    value: float
    label: str
    role: Literal["target", "baseline", "edge"] = "target"


@dataclass(frozen=True, slots=True)
class Slope:
    """A straight line through two days: where the value is expected to be."""

    start: date
    start_value: float
    end: date
    end_value: float
    label: str = "expected"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a forecast says of a period to come: with 80 % between `low` and `high`."""

    day: date
    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that happened on a day, or from it through a last one: a launch, an incident.

    `words` say when it was, for the list beside the chart; `subject` is what it is the mark of.
    """

    day: date
    label: str
    last: date | None = None
    words: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Picture:
    """`title` says the finding, `unit` names the vertical axis, `note` what is incomplete."""

    title: str
    unit: str
    dots: tuple[Dot, ...]
    scale: Scale = "number"
    currency: str = ""
    levels: tuple[Level, ...] = ()
    slopes: tuple[Slope, ...] = ()
    flags: tuple[Flag, ...] = ()
    ahead: tuple[Expected, ...] = ()
    note: str = ""

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(d.segment for d in self.dots))

    @property
    def values(self) -> list[float]:
        """Everything that has a height: points, intervals, levels, slopes and what is ahead."""
        dots = [v for d in self.dots for v in (d.value, d.low, d.high) if v is not None]
        slopes = [v for s in self.slopes for v in (s.start_value, s.end_value)]
        ahead = [v for e in self.ahead for v in (e.low, e.high)]
        return [*dots, *(level.value for level in self.levels), *slopes, *ahead]

    @property
    def from_zero(self) -> bool:
        """Zero belongs to the axis unless the values move in a narrow strip far above it."""
        found = self.values
        return not found or min(found) <= 0 or min(found) < 0.6 * max(found)

    @property
    def reach(self) -> tuple[float, float]:
        """The lowest and the highest value that the axis shows; they differ."""
        found = [*self.values, *([0.0] if self.from_zero else [])] or [0.0]
        low, high = min(found), max(found)
        return (low, high) if high > low else (low, low + 1)

    @property
    def ends(self) -> tuple[date, date] | None:
        """The first and the last day that is drawn, but for flags."""
        found = [d.day for d in self.dots] + [d for s in self.slopes for d in (s.start, s.end)]
        found += [e.day for e in self.ahead]
        return (min(found), max(found)) if found else None

    @property
    def days(self) -> int:
        return (self.ends[1] - self.ends[0]).days if self.ends else 0

    @property
    def summary(self) -> str:
        """The picture in a sentence, for those who do not see it."""
        known = [d for d in self.dots if d.value is not None]
        if not known:
            return f"{self.title}. No values yet."
        ends = f"From {known[0].label} to {known[-1].label}."
        return " ".join(part for part in (f"{self.title}.", ends, self._marked, self.note) if part)

    @property
    def _marked(self) -> str:
        said = (f"{f.label}{f', {f.words}' if f.words else ''}" for f in self.flags)
        listed = "; ".join(f"{n}: {words}" for n, words in enumerate(said, 1))
        return f"Marked: {listed}." if listed else ""
