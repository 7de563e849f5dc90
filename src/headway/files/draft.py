"""The items of a sheet that are well-formed by themselves, and the faults of those that are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError, nearest
from headway.engine.kinds import KINDS, parse
from headway.engine.shape import Fault, Path, allowed, faults, shape_of, shown, unknown_field
from headway.files.document import (
    Annotation,
    Check,
    Close,
    Cycle,
    Document,
    KeyResult,
    Objective,
    Output,
    PlannedEvent,
    Source,
    Survey,
    Team,
    Workspace,
)
from headway.ingest.kinds import faults_of as source_faults
from headway.surveys.definition import faults_of as survey_faults
from headway.uptime.definition import faults_of as check_faults

SECTIONS: dict[str, type[Struct]] = {
    "sources": Source,
    "tracking": PlannedEvent,
    "surveys": Survey,
    "checks": Check,
    "teams": Team,
    "metrics": Definition,
    "cycles": Cycle,
    "objectives": Objective,
    "outputs": Output,
    "annotations": Annotation,
    "closes": Close,
}

CHECKED: dict[str, Callable[[Mapping[str, Any]], list[Fault]]] = {
    "sources": source_faults,
    "surveys": survey_faults,
    "checks": check_faults,
}
"""Sections whose room says itself what is wrong with an item."""

KEYS = {"tracking": "event"}
"""What the key of an item is called, where it is not `key`."""


@dataclass
class Draft:
    """`items` has the good items of each section with their paths; `keys` every key that is named,
    so that one bad item does not make a fault of each reference to it.
    """

    workspace: Workspace | None = None
    items: dict[str, list[tuple[Path, Any]]] = field(
        default_factory=lambda: {s: [] for s in SECTIONS}
    )
    keys: dict[str, list[tuple[Path, str]]] = field(
        default_factory=lambda: {s: [] for s in SECTIONS}
    )
    key_results: list[tuple[Path, KeyResult, str]] = field(default_factory=list)
    """The good ones, also of objectives that are not, with the cycle each belongs to."""
    faults: list[Fault] = field(default_factory=list)

    @staticmethod
    def of(values: dict[str, Any]) -> Draft:
        draft = Draft()
        for name, value in values.items():
            if name == "workspace":
                draft._take_workspace(value)
            elif name in SECTIONS:
                draft._take_section(name, value)
            else:
                draft.faults.append(unknown_field(name, ["workspace", *SECTIONS], ()))
        return draft

    def document(self) -> Document:
        lists = {name: [item for _, item in items] for name, items in self.items.items()}
        return Document(workspace=self.workspace, **lists)

    def _take_workspace(self, value: Any) -> None:
        found = list(faults(value, shape_of(Workspace), ("workspace",)))
        self.faults += found
        if not found:
            self.workspace = msgspec.convert(value, Workspace)

    def _take_section(self, name: str, value: Any) -> None:
        if not isinstance(value, list):
            fix = f"Write `{name}: []` where there are none." if value is None else ""
            self.faults.append(Fault((name,), f"Found {shown(value)}, expected a list.", fix))
            return
        for n, item in enumerate(value):
            path: Path = (name, n)
            key = item.get(KEYS.get(name, "key")) if isinstance(item, dict) else None
            if isinstance(key, str):
                self.keys[name].append((path, key))
            self._take(name, path, item)

    def _take(self, name: str, path: Path, item: Any) -> None:
        found = list(
            _metric_faults(item, path) if name == "metrics" else _item_faults(name, item, path)
        )
        self.faults += found
        if name == "objectives" and isinstance(item, dict):
            item = {**item, "key_results": self._take_key_results(path, item, found)}
            found = [f for f in found if f.path[2:3] != ("key_results",)]
        if not found:
            self._keep(name, path, item)

    def _take_key_results(
        self, path: Path, objective: dict[str, Any], found: list[Fault]
    ) -> list[Any]:
        given = objective.get("key_results", [])
        bad = {f.path[3] for f in found if f.path[2:3] == ("key_results",) and len(f.path) > 3}
        good = [
            (n, item) for n, item in enumerate(given) if n not in bad and isinstance(item, dict)
        ]
        for n, item in good:
            key_result = msgspec.convert(item, KeyResult)
            cycle = key_result.cycle or str(objective.get("cycle"))
            self.key_results.append(((*path, "key_results", n), key_result, cycle))
        return [item for _, item in good]

    def _keep(self, name: str, path: Path, item: dict[str, Any]) -> None:
        if name != "metrics":
            self.items[name].append((path, msgspec.convert(item, SECTIONS[name])))
            return
        try:
            self.items[name].append((path, parse(item)))
        except DefinitionError as error:
            self.faults.append(Fault((*path, *_field(error)), error.message, error.fix))


def _item_faults(name: str, item: Any, path: Path) -> Iterator[Fault]:
    if name in CHECKED and isinstance(item, dict):
        yield from (replace(f, path=(*path, *f.path)) for f in CHECKED[name](item))
        return
    yield from faults(item, shape_of(SECTIONS[name]), path)


def _metric_faults(item: Any, path: Path) -> Iterator[Fault]:
    if not isinstance(item, dict):
        yield Fault(path, f"Found {shown(item)}, expected {allowed(shape_of(Definition))}.")
    elif isinstance(kind := item.get("kind"), str) and kind in KINDS:
        yield from (_of_another(f, kind) for f in faults(item, shape_of(KINDS[kind]), path))
    elif not isinstance(kind, str | None):
        said = f"Found {shown(kind)}, expected one of {', '.join(KINDS)}."
        yield Fault((*path, "kind"), said)
    elif "kind" in item:
        fix = nearest(str(item["kind"]), KINDS) or f"Use one of {', '.join(KINDS)}."
        yield Fault((*path, "kind"), f"{shown(item['kind'])} is not a kind of metric.", fix)
    else:
        yield Fault(path, "`kind` is missing.", f"Give one of {', '.join(KINDS)}.")


def _of_another(fault: Fault, kind: str) -> Fault:
    """A field that other kinds have is no misspelling of one of this kind."""
    name = fault.path[2] if len(fault.path) == 3 else ""
    kinds = [other for other, fields in _fields().items() if name in fields]
    if not kinds or name in _fields()[kind]:
        return fault
    said = f"`{name}` says nothing about a metric of kind `{kind}`."
    return replace(fault, message=said, fix=f"Leave it out; it belongs to {', '.join(kinds)}.")


@cache
def _fields() -> dict[str, frozenset[str]]:
    """The fields of each kind."""
    named = {name: msgspec.structs.fields(struct) for name, struct in KINDS.items()}
    return {kind: frozenset(f.encode_name for f in fields) for kind, fields in named.items()}


def _field(error: DefinitionError) -> Path:
    """The field out of "metric `mrr`, field `steps`", as the engine places its errors."""
    named = error.where.partition("field `")[2].rstrip("`")
    return (named,) if named else ()
