"""What a metric answers: points, in order of time, per segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from headway.engine.period import Grain

WHOLE = ""
"""The segment of a point that covers everybody."""

SILENCE = "No events"
"""How the reason of a period begins that is unknown because its source is silent."""

ALL = "all"
"""The part of a metric that stands for all of its parts together."""

PART = "@part"
"""By what a series is split that has a line for each part of its metric."""

NONE = "(none)"
"""The segment of events that lack the property."""


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a metric. `value` is None only together with a `reason` in words.

    `low` and `high` bound the 95 % interval where the kind has one. `n` counts the events or
    subjects behind the value. `complete` means that the period has ended, its grace for late data
    has passed and every window that opened in it has closed. `faults` counts events of the period
    that could not be used: a missing number, a score out of range, an end before its start.
    """

    start: date
    end: date
    value: float | None
    segment: str = WHOLE
    numerator: float | None = None
    denominator: float | None = None
    n: int = 0
    low: float | None = None
    high: float | None = None
    complete: bool = True
    reason: str = ""
    faults: int = 0

    @property
    def known(self) -> bool:
        return self.complete and self.value is not None


@dataclass(frozen=True)
class Series:
    """Points of one metric at one grain, ordered by segment and start."""

    key: str
    grain: Grain
    points: tuple[Point, ...]
    segment_by: str | None = None

    def of(self, segment: str = WHOLE) -> tuple[Point, ...]:
        return tuple(p for p in self.points if p.segment == segment)

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(sorted({p.segment for p in self.points}))

    def last_complete(self, segment: str = WHOLE) -> Point | None:
        done = [p for p in self.of(segment) if p.complete]
        return done[-1] if done else None


@dataclass(frozen=True)
class Answer:
    """A series with what it is and, for some kinds, a table of its own.

    `tables` holds rows by name: `steps` for a funnel, `cohorts` for retention. `parts` holds a
    series for each part of a metric that has parts, such as `new` and `dormant`. `sums` are rows
    over all periods that are asked for, which follow from the tables: `pooled` for retention.
    """

    key: str
    kind: str
    unit: str
    definition_version: int
    series: Series
    tables: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    parts: Mapping[str, Series] = field(default_factory=dict)
    sums: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def by_part(self) -> Series:
        """The parts as segments of one series."""
        points = [
            replace(p, segment=name) for name, one in self.parts.items() for p in one.of(WHOLE)
        ]
        return Series(self.key, self.series.grain, tuple(points), PART)

    def to_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "kind": self.kind,
            "unit": self.unit,
            "definition_version": self.definition_version,
            "points": [point_dict(p) for p in self.series.points],
            **self.tables,
            **self.sums,
            **({"parts": self._parts()} if self.parts else {}),
        }

    def _parts(self) -> dict[str, Any]:
        return {
            name: {"points": [point_dict(p) for p in one.points]}
            for name, one in self.parts.items()
        }


def point_dict(point: Point) -> dict[str, Any]:
    return asdict(point) | {"start": point.start.isoformat(), "end": point.end.isoformat()}
