"""Starter packs: for a kind of business, its KPIs from the catalogue and the events to send.

The data are the YAML files beside this one, one for each business.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct
from ruamel.yaml import YAML

from headway.engine.definition import Definition
from headway.engine.errors import NotFound, nearest
from headway.engine.kinds import parse
from headway.metrics.catalogue import Template, template
from headway.metrics.journey import Stage
from headway.metrics.needs import Needs, needs, renamed, together
from headway.metrics.stages import by_stage

FILES = ("b2b-saas", "e-commerce", "marketplace", "cloud-storage", "social", "mobile-app")

Example = str | bool | int | float | list[str | bool | int | float]
"""A value as it is sent; a list holds values of which one is sent."""


class Tracked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An event to send. `also` are names that other tools give to it."""

    event: str
    when: str
    who: Literal["user", "account", "both", "nobody"] = "user"
    properties: dict[str, Example] = {}
    also: tuple[str, ...] = ()

    @property
    def types(self) -> dict[str, str]:
        """What each property takes, in words."""
        return {name: _type(example) for name, example in self.properties.items()}

    @property
    def ids(self) -> tuple[str, ...]:
        sent = {"user": ("user_id",), "account": ("account_id",), "nobody": ()}
        return sent.get(self.who, ("user_id", "account_id"))

    @property
    def example(self) -> dict[str, Any]:
        """A row as a file has it."""
        ids = {"user_id": "u-17", "account_id": "a-3"}
        first = {name: _first(example) for name, example in self.properties.items()}
        moment = {"event": self.event, "happened_at": "2026-03-02T09:30:00Z"}
        return moment | {name: ids[name] for name in self.ids} | first

    @property
    def line(self) -> str:
        """The row in a file of type NDJSON."""
        return json.dumps(self.example, ensure_ascii=False)


class Kpi(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A template of the catalogue as a business uses it. `measure` replaces fields of its own."""

    template: str
    key: str = ""
    name: str = ""
    meaning: str = ""
    level: Literal["metric", "kpi"] = "metric"
    outcome: Literal["product", "business", "none"] = "none"
    drives: tuple[str, ...] = ()
    guardrails: tuple[str, ...] | None = None
    measure: dict[str, Any] = {}

    @property
    def metric(self) -> str:
        """The key of the metric it makes."""
        return self.key or self.template


class ValueEvent(Struct, frozen=True, forbid_unknown_fields=True):
    """When a customer gets what they came for."""

    event: str
    words: str


class Pack(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`names` gives the templates' example events the names that this business uses; `journey` are
    the stages of its customers' way.
    """

    key: str
    name: str
    who: str
    value: ValueEvent
    north_star: str
    why: str
    names: dict[str, str]
    journey: list[Stage]
    kpis: list[Kpi]
    tracking: list[Tracked]

    @property
    def documents(self) -> dict[str, dict[str, Any]]:
        """What `save_metric` takes, by key."""
        return {kpi.metric: self._document(kpi) for kpi in self.kpis}

    @property
    def definitions(self) -> dict[str, Definition]:
        return {key: parse(document) for key, document in self.documents.items()}

    @property
    def needs(self) -> Needs:
        return together(map(needs, self.definitions.values()))

    @property
    def stages(self) -> list[str]:
        """Names of the stages it has metrics of."""
        families = [template(kpi.template).family for kpi in self.kpis]
        return [stage.name for stage, _ in by_stage(families, str)]

    @property
    def watched(self) -> list[str]:
        """Names of its KPIs."""
        named = self.documents
        return [named[kpi.metric]["name"] for kpi in self.kpis if kpi.level == "kpi"]

    def guardrails(self, kpi: Kpi) -> tuple[str, ...]:
        """Those to watch beside it that the pack has."""
        if kpi.guardrails is not None:
            return kpi.guardrails
        there = {one.metric for one in self.kpis}
        return tuple(key for key in template(kpi.template).guardrails if key in there)

    def _document(self, kpi: Kpi) -> dict[str, Any]:
        given = template(kpi.template)
        measure = {**renamed(given.measure, self.names), **kpi.measure}
        if "kind" in kpi.measure:
            measure = kpi.measure
        own = {"key": kpi.metric, "name": kpi.name or given.name, "level": kpi.level}
        chain = {"outcome": kpi.outcome, "drives": list(kpi.drives)}
        read = {**_read(given), **own, "description": kpi.meaning or given.meaning}
        return {**read, **{k: v for k, v in chain.items() if v not in ("none", [])}, **measure}


def _read(given: Template) -> dict[str, Any]:
    """How a template's metric is read, without what computes it."""
    return {k: v for k, v in given.document.items() if k not in given.measure}


@cache
def packs() -> tuple[Pack, ...]:
    return tuple(_pack(name) for name in FILES)


def pack(key: str) -> Pack:
    found = {one.key: one for one in packs()}
    if key not in found:
        fix = nearest(key, found) or f"There are: {', '.join(found)}."
        raise NotFound(f"There is no starter pack `{key}`.", where="pack", fix=fix)
    return found[key]


@cache
def other_names() -> Mapping[str, tuple[str, ...]]:
    """What other tools call an event, for the events of all packs and of the catalogue."""
    found: dict[str, tuple[str, ...]] = {}
    for one in packs():
        for tracked in one.tracking:
            found[tracked.event] = (*found.get(tracked.event, ()), *tracked.also)
        for example, name in one.names.items():
            found[example] = (*found.get(example, ()), name)
    return found


def tracked(pack_: Pack, event: str) -> Tracked:
    return next(one for one in pack_.tracking if one.event == event)


def _pack(name: str) -> Pack:
    text = (Path(__file__).parent / f"{name}.yml").read_text(encoding="utf-8")
    return msgspec.convert(YAML(typ="safe").load(text), Pack)


def _first(example: Example) -> str | bool | int | float:
    return example[0] if isinstance(example, list) else example


def _type(example: Example) -> str:
    first = _first(example)
    if isinstance(first, bool):
        return "true or false"
    if isinstance(example, list) and isinstance(first, str):
        return "one of " + ", ".join(map(str, example))
    return "text" if isinstance(first, str) else "number"


def lines(tracking: Iterable[Tracked]) -> str:
    """A file of type NDJSON with an example of each event."""
    return "".join(f"{one.line}\n" for one in tracking)
