"""Writes the reference pages from the code, so that they cannot lag behind it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import click
import msgspec

from headway.cli import main
from headway.coach.finding import Rule
from headway.coach.rules import FAMILIES
from headway.config.environment import SETTINGS
from headway.demo.parcel.coverage import COVERAGE
from headway.engine.definition import Definition
from headway.engine.kinds import KINDS
from headway.metrics.catalogue import Template, templates
from headway.metrics.packs import Kpi, Pack, packs
from headway.metrics.stages import by_stage


def write(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    pages = {
        "kinds.md": kinds(),
        "catalogue.md": catalogue(),
        "packs.md": packs_page(),
        "coach.md": coach(),
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


def packs_page() -> str:
    head = (
        "# Starter packs\n\n[The guide](../packs.md) says how to choose one and send the events.\n"
    )
    return "\n".join([head, *(part for one in packs() for part in pack_section(one))])


def pack_section(pack: Pack) -> list[str]:
    """For whom it is, its metrics by stage, and its tracking list."""
    documents = pack.documents
    star = documents[pack.north_star]["name"]
    parts = [f"## {pack.name}\n", f"{pack.who} {pack.value.words} (`{pack.value.event}`)\n"]
    parts += [f"North star: **{star}** (`{pack.north_star}`). {pack.why}\n"]
    rows = ["| stage | metric | level | drives |", "|---|---|---|---|"]
    for stage, found in by_stage(pack.kpis, lambda kpi: documents[kpi.metric]["family"]):
        rows += [metric_row(stage.title, kpi, documents[kpi.metric]["name"]) for kpi in found]
    parts += ["\n".join(rows) + "\n", f"### Events of {pack.name}\n", tracking_table(pack)]
    return parts


def metric_row(stage: str, kpi: Kpi, name: str) -> str:
    level = "KPI" if kpi.level == "kpi" else ""
    drives = ", ".join(f"`{key}`" for key in kpi.drives)
    return f"| {stage} | {name} (`{kpi.metric}`) | {level} | {drives} |"


def tracking_table(pack: Pack) -> str:
    rows = ["| event | when | with |", "|---|---|---|"]
    for one in pack.tracking:
        given = [f"`{name}`" for name in one.ids]
        given += [f"`{name}` ({type_})" for name, type_ in one.types.items()]
        rows.append(f"| `{one.event}` | {one.when} | {', '.join(given)} |")
    return "\n".join(rows) + "\n"


def coach() -> str:
    about = "[The guide](../coach.md) says when it speaks, and how to switch a rule off.\n"
    parts = ["# Rules of the coach\n", about]
    for family, rules in FAMILIES.items():
        parts += [f"## {family}\n", *map(rule_entry, rules)]
    return "\n".join(parts)


def rule_entry(rule: Rule) -> str:
    return f"`{rule.code}` ({rule.severity})\n: **{rule.title}.** {rule.why} *{rule.fix}*\n"


EXITS = """\
A command exits with 0 when it did what it was asked, with 2 when the call was wrong (an unknown
option, key or workspace, a missing right), and with 1 when what it looked at is: rows that cannot
be read, a damaged file, answers that are missing. For `plan`, `alerts list`, `tracking reports` and
`measure alerts` 2 is an answer (something would change, something is open or odd), so that there
whatever is wrong exits with 1; `apply` and `check` do so, too. Tables fit into the width of a
terminal; in a file or a pipe nothing is cut. `NO_COLOR` switches colours off.
"""


def commands() -> str:
    parts = ["# Commands\n", "`headway COMMAND --help` prints the same.\n", EXITS]
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
