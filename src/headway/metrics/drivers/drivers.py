"""What moved a metric between two periods, from stored points: its drivers, and its segments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from headway.accounts.models import Workspace
from headway.engine.definition import Definition
from headway.engine.errors import InputError, NotFound, nearest
from headway.engine.kinds.formula import parsed
from headway.engine.period import Calendar, Grain
from headway.engine.series import PART, WHOLE, Point
from headway.metrics import definitions
from headway.metrics.models import Metric
from headway.metrics.models import Point as Row
from headway.metrics.reading import grain_of
from headway.metrics.rows import graded, numbers
from headway.stats.drivers import Driver, Part, Split, drivers, split, with_rest, words_of
from headway.stats.segments import Side, by_segment

DEEPEST = 5
"""So many levels of drivers of drivers are shown."""

REST = "not explained by the tree"
NO_DRIVERS = "It is measured and has no tree: look at its segments, or give it a tree."
NOTHING = "It has no number for this period."
Place = tuple[str, date, str]
"""A metric's key, the start of a period, and a part or nothing."""

Documents = Mapping[Metric, Mapping[str, object]]


@dataclass(frozen=True)
class Span:
    """Two periods of a grain, by their first days."""

    grain: Grain
    before: date
    after: date


@dataclass(frozen=True)
class Moved:
    """A metric's change, split among its drivers; `below` are those that have drivers themselves.

    The parts of each are in its own unit. Without a formula there is nothing to split by.
    """

    metric: Metric
    formula: str
    before: Point
    after: Point
    split: Split
    below: tuple[tuple[str, Moved], ...] = ()
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    """The metric behind each part, by the part's name."""

    @property
    def complete(self) -> bool:
        return self.before.complete and self.after.complete

    def of(self, name: str) -> Moved | None:
        """The driver of that name, where it has drivers of its own."""
        return dict(self.below).get(name)


def moved(metric: Metric, span: Span) -> Moved:
    """Down to the drivers of its drivers: a query for each level, and one for the points."""
    return Tree.of(metric, span).moved(metric.key)


def moved_by(metric: Metric, span: Span, segment_by: str) -> Split:
    """Among the segments of a property. Raises NotFound where it is not computed by it."""
    known = metric.definition.segments
    if segment_by not in known:
        fix = nearest(segment_by, known) or (
            f"It has: {', '.join(known)}." if known else f"Give it `segments: [{segment_by}]`."
        )
        raise NotFound(f"`{metric.key}` is not computed by `{segment_by}`.", fix=fix)
    return segmented({metric: segment_by}, [span])[span][metric.key]


def segmented(asked: Mapping[Metric, str], spans: Sequence[Span]) -> dict[Span, dict[str, Split]]:
    """Of each metric among the segments of its property, by key: two queries."""
    split = Q(pk__in=[])
    for metric, segment_by in asked.items():
        split |= Q(metric=metric, segment_by=segment_by)
    wholes = _by_place(Q(metric__in=asked, segment_by="", segment=WHOLE), spans)
    parts = _by_place(split, spans)

    def side(metric: Metric, span: Span, start: date) -> Side:
        at = metric.pk, str(span.grain), start
        return _side(wholes[at], parts[at], start)

    return {
        span: {m.key: by_segment(*(side(m, span, day) for day in _starts(span))) for m in asked}
        for span in spans
    }


def period_of(text: str, grain: Grain, calendar: Calendar) -> date:
    """The first day of the period that `2026`, `2026-q3`, `2026-09` or `2026-09-14` names."""
    named, day = _named(text)
    if named is not None and named is not grain:
        raise InputError(
            f"`{text}` is a {named}, and the numbers are asked by {grain}.",
            fix=f"Name a day of the {grain}, or ask by {named}.",
        )
    return calendar.start_of(day, grain)


def _named(text: str) -> tuple[Grain | None, date]:
    """The grain that a text names, and a day in it; a day itself may stand for any period."""
    head, _, tail = text.strip().lower().partition("-")
    try:
        if tail.startswith("q"):
            return Grain.quarter, date(int(head), 3 * int(tail[1:]) - 2, 1)
        if not tail:
            return Grain.year, date(int(head), 1, 1)
        month, _, day = tail.partition("-")
        return None if day else Grain.month, date(int(head), int(month), int(day or 1))
    except ValueError:
        raise InputError(
            f"`{text}` is not a period.", fix="Write 2026-09-14, 2026-09, 2026-q3 or 2026."
        ) from None


