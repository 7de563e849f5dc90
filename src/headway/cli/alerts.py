"""`headway alerts`: what is wrong, and what somebody does about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.groups import Day, Group, Judging
from headway.cli.named import metric_named
from headway.cli.output import Row, as_option, format_option, show, workspace_option
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.alerting.models import Alert
    from headway.alerting.reading import Story

STATES = ("open", "acknowledged", "snoozed", "resolved")
SENSITIVITIES = ("off", "low", "usual", "high")
MOST_FOUND = 100
DAY = Day()
LAYOUT = Layout(flows=("what", "how unusual", "depends on it", "note"))

note_option = click.option("--note", default="", help="What is known of it, for others.")


@click.group(cls=Group, name="alerts", epilog="Example: headway alerts list")
def command() -> None:
    """What is wrong with the KPIs: one alert for each cause, over by itself."""


@command.command(
    name="list", cls=Judging, epilog="Example: headway alerts list --state snoozed --format json"
)
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--find", default="", metavar="TEXT", help="Those that say so, whatever their state.")
@workspace_option
@format_option
def list_(state: str, find: str, workspace: str | None, format: str) -> None:
    """Those on which most depends first. Exit code 2 if one of them is open, 1 if
    that could not be told."""
    django.ready()
    from headway.alerting.reading import matching, stories

    home = django.workspace_named(workspace)
    today = home.calendar.day_of(home.at(datetime.now(UTC)))
    text = find.strip()
    found = matching(home, today, text, MOST_FOUND) if text else stories(home, today, state)
    empty = "Nothing is wrong." if state == "open" else f"No alert is {state}."
    empty = f"No alert says “{text}”." if text else empty
    show([_row(story) for story in found], format=format, empty=empty, layout=LAYOUT)
    raise SystemExit(2 if any(story.state == "open" for story in found) else 0)


@command.command(name="ack", epilog='Example: headway alerts ack 12 --note "The courier is on it."')
@click.argument("number", type=int)
@note_option
@workspace_option
@as_option
def ack(number: int, note: str, workspace: str | None, email: str | None) -> None:
    """You look after it: no mail tells of it any more."""
    django.ready()
    from headway.alerting.actions import acknowledge

    home, alert = _alert(workspace, number)
    acknowledge(alert, by=django.member_named(home, email), now=datetime.now(UTC), note=note)
    click.echo(f"Alert {number} is acknowledged.", err=True)


@command.command(name="snooze", epilog="Example: headway alerts snooze 12 --days 7")
@click.argument("number", type=int)
@click.option("--until", type=DAY, metavar="DAY", help="The day on which it is told again.")
@click.option("--days", type=int, help="For so many days.")
@note_option
@workspace_option
@as_option
def snooze(
    number: int,
    until: datetime | None,
    days: int | None,
    note: str,
    workspace: str | None,
    email: str | None,
) -> None:
    """Put it off until a day, or for some days."""
    django.ready()
    from headway.alerting import actions

    home, alert = _alert(workspace, number)
    by, now = django.member_named(home, email), datetime.now(UTC)
    day = until.date() if until else None
    found = actions.snooze(alert, until=day, days=days, note=note, by=by, now=now)
    click.echo(f"Alert {number} is snoozed until {found.snoozed_until}.", err=True)


@command.command(name="put-back", epilog="Example: headway alerts put-back 12")
@click.argument("number", type=int)
@workspace_option
@as_option
def put_back(number: int, workspace: str | None, email: str | None) -> None:
    """As if nobody had acknowledged or snoozed it."""
    django.ready()
    from headway.alerting import actions

    home, alert = _alert(workspace, number)
    actions.put_back(alert, by=django.member_named(home, email), now=datetime.now(UTC))
    click.echo(f"Alert {number} is open again.", err=True)


@command.command(name="note", epilog='Example: headway alerts note 12 "A holiday in France."')
@click.argument("number", type=int)
@click.argument("text")
@workspace_option
@as_option
def note(number: int, text: str, workspace: str | None, email: str | None) -> None:
    """Write down what is known of it; it replaces the note there is."""
    django.ready()
    from headway.alerting.actions import write_note

    home, alert = _alert(workspace, number)
    write_note(alert, text, by=django.member_named(home, email), now=datetime.now(UTC))
    click.echo(f"Alert {number} has the note.", err=True)


@command.command(
    name="watch", epilog='Example: headway alerts watch availability --mute "out of range"'
)
@click.argument("metric")
@click.option("--sensitivity", type=click.Choice(SENSITIVITIES), help="How readily it alerts.")
@click.option("--mute", multiple=True, metavar="KIND", help="A kind to leave out; repeatable.")
@click.option("--target", type=float, help="The share that is to hold, for its error budget.")
@workspace_option
@as_option
def watch(
    metric: str,
    sensitivity: str | None,
    mute: tuple[str, ...],
    target: float | None,
    workspace: str | None,
    email: str | None,
) -> None:
    """Say how a KPI is watched; it is kept in its definition, as `alerts`."""
    django.ready()
    from headway.alerting import actions

    home = django.workspace_named(workspace)
    by, now = django.member_named(home, email), datetime.now(UTC)
    found = metric_named(home, metric)
    saved = actions.watch(
        found, sensitivity=sensitivity, mute=mute or None,
        target=actions.UNSET if target is None else target, by=by, now=now,
    )  # fmt: skip
    said = saved.profile.get("alerts") or {}
    words = "; ".join(f"{name}: {value}" for name, value in said.items())
    click.echo(f"{saved}: {words or 'watched as usual'}.", err=True)


def _alert(workspace: str | None, number: int) -> tuple[Workspace, Alert]:
    from headway.alerting.reading import story

    home = django.workspace_named(workspace)
    today = home.calendar.day_of(home.at(datetime.now(UTC)))
    return home, story(home, number, today).alert


def _row(story: Story) -> Row:
    alert = story.alert
    return {
        "number": alert.pk,
        "state": story.state,
        "since": story.since,
        "what": story.title,
        "how unusual": story.sentence,
        "depends on it": ", ".join(f"{k.objective.key}/{k.key}" for k in story.key_results),
        "note": alert.note,
    }
