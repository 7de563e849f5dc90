"""Changed days, new definitions and the passing of time, turned into points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pyarrow as pa
from django.db import transaction

from headway.accounts.models import Workspace
from headway.engine.errors import HeadwayError
from headway.engine.kinds import check_inputs
from headway.engine.measure import Ask
from headway.engine.period import STORED_GRAINS, Grain, Period
from headway.engine.series import PART, Answer
from headway.engine.statistics import Statistic
from headway.ingest.manifest.exchange import Exchange
from headway.ingest.manifest.store import store_for
from headway.ingest.models import ChangedDays
from headway.ingest.probe import probe
from headway.metrics.models import Metric, Point
from headway.metrics.pool import Pool
from headway.metrics.present import DAY, Present, Stretch, periods_of
from headway.metrics.restated import keep
from headway.metrics.rows import Edit, stored_points
from headway.metrics.straddling import straddle

Known = Mapping[str, tuple[str, ...]]
"""Segments by property."""


@dataclass(frozen=True)
class Refreshed:
    """`points` counts rows written or removed, `metrics` are those looked at; problems by key."""

    points: int = 0
    metrics: tuple[str, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)


def refresh(workspace: Workspace, *, now: datetime) -> Refreshed:
    """One pass. It writes only what differs, so that a second one at the same time writes nothing.

    A metric that cannot be computed keeps its points and says why in `problem`; it is computed
    from scratch as soon as it can be. One whose source cannot be read waits for it, and misses
    nothing but what changed elsewhere.
    """
    with store_for(workspace) as exchange:
        probe(exchange, now=now)
        present = Present.of(workspace, now)
        found = _found(_Questions(present, exchange))
    with transaction.atomic():
        found.write(present)
        ChangedDays.objects.filter(pk__in=[c.pk for c in present.changed]).delete()
    return found.told()


@dataclass
class _Found:
    """What is to be written, why some metrics cannot be computed, and which of them wait."""

    edits: list[Edit] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    well: list[str] = field(default_factory=list)

    def write(self, present: Present) -> None:
        for edit in self.edits:
            edit.write()
            straddle(edit.metric, present)
            keep(edit, present)
            _settle(edit.metric, present)
            if edit.settles:
                Metric.objects.filter(pk=edit.metric.pk).update(settled_at=present.now)
        for key, problem in self.problems.items():
            _complain(present.metrics[key], problem, 0)
        for key, problem in self.waiting.items():
            metric = present.metrics[key]
            _complain(metric, problem, 0 if present.has_news(key) else metric.refreshed_version)
        for key in self.well:
            _complain(present.metrics[key], "", present.metrics[key].refreshed_version)

    def told(self) -> Refreshed:
        looked_at = (*(edit.metric.key for edit in self.edits), *self.problems)
        problems = {**self.problems, **self.waiting}
        return Refreshed(sum(edit.size for edit in self.edits), looked_at, problems)


def _found(questions: _Questions) -> _Found:
    found = _Found(problems=dict(questions.present.unreadable))
    for key in questions.present.definitions:
        if reason := questions.wait(key):
            found.waiting[key] = reason
            continue
        try:
            edit = questions.edit(key)
        except HeadwayError as error:
            found.problems[key] = str(error)
        else:
            found.edits += [edit] if edit else []
            found.well += [] if edit else [key]
    return found


def _from(run: tuple[Period, ...]) -> tuple[tuple[date, date], set[str]]:
    """The days of what is computed anew, and the starts of its periods."""
    starts = {period.start.isoformat() for period in run}
    return (run[0].start, run[-1].end) if run else (date.max, date.max), starts


def _settle(metric: Metric, present: Present) -> None:
    Metric.objects.filter(pk=metric.pk).update(
        refreshed_at=present.now,
        refreshed_version=metric.version,
        first_day=present.first_day(metric.key),
        silences=present.silences(metric.key),
        measured_from=present.measured_from(metric),
        cohort_since=present.cohort_since(metric.key),
        problem="",
    )


def _complain(metric: Metric, problem: str, version: int) -> None:
    """`version` 0: its points are computed from scratch next time."""
    if (metric.problem, metric.refreshed_version) != (problem, version):
        Metric.objects.filter(pk=metric.pk).update(problem=problem, refreshed_version=version)


class _Questions:
    """Asks the engine; metrics and grains share the statistics that it finds."""

    def __init__(self, present: Present, exchange: Exchange) -> None:
        self.present = present
        self._asks: dict[tuple[Grain, tuple[Period, ...]], Ask] = {}
        self._exchange, self._store = exchange, Pool(exchange)
        self._tables: dict[Statistic, pa.Table] = {}

    def wait(self, key: str) -> str:
        """Why the metric is not computed in this pass; "" if it is.

        Its source cannot be read; or it could not answer when it was looked at last, and would be
        asked the same again and again.
        """
        named = self.present.sources_behind(key)
        if problem := self._exchange.problem_of(named):
            return problem
        rests = self._exchange.rests(named, self.present.now)
        return self.present.metrics[key].problem if rests else ""

    def edit(self, key: str) -> Edit | None:
        """None when nothing that the metric depends on has changed."""
        present = self.present
        check_inputs(present.behind(key))
        present.require_events(key)
        if present.everything(key) or present.starts_elsewhere(key):
            return self._all(key)
        stretches = present.stretches(key)
        if not stretches:
            return None
        if self._splits_inputs(key):
            return self._all(key)
        return self._some(key, stretches) or self._all(key)

    def _all(self, key: str) -> Edit:
        present, edit = self.present, Edit(self.present.metrics[key])
        until = present.today + DAY
        for grain in STORED_GRAINS:
            whole = present.calendar.periods(present.first_day(key), until, grain)
            run = present.computed(key, whole)
            within, rows = (None, None) if run == whole else _from(run)
            for segment_by, answer in self._answers(key, grain, run, {}) if run else ():
                stored = stored_points(edit.metric, grain, segment_by, within)
                edit.compare(grain, segment_by, answer.series.points, stored)
                if not segment_by:
                    edit.merge(grain, answer.tables, rows)
        declared = ["", *present.definitions[key].splits]
        undeclared = present.replaceable(edit.metric).exclude(segment_by__in=declared)
        edit.stale += undeclared.values_list("pk", flat=True)
        return edit

    def _some(self, key: str, stretches: list[Stretch]) -> Edit | None:
        """The periods of some days; None when a segment turns up that has no history yet."""
        present, edit = self.present, Edit(self.present.metrics[key])
        known = self._known(key)
        for grain in reversed(STORED_GRAINS):  # the longest periods first, for the pool
            first, today = present.first_day(key), present.today
            runs = periods_of(stretches, first, today, grain, present.calendar)
            for run in filter(None, (present.computed(key, run) for run in runs)):
                within = (run[0].start, run[-1].end)
                for segment_by, answer in self._answers(key, grain, run, known):
                    if not self._familiar(segment_by, answer, known):
                        return None
                    stored = stored_points(edit.metric, grain, segment_by, within)
                    edit.compare(grain, segment_by, answer.series.points, stored)
                    if not segment_by:
                        edit.merge(grain, answer.tables, {p.start.isoformat() for p in run})
        return edit

    def _familiar(self, segment_by: str, answer: Answer, known: Known) -> bool:
        """Whether all segments have points in other periods. Parts always have."""
        if segment_by in ("", PART):
            return True
        return set(answer.series.segments) <= set(known[segment_by])

    def _answers(
        self, key: str, grain: Grain, run: tuple[Period, ...], known: Known
    ) -> Iterator[tuple[str, Answer]]:
        """For the whole, for its parts, then for each declared segmentation."""
        ask = self._ask(grain, run)
        answer = ask.answer(key)
        yield "", answer
        if answer.parts:
            yield PART, replace(answer, series=answer.by_part)
        for name in self.present.definitions[key].segments:
            scope = replace(ask.scope, segment=name, known=known.get(name, ()))
            yield name, ask.again(scope).answer(key)

    def _ask(self, grain: Grain, run: tuple[Period, ...]) -> Ask:
        if (grain, run) not in self._asks:
            scope = self.present.scope(grain, run)
            ask = Ask(self.present.definitions, self._store, scope, self._tables)
            self._asks[grain, run] = ask
        return self._asks[grain, run]

    def _known(self, key: str) -> Known:
        """Segments that have points already, by property."""
        metric = self.present.metrics[key]
        rows = Point.objects.filter(metric=metric, grain=Grain.day).exclude(segment_by="")
        found: dict[str, tuple[str, ...]] = dict.fromkeys(
            self.present.definitions[key].segments, ()
        )
        for segment_by, segment in rows.values_list("segment_by", "segment").distinct():
            found[segment_by] = (*found.get(segment_by, ()), segment)
        return found

    def _splits_inputs(self, key: str) -> bool:
        """A segment of several metrics may be known to one of them, and new to another."""
        return len(self.present.behind(key)) > 1 and bool(self.present.definitions[key].segments)
