"""`headway schema`: the JSON Schema of the definition files."""

from __future__ import annotations

import json

import click


@click.command(name="schema", epilog="Example: headway schema > headway.schema.json")
def command() -> None:
    """Print the JSON Schema of the definition files, for completion and checks in editors."""
    from headway.files.schema import schema

    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))
