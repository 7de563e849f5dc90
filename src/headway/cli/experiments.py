"""`headway experiments`: A/B tests, and what they say."""

from __future__ import annotations

import textwrap
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli import django
from headway.cli.output import (
    Row,
    format_option,
    say,
    show,
    show_json,
    terminal_width,
    workspace_option,
)
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.goals.experiment.view import Shown

LIST = Layout(cuts=("name",), spare=("name", "metric"))
VARIANTS = Layout(right=("subjects", "value", "difference"))


@click.command(name="experiments", epilog="Example: headway experiments shorter-checkout")
@click.argument("key", required=False)
@workspace_option
@format_option
def command(key: str | None, workspace: str | None, format: str) -> None:
    """All A/B tests with their verdicts, or with KEY, what one of them says.

    CSV prints the difference by the end of each day.
    """
    django.ready()
    home = django.workspace_named(workspace)
    today = home.calendar.day_of(home.at(datetime.now(UTC)))
    if key is None:
        _list(home, today, format)
    else:
        _show(home, key, today, format)


def _list(workspace: Workspace, today: date, format: str) -> None:
    from headway.goals.experiment.listing import listed

    rows = list(listed(workspace, today))
    if format == "table":
        rows = [{**row, "starts": formats.day(row["starts"]), "ends": _day(row)} for row in rows]
    empty = "No experiments yet: an output becomes one by its field `experiment`."
    show(rows, format=format, empty=empty, layout=LIST)


def _day(row: Row) -> str:
    ends = row["ends"]
    return formats.day(ends) if isinstance(ends, date) else formats.NONE


def _show(workspace: Workspace, key: str, today: date, format: str) -> None:
    from headway.goals.experiment.listing import one

    found = one(workspace, key, today)
    if format == "json":
        show_json(found.to_dict())
    elif format == "csv":
        show(found.to_dict()["days"], format="csv")
    else:
        _words(found)


def _words(found: Shown) -> None:
    say(f"{click.style(found.output.name, bold=True)}: {found.verdict}")
    _wrapped(*found.findings)
    rows: list[Row] = [
        {
            "variant": row.name,
            "subjects": formats.number(row.subjects),
            "value": row.value,
            "difference": row.difference,
            "between": row.between,
            "verdict": row.verdict,
        }
        for row in found.rows
    ]
    if rows:
        show(rows, layout=VARIANTS)
    lines = [line for _, line in found.guarded]
    _wrapped(*lines, *found.notes, found.rests_on)
    _wrapped(*found.unseen, found.problem, *([] if found.said else found.plan_words))


def _wrapped(*lines: str) -> None:
    for line in filter(None, lines):
        say("\n".join(textwrap.wrap(line, terminal_width() or len(line))))
