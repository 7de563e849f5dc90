"""What a stored number rests on: what is stored about it at once, its events when asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.ask import Scope
from headway.engine.errors import DefinitionError, NotFound
from headway.engine.evidence import MOST, Evidence, evidence
from headway.engine.period import Grain, Period
from headway.engine.series import PART, WHOLE, Point
from headway.engine.store import Store
from headway.ingest.manifest.store import store_for
from headway.metrics.models import Metric
from headway.metrics.models import Point as Row
from headway.metrics.present import Present
from headway.metrics.rows import numbers
from headway.stores.patient import Patient


@dataclass(frozen=True)
class Place:
    """Which number. `segment` is a value of the property `segment_by`, or a part of the metric."""

    metric: Metric
    grain: Grain
    period: Period
    segment_by: str = ""
    segment: str = WHOLE

    @property
    def is_part(self) -> bool:
        return self.segment_by == PART

    @property
    def name(self) -> str:
        """As formulas name it."""
        return f"{self.metric.key}.{self.segment}" if self.is_part else self.metric.key


@dataclass(frozen=True)
class Input:
    """What a metric reads: another one, or a part of it. `point` is None where none is stored."""

    name: str
    place: Place
    point: Point | None


def place_of(
    metric: Metric, grain: Grain, start: date, segment_by: str = "", segment: str = WHOLE
) -> Place:
    """Raises NotFound when no period of the grain begins on that day."""
    period = metric.workspace.calendar.period(start, grain)
    if period.start != start:
        raise NotFound(
            f"No {grain} begins on {start}.",
            where="start",
            fix=f"The {grain} with that day in it begins on {period.start}.",
        )
    return Place(metric, grain, period, segment_by, segment)


def points_around(place: Place) -> dict[date, Point]:
    """The stored points of the period, the one before and the one after, by their first day."""
    calendar, start = place.metric.workspace.calendar, place.period.start
    starts = [calendar.after(start, place.grain, steps) for steps in (-1, 0, 1)]
    return {point.start: point for point in _stored([place], starts).values()}


def inputs_at(place: Place, names: Sequence[str]) -> list[Input]:
    """The stored points of what a metric reads, in the same period: three queries at most."""
    keys = {name.partition(".")[0] for name in names}
    metrics = {m.key: m for m in place.metric.workspace.metrics.filter(key__in=keys)}
    places = {n: _input(place, n, metrics) for n in names if n.partition(".")[0] in metrics}
    found = {
        by: _stored([p for p in places.values() if p.segment_by == by], [place.period.start])
        for by in {p.segment_by for p in places.values()}
    }
    return [
        Input(name, at, found[at.segment_by].get((at.metric.pk, at.segment, at.period.start)))
        for name, at in places.items()
    ]


def followed(
    place: Place,
    *,
    by: Member | None,
    now: datetime,
    examples: int = MOST,
    seconds: float | None = None,
) -> tuple[Evidence, ...]:
    """The number, counted anew from its events, and after it everything it is computed from.

    Subjects are named for those who may see people. With `seconds`, StoreError is raised when it
    takes longer. Raises DefinitionError when there is no definition to follow.
    """
    workspace, key = place.metric.workspace, place.metric.key
    present = Present.of(workspace, now)
    if key not in present.definitions:
        problem = present.unreadable.get(key, "It is archived, and not computed any more.")
        raise DefinitionError(problem, where=f"metric `{key}`")
    if present.frozen(key, place.period):
        raise DefinitionError(
            f"Events are kept since {present.kept.since}: this number is as it was measured when "
            "its events were here.",
            where=f"metric `{key}`",
        )
    sees = gate.allows(by, "see people", workspace)
    with _store(workspace, seconds) as store:
        return evidence(
            present.behind(key),
            store,
            _scope(present, place),
            place.name,
            segment=WHOLE if place.is_part else place.segment,
            versions={m.key: m.version for m in present.metrics.values()},
            examples=examples if sees else 0,
        )


def _scope(present: Present, place: Place) -> Scope:
    scope = present.scope(place.grain, (place.period,))
    if place.is_part or not place.segment_by:
        return scope
    return replace(scope, segment=place.segment_by, known=(place.segment,))


@contextmanager
def _store(workspace: Workspace, seconds: float | None) -> Iterator[Store]:
    with store_for(workspace) as store:
        if seconds is None:
            yield store
            return
        with store.apart() as apart, Patient(apart, seconds) as patient:
            yield patient


def _input(place: Place, name: str, metrics: Mapping[str, Metric]) -> Place:
    """An input of a part is a whole; one of a segment is split as the metric itself is."""
    key, _, part = name.partition(".")
    split = ("", WHOLE) if place.is_part else (place.segment_by, place.segment)
    by, segment = (PART, part) if part else split
    return Place(metrics[key], place.grain, place.period, by, segment)


def _stored(places: Sequence[Place], starts: Sequence[date]) -> dict[tuple[int, str, date], Point]:
    """By metric, segment and first day; all places have the same grain and split."""
    one = places[0]
    rows = Row.objects.filter(
        metric__in={p.metric.pk for p in places},
        grain=one.grain,
        segment_by=one.segment_by,
        segment__in={p.segment for p in places},
        start__in=starts,
    )
    return {(metric, point.segment, point.start): point for metric, point in numbers(rows)}
