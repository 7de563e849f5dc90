"""A metric's definition as text, and what each version of it changed."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

from headway.engine.definition import Definition as EngineDefinition
from headway.engine.kinds import to_document
from headway.metrics.models import Definition, Metric


@dataclass(frozen=True)
class Version:
    """One version with what changed against the one before, newest first in lists."""

    definition: Definition
    changes: Sequence[str]


def versions(metric: Metric) -> list[Version]:
    rows = list(metric.definitions.select_related("by").order_by("version"))
    before = [None, *rows[:-1]]
    found = [Version(row, changes(old, row)) for old, row in zip(before, rows, strict=True)]
    return found[::-1]


def changes(before: Definition | None, after: Definition) -> list[str]:
    if before is None:
        return ["First version."]
    old, new = before.body, after.body
    fields = [f for f in {**old, **new} if old.get(f) != new.get(f)]
    return [f"{f}: {_text(old, f)} → {_text(new, f)}" for f in fields]


def as_yaml(definition: EngineDefinition) -> str:
    """The definition as a file holds it."""
    text = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(to_document(definition), text)
    return text.getvalue()


def _text(body: Mapping[str, Any], field: str) -> str:
    if field not in body:
        return "not set"
    value = body[field]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
