"""The JSON Schema of the files, for completion and checks in editors."""

from __future__ import annotations

from typing import Any

import msgspec

from headway.engine.kinds import AnyDefinition
from headway.files.document import Document

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
        "$defs": components,
    }
