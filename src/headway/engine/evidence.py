"""What a number rests on: its definition, its days, its events, its queries and its inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from headway.engine.ask import Ask, Scope
from headway.engine.definition import Definition
from headway.engine.kinds import check_inputs, to_document
from headway.engine.period import Period, day_at, day_number
from headway.engine.phrases import matched, sentence
from headway.engine.selection import Match, Span
from headway.engine.series import WHOLE, Point, point_dict
from headway.engine.statistics import Examples, Volume
from headway.engine.store import Store

MOST = 100
"""So many example subjects a selection shows at most."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Example:
    """A subject of a selection: how many events it has there, the first and the last."""

    id: str
    events: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Selected:
    """The events of one selection in the days [start, end).

    `subjects` are distinct ones, so that selections do not add up. Without leave to see people
    `examples` is empty: they are not even read.
    """

    name: str
    words: str
    by: str
    start: date
    end: date
    events: int
    subjects: int
    examples: tuple[Example, ...] = ()

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)


@dataclass(frozen=True)
class Query:
    """A statistic that was read, over the days [start, end)."""

    statistic: str
    start: date
    end: date
    dialect: str
    sql: str

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)


@dataclass(frozen=True)
class Evidence:
    """One metric, or part of a metric, in one period. `inputs` are the names it is computed from.

    `point` is computed anew, so that it can be held against a stored one.
    """

    name: str
    definition: Definition
    version: int | None
    point: Point
    selections: tuple[Selected, ...]
    queries: tuple[Query, ...]
    inputs: tuple[str, ...]

    @property
    def read(self) -> Period | None:
        """The days that were read; None where no event was."""
        starts, ends = [q.start for q in self.queries], [q.end for q in self.queries]
        return Period(min(starts), max(ends)) if starts else None

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.definition.kind,
            "unit": self.definition.unit,
            "words": sentence(self.definition),
            "definition_version": self.version,
            "definition": to_document(self.definition),
            "point": point_dict(self.point),
            "read": _days(self.read) if self.read else None,
            "selections": [asdict(s) | _days(s) | _examples(s) for s in self.selections],
            "queries": [asdict(q) | _days(q) for q in self.queries],
            "inputs": list(self.inputs),
        }


def evidence(
    definitions: Mapping[str, Definition],
    store: Store,
    scope: Scope,
    name: str,
    *,
    segment: str = WHOLE,
    versions: Mapping[str, int] | None = None,
    examples: int = 0,
) -> tuple[Evidence, ...]:
    """The metric in the only period of the scope, and after it everything it is computed from.

    With a segment, of those events whose property `scope.segment` has that value. `examples`
    says how many subjects to name, at most MOST. Raises DefinitionError and StoreError.
    """
    check_inputs(definitions)
    ask = Ask(definitions, store, scope)
    trail = _Trail(ask, segment, versions or {}, min(examples, MOST))
    return tuple(trail.of(one) for one in _names(ask, name))


def _names(ask: Ask, name: str) -> list[str]:
    """The name, then those it is computed from, nearest first, each once."""
    found = [name]
    for one in found:
        found += [other for other in ask.definition(one).reads() if other not in found]
    return found


@dataclass(frozen=True)
class _Trail:
    ask: Ask
    segment: str
    versions: Mapping[str, int]
    examples: int

    def of(self, name: str) -> Evidence:
        definition = self.ask.definition(name)
        point = self._point(definition, name)
        return Evidence(
            name=name,
            definition=definition,
            version=self.versions.get(definition.key),
            point=point,
            selections=tuple(self._selections(definition)),
            queries=tuple(self._queries(name)),
            inputs=definition.reads(),
        )

    def _point(self, definition: Definition, name: str) -> Point:
        series = self.ask.answer(name).series
        found = series.of(self.segment) or definition.without_events(self.ask, self.segment)
        return found[0]

    def _selections(self, definition: Definition) -> Iterator[Selected]:
        scope = self.ask.scope
        for name, match in definition.selections().items():
            days = definition.days_of(name, scope.periods[0], scope)
            yield self._selected(name, match, days, definition)

    def _selected(self, name: str, match: Match, days: Period, definition: Definition) -> Selected:
        scope, by = self.ask.scope, definition.by
        span = self._span(days, definition)
        found = self.ask.run(Volume(span, match, by, scope.segment, self.segment))
        [row] = found.to_pylist()
        return Selected(
            name, matched(match), by, days.start, days.end, row["events"], row["subjects"],
            self._examples(span, match, by) if row["subjects"] else (),
        )  # fmt: skip

    def _span(self, days: Period, definition: Definition) -> Span:
        """Up to the present, as every other statistic is read."""
        scope = self.ask.scope
        start, today = day_number(days.start), day_number(scope.calendar.day_of(scope.as_of))
        end = max(start, min(day_number(days.end), today + 1))
        return replace(scope.span(definition), start=start, end=end)

    def _examples(self, span: Span, match: Match, by: str) -> tuple[Example, ...]:
        if not self.examples:
            return ()
        segment = self.ask.scope.segment
        table = self.ask.run(Examples(span, match, by, self.examples, segment, self.segment))
        found = (
            Example(row["u"], row["events"], _instant(row["first_at"]), _instant(row["last_at"]))
            for row in table.to_pylist()
        )
        return tuple(sorted(found, key=lambda e: (EPOCH - e.last, e.id)))

    def _queries(self, name: str) -> Iterator[Query]:
        for statistic in self.ask.used(name):
            span = statistic.span
            yield Query(
                type(statistic).__name__.lower(),
                day_at(span.start),
                day_at(span.end),
                self.ask.store.dialect(statistic),
                self.ask.store.sql(statistic),
            )


def _instant(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=int(micros))


def _days(stretch: Period | Selected | Query) -> dict[str, str]:
    return {"start": stretch.start.isoformat(), "end": stretch.end.isoformat()}


def _examples(selected: Selected) -> dict[str, Any]:
    return {
        "examples": [
            asdict(e) | {"first": e.first.isoformat(), "last": e.last.isoformat()}
            for e in selected.examples
        ]
    }
