"""A metric measured on the events that are there, before it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from headway.charts.picture import Picture
from headway.engine.definition import ANY, PEOPLE, Definition
from headway.engine.errors import DefinitionError, nearest
from headway.engine.kinds import parse
from headway.engine.launched import dated
from headway.engine.measure import measure, scope_of
from headway.engine.period import Grain
from headway.engine.phrases import sentence
from headway.engine.series import Point, Series
from headway.ingest.manifest.store import store_for
from headway.metrics import models
from headway.metrics.happened.happenings import launch_days
from headway.metrics.needs import Needs, needs
from headway.metrics.picture import picture
from headway.metrics.present import DAY, Present
from headway.web.context import Here

PERIODS = 14
"""So many periods a preview measures, the present one included."""

MOST = 8
"""So many other names are said where one is not found."""


@dataclass(frozen=True)
class Preview:
    """What the metric would say. `latest` is its last complete point; `missing` says which names
    have not been seen among the events.
    """

    words: str
    unit: str
    series: Series
    picture: Picture
    missing: tuple[str, ...] = ()

    @property
    def grain(self) -> str:
        return str(self.series.grain)

    @property
    def latest(self) -> Point | None:
        return self.series.last_complete()

    @property
    def rows(self) -> list[Point]:
        """Newest first."""
        return list(reversed(self.series.points))

    @property
    def quiet(self) -> bool:
        """Nothing was found, which is more often a wrong name than a true zero."""
        return not any(p.n for p in self.series.points)


def preview(
    here: Here,
    document: Mapping[str, Any],
    now: datetime,
    inputs: Iterable[Mapping[str, Any]] = (),
) -> Preview:
    """`inputs` are further metrics that are not saved either.

    Raises DefinitionError for what cannot be measured, StoreError when the store fails.
    """
    definition = parse(document)
    present = _with(Present.of(here.workspace, now), *map(parse, inputs), definition)
    grain = Grain(definition.grain or here.workspace.grain)
    scope = scope_of(
        _since(here, grain),
        here.today + DAY,
        grain,
        calendar=present.calendar,
        as_of=present.at,
        first_day=present.first_day(definition.key),
        sources=present.sources,
        entries=present.entries,
        exchange=here.workspace.exchange,
    )
    with store_for(here.workspace) as store:
        [answer] = measure(present.definitions, store, scope, [definition.key], segments=False)
        missing = tuple(_missing(needs(definition), store.names, store.properties))
    drawn = picture(_unsaved(here, definition), answer.series, here.workspace.currency)
    return Preview(sentence(definition), definition.unit, answer.series, drawn, missing)


def _missing(
    needed: Needs, names: Iterable[tuple[str, int]], properties: Iterable[str]
) -> Iterator[str]:
    """In sentences. Nothing is missed while there are no events at all."""
    events, carried = [name for name, _ in names], sorted(properties)
    if not events:
        return
    for event in sorted({*needed} - {ANY, *events}):
        yield f"No event called `{event}` has come in. {_instead(event, events)}"
    asked = {name for names in needed.values() for name in names}
    for name in sorted(asked - {*carried, *PEOPLE}):
        yield f"No event carries `{name}`. {_instead(name, carried)}"


def _instead(name: str, there: list[str]) -> str:
    few = ", ".join(f"`{one}`" for one in there[:MOST])
    return nearest(name, there) or (f"There are {few}." if few else "They carry nothing else.")


def _with(present: Present, *unsaved: Definition) -> Present:
    named = any(d.who and d.who.launch for d in unsaved)
    days = launch_days(present.workspace) if named else {}
    found = {d.key: dated(d, days) for d in unsaved}
    return replace(present, definitions={**present.definitions, **found})


def refuse_taken(here: Here, document: Mapping[str, Any]) -> None:
    """A new metric never takes over another one, archived or not."""
    taken = here.workspace.metrics.filter(key=document["key"]).first()
    if taken:
        kept = " in the archive" if taken.archived_at else ""
        raise DefinitionError(
            f"There is already a metric `{taken.key}`{kept}: “{taken}”.",
            where="key",
            fix="Give another name or key, or open that one.",
        )


def _since(here: Here, grain: Grain) -> date:
    calendar = here.workspace.calendar
    return calendar.after(calendar.start_of(here.today, grain), grain, 1 - PERIODS)


def _unsaved(here: Here, definition: Definition) -> models.Metric:
    return models.Metric(
        workspace=here.workspace,
        key=definition.key,
        name=definition.title,
        unit=definition.unit,
        direction=definition.direction,
        profile={},
    )
