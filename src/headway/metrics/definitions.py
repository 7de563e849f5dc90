"""The definitions in force in a workspace."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import F

from headway.accounts.models import Workspace
from headway.engine.definition import Definition as EngineDefinition
from headway.engine.errors import HeadwayError
from headway.engine.kinds import parse
from headway.metrics.models import Definition, Metric


def documents_of(workspace: Workspace) -> dict[Metric, dict[str, object]]:
    """Every metric that is not archived with its document, by key, in one query."""
    latest = Definition.objects.filter(
        metric__workspace=workspace, metric__archived_at=None, version=F("metric__version")
    )
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
