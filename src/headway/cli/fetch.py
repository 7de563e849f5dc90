"""`headway fetch`: sources that Headway fetches by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.groups import Group
from headway.cli.named import source_named
from headway.cli.output import Row, as_option, format_option, show, workspace_option
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.ingest.models import Fetch, Source

LAYOUT = Layout(flows=("reached", "problem"))


@click.group(cls=Group, name="fetch", epilog="Example: headway fetch now billing")
def command() -> None:
    """List the sources that are fetched, and fetch one now.

    The worker fetches each by itself as often as its `every` says.
    """


@command.command(name="list", epilog="Example: headway fetch list --format json")
@workspace_option
@format_option
def list_(workspace: str | None, format: str) -> None:
    """How far each source has come, and what went wrong."""
    django.ready()
    from headway.ingest.fetching import FETCHERS

    home = django.workspace_named(workspace)
    found = home.sources.filter(kind__in=FETCHERS).select_related("fetch").order_by("key")
    show([_row(one) for one in found], format=format, empty="Nothing is fetched.", layout=LAYOUT)


@command.command(name="now", epilog="Example: headway fetch now billing")
@click.argument("source")
@click.option("--take-over", is_flag=True, help="Also from a worker that was killed over it.")
@workspace_option
@as_option
@format_option
def now(
    source: str, take_over: bool, workspace: str | None, email: str | None, format: str
) -> None:
    """Fetch a source here and now, until there is no more. Exit code 1 when it cannot be."""
    django.ready()
    from headway.ingest import actions
    from headway.ingest.fetch import fetch_source

    home = django.workspace_named(workspace)
    found = source_named(home, source)
    actions.fetch_now(found, by=django.member_named(home, email))
    state = fetch_source(found, now=datetime.now(UTC), take_over=take_over)
    found.fetch = state
    show([_row(found)], format=format, empty="", layout=LAYOUT)
    if state.problem:
        raise SystemExit(1)


def _row(source: Source) -> Row:
    fetch: Fetch | None = source.last_fetch
    fetcher = source.sort.fetcher
    assert fetcher
    return {
        "source": source.key,
        "kind": source.kind,
        "last": fetch.tried_at if fetch else "never",
        "next": (fetch.due_at if fetch else None) or "next pass",
        "brought": fetch.last_added if fetch else 0,
        "in all": fetch.added if fetch else 0,
        "refused": fetch.refused if fetch else 0,
        "reached": fetcher.words(fetch.cursor if fetch else {}),
        "problem": (fetch.problem or fetch.note) if fetch else "",
    }
