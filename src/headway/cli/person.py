"""`headway person`: what is stored of one person, and its deletion."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.groups import Group
from headway.cli.output import Row, as_option, format_option, show, workspace_option

if TYPE_CHECKING:
    from headway.ingest.models import Rewrite


@click.group(cls=Group, name="person", epilog="Example: headway person export u-4711")
def command() -> None:
    """Export or delete the events of one person, by any of their ids."""


@command.command(name="export", epilog="Example: headway person export u-4711 > u-4711.ndjson")
@click.argument("id_", metavar="ID")
@workspace_option
@as_option
def export(id_: str, workspace: str | None, email: str | None) -> None:
    """Print every event of theirs as JSON lines."""
    django.ready()
    from headway.ingest.people import person

    home = django.workspace_named(workspace)
    for row in person.exported(home, id_, by=django.member_named(home, email)):
        click.echo(json.dumps(row, default=str, ensure_ascii=False))


@command.command(name="delete", epilog="Example: headway person delete u-4711 --block")
@click.argument("id_", metavar="ID")
@click.option("--block", is_flag=True, help="Leave out what still comes of them later.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@workspace_option
@as_option
def delete(id_: str, block: bool, yes: bool, workspace: str | None, email: str | None) -> None:
    """Delete every event of theirs, for good.

    The worker does it, and the receipt says how far it is.
    """
    django.ready()
    from headway.ingest.people import person, rewriting

    home = django.workspace_named(workspace)
    found, count = person.found(home, id_)
    if not yes:
        click.confirm(
            f"Delete {count:,} events under {len(found.ids)} ids of {home} for good?", abort=True
        )
    by = django.member_named(home, email)
    job = rewriting.ask_person(home, id_, blocks=block, by=by, now=datetime.now(UTC))
    click.echo(f"Receipt {job.pk}: the worker deletes {count:,} events.", err=True)
    click.echo(job.pk)


@command.command(name="unblock", epilog="Example: headway person unblock u-4711")
@click.argument("id_", metavar="ID")
@workspace_option
@as_option
def unblock(id_: str, workspace: str | None, email: str | None) -> None:
    """Take events of somebody again who was deleted with --block, by any id of theirs."""
    django.ready()
    from headway.ingest.people import blocking

    home = django.workspace_named(workspace)
    by = django.member_named(home, email)
    count = blocking.unblock(home, id_, by=by, now=datetime.now(UTC))
    click.echo(f"{count} id{'s' if count > 1 else ''} of theirs are taken again.", err=True)


@command.command(name="receipts", epilog="Example: headway person receipts --format json")
@workspace_option
@format_option
def receipts(workspace: str | None, format: str) -> None:
    """What was deleted or written again, the newest first; no personal data."""
    django.ready()
    rows = [_row(job) for job in django.workspace_named(workspace).rewrites.all()]
    show(rows, format=format, empty="Nothing has been deleted.")


@command.command(name="clean", epilog="Example: headway person clean")
@workspace_option
@as_option
def clean(workspace: str | None, email: str | None) -> None:
    """Hash or drop personal properties in what was written before they were marked."""
    django.ready()
    from headway.ingest.people import rewriting

    home = django.workspace_named(workspace)
    by = django.member_named(home, email)
    job = rewriting.ask_personal(home, by=by, now=datetime.now(UTC))
    click.echo(f"Receipt {job.pk}: the worker cleans what was written before.", err=True)


def _row(job: Rewrite) -> Row:
    return {
        "number": job.pk,
        "kind": job.kind,
        "state": job.state,
        "asked for": job.asked_at,
        "by": job.asked_by,
        "done": job.finished_at,
        "events": job.account.get("events", 0),
        "files": len(job.account.get("parts", [])),
        "hash": job.digest,
        "problem": job.problem,
    }
