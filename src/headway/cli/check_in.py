"""`headway check-in`: how does a key result go?"""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from headway.cli import django
from headway.cli.groups import Day
from headway.cli.named import key_result_named
from headway.cli.output import as_option, format_option, show, workspace_option


@click.command(
    name="check-in",
    epilog='Example: headway check-in effortless-start/ttv --confidence 7 --note "Form is live"',
)
@click.argument("key_result", metavar="OBJECTIVE/KEY-RESULT")
@click.option("--value", type=float, help="For key results that are typed by hand.")
@click.option("--confidence", type=click.IntRange(0, 10), help="From 0 to 10.")
@click.option("--note", default="", help="What happened, what is next.")
@click.option("--done", multiple=True, metavar="MILESTONE", help="A milestone that was reached.")
@click.option("--day", type=Day(), metavar="DAY", help="[default: today]")
@workspace_option
@as_option
@format_option
def command(
    key_result: str,
    value: float | None,
    confidence: int | None,
    note: str,
    done: tuple[str, ...],
    day: datetime | None,
    workspace: str | None,
    email: str | None,
    format: str,
) -> None:
    """Record a value, a confidence or a note; the key result is judged again at once."""
    django.ready()
    from headway.goals import actions

    home = django.workspace_named(workspace)
    found = key_result_named(home, key_result)
    on: date | None = day.date() if day else None
    made = actions.check_in(
        found,
        value=value,
        confidence=confidence,
        note=note,
        done=done,
        day=on,
        by=django.member_named(home, email),
        now=datetime.now(UTC),
    )
    found.refresh_from_db()
    row = {
        "key_result": key_result,
        "day": made.day,
        "value": made.value,
        "confidence": made.confidence,
        "status": found.status,
    }
    show([row], format=format)
