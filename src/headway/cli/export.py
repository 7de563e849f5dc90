"""`headway export`: a workspace as files."""

from __future__ import annotations

from pathlib import Path

import click

from headway.cli import django
from headway.cli.output import workspace_option


@click.command(name="export", epilog="Example: headway export definitions/ --workspace acme")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@workspace_option
def command(folder: Path, workspace: str | None) -> None:
    """Write a workspace's definitions as YAML files into DIR.

    Applying them to the same workspace changes nothing. Values and check-ins are not definitions
    and stay where they are.
    """
    django.ready()
    from headway.files.export import write

    for path in write(django.workspace_named(workspace), folder):
        click.echo(path)
