"""Points as rows: which of them differ from the stored ones, and how they get there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from headway.engine.magnitude import usable
from headway.engine.period import Grain
from headway.engine.series import Point as EnginePoint
from headway.metrics.models import Metric, Point, Table

VALUES = (
    "end",
    "value",
    "numerator",
    "denominator",
    "n",
    "low",
    "high",
    "complete",
    "reason",
    "faults",
)
IDENTITY = ("metric", "grain", "segment_by", "segment", "start")
COLUMNS = IDENTITY + VALUES
COMPLETE_AT, SEGMENT_BY_AT = COLUMNS.index("complete"), COLUMNS.index("segment_by")
COLUMN_OF = {"metric": "metric_id"}
REASON_LENGTH, SEGMENT_LENGTH = 300, 200
ALMOST = 1e-12
"""Sums of the same numbers in another order differ by less, and are the same to people."""

BEYOND = "The value is beyond every number that can be measured; an event has a wrong one."

Slot = tuple[str, date]
"""A segment and the start of a period."""


Stored = Mapping[Slot, tuple[Any, ...]]
"""Stored points of one grain and segmentation: slot → (pk, *VALUES)."""


VALUE, COMPLETE = VALUES.index("value"), VALUES.index("complete")


@dataclass(frozen=True)
class Other:
    """A complete period with another value than before."""

    grain: Grain
    start: date
    end: date
    before: float
    after: float


@dataclass
class Edit:
    """What one pass changes of one metric: nothing until `write`."""

    metric: Metric
    points: list[tuple[Any, ...]] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    restated: list[Other] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.points) + len(self.stale) + len(self.tables) + len(self.dropped)

    @property
    def settles(self) -> bool:
        """Whether a complete period of everybody is another one."""
        return bool(self.stale) or any(
            row[COMPLETE_AT] and not row[SEGMENT_BY_AT] for row in self.points
        )

    def compare(
        self, grain: Grain, segment_by: str, found: Iterable[EnginePoint], stored: Stored
    ) -> None:
        """Notes the points that differ from the stored ones, and stored ones not found again."""
        left = dict(stored)
        for point in map(_readable, found):
            segment = point.segment[:SEGMENT_LENGTH]
            old = left.pop((segment, point.start), None)
            if old is None or not _same(old[1:], _values(point)):
                self.points.append(_row(self.metric, grain, segment_by, segment, point))
                if old is not None and not segment_by:
                    self.restated += _other(grain, point, old[1 + VALUE], old[1 + COMPLETE])
        self.stale += [row[0] for row in left.values()]

    def merge(
        self, grain: Grain, tables: Mapping[str, list[dict[str, Any]]], asked: set[str] | None
    ) -> None:
        """Replaces the asked periods' rows in the tables beside the points; None: every row."""
        stored = {t.name: t for t in self.metric.tables.filter(grain=grain)}
        for name, rows in tables.items():
            table = stored.pop(name, None) or self._table(grain, name)
            kept = [r for r in table.rows if asked is not None and r["start"] not in asked]
            merged = sorted([*kept, *rows], key=lambda row: str(row["start"]))
            if not merged:
                self.dropped += [table.pk] if table.pk else []
            elif merged != table.rows:
                table.rows = merged
                self.tables.append(table)
        if asked is None:
            self.dropped += [table.pk for table in stored.values()]

    def _table(self, grain: Grain, name: str) -> Table:
        return Table(metric=self.metric, grain=grain.value, name=name, rows=[])

    def write(self) -> None:
        for start in range(0, len(self.stale), 500):
            Point.objects.filter(pk__in=self.stale[start : start + 500]).delete()
        if self.points:
            with connection.cursor() as cursor:
                cursor.executemany(_upsert(), self.points)
        for table in self.tables:
            table.save()
        Table.objects.filter(pk__in=self.dropped).delete()


def _readable(point: EnginePoint) -> EnginePoint:
    """An impossible number in one event, which anybody may send, stops nothing that reckons on."""
    if all(usable(number or 0) for number in (point.value, point.numerator, point.denominator)):
        return point
    return replace(
        point, value=None, numerator=None, denominator=None, low=None, high=None, reason=BEYOND
    )


def _other(grain: Grain, point: EnginePoint, before: Any, complete: bool) -> Iterator[Other]:
    if not complete or before is None or point.value is None:
        return
    if not _close(float(before), point.value):
        yield Other(grain, point.start, point.end, before, point.value)


def stored_points(
    metric: Metric, grain: Grain, segment_by: str, within: tuple[date, date] | None
) -> Stored:
    """Those that start in [first, end) of `within`; None: all of them."""
    rows = Point.objects.filter(metric=metric, grain=grain, segment_by=segment_by)
    if within:
        rows = rows.filter(start__gte=within[0], start__lt=within[1])
    found = rows.values_list("segment", "start", "pk", *VALUES)
    return {(segment, start): tuple(values) for segment, start, *values in found}


def _row(
    metric: Metric, grain: Grain, segment_by: str, segment: str, point: EnginePoint
) -> tuple[Any, ...]:
    """In the order of COLUMNS. Days go as text, which every database reads as a date."""
    end, *values = _values(point)
    days = point.start.isoformat(), end.isoformat()
    return (metric.pk, grain.value, segment_by, segment, *days, *values)


@cache
def _upsert() -> str:
    """One statement for many points: through model instances it takes ten times as long."""
    quote = connection.ops.quote_name
    columns = [COLUMN_OF.get(name, name) for name in COLUMNS]
    keys = ", ".join(quote(c) for c in columns[: len(IDENTITY)])
    new = ", ".join(f"{quote(c)} = excluded.{quote(c)}" for c in columns[len(IDENTITY) :])
    return (
        f"INSERT INTO {quote(Point._meta.db_table)} ({', '.join(map(quote, columns))}) "
        f"VALUES ({', '.join(['%s'] * len(columns))}) ON CONFLICT ({keys}) DO UPDATE SET {new}"
    )


def _values(point: EnginePoint) -> tuple[Any, ...]:
    return (
        point.end,
        point.value,
        point.numerator,
        point.denominator,
        point.n,
        point.low,
        point.high,
        point.complete,
        point.reason[:REASON_LENGTH],
        point.faults,
    )


def _same(old: Iterable[Any], new: Iterable[Any]) -> bool:
    return all(_close(a, b) for a, b in zip(old, new, strict=True))


def _close(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=ALMOST, abs_tol=ALMOST)
    return bool(a == b)


def numbers(rows: QuerySet[Point]) -> Iterator[tuple[int, EnginePoint]]:
    """Stored rows as the engine's values, each after the primary key of its metric."""
    for metric, _, point in graded(rows):
        yield metric, point


def graded(rows: QuerySet[Point]) -> Iterator[tuple[int, str, EnginePoint]]:
    """As numbers, with the grain of each."""
    names = [f.name for f in fields(EnginePoint)]
    for metric, grain, *values in rows.values_list("metric_id", "grain", *names):
        yield metric, grain, EnginePoint(*values)
