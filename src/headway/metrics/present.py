"""A workspace as one pass sees it, and which days of a metric that pass has to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TypeVar

from django.db.models import QuerySet

from headway.accounts.models import Workspace
from headway.engine.ask import Begins
from headway.engine.definition import Definition, duration
from headway.engine.measure import Scope, SourceState, touched
from headway.engine.period import Calendar, Grain, Period
from headway.ingest.manifest.store import sources_of
from headway.ingest.models import ChangedDays
from headway.metrics.definitions import closure, documents_of, parsed
from headway.metrics.interest import USER, Interest
from headway.metrics.kept import Kept, Stored
from headway.metrics.models import Entry, Metric, Point

DAY = timedelta(days=1)

T = TypeVar("T")
Stretch = tuple[date, date]
"""First and last day, both inclusive."""


@dataclass(frozen=True)
class Present:
    """`at` is the workspace's own time, `now` that of the clock on the wall."""

    workspace: Workspace
    now: datetime
    at: datetime
    calendar: Calendar
    metrics: Mapping[str, Metric]
    definitions: Mapping[str, Definition]
    unreadable: Mapping[str, str]
    sources: Mapping[str, SourceState]
    changed: tuple[ChangedDays, ...]
    entries: Mapping[str, tuple[tuple[date, float], ...]]
    typed: Mapping[str, tuple[tuple[date, datetime], ...]]
    unfinished: Mapping[str, tuple[Period, ...]]
    kept: Kept

    @staticmethod
    def of(workspace: Workspace, now: datetime) -> Present:
        # Changed days are read first: what an import adds later waits for the next pass.
        changed = tuple(
            ChangedDays.objects.filter(source__workspace=workspace).select_related("source")
        )
        documents = documents_of(workspace)
        definitions, unreadable = parsed(documents)
        entries = list(Entry.objects.filter(metric__in=documents).order_by("day"))
        keys = {metric.pk: metric.key for metric in documents}
        return Present(
            workspace=workspace,
            now=now,
            at=workspace.at(now),
            calendar=workspace.calendar,
            metrics={metric.key: metric for metric in documents},
            definitions=definitions,
            unreadable=unreadable,
            sources=sources_of(workspace),
            changed=changed,
            entries=_grouped((keys[e.metric_id], (e.day, e.value)) for e in entries),
            typed=_grouped((keys[e.metric_id], (e.day, e.at)) for e in entries),
            unfinished=_unfinished(keys),
            kept=Kept.of(workspace),
        )

    @cached_property
    def today(self) -> date:
        return self.calendar.day_of(self.at)

    @cached_property
    def first_event_day(self) -> date:
        firsts = [self.calendar.day_of(s.first) for s in self.sources.values() if s.first]
        return min(firsts, default=self.today)

    def scope(self, grain: Grain, periods: tuple[Period, ...]) -> Scope:
        """The question that points are the answers to."""
        return Scope(
            periods=periods,
            grain=grain,
            calendar=self.calendar,
            as_of=self.at,
            first_day=self.first_event_day,
            since=self.first_event_day,
            sources=self.sources,
            entries=self.entries,
            exchange=self.workspace.exchange,
            begins=self._begins,
            past=self._past,
        )

    @cached_property
    def _past(self) -> Stored | None:
        if self.kept.since is None:
            return None
        leaves = {key: tuple(self._leaves(key)) for key in self.definitions}
        return Stored(self.kept, self.metrics, leaves)

    @cached_property
    def _begins(self) -> Begins:
        if self.kept.since is None:
            return {}
        return self.kept.begins(self.definitions, self.whole())

    def whole(self, end: date | None = None) -> Scope:
        """All days before one, or up to now: of them, marks of what has to stay are told."""
        first, end = self.first_event_day, end or self.today + DAY
        return Scope(
            (Period(min(first, end - DAY), end),), Grain.all, self.calendar, self.at, first, first,
            exchange=self.workspace.exchange,
        )  # fmt: skip

    def frozen(self, key: str, period: Period) -> bool:
        """Whether its events are kept no more, so that its point stays as it is."""
        return self.kept.frozen(self._leaves(key), period, self.calendar)

    def computed(self, key: str, run: tuple[Period, ...]) -> tuple[Period, ...]:
        """Without the periods that are frozen."""
        if self.kept.since is None:
            return run
        return tuple(period for period in run if not self.frozen(key, period))

    def replaceable(self, metric: Metric) -> QuerySet[Point]:
        """Its points, but for those that cannot be computed again."""
        since = self.kept.since
        return metric.points.filter(start__gte=since) if since else metric.points.all()

    def measured_from(self, metric: Metric) -> date | None:
        """Since when its points are those of the definition in force, where others stand before."""
        since = self.kept.since
        rows = (self.metrics[key] for key in self.behind(metric.key))
        edited = any(row.refreshed_version not in (0, row.version) for row in rows)
        if since is None or not edited:
            return metric.measured_from
        return since if metric.points.filter(start__lt=since).exists() else None

    def require_events(self, key: str) -> None:
        """Raises DefinitionError where it needs more than is kept."""
        self.kept.require(self._leaves(key), self.today)

    def behind(self, key: str) -> Mapping[str, Definition]:
        """The metric and all its inputs, by key."""
        return closure(key, self.definitions)

    def first_day(self, key: str) -> date:
        """The day of the first event or typed value behind the metric; today if there is none."""
        found = [day for one in self._leaves(key) for day in self._starts(one)]
        return min(found, default=self.today)

    def starts_elsewhere(self, key: str) -> bool:
        """Whether history begins on another day than when its points were computed."""
        return self.metrics[key].first_day != self.first_day(key)

    def everything(self, key: str) -> bool:
        """Whether a definition behind the metric is not the one its points were computed with."""
        rows = [self.metrics[name] for name in self.behind(key)]
        return any(
            row.refreshed_at is None
            or row.refreshed_version != row.version
            or row.cohort_since != self.cohort_since(row.key)
            for row in rows
        )

    def cohort_since(self, key: str) -> date | None:
        """The day of its cohort's `since`: another one when a launch that it names has moved."""
        who = self.definitions[key].who
        return who.since if who else None

    def sources_behind(self, key: str) -> frozenset[str]:
        """As metrics name them; "" is whatever came to Headway itself."""
        return frozenset(one.source or "" for one in self._leaves(key))

    def silences(self, key: str) -> dict[str, list[str]]:
        """By silent source behind the metric: the first unknown day, and why it is unknown."""
        named = {one.source or "" for one in self._leaves(key) if one.measured}
        return {name: self._silences[name] for name in sorted(named) if name in self._silences}

    def has_news(self, key: str) -> bool:
        return any(True for _ in self._news(key))

    def stretches(self, key: str) -> list[Stretch]:
        """Days whose values may differ from the stored ones. Empty: nothing to do."""
        happened = [touched(days, key, self.definitions, self.today) for days in self._news(key)]
        aged = [*self._day_passed(key), *self._matured(key), *self._silence(key)]
        return [s for s in (*happened, *aged) if s[0] <= s[1]]

    def _news(self, key: str) -> Iterator[Stretch]:
        """Days with other events or typed values than at the last pass."""
        for change in self.changed:
            if any(self._hears(one, change, one.key != key) for one in self._leaves(key)):
                yield self._local(change)
        since = self.metrics[key].refreshed_at or datetime.min.replace(tzinfo=UTC)
        for one in self._leaves(key):
            yield from ((day, day) for day, at in self.typed.get(one.key, ()) if at >= since)

    def causes(self, key: str, first: date, end: date) -> list[str]:
        """Why the metric has another value for these days: what changed of its events."""
        return sorted(
            {
                _cause(change)
                for change in self.changed
                if any(self._hears(one, change, one.key != key) for one in self._leaves(key))
                and _overlap(
                    touched(self._local(change), key, self.definitions, self.today), first, end
                )
            }
        )

    def _local(self, change: ChangedDays) -> Stretch:
        """The local days that the UTC days overlap."""
        first = datetime.combine(change.first, time(), UTC)
        last = datetime.combine(change.last + DAY, time(), UTC) - timedelta(microseconds=1)
        return self.calendar.day_of(first), self.calendar.day_of(last)

    def _day_passed(self, key: str) -> Iterator[Stretch]:
        """A new day opens periods, completes others and fills cells of cohorts."""
        seen = self.metrics[key].refreshed_at
        last = self.calendar.day_of(self.workspace.at(seen)) if seen else self.today
        if last < self.today:
            first, _ = touched((last, self.today), key, self.definitions, self.today)
            yield first - self._grace(key), self.today

    def _matured(self, key: str) -> Iterator[Stretch]:
        """Periods that were incomplete and are complete now."""
        for period in self.unfinished.get(key, ()):
            if self.is_over(key, period):
                yield period.start, period.last

    def is_over(self, key: str, period: Period) -> bool:
        """Whether it is complete, all grace being given."""
        return self.at >= self._complete_at(key, period)

    def _complete_at(self, key: str, period: Period) -> datetime:
        return max(
            one.matures(period, self.calendar) + duration(one.grace or "0 s")
            for one in self.behind(key).values()
        )

    def _grace(self, key: str) -> timedelta:
        spans = (duration(one.grace or "0 s") for one in self.behind(key).values())
        return timedelta(days=max(spans).days + 1) if self.behind(key) else DAY

    def _silence(self, key: str) -> Iterator[Stretch]:
        """Days that became unknown because a source fell silent, or known as it spoke again."""
        before, now = self.metrics[key].silences, self.silences(key)
        for name in {*before, *now}:
            if before.get(name) != now.get(name):
                days = [date.fromisoformat(one[name][0]) for one in (before, now) if name in one]
                yield min(days), self.today

    @cached_property
    def _silences(self) -> Mapping[str, list[str]]:
        """By source, as metrics name it; those that are not silent are left out."""
        day = self.calendar.periods(self.today, self.today + DAY, Grain.day)
        scope = self.scope(Grain.day, day)
        named = {one.source or "" for one in self.definitions.values()}
        found = ((name, scope.unknown_from(name or None)) for name in named)
        return {name: [unknown[0].isoformat(), unknown[1]] for name, unknown in found if unknown}

    def _hears(self, leaf: Definition, change: ChangedDays, within: bool) -> bool:
        sources = {leaf.source or ""} | ({""} if leaf.who else set())  # deeds of any source count
        asked = not sources.isdisjoint(change.source.asked_as)
        return asked and self._interests[within][leaf.key].hears(change)

    @cached_property
    def _interests(self) -> Mapping[bool, Mapping[str, Interest]]:
        """As a metric of its own, and within others."""
        items = self.definitions.items()
        return {w: {key: Interest.of(d, within=w) for key, d in items} for w in (False, True)}

    def _leaves(self, key: str) -> list[Definition]:
        return [one for one in self.behind(key).values() if not one.inputs()]

    def _starts(self, leaf: Definition) -> Iterator[date]:
        if leaf.measured:
            yield from (self.calendar.day_of(s.first) for s in self._states(leaf) if s.first)
        else:
            yield from (day for day, _ in self.entries.get(leaf.key, ())[:1])

    def _states(self, leaf: Definition) -> Iterable[SourceState]:
        named = self.sources.get(leaf.source or "")
        return [named] if named else self.sources.values()


def _cause(change: ChangedDays) -> str:
    if change.columns is None:
        return "events"
    return "identities" if USER in change.columns else "traits"


def _overlap(stretch: Stretch, first: date, end: date) -> bool:
    return stretch[0] < end and first <= stretch[1]


def periods_of(
    stretches: Iterable[Stretch], first: date, today: date, grain: Grain, calendar: Calendar
) -> list[tuple[Period, ...]]:
    """Runs of neighbouring periods that overlap the stretches, within first … today."""
    found = {
        period
        for start, end in stretches
        if max(start, first) <= min(end, today)
        for period in calendar.periods(max(start, first), min(end, today) + DAY, grain)
    }
    runs: list[list[Period]] = []
    for period in sorted(found):
        if runs and runs[-1][-1].end == period.start:
            runs[-1].append(period)
        else:
            runs.append([period])
    return [tuple(run) for run in runs]


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}


def _unfinished(keys: Mapping[int, str]) -> dict[str, tuple[Period, ...]]:
    rows = Point.objects.filter(metric__in=keys, complete=False, segment_by="")
    found = rows.values_list("metric_id", "start", "end")
    return _grouped((keys[metric], Period(start, end)) for metric, start, end in found)