def latest(metric: Metric, grain: Grain, count: int) -> list[Point]:
    """The last periods that have a number, the newest first."""
    rows = Row.objects.filter(
        metric=metric, grain=grain, segment_by="", segment=WHOLE, value__isnull=False
    )
    return [point for _, point in numbers(rows.order_by("-start")[:count])]


@dataclass(frozen=True)
class Tree:
    """The metrics below one, and their points in both periods."""

    span: Span
    metrics: Mapping[str, Metric]
    definitions: Mapping[str, Definition]
    earlier: Mapping[tuple[date, int], date]
    points: Mapping[Place, Point] = field(default_factory=dict)

    @staticmethod
    def of(metric: Metric, span: Span) -> Tree:
        documents = documents_below(metric.workspace, [metric.key])
        return Tree.over([metric], [span], documents)[span]

    @staticmethod
    def over(
        asked: Sequence[Metric], spans: Sequence[Span], documents: Documents
    ) -> dict[Span, Tree]:
        """Below several metrics of a workspace, in several spans: one query."""
        workspace, known = asked[0].workspace, definitions.parsed(documents)[0]
        found = {k: d for m in asked for k, d in _closure(m.key, known).items()}
        metrics = {m.key: m for m in documents if m.key in found} | {m.key: m for m in asked}
        earlier = {span: _earlier(workspace, span, found) for span in spans}
        points = _points(metrics, earlier)
        return {s: Tree(s, metrics, found, earlier[s], points[str(s.grain)]) for s in spans}

    def moved(self, key: str, depth: int = 0, above: tuple[str, ...] = ()) -> Moved:
        metric = self.metrics[key]
        before, after = (self._point(key, start) for start in _starts(self.span))
        formula = self.definitions[key].made_of() if key in self.definitions else ""
        if not formula:
            return Moved(metric, "", before, after, Split(before.value, after.value))
        below = tuple(self._below(formula, depth, (*above, key)))
        found = self._split(formula, before, after)
        return Moved(metric, formula, before, after, found, below, self._metrics(formula))

    def _below(
        self, formula: str, depth: int, above: tuple[str, ...]
    ) -> Iterator[tuple[str, Moved]]:
        for key, lag in drivers(parsed(formula)):
            known = self.definitions.get(key)
            leads_on = known is not None and known.made_of() and key in self.metrics
            if leads_on and not lag and depth + 1 < DEEPEST and not self._circles(key, above):
                yield key, self.moved(key, depth + 1, above)

    def _circles(self, key: str, above: tuple[str, ...]) -> bool:
        """Whether it is made of what it is a part of, as an average of the sum above it is."""
        read = set(_made_of(self.definitions[key]))
        return key in above or bool(read.intersection(above))

    def _metrics(self, formula: str) -> dict[str, Metric]:
        read = drivers(parsed(formula))
        known = {driver: self.metrics.get(driver[0].partition(".")[0]) for driver in read}
        return {words_of(driver): metric for driver, metric in known.items() if metric}

    def _split(self, formula: str, before: Point, after: Point) -> Split:
        expression = parsed(formula)
        sides: list[dict[Driver, float]] = [{}, {}]
        for side, start in zip(sides, _starts(self.span), strict=True):
            for name, lag in drivers(expression):
                point = self._point(name, self.earlier[start, lag] if lag else start)
                if point.value is None:
                    reason = f"{name} has no value: {point.reason or NOTHING}"
                    return Split(before.value, after.value, reason=reason)
                side[name, lag] = point.value
        found = split(expression, *sides)
        if before.value is None or after.value is None:
            missing = before if before.value is None else after
            return Split(before.value, after.value, reason=missing.reason or NOTHING)
        return with_rest(found, before.value, after.value, REST)

    def _point(self, name: str, start: date) -> Point:
        key, _, part = name.partition(".")
        nothing = Point(start, start + timedelta(days=1), None, reason=NOTHING)
        return self.points.get((key, start, part), nothing)


def documents_below(workspace: Workspace, keys: Iterable[str]) -> Documents:
    """Of metrics and of all that they are made of: a query for each level."""
    found: dict[Metric, Mapping[str, object]] = {}
    asked, waiting = set[str](), set(keys)
    while waiting:
        level = definitions.documents_of(workspace, waiting)
        found |= level
        asked |= waiting
        waiting = {k for d in definitions.parsed(level)[0].values() for k in _made_of(d)} - asked
    return found


def _closure(key: str, known: Mapping[str, Definition]) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    waiting = [key]
    while waiting:
        name = waiting.pop()
        if name in known and name not in found:
            found[name] = known[name]
            waiting += _made_of(known[name])
    return found


def _made_of(definition: Definition) -> list[str]:
    formula = definition.made_of()
    return [name.partition(".")[0] for name, _ in drivers(parsed(formula))] if formula else []


