"""`headway import`: events from files."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.groups import Group
from headway.cli.mapping import mapping_from
from headway.cli.output import as_option, format_option, show, workspace_option

if TYPE_CHECKING:
    from headway.accounts.models import Member, Workspace
    from headway.ingest.inflow.intake import Progress
    from headway.ingest.models import Import, Source
    from headway.stores.mapping import Mapping

SECONDS_A_LINE = 10.0
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(
    cls=Group, name="import", epilog="Example: headway import events orders.csv --source shop"
)
def command() -> None:
    """Bring in what was recorded elsewhere."""


@command.command(
    name="events",
    epilog="Example: headway import events orders.csv --source shop --event-name order_placed "
    "--time-column ordered_at --user-column customer --id-column order_no",
)
@click.argument("file", type=FILE)
@click.option("--source", "key", required=True, metavar="KEY", help="Made when it is new.")
@click.option("--event-column", metavar="COLUMN", help="Holds the event's name. [default: event]")
@click.option("--event-name", metavar="NAME", help="The name of every event in the file.")
@click.option("--time-column", metavar="COLUMN", help="[default: happened_at]")
@click.option("--time-format", metavar="FORMAT", help="strptime codes, e.g. '%d/%m/%Y %H:%M'.")
@click.option("--timezone", metavar="ZONE", help="Of times without a zone. [default: UTC]")
@click.option("--user-column", metavar="COLUMN", help="[default: user_id, where there is one]")
@click.option("--account-column", metavar="COLUMN", help="[default: account_id]")
@click.option("--id-column", metavar="COLUMN", help="The event's identity. [default: message_id]")
@click.option("--property", "properties", metavar="A,B", help="[default: all other columns]")
@click.option("--mapping", "file_mapping", type=FILE, help="YAML with the source's entry.")
@workspace_option
@as_option
@format_option
def events(
    file: Path,
    key: str,
    workspace: str | None,
    email: str | None,
    format: str,
    file_mapping: Path | None,
    **flags: str | None,
) -> None:
    """Add the events of a CSV, Parquet or NDJSON FILE (.gz too) to a source.

    Events that are there already are not added again. Rows that cannot be read go to a reject
    file with the reason for each; exit code 1 when no row could be.
    """
    mapping = mapping_from(file_mapping, key, flags)
    django.ready()
    home = django.workspace_named(workspace)
    done = _import(home, file, key, mapping, django.member_named(home, email))
    _report(done, format)
    if not done.added and not done.known:
        raise SystemExit(1)


def _import(
    workspace: Workspace, file: Path, key: str, mapping: Mapping, by: Member | None
) -> Import:
    from headway.ingest import actions

    now = datetime.now(UTC)
    with _progress(file.name) as on_progress:
        return actions.import_events(
            _source(workspace, key, by, now),
            file,
            mapping=mapping,
            by=by,
            now=now,
            on_progress=on_progress,
        )


def _source(workspace: Workspace, key: str, by: Member | None, now: datetime) -> Source:
    from headway.ingest import actions

    found = workspace.sources.filter(key=key).first()
    return found or actions.save_source(workspace, key, by=by, now=now)


@contextmanager
def _progress(name: str) -> Iterator[Progress]:
    """A bar on a terminal; elsewhere a line every ten seconds."""
    if not sys.stderr.isatty():
        yield _lines(time.monotonic())
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TextColumn("{task.fields[said]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, expand=True) as bar:
        task = bar.add_task(name, total=1.0, said="")

        def on_progress(rows: int, share: float) -> None:
            bar.update(task, completed=share, said=_pace(rows, share, bar.tasks[0].elapsed or 0))

        yield on_progress


def _lines(started: float) -> Progress:
    said = started

    def on_progress(rows: int, share: float) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= SECONDS_A_LINE:
            said = now
            click.echo(f"{share:.0%} · {_pace(rows, share, now - started)}", err=True)

    return on_progress


def _pace(rows: int, share: float, seconds: float) -> str:
    if not seconds or not share:
        return f"{rows:,} rows"
    left = timedelta(seconds=round(seconds / share - seconds))
    return f"{rows:,} rows · {rows / seconds:,.0f} rows/s · {left} left"


def _report(done: Import, format: str) -> None:
    from django.conf import settings

    path = str(settings.DATA / done.reject_path) if done.reject_path else ""
    row = {
        "source": done.source.key,
        "read": done.read,
        "added": done.added,
        "known": done.known,
        "rejected": done.rejected,
        "reject_file": path,
    }
    if format != "table":
        show([row], format=format)
        return
    where = f" ({path})" if path else ""
    click.echo(
        f"{done.read:,} read · {done.added:,} added · {done.known:,} already known · "
        f"{done.rejected:,} rejected{where}"
    )
