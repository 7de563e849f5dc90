"""The definitions in force in a workspace."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import msgspec
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from headway.accounts.models import Workspace
from headway.engine.definition import Definition as EngineDefinition
from headway.engine.errors import HeadwayError
from headway.engine.kinds import parse
from headway.engine.launched import dated
from headway.metrics.happened.happenings import launch_days
from headway.metrics.models import Definition, Metric


def documents_of(
    workspace: Workspace, keys: Collection[str] | None = None
) -> dict[Metric, dict[str, object]]:
    """Every metric that is not archived, or those of the keys, with its document, by key.

    One query.
    """
    latest = _latest(workspace)
    if keys is not None:
        latest = latest.filter(metric__key__in=keys)
    rows = latest.select_related("metric__owner__person").order_by("metric__key")
    return {row.metric: row.metric.described(row.body) for row in rows}


def definitions_of(workspace: Workspace) -> dict[str, EngineDefinition]:
    return parsed(documents_of(workspace))[0]


def parsed(
    documents: Mapping[Metric, Mapping[str, object]],
) -> tuple[dict[str, EngineDefinition], dict[str, str]]:
    """The definitions by key, and what is wrong with those that cannot be read.

    Launches that they name stand in them as days.
    """
    good: dict[str, EngineDefinition] = {}
    problems: dict[str, str] = {}
    days: dict[str, date] | None = None
    for metric, document in documents.items():
        try:
            found = _read(msgspec.json.encode(document))
            if found.who and found.who.launch:
                days = launch_days(metric.workspace) if days is None else days
                found = dated(found, days)
            good[metric.key] = found
        except HeadwayError as error:
            problems[metric.key] = str(error)
    return good, problems


@lru_cache(maxsize=10_000)
def _read(document: bytes) -> EngineDefinition:
    """Few definitions change from one page, or pass, to the next."""
    return parse(msgspec.json.decode(document))


@dataclass(frozen=True, slots=True)
class Named:
    """A metric as a list names it."""

    key: str
    name: str

    def __str__(self) -> str:
        return self.name


def around(metric: Metric) -> tuple[list[Named], list[Named]]:
    """The metrics that are computed from it directly, and those that it is computed from itself.

    Of those that are not archived, in one query.
    """
    texts = _latest(metric.workspace).annotate(text=Cast("body", TextField()))
    rows = texts.order_by("metric__key").values_list("metric__key", "metric__name", "text")
    found = {key: (Named(key, name), _inputs(text)) for key, name, text in rows}
    above = [named for named, inputs in found.values() if metric.key in inputs]
    own = found[metric.key][1] if metric.key in found else ()
    return above, [found[key][0] for key in own if key in found]


def _latest(workspace: Workspace) -> QuerySet[Definition]:
    return Definition.objects.filter(
        metric__workspace=workspace, metric__archived_at=None, version=F("metric__version")
    )


@lru_cache(maxsize=10_000)
def _inputs(body: str) -> tuple[str, ...]:
    """A version is never changed, so that its text is parsed once."""
    try:
        return tuple(dict.fromkeys(parse({**json.loads(body), "key": "any"}).inputs()))
    except HeadwayError:
        return ()


def users_of(key: str, definitions: Mapping[str, EngineDefinition]) -> list[str]:
    """Keys of the metrics that are computed from this one directly."""
    return [other for other, definition in definitions.items() if key in definition.inputs()]


def closure(key: str, definitions: Mapping[str, EngineDefinition]) -> dict[str, EngineDefinition]:
    """The metric and all that it is computed from, as far as they exist."""
    found: dict[str, EngineDefinition] = {}
    waiting = [key]
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in found:
            found[name] = definitions[name]
            waiting += definitions[name].inputs()
    return found
