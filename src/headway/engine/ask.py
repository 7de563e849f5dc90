"""A question to the engine: which periods, as of when; and the answers already found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from math import fsum
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headway.engine.definition import Definition, duration
from headway.engine.errors import DefinitionError, nearest
from headway.engine.money import UNIT, Exchange
from headway.engine.period import Calendar, Grain, Period, day_number, micros
from headway.engine.selection import Match, Number, Span, Who
from headway.engine.series import SILENCE, WHOLE, Answer, Point, Series
from headway.engine.statistics import Statistic
from headway.engine.tally import Estimate, Tally

if TYPE_CHECKING:
    from headway.engine.store import Store

MICROSECOND = timedelta(microseconds=1)

Tallies = dict[tuple[str, int], Tally]
"""(segment, index of the period) → tally."""


Begins = Mapping[tuple[str, str | None], date]
"""By metric and segmentation."""

Past = Callable[["Ask", Series], Series]
"""A metric's series with the stored points of periods that cannot be computed any more."""


@dataclass(frozen=True)
class SourceState:
    """Until when a source is known: past `watermark` + `gap_days`, silence is not zero."""

    first: datetime | None
    watermark: datetime | None
    gap_days: int = 2


@dataclass(frozen=True)
class Scope:
    """`first_day` is the day of the first event there is; `since` the first day of the asked range.

    `entries` holds typed values of manual metrics, by key, as (day, value) in order. `known` are
    segments that have points in other periods: they get one in these, even when nothing happened.
    `begins` are metrics that know nothing before a later day; `past` has what was stored of periods
    whose events are no longer kept.
    """

    periods: tuple[Period, ...]
    grain: Grain
    calendar: Calendar
    as_of: datetime
    first_day: date
    since: date
    segment: str | None = None
    sources: Mapping[str, SourceState] = field(default_factory=dict)
    entries: Mapping[str, tuple[tuple[date, float], ...]] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    exchange: Exchange | None = None
    begins: Begins = field(default_factory=dict)
    past: Past | None = None

    @property
    def start(self) -> int:
        return day_number(self.periods[0].start)

    @property
    def end(self) -> int:
        return day_number(self.periods[-1].end)

    @cached_property
    def edges(self) -> npt.NDArray[np.int64]:
        """The day numbers at which the periods begin, and the end of the last."""
        starts = [day_number(p.start) for p in self.periods]
        return np.array([*starts, self.end], dtype=np.int64)

    def index(self, days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The period of each day; −1 or len(periods) for days outside."""
        return np.searchsorted(self.edges, days, side="right") - 1

    def span(self, definition: Definition, *, before: int | None = 0, after: int = 0) -> Span:
        """The days a statistic has to read; `before=None` reaches back to the first event.

        Days before the first event and after the present are left out, so that questions at
        several grains read the same days and share their statistics.
        """
        known = self.begins.get((definition.key, self.segment), self.first_day)
        first, today = day_number(known), day_number(self.calendar.day_of(self.as_of))
        start = first if before is None else max(first, self.start - before)
        end = min(self.end + after, today + 1)
        who = self._cohort(definition)
        return Span(self.calendar, start, max(start, end), definition.source, who)

    def elapsed(self, period: Period) -> timedelta:
        """How much of the period has passed, whatever the length of its days."""
        start, end = self.calendar.instant(period.start), self.calendar.instant(period.end)
        return max(timedelta(), min(end, self.as_of) - start)

    def number(self, unit: str, name: str) -> Number:
        """Where a metric of that unit finds its number: amounts of money are converted."""
        if self.exchange is None or unit != UNIT:
            return name
        return self.exchange.money(name, self.calendar)

    def _cohort(self, definition: Definition) -> Who | None:
        who = definition.who
        if who is None:
            return None
        if who.launch:
            raise DefinitionError(
                f"Only a workspace knows when `{who.launch}` was launched.",
                where=f"metric `{definition.key}`, field `who`",
                fix="Give the day, such as `since 2026-01-31`.",
            )
        span, since = who.span, who.since
        return Who(
            Match.of(who.did), definition.by, who.at_least,
            None if span is None else span // MICROSECOND,
            None if since is None else micros(self.calendar.instant(since)),
        )  # fmt: skip

    def unknown_from(self, source: str | None) -> tuple[date, str] | None:
        """The first day that is unknown because the source fell silent, and the reason."""
        named = self.sources.get(source or "")
        states = [named] if named else list(self.sources.values())
        alive = [(s.watermark, s.gap_days) for s in states if s.watermark]
        if not alive:
            return (self.periods[0].start, self._never(source)) if self.sources else None
        last, gap = max(alive)
        since = self.calendar.day_of(last)
        silent = since + timedelta(days=gap + 1)
        if self.as_of < self.calendar.instant(silent):
            return None
        return silent, (f"{SILENCE} from {source or 'any source'} since {since.day} {since:%b %Y}.")

    def _never(self, source: str | None) -> str:
        return f"{SILENCE} from {source} yet." if source else f"{SILENCE} yet."


@dataclass(frozen=True, slots=True)
class Place:
    """A period of a metric. With a reason to be unknown it has no value, whatever was counted."""

    period: Period
    complete: bool
    unknown: str = ""

    def point(self, segment: str, estimate: Estimate, faults: int) -> Point:
        found = Estimate(None, reason=self.unknown) if self.unknown else estimate
        return Point(
            self.period.start, self.period.end, found.value, segment, found.numerator,
            found.denominator, found.n, found.low, found.high, self.complete, found.reason, faults,
        )  # fmt: skip


class Ask:
    """Answers metrics of one scope; a statistic or metric that several need is computed once."""

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        store: Store,
        scope: Scope,
        tables: dict[Statistic, pa.Table] | None = None,
    ) -> None:
        self.definitions = definitions
        self.store = store
        self.scope = scope
        self._tables = {} if tables is None else tables
        self._answers: dict[str, Answer] = {}
        self._asked: list[str] = []
        self._used: dict[str, dict[Statistic, None]] = defaultdict(dict)

    def again(self, scope: Scope) -> Ask:
        """The same store and statistics, for other periods."""
        other = Ask(self.definitions, self.store, scope, self._tables)
        other._asked, other._used = self._asked, self._used
        return other

    def earlier(self, count: int) -> Ask:
        """The same question from up to `count` periods earlier on, but not before any event."""
        scope, start = self.scope, self.scope.periods[0].start
        found = list(scope.periods)
        for _ in range(count if scope.grain is not Grain.all else 0):
            if start <= scope.first_day:
                break
            before = scope.calendar.after(start, scope.grain, -1)
            found.insert(0, Period(before, start))
            start = before
        return self.again(replace(scope, periods=tuple(found), since=min(start, scope.since)))

    def used(self, name: str) -> tuple[Statistic, ...]:
        """The statistics from which the metric was answered, those of its inputs left out."""
        return tuple(self._used[name])

    def run(self, statistic: Statistic) -> pa.Table:
        for name in self._asked[-1:]:
            self._used[name][statistic] = None
        if statistic not in self._tables:
            self._tables[statistic] = self.store.run(statistic)
        return self._tables[statistic]

    def definition(self, name: str) -> Definition:
        """Of a metric's key, or of a part of it: `onboarding.dropoff`."""
        key, _, part = name.partition(".")
        if key not in self.definitions:
            raise DefinitionError(
                f"There is no metric `{key}`.", fix=nearest(key, self.definitions)
            )
        return self.definitions[key].of_part(part) if part else self.definitions[key]

    def answer(self, key: str) -> Answer:
        if key in self._answers:
            return self._answers[key]
        if key in self._asked:
            loop = " → ".join([*self._asked[self._asked.index(key) :], key])
            raise DefinitionError(f"`{key}` is computed from itself: {loop}.", where=key)
        self._asked.append(key)
        try:
            self._answers[key] = self.definition(key).answer(self)
        finally:
            self._asked.pop()
        return self._answers[key]

    def inputs(self, definition: Definition) -> dict[str, dict[str, tuple[Point, ...]]]:
        """Segment → input → its points, also of inputs that have no events in the segment."""
        series = {name: self._series(name) for name in definition.reads()}
        segments = self.segments(s for one in series.values() for s in one.segments)
        return {
            segment: {
                key: one.of(segment) or self.definition(key).without_events(self, segment)
                for key, one in series.items()
            }
            for segment in segments
        }

    def _series(self, name: str) -> Series:
        found, past = self.answer(name).series, self.scope.past
        return past(self, replace(found, key=name)) if past else found

    def gather(self, table: pa.Table, tally: Callable[..., Tally], *columns: str) -> Tallies:
        """Adds up a statistic's rows (s, d, columns…) into the scope's periods, without drift."""
        rows = self.rows(table, *columns)
        return {at: tally(*map(_total, zip(*found, strict=True))) for at, found in rows.items()}

    def rows(self, table: pa.Table, *columns: str) -> dict[tuple[str, int], list[tuple[Any, ...]]]:
        """A statistic's rows (s, d, columns…) by segment and period of the scope."""
        index = self.scope.index(table["d"].to_numpy())
        rows: dict[tuple[str, int], list[tuple[Any, ...]]] = defaultdict(list)
        places = zip(table["s"].to_pylist(), index.tolist(), strict=True)
        for place, values in zip(places, zip(*_lists(table, columns), strict=True), strict=True):
            if 0 <= place[1] < len(self.scope.periods):
                rows[place].append(values)
        return rows

    def points(
        self,
        definition: Definition,
        tallies: Mapping[tuple[str, int], Tally],
        estimate: Callable[[Tally], Estimate] | None = None,
    ) -> Series:
        """Every period of every segment as a point: empty ones too, unknown ones with a reason."""
        read = estimate or definition.estimate
        segments = self.segments(s for s, _ in tallies)
        nothing, places = Tally(), self._places(definition, self.scope.periods)
        found = [
            place.point(segment, read(tally), tally.faults)
            for segment in segments
            for i, place in enumerate(places)
            for tally in [tallies.get((segment, i), nothing)]
        ]
        return Series(definition.key, self.scope.grain, tuple(found), self.scope.segment)

    def segments(self, seen: Iterable[str]) -> list[str]:
        return [WHOLE] if self.scope.segment is None else sorted({*seen, *self.scope.known})

    def point(
        self, definition: Definition, segment: str, i: int, estimate: Estimate, faults: int = 0
    ) -> Point:
        (place,) = self._places(definition, self.scope.periods[i : i + 1])
        return place.point(segment, estimate, faults)

    def _places(self, definition: Definition, periods: Iterable[Period]) -> list[Place]:
        """The periods with what is true of them whatever the segment."""
        first, reason = self._unknown(definition) or (None, "")
        return [
            Place(
                period, self.complete(definition, period),
                reason if first and period.end > first else "",
            )
            for period in periods
        ]  # fmt: skip

    def complete(self, definition: Definition, period: Period) -> bool:
        grace = duration(definition.grace) if definition.grace else timedelta()
        inputs = (self.definition(key) for key in definition.inputs())
        matures = definition.matures(period, self.scope.calendar)
        return self.scope.as_of >= matures + grace and all(self.complete(d, period) for d in inputs)

    def _unknown(self, definition: Definition) -> tuple[date, str] | None:
        if not definition.measured or definition.inputs():
            return None
        return self.scope.unknown_from(definition.source)


def by_segment(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """A statistic's rows of each segment, in the order of their names."""
    names = sorted(table["s"].unique().to_pylist())
    for name in names:
        yield name, table if len(names) == 1 else table.filter(pc.equal(table["s"], name))


def _total(values: Iterable[float | None]) -> float:
    """An exact sum of whole numbers, a correctly rounded one of others; None adds nothing."""
    known = [v for v in values if v is not None]
    return sum(known) if all(isinstance(v, int) for v in known) else fsum(known)


def _lists(table: pa.Table, columns: Iterable[str]) -> list[list[object]]:
    return [table[c].to_pylist() for c in columns]
