"""`headway token`: a key to the API."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from headway.cli import django
from headway.cli.output import workspace_option


@click.command(name="token", epilog="Example: headway token --as ada@acme.example --name nightly")
@click.option("--as", "email", metavar="EMAIL", required=True, help="For whom the token acts.")
@click.option("--name", required=True, help="What will use it.")
@workspace_option
def command(email: str, name: str, workspace: str | None) -> None:
    """Make a token for the API and print it, once.

    It may do what its member may do, and is revoked in the settings of the web.
    """
    django.ready()
    from headway.accounts import actions

    member = django.member_named(django.workspace_named(workspace), email)
    assert member is not None
    _, raw = actions.create_token(member, name, now=datetime.now(UTC))
    click.echo(raw)
