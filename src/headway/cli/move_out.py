"""`headway move-out`: everything of goals as one file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from headway.cli import django
from headway.cli.output import workspace_option
from headway.engine.errors import Conflict


@click.command(name="move-out", epilog="Example: headway move-out acme.json --workspace acme")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@workspace_option
def command(file: Path, force: bool, workspace: str | None) -> None:
    """Write teams, cycles, metrics, objectives, outputs and check-ins into FILE.

    A name that ends with .json gets one document, one with .zip a CSV file for each sort of row.
    `headway move-in` reads both, and makes the same goals in an empty workspace.
    """
    django.ready()
    from headway.moving.out import as_csv, as_json, everything

    if file.exists() and not force:
        raise Conflict(f"`{file}` is there already.", fix="Choose another name, or add --force.")
    document = everything(django.workspace_named(workspace), now=datetime.now(UTC))
    content = as_csv(document) if file.suffix.lower() == ".zip" else as_json(document)
    file.write_bytes(content)
    click.echo(file)
