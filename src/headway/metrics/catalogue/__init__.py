"""KPIs to start from: each a definition with example event names, to be replaced by one's own.

The data are the YAML files beside this one, one for each stage of the customer's way.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from ruamel.yaml import YAML

from headway.engine.errors import NotFound, nearest
from headway.engine.kinds import parse

FILES = (
    "register", "onboarding", "operation", "awareness", "interest", "acquisition", "activation",
    "monetization", "retention",
)  # fmt: skip


class Template(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`measure` is the part of the definition that computes it.

    `guardrails` are keys of templates to watch beside it; `warning` says how it misleads.
    `family` is the value it stands for and its stage, such as `capture/activation`.
    """

    key: str
    name: str
    meaning: str
    question: str
    measure: dict[str, Any]
    family: str = ""
    unit: str = ""
    direction: str = "up"
    guardrails: tuple[str, ...] = ()
    warning: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """What `save_metric` takes, once the event names are the reader's own."""
        described = {"unit": self.unit} if self.unit else {}
        return {
            "key": self.key,
            "name": self.name,
            "description": self.meaning,
            "level": "kpi",
            "family": self.family,
            "direction": self.direction,
            **described,
            **self.measure,
        }

    @property
    def kind(self) -> str:
        return str(self.measure["kind"])

    @property
    def stage(self) -> str:
        """The step of the customer's way, such as `activation`."""
        return self.family.partition("/")[2]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Keys of the templates that it is computed from."""
        return _inputs()[self.key]


class _Stage(Struct, frozen=True, forbid_unknown_fields=True):
    family: str
    templates: list[Template]


@cache
def templates() -> tuple[Template, ...]:
    """In the order of the customer's way: from the first visit to loyalty."""
    return tuple(template for name in FILES for template in _stage(name))


def template(key: str) -> Template:
    found = {one.key: one for one in templates()}
    if key not in found:
        raise NotFound(f"The catalogue has no `{key}`.", fix=nearest(key, found))
    return found[key]


@cache
def _inputs() -> dict[str, tuple[str, ...]]:
    return {one.key: parse(one.document).inputs() for one in templates()}


def _stage(name: str) -> list[Template]:
    text = (Path(__file__).parent / f"{name}.yml").read_text(encoding="utf-8")
    stage = msgspec.convert(YAML(typ="safe").load(text), _Stage)
    return [msgspec.structs.replace(one, family=stage.family) for one in stage.templates]
