"""A metric's definition as text."""

from __future__ import annotations

import io

from ruamel.yaml import YAML

from headway.engine.definition import Definition
from headway.engine.kinds import to_document


def as_yaml(definition: Definition) -> str:
    """The definition as a file holds it."""
    text = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(to_document(definition), text)
    return text.getvalue()
