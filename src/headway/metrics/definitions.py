"""The definitions in force in a workspace."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import lru_cache

from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast

from headway.accounts.models import Workspace
from headway.engine.definition import Definition as EngineDefinition
from headway.engine.errors import HeadwayError
from headway.engine.kinds import parse
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
    documents: dict[Metric, dict[str, object]],
) -> tuple[dict[str, EngineDefinition], dict[str, str]]:
    """The definitions by key, and what is wrong with those that cannot be read."""
    good: dict[str, EngineDefinition] = {}
    problems: dict[str, str] = {}
    for metric, document in documents.items():
        try:
            good[metric.key] = parse(document)
        except HeadwayError as error:
            problems[metric.key] = str(error)
    return good, problems


def around(metric: Metric) -> tuple[list[Metric], list[Metric]]:
    """The metrics that are computed from it directly, and those that it is computed from itself."""
    inputs = _inputs_by_metric(metric.workspace)
    above = [pk for pk, names in inputs.items() if metric.key in names]
    own = inputs.get(metric.pk, ())
    asked = Q(pk__in=above) | Q(key__in=own, archived_at=None)
    found = list(metric.workspace.metrics.filter(asked).order_by("key"))
    named = {m.key: m for m in found}
    return [m for m in found if m.pk in above], [named[key] for key in own if key in named]


def _inputs_by_metric(workspace: Workspace) -> dict[int, tuple[str, ...]]:
    """The keys that each metric that is not archived is computed from."""
    texts = _latest(workspace).annotate(text=Cast("body", TextField()))
    return {pk: _inputs(text) for pk, text in texts.values_list("metric_id", "text")}


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
