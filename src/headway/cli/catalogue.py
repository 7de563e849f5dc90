"""`headway catalogue`: what can be measured, and with which events."""

from __future__ import annotations

import io
from collections.abc import Sequence

import click
from ruamel.yaml import YAML

from headway.cli.output import Row, format_option, show
from headway.cli.tables import Layout
from headway.engine.errors import NotFound, nearest
from headway.engine.kinds import parse
from headway.metrics.catalogue import Template, templates
from headway.metrics.choice import chosen_from, template_with_inputs
from headway.metrics.needs import needs, split
from headway.metrics.packs import Pack, lines, packs

LAYOUT = Layout(
    cuts=("name", "needs"), flows=("for", "properties", "when"), spare=("needs", "stage")
)


@click.command(
    name="catalogue",
    epilog="Example: headway catalogue e-commerce --yaml --as order_placed=purchase > metrics.yml",
)
@click.argument("name", required=False)
@click.option("--find", "words", default="", help="Only templates that have these words.")
@click.option("--packs", "only_packs", is_flag=True, help="The starter packs.")
@click.option("--events", is_flag=True, help="The events that the pack needs, and when.")
@click.option("--examples", is_flag=True, help="An example row of each, as a file for `import`.")
@click.option("--yaml", is_flag=True, help="The definitions, for a folder that `apply` reads.")
@click.option(
    "--as",
    "renamed",
    multiple=True,
    metavar="EVENT=YOURS",
    help="With --yaml: another name of an event; may be given several times.",
)
@format_option
def command(
    name: str | None,
    words: str,
    only_packs: bool,
    events: bool,
    examples: bool,
    yaml: bool,
    renamed: Sequence[str],
    format: str,
) -> None:
    """KPIs that are ready to be used, and starter packs of them.

    NAME is a starter pack or a template. Without it all templates are listed.
    """
    chosen = _named(name) if name else None
    if yaml and chosen:
        click.echo(_yaml(chosen, _names(renamed)), nl=False)
    elif examples and isinstance(chosen, Pack):
        click.echo(lines(chosen.tracking), nl=False)
    else:
        show(_rows(chosen, words, only_packs, events), format=format, layout=LAYOUT)


def _named(name: str) -> Pack | Template:
    known = {one.key: one for one in packs()} | {one.key: one for one in templates()}
    if name not in known:
        raise NotFound(
            f"The catalogue has no `{name}`.",
            where="NAME",
            fix=nearest(name, known) or "`headway catalogue --find WORD` searches it.",
        )
    return known[name]


def _rows(chosen: Pack | Template | None, words: str, only_packs: bool, events: bool) -> list[Row]:
    if isinstance(chosen, Pack):
        return _events(chosen) if events else _metrics(chosen)
    if only_packs:
        return [{"key": p.key, "name": p.name, "for": p.who, "kpis": len(p.kpis)} for p in packs()]
    found = [chosen] if chosen else [t for t in templates() if _fits(t, words)]
    return [_template(one) for one in found]


def _metrics(pack: Pack) -> list[Row]:
    documents = pack.documents
    return [
        {
            "key": kpi.metric,
            "name": documents[kpi.metric]["name"],
            "level": kpi.level,
            "stage": documents[kpi.metric]["family"],
            "needs": _needed(documents[kpi.metric]),
        }
        for kpi in pack.kpis
    ]


def _events(pack: Pack) -> list[Row]:
    return [
        {
            "event": one.event,
            "ids": ", ".join(one.ids),
            "properties": ", ".join(f"{name} ({type_})" for name, type_ in one.types.items()),
            "when": one.when,
        }
        for one in pack.tracking
    ]


def _template(one: Template) -> Row:
    return {
        "key": one.key,
        "name": one.name,
        "kind": one.measure["kind"],
        "stage": one.family,
        "needs": _needed(one.document),
    }


def _needed(document: dict[str, object]) -> str:
    """Events, or the metrics it is computed from."""
    definition = parse(document)
    return ", ".join(needs(definition) or dict.fromkeys(definition.inputs()))


def _fits(one: Template, words: str) -> bool:
    text = f"{one.key} {one.name} {one.question} {one.meaning} {one.family}".lower()
    return all(word in text for word in words.lower().split())


def _names(given: Sequence[str]) -> dict[str, str]:
    found = dict(one.partition("=")[::2] for one in given)
    for event, own in found.items():
        if not split(own):
            raise click.BadParameter(f"`{event}` has no name after `=`.", param_hint="--as")
    return found


def _yaml(chosen: Pack | Template, names: dict[str, str]) -> str:
    if isinstance(chosen, Pack):
        documents = chosen_from(chosen, None, names)
    else:
        documents = template_with_inputs(chosen.key, names)
    writer, stream = YAML(), io.StringIO()
    writer.width = 4096
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump({"metrics": list(documents.values())}, stream)
    return stream.getvalue()
