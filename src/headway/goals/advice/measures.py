"""Metrics as the coach sees them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from headway.accounts.models import Workspace
from headway.coach.values import Evidence, Measure
from headway.engine.definition import DESCRIPTIVE, Definition, Selector
from headway.engine.kinds import to_document
from headway.engine.kinds.funnel import Funnel
from headway.engine.kinds.ratio import Ratio
from headway.engine.kinds.retention import Retention
from headway.engine.kinds.share import Share
from headway.engine.plain import plain
from headway.metrics.definitions import documents_of, parsed
from headway.metrics.models import Metric
from headway.metrics.reading import Tile, newest_tiles
from headway.outlook.links import ties

Links = dict[str, list[Evidence]]
COUNTING = frozenset(["count", "unique", "sum"])
DESCRIBING = DESCRIPTIVE | {"key"}


def measures_of(
    workspace: Workspace, keys: Collection[str] | None = None, *, today: date | None = None
) -> dict[str, Measure]:
    """Of the metrics that are not archived, all or those of the keys.

    Only with a day do they tell their health.
    """
    documents = documents_of(workspace, keys)
    watched = [metric for metric in documents if metric.profile.get("healthy")]
    tiles = newest_tiles(workspace, today, watched) if today else {}
    definitions, _ = parsed(documents)
    rows = {metric.key: metric for metric in documents}
    leads, led_by = _evidence(workspace)
    return {
        key: replace(
            measure(definition, definitions, rows[key], tiles.get(rows[key].pk)),
            leads=tuple(leads[key]),
            led_by=tuple(led_by[key]),
        )
        for key, definition in definitions.items()
    }


def _evidence(workspace: Workspace) -> tuple[Links, Links]:
    """By key, of what each is said to drive, and of what is said to drive it."""
    leads: Links = defaultdict(list)
    led_by: Links = defaultdict(list)
    for tie in ties(workspace):
        if (link := tie.link) is not None:
            known = link.linked, link.lag, link.weeks
            business = tie.result.profile.get("outcome") == "business"
            leads[tie.cause.key].append(Evidence(tie.result.name, *known, business))
            led_by[tie.result.key].append(Evidence(tie.cause.name, *known))
    return leads, led_by


def measure(
    definition: Definition,
    others: Mapping[str, Definition],
    row: Metric | None = None,
    tile: Tile | None = None,
) -> Measure:
    """Without a row it is one that is only written down yet."""
    healthy = definition.healthy
    return Measure(
        key=definition.key,
        name=definition.title,
        unit=definition.unit,
        direction=definition.direction,
        kind=definition.kind,
        family=definition.family,
        level=definition.level,
        outcome=definition.outcome,
        owner=definition.owner,
        healthy=bool(healthy and (healthy.at_least is not None or healthy.at_most is not None)),
        drives=tuple(definition.drives),
        selects=_counted(definition),
        population=_population(definition, others),
        computes=_computes(definition) if definition.level == "kpi" else "",
        stale=_stale(row),
        health=tile.health if tile else "",
    )


def _counted(definition: Definition) -> str:
    if definition.kind not in COUNTING:
        return ""
    event = getattr(definition, "event", "")
    return _said(Selector(event=event, where=definition.where), definition)


def _population(definition: Definition, others: Mapping[str, Definition]) -> str:
    """Of what a share is a share."""
    match definition:
        case Share():
            return _said(definition.of or Selector(event=definition.event), definition)
        case Funnel():
            return _said(definition.steps[0], definition)
        case Retention():
            return _said(definition.start, definition)
        case Ratio():
            below = others.get(definition.denominator)
            return _counted(below) if below else ""
    return ""


def _said(selector: Selector, definition: Definition) -> str:
    asked = Selector(event=list(selector.names), where=selector.where)
    return json.dumps([plain(asked), definition.source], sort_keys=True)


def _computes(definition: Definition) -> str:
    document = {k: v for k, v in to_document(definition).items() if k not in DESCRIBING}
    return "" if definition.kind == "manual" else json.dumps(document, sort_keys=True)


def _stale(row: Metric | None) -> str:
    if row is None:
        return ""
    said: Iterable[str] = (why for _, why in row.silences.values())
    return row.problem or next(iter(said), "")
