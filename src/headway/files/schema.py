"""The JSON Schema of the files, for completion and checks in editors."""

from __future__ import annotations

from typing import Any

import msgspec

from headway.engine.kinds import AnyDefinition
from headway.files.document import Document
from headway.files.sheet import NAMES

DAY = r"^\d{4}-\d{2}-\d{2}$"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Generated from the structs that files are held against, so that the two cannot disagree."""
    (document, metric), components = msgspec.json.schema_components(
        (Document, AnyDefinition), ref_template="#/$defs/{name}"
    )
    properties = components["Document"]["properties"]
    properties["metrics"] = {"type": "array", "items": metric, "default": []}
    return {
        "$schema": DIALECT,
        "title": "Headway workspace",
        **document,
        "$defs": {name: _as_read(one) for name, one in components.items()},
    }


def _as_read(found: Any, name: str = "") -> Any:
    """As files are read: a name may look like a number, and a day is one without a checker."""
    if isinstance(found, list):
        return [_as_read(one, name) for one in found]
    if not isinstance(found, dict):
        return found
    if found.get("type") == "string" and found.get("format") == "date":
        return {**found, "pattern": DAY}
    if found.get("type") == "string" and "enum" not in found and name in NAMES:
        return {**found, "type": ["string", "integer"]}
    inside = {key: _as_read(one, name) for key, one in found.items() if key != "properties"}
    if "properties" in found:
        fields = found["properties"].items()
        inside["properties"] = {field: _as_read(one, field) for field, one in fields}
    return inside
