"""Writes a workspace as the document that changes nothing when it is applied."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from headway.accounts.models import Workspace
from headway.engine.errors import Conflict
from headway.files.document import Workspace as WorkspaceItem
from headway.files.sheet import SUFFIXES
from headway.files.state import Fields, kept, setting

FILES = {
    "workspace.yml": ("workspace", "sources", "surveys", "checks", "teams", "cycles"),
    "tracking.yml": ("tracking",),
    "metrics.yml": ("metrics",),
    "objectives.yml": ("objectives", "outputs"),
    "annotations.yml": ("annotations",),
    "closes.yml": ("closes",),
}
ALWAYS = ("name", "timezone", "week_starts", "currency")
SECTIONS = (
    *("source", "event", "survey", "check", "team", "cycle", "metric", "output"),
    *("annotation", "close"),
)
NAMES = {"event": "tracking"}
"""What a section is called that is no plural."""

DAY = re.compile(r"\d{4}-\d\d-\d\d")
DAYS = (
    *("starts", "ends", "due", "done", "planned", "launched"),
    *("value_through", "provisional_until"),
)


def export(workspace: Workspace) -> dict[str, Any]:
    """The document, as plain values; what is archived is left out."""
    there = {subject: k.fields for subject, k in kept(workspace).items() if not k.archived}
    ends = {c.key: str(c.ends) for c in workspace.cycles.all()}
    sections: dict[str, list[Fields]] = {noun: [] for noun in SECTIONS}
    objectives: dict[str, Fields] = {}
    for subject, fields in there.items():
        noun, _, key = subject.partition(":")
        if noun == "objective":
            objectives[key] = {**fields, "key_results": []}
        elif noun == "key_result" and (objective := objectives.get(key.partition("/")[0])):
            cycle = str(fields.get("cycle", objective["cycle"]))
            objective["key_results"].append(_without_usual_due(fields, ends[cycle]))
        elif noun in sections:
            sections[noun].append(fields)
    document = {NAMES.get(noun, f"{noun}s"): items for noun, items in sections.items()}
    document["objectives"] = [_filled(o) for o in objectives.values()]
    return {"workspace": _workspace(workspace), **_filled(document)}


def write(workspace: Workspace, folder: Path) -> list[Path]:
    """Writes up to six files and returns those that there was something for."""
    _refuse_strangers(folder)
    folder.mkdir(parents=True, exist_ok=True)
    document = export(workspace)
    written = []
    for name, sections in FILES.items():
        path = folder / name
        part = {s: document[s] for s in sections if s in document}
        if part:
            path.write_text(dumps(part), encoding="utf-8")
            written.append(path)
        else:
            path.unlink(missing_ok=True)
    return written


def dumps(document: Mapping[str, Any]) -> str:
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(_typeset(document), stream)
    return stream.getvalue()


def _refuse_strangers(folder: Path) -> None:
    """Other definitions beside an export would say everything twice."""
    if not folder.is_dir():
        return
    found = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES)
    others = [str(p.relative_to(folder)) for p in found if str(p.relative_to(folder)) not in FILES]
    if others:
        raise Conflict(
            f"`{folder}` holds other definitions: {', '.join(others[:5])}.",
            fix="Export to an empty folder, or to one that was exported to before.",
        )


def _workspace(workspace: Workspace) -> Fields:
    """The settings that differ from those of a new workspace."""
    names = [n for n in WorkspaceItem.__struct_fields__ if n != "key"]
    usual = Workspace()
    present = {n: setting(getattr(workspace, n)) for n in names}
    differ = {n: v for n, v in present.items() if n in ALWAYS or v != getattr(usual, n)}
    return {"key": workspace.key, **differ}


def _without_usual_due(fields: Fields, last_day: str) -> Fields:
    return {k: v for k, v in fields.items() if (k, v) != ("due", last_day)}


def _filled(fields: Mapping[str, Any]) -> Fields:
    return {name: value for name, value in fields.items() if value != []}


def _typeset(value: Any, name: str = "") -> Any:
    """Dates without quotes, and texts of several lines as blocks where that loses nothing."""
    if isinstance(value, Mapping):
        return {_day(k): _typeset(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_typeset(v) for v in value]
    if name in DAYS and isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, str) and _is_block(value):
        return LiteralScalarString(value)
    return value


def _day(key: str) -> str | date:
    """A key that is a date, without quotes."""
    return date.fromisoformat(key) if DAY.fullmatch(key) else key


def _is_block(text: str) -> bool:
    lines = text.split("\n")
    return (
        len(lines) > 1
        and all(line == line.strip() and line.isprintable() for line in lines)
        and bool(lines[0])
    )
