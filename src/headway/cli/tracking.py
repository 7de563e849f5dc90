"""`headway tracking`: which events come in, which should, and what is odd about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.groups import Group, Judging
from headway.cli.output import Row, as_option, format_option, show, workspace_option
from headway.cli.tables import Layout
from headway.engine.errors import NotFound

if TYPE_CHECKING:
    from headway.goals.resting import Resting
    from headway.ingest.models import Report

LAYOUT = Layout(flows=("what", "suggestion", "rests on it"))


@click.group(cls=Group, name="tracking", epilog="Example: headway tracking reports")
def command() -> None:
    """The tracking plan: events seen and declared, and what is odd about them.

    The plan itself is kept in definition files, as `tracking:`.
    """


@command.command(name="list", epilog="Example: headway tracking list --format csv")
@workspace_option
@format_option
def list_(workspace: str | None, format: str) -> None:
    """Every event, the most frequent first, with the metrics that use it."""
    django.ready()
    from headway.goals.resting import NOTHING, resting
    from headway.ingest.plan import tracking

    home = django.workspace_named(workspace)
    rests = resting(home)
    rows = [
        {
            "event": row.name,
            "state": row.state,
            "came": row.seen.rows if row.seen else 0,
            "last": row.seen.last_at.date() if row.seen else None,
            "properties": len(row.properties),
            "metrics": ", ".join(m.key for m in rests.get(row.name, NOTHING).metrics),
        }
        for row in tracking.rows(home)
    ]
    empty = "No event has come in, and none is declared."
    show(rows, format=format, empty=empty, layout=Layout(flows=("metrics",)))


@command.command(
    name="reports", cls=Judging, epilog="Example: headway tracking reports --format json"
)
@workspace_option
@format_option
def reports(workspace: str | None, format: str) -> None:
    """What is odd, with what may be meant, and what rests on it. Exit code 2 if something is,
    1 if that could not be told.
    """
    django.ready()
    from headway.goals.resting import NOTHING, resting
    from headway.ingest.plan import tracking

    home = django.workspace_named(workspace)
    found = tracking.open_reports(home)
    rests = resting(home, [report.event for report in found])
    rows = [_row(report, rests.get(report.event, NOTHING)) for report in found]
    show(rows, format=format, empty="Nothing about the events is odd.", layout=LAYOUT)
    raise SystemExit(2 if rows else 0)


@command.command(
    name="settle", epilog="Example: headway tracking settle 4 rename --to order_placed"
)
@click.argument("number", type=int)
@click.argument("way", type=click.Choice(["accept", "rename", "ignore"]))
@click.option("--to", default="", help="What the event is read as; else what was suggested.")
@click.option("--past", is_flag=True, help="Also rename what came before.")
@workspace_option
@as_option
def settle(
    number: int, way: str, to: str, past: bool, workspace: str | None, email: str | None
) -> None:
    """Accept what was reported, read the event as another one, or let it be."""
    django.ready()
    from headway.ingest.plan import planning

    home = django.workspace_named(workspace)
    report = home.reports.filter(pk=number, settled_at=None).first()
    if report is None:
        raise NotFound(f"There is no open report {number}.", fix="See `headway tracking reports`.")
    ways = {"accept": planning.ACCEPTED, "rename": planning.RENAMED, "ignore": planning.IGNORED}
    by, now = django.member_named(home, email), datetime.now(UTC)
    planning.settle(report, ways[way], to=to, past=past, by=by, now=now)
    click.echo(f"{report.event}: {report.settled_as}.", err=True)


@command.command(name="declare", epilog="Example: headway tracking declare order_placed")
@click.argument("event")
@click.option("--description", default="", help="What the event says.")
@click.option("--also", multiple=True, help="Another name that is read as it; may be repeated.")
@workspace_option
@as_option
def declare(
    event: str, description: str, also: tuple[str, ...], workspace: str | None, email: str | None
) -> None:
    """Put an event into the plan, with the properties that it came with."""
    django.ready()
    from headway.ingest.plan import planning, tracking

    home = django.workspace_named(workspace)
    by, now = django.member_named(home, email), datetime.now(UTC)
    properties = tracking.as_declared(tracking.came_as(home, event))
    planning.declare(
        home, event, description=description, also=also, properties=properties, by=by, now=now
    )
    click.echo(f"{event} is in the plan.", err=True)


def _row(report: Report, rests: Resting) -> Row:
    resting = [m.key for m in rests.metrics]
    resting += [f"{k.objective.key}/{k.key}" for k in rests.key_results]
    return {
        "number": report.pk,
        "report": report.code,
        "what": report.words,
        "suggestion": report.suggestion,
        "rests on it": ", ".join(resting),
        "since": report.since,
    }
