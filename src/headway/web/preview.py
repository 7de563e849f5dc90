"""A metric measured on the events that are there, before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F

from headway.accounts.models import Workspace
from headway.charts.picture import Picture
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError
from headway.engine.kinds import parse
from headway.engine.measure import measure, scope_of
from headway.engine.period import Grain
from headway.engine.series import Point, Series
from headway.ingest.store import sources_of, store_for
from headway.metrics import models
from headway.metrics.picture import picture
from headway.web.context import Here

PERIODS = 14
"""So many periods a preview measures, the present one included."""


@dataclass(frozen=True)
class Preview:
    """What the metric would say. `latest` is its last complete point."""

    words: str
    unit: str
    series: Series
    picture: Picture

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


def preview(here: Here, document: Mapping[str, Any]) -> Preview:
    """Raises DefinitionError for what cannot be measured, StoreError when the store fails."""
    definition = parse(document)
    known = definitions_of(here.workspace) | {definition.key: definition}
    grain = Grain(definition.grain or here.workspace.grain)
    scope = scope_of(
        _since(here, grain),
        here.today,
        grain,
        calendar=here.workspace.calendar,
        as_of=here.now,
        first_day=_first_day(here.workspace),
        sources=sources_of(here.workspace),
        entries=entries_of(here.workspace),
    )
    store = store_for(here.workspace)
    [answer] = measure(known, store, scope, [definition.key], segments=False)
    drawn = picture(_unsaved(here, definition), answer.series, here.workspace.currency)
    return Preview(definition.words(), definition.unit, answer.series, drawn)


def definitions_of(workspace: Workspace) -> dict[str, Definition]:
    """The definition now in force of every metric of the workspace."""
    rows = models.Definition.objects.filter(
        metric__workspace=workspace, metric__archived_at=None, version=F("metric__version")
    ).select_related("metric")
    return {row.metric.key: parse({**row.body, "key": row.metric.key}) for row in rows}


def entries_of(workspace: Workspace) -> dict[str, tuple[tuple[date, float], ...]]:
    rows = models.Entry.objects.filter(metric__workspace=workspace).order_by("day")
    found: dict[str, tuple[tuple[date, float], ...]] = {}
    for key, day, value in rows.values_list("metric__key", "day", "value"):
        found[key] = (*found.get(key, ()), (day, value))
    return found


def refuse_taken(here: Here, document: Mapping[str, Any]) -> None:
    if here.workspace.metrics.filter(key=document["key"], archived_at=None).exists():
        raise DefinitionError(
            f"There is already a metric `{document['key']}`.",
            where="key",
            fix="Give another name, or edit that one.",
        )


def _since(here: Here, grain: Grain) -> date:
    calendar = here.workspace.calendar
    return calendar.after(calendar.start_of(here.today, grain), grain, 1 - PERIODS)


def _first_day(workspace: Workspace) -> date | None:
    firsts = [s.first_event_at for s in workspace.sources.all() if s.first_event_at]
    return workspace.calendar.day_of(min(firsts)) if firsts else None


def _unsaved(here: Here, definition: Definition) -> models.Metric:
    return models.Metric(
        workspace=here.workspace,
        key=definition.key,
        name=definition.title,
        unit=definition.unit,
        direction=definition.direction,
        profile={},
    )
