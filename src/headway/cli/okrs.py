"""`headway okrs`: are we on course?"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli import django, standing
from headway.cli.named import cycle_named, team_named
from headway.cli.output import format_option, say, show, workspace_option
from headway.cli.standing import LAYOUT

if TYPE_CHECKING:
    from headway.goals.models import Objective


@click.command(name="okrs", epilog="Example: headway okrs --cycle 2026-q4 --team growth")
@click.option("--cycle", "cycle_key", metavar="KEY", help="Only this cycle.")
@click.option("--team", "team_key", metavar="KEY", help="Only this team.")
@workspace_option
@format_option
def command(
    cycle_key: str | None, team_key: str | None, workspace: str | None, format: str
) -> None:
    """Objectives with their key results: from where to where, progress and status."""
    django.ready()
    home = django.workspace_named(workspace)
    objectives = home.objectives.filter(archived_at=None).select_related(
        "cycle", "team", "owner__person"
    )
    if cycle_key:
        objectives = objectives.filter(cycle=cycle_named(home, cycle_key))
    if team_key:
        objectives = objectives.filter(team=team_named(home, team_key))
    ordered = objectives.order_by("-cycle__starts", "cycle__ends", "key")
    found = list(ordered.prefetch_related("key_results__metric", "key_results__cycle"))
    if format == "table" and found:
        _by_cycle(found, home.currency)
    else:
        rows = [row for one in found for row in standing.numbers(one)]
        show(rows, format=format, empty="No objectives.")


def _by_cycle(objectives: list[Objective], currency: str) -> None:
    for number, (cycle, ones) in enumerate(groupby(objectives, key=lambda one: one.cycle)):
        first, last = formats.day(cycle.starts), formats.day(cycle.ends)
        said = f"{cycle.name}{f' ({cycle.key})' if cycle.key != cycle.name else ''}"
        say(f"{chr(10) * bool(number)}{click.style(said, bold=True)}, {first} to {last}")
        show([row for one in ones for row in standing.words(one, currency)], layout=LAYOUT)
