"""`headway source-key`: the keys with which SDKs send events to a source."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.groups import Group
from headway.cli.named import source_named
from headway.cli.output import Row, as_option, format_option, show, workspace_option
from headway.engine.errors import NotFound

if TYPE_CHECKING:
    from headway.ingest.models import Source, WriteKey


@click.group(cls=Group, name="source-key", epilog="Example: headway source-key new app --name web")
def command() -> None:
    """Make, list and revoke the write keys of a source.

    An SDK is given a write key and the address of Headway. Keys only let events in: browsers show
    them to anybody.
    """


@command.command(name="list", epilog="Example: headway source-key list app --format json")
@click.argument("source")
@workspace_option
@format_option
def list_(source: str, workspace: str | None, format: str) -> None:
    """The keys of a source, revoked ones too."""
    django.ready()
    found = source_named(django.workspace_named(workspace), source)
    rows = [_row(key) for key in found.write_keys.all()]
    show(rows, format=format, empty="It has no write key: make one with `headway source-key new`.")


@command.command(name="new", epilog="Example: headway source-key new app --name web")
@click.argument("source")
@click.option("--name", required=True, help="What will use it.")
@workspace_option
@as_option
def new(source: str, name: str, workspace: str | None, email: str | None) -> None:
    """Make a write key and print it. A source that is not there is made."""
    django.ready()
    from headway.ingest import actions

    home = django.workspace_named(workspace)
    by, now = django.member_named(home, email), datetime.now(UTC)
    found = home.sources.filter(key=source).first()
    found = found or actions.save_source(home, source, by=by, now=now)
    click.echo(actions.create_key(found, name, by=by, now=now).value)


@command.command(name="revoke", epilog="Example: headway source-key revoke app 3f9a01")
@click.argument("source")
@click.argument("key")
@workspace_option
@as_option
def revoke(source: str, key: str, workspace: str | None, email: str | None) -> None:
    """Let nothing more in with a key, named by how it begins."""
    django.ready()
    from headway.ingest import actions

    home = django.workspace_named(workspace)
    found = _key(source_named(home, source), key)
    actions.revoke_key(found, by=django.member_named(home, email), now=datetime.now(UTC))
    click.echo(f"Nothing comes in with {found} any more.", err=True)


def _key(source: Source, begins: str) -> WriteKey:
    found = list(source.write_keys.filter(value__startswith=begins))
    if len(found) != 1:
        many = "several write keys begin" if found else "no write key begins"
        raise NotFound(
            f"Of `{source.key}`, {many} with `{begins}`.",
            fix=f"`headway source-key list {source.key}` shows them.",
        )
    return found[0]


def _row(key: WriteKey) -> Row:
    return {
        "name": key.name,
        "key": key.value,
        "made": key.created_at,
        "last used": key.last_used_at or "never",
        "revoked": key.revoked_at or "",
    }
