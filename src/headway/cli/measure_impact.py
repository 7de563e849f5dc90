"""`headway measure impact`: did a launch work?"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from headway.cli.output import format_option, show, show_json
from headway.cli.series import Given, series_options, show_reason

if TYPE_CHECKING:
    from headway.stats.effect import Impact


@click.command(
    name="impact",
    epilog="Example: headway measure impact orders.csv --on 2026-06-29 --control visits",
)
@series_options
@click.option("--on", "on", required=True, metavar="DAY", help="The day of the launch.")
@click.option(
    "--control",
    "controls",
    multiple=True,
    metavar="NAME",
    help="A column or metric that it does not touch; may be repeated.",
)
@click.option("--unexposed", default="", metavar="NAME", help="The column of those without it.")
@format_option
def command(given: Given, on: str, controls: tuple[str, ...], unexposed: str, format: str) -> None:
    """What came after a launch, against what would have come without it.

    FILE holds a day and a value in each row, and controls in further columns: CSV or Parquet.
    """
    from headway import foresight
    from headway.stats.history import CannotTell

    opened = given.opened()
    found = foresight.impact(
        opened.series(), on, controls={name: opened.series(name) for name in controls},
        unexposed=opened.series(unexposed) if unexposed else None, **given.known,
    )  # fmt: skip
    if isinstance(found, CannotTell):
        show_reason(found, format)
    else:
        _show(found, format)


def _show(found: Impact, form: str) -> None:
    from headway.foresight import say

    steps = [asdict(step) for step in found.steps]
    if form == "json":
        show_json(asdict(found))
        return
    if form == "table":
        click.echo(f"{say(found)}\n")
    show(steps, format=form)
