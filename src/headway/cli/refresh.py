"""`headway refresh`: one pass of the worker, now."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from headway.cli import django
from headway.cli.output import format_option, show
from headway.cli.tables import Layout

LAYOUT = Layout(flows=("problem",))


@click.command(name="refresh", epilog="Example: headway refresh --format json")
@format_option
def command(format: str) -> None:
    """Recompute what changed in every workspace, once, and say what was done.

    Exit code 1 when a workspace could not be refreshed.
    """
    django.ready()
    from headway.cli.worker import run_pass

    rows = run_pass(datetime.now(UTC))
    show(rows, format=format, empty="There is no workspace yet.", layout=LAYOUT)
    if any(row["problem"] for row in rows):
        raise SystemExit(1)
