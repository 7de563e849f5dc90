"""`headway uptime`: is everything up that is looked at?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli import django
from headway.cli.output import Row, format_option, marked, show, workspace_option
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.uptime.health import Health

STATES = {
    "up": ("●", "green"),
    "down": ("▲", "red"),
    "unknown": ("?", "yellow"),
    "paused": ("·", "bright_black"),
    "not looked at yet": ("·", "bright_black"),
}
LAYOUT = Layout(right=("24 hours", "30 days"), cuts=("why",), spare=("why",))


@click.command(name="uptime", epilog="Example: headway uptime --workspace parcel --format json")
@workspace_option
@format_option
def command(workspace: str | None, format: str) -> None:
    """Each uptime check: how it is now, how much of the time it was up, and why not.

    Checks are made in the web, over the API, or with `headway apply`; the worker looks.
    """
    django.ready()
    from headway.uptime.health import health

    home = django.workspace_named(workspace)
    rows = home.checks.filter(archived_at=None).select_related("source", "workspace")
    found = health(rows, datetime.now(UTC))
    told = [_words(one) if format == "table" else _numbers(one) for one in found]
    show(told, format=format, empty="No uptime checks yet.", layout=LAYOUT)


def _words(one: Health) -> Row:
    return {
        "key": one.check.key,
        "state": marked(one.state, *STATES[one.state]),
        "24 hours": formats.value(one.day.availability, "percent"),
        "30 days": formats.value(one.month.availability, "percent"),
        "why": one.reason,
    }


def _numbers(one: Health) -> Row:
    return {
        "key": one.check.key,
        "url": one.check.body["url"],
        "state": one.state,
        "reason": one.reason,
        "looked_at": one.check.looked_at,
        "availability_day": one.day.availability,
        "availability_month": one.month.availability,
    }
