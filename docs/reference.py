"""Writes the reference pages from the code, so that they cannot lag behind it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import click
import msgspec

from headway.cli import main
from headway.config.environment import SETTINGS
from headway.demo.parcel.coverage import COVERAGE
from headway.engine.definition import Definition
from headway.engine.kinds import KINDS
from headway.metrics.catalogue import Template, templates


def write(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    pages = {
        "kinds.md": kinds(),
        "catalogue.md": catalogue(),
        "commands.md": commands(),
        "settings.md": settings(),
    }
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def kinds() -> str:
    parts = ["# Kinds of metric\n", "Every kind also takes the [common fields](#common-fields).\n"]
    common = {f.name for f in msgspec.structs.fields(Definition)}
    for name, kind in KINDS.items():
        own = [f for f in msgspec.structs.fields(kind) if f.name not in common]
        parts += [f"## {name}\n", f"{kind.summary}\n"]
        parts += [table(own)] if own else []
    parts += ["## Common fields\n", table(list(msgspec.structs.fields(Definition)))]
    return "\n".join(parts)


def table(fields: list[msgspec.structs.FieldInfo]) -> str:
    rows = ["| field | takes | default |", "|---|---|---|"]
    rows += [f"| `{f.encode_name}` | {takes(f)} | {default(f)} |" for f in fields]
    return "\n".join(rows) + "\n"


def takes(field: msgspec.structs.FieldInfo) -> str:
    schema = msgspec.json.schema(field.type)
    return words(schema, schema.get("$defs", {})).replace("|", "\\|")


def words(schema: dict[str, object], known: dict[str, object]) -> str:
    """A JSON Schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1].lower()
    if "enum" in schema:
        return ", ".join(f"`{v}`" for v in schema["enum"] if v is not None)  # type: ignore[attr-defined]
    if "anyOf" in schema:
        options = [words(s, known) for s in schema["anyOf"]]  # type: ignore[attr-defined]
        return " or ".join(dict.fromkeys(o for o in options if o != "null"))
    if schema.get("description"):
        return str(schema["description"]).rstrip(".")
    if schema.get("type") == "array":
        return f"list of {words(schema.get('items', {}), known)}"  # type: ignore[arg-type]
    if schema.get("type") == "object":
        return "tests by property, see [filters](../metrics.md#filters)"
    plain = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    return plain.get(str(schema.get("type")), str(schema.get("type", "anything")))


def default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "needed"
    made = field.default_factory
    value = field.default if made is msgspec.NODEFAULT else made() or None
    if value in (msgspec.NODEFAULT, None, "", ()):
        return "–"
    return f"`{value}`"


def catalogue() -> str:
    parts = [
        "# Catalogue of KPIs\n",
        "Each is a definition with example event names, offered under **KPIs → New metric**; "
        "[the guide](../catalogue.md) says how to choose.\n",
    ]
    for family, found in groupby(templates(), key=lambda one: one.family):
        parts += [f"## {family.replace('/', ': ').capitalize()}\n", *map(entry, found)]
    return "\n".join([*parts, *at_parcel()])


def entry(template: Template) -> str:
    """One template as an item of a definition list."""
    lines = [f"{template.question} {template.meaning}", template.warning]
    lines += [f"Computed from {keys(template.inputs)}."] if template.inputs else []
    lines += [f"Watch {keys(template.guardrails)} beside it."] if template.guardrails else []
    said = " ".join(line for line in lines if line)
    return f"{template.name} (`{template.key}`, {template.kind})\n: {said}\n"


def keys(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def at_parcel() -> list[str]:
    """Which metric of the example shows which template."""
    rows = [
        f"| {row} | {keys(made)} | {keys(dict.fromkeys(made.values()))} |"
        for row, made in COVERAGE.items()
    ]
    head = "## At Parcel\n\nWhere the example workspace `parcel` has each KPI.\n"
    return [head, "| KPI | templates | metrics of Parcel |", "|---|---|---|", *rows, ""]


def commands() -> str:
    parts = ["# Commands\n", "`headway COMMAND --help` prints the same.\n"]
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        parts += section(command, f"headway {name}") if command else []
    return "\n".join(parts)


def section(command: click.Command, path: str) -> list[str]:
    context = click.Context(command, info_name=path)
    found = [f"## {path}\n", f"```text\n{context.get_help()}\n```\n"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            found += section(inner, f"{path} {name}") if inner else []
    return found


def settings() -> str:
    rows = [f"| `{name}` | {meaning} |" for name, meaning in SETTINGS.items()]
    head = "# Settings\n\nAll settings are environment variables; none is needed.\n"
    return "\n".join([head, "| variable | meaning |", "|---|---|", *rows, ""])