def _earlier(
    workspace: Workspace, span: Span, found: Mapping[str, Definition]
) -> dict[tuple[date, int], date]:
    """Where the periods begin that formulas look back to."""
    formulas = [d.made_of() for d in found.values() if d.made_of()]
    lags = {lag for f in formulas for _, lag in drivers(parsed(f)) if lag}
    places: dict[tuple[date, int], date] = {}
    for start in _starts(span):
        day = start
        for lag in range(1, max(lags, default=0) + 1):
            day = workspace.calendar.start_of(day - timedelta(days=1), span.grain)
            if lag in lags:
                places[start, lag] = day
    return places


def _points(
    metrics: Mapping[str, Metric], earlier: Mapping[Span, Mapping[tuple[date, int], date]]
) -> Mapping[str, dict[Place, Point]]:
    """By grain; `earlier` has the days on which more periods begin."""
    keys = {m.pk: key for key, m in metrics.items()}
    rows = Row.objects.filter(
        Q(segment_by="", segment=WHOLE) | Q(segment_by=PART),
        _within((s.grain, {*_starts(s), *days.values()}) for s, days in earlier.items()),
        metric__in=keys,
    )
    found: dict[str, dict[Place, Point]] = defaultdict(dict)
    for pk, grain, point in graded(rows):
        found[grain][keys[pk], point.start, point.segment] = point
    return found


def _by_place(which: Q, spans: Sequence[Span]) -> Mapping[tuple[int, str, date], list[Point]]:
    """By metric, grain and first day."""
    found: dict[tuple[int, str, date], list[Point]] = defaultdict(list)
    rows = Row.objects.filter(which, _within((s.grain, set(_starts(s))) for s in spans))
    for pk, grain, point in graded(rows):
        found[pk, grain, point.start].append(point)
    return found


def _within(stretches: Iterable[tuple[Grain, set[date]]]) -> Q:
    where = Q(pk__in=[])
    for grain, starts in stretches:
        where |= Q(grain=grain, start__in=starts)
    return where


def _side(wholes: Sequence[Point], parts: Sequence[Point], start: date) -> Side:
    nothing = Point(start, start + timedelta(days=1), None, reason=NOTHING)
    return Side(wholes[0] if wholes else nothing, {point.segment: point for point in parts})


def _starts(span: Span) -> tuple[date, date]:
    return span.before, span.after


def asked(metric: Metric, grain: Grain | None, before: str, after: str) -> Span:
    """The periods that people name; by default the last complete one and the one before it."""
    named = next((g for text in (after, before) if text and (g := _named(text)[0])), None)
    chosen, calendar = grain or named or grain_of(metric), metric.workspace.calendar
    last = period_of(after, chosen, calendar) if after else _last_complete(metric, chosen)
    if before:
        return Span(chosen, period_of(before, chosen, calendar), last)
    return Span(chosen, calendar.start_of(last - timedelta(days=1), chosen), last)


def _last_complete(metric: Metric, grain: Grain) -> date:
    rows = Row.objects.filter(
        metric=metric, grain=grain, segment_by="", segment=WHOLE, complete=True
    )
    last = rows.order_by("-start").values_list("start", flat=True).first()
    if last is None:
        raise InputError(
            f"No {grain} of {metric} is complete yet.",
            fix="Name two periods, or come back when there are numbers.",
        )
    return last


def to_dict(
    found: Moved, span: Span, by: str, split: Split | None, noise: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """As data; `split` is the one among segments, where one was asked for.

    `noise` says of a part whether it is beyond what it usually makes.
    """
    shown = split or found.split
    return {
        "metric": found.metric.key,
        "grain": str(span.grain),
        "start_before": span.before,
        "start_after": span.after,
        "segment_by": by,
        "formula": "" if split else found.formula,
        "before": shown.before,
        "after": shown.after,
        "change": shown.change,
        "complete": found.complete,
        "method": shown.method,
        "reason": shown.reason or ("" if shown.parts else NO_DRIVERS),
        "parts": [
            {
                **_part(part, None if split else found.of(part.name)),
                "noise": (noise or {}).get(part.name, "cannot tell"),
            }
            for part in shown.largest_first
        ],
    }


def _part(part: Part, below: Moved | None) -> dict[str, Any]:
    deeper = below and {
        "formula": below.formula,
        "change": below.split.change,
        "method": below.split.method,
        "reason": below.split.reason,
        "parts": [_part(p, below.of(p.name)) for p in below.split.parts],
    }
    return {**asdict(part), "below": deeper}
