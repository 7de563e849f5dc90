"""`headway measure forecast`: what will a series be, and how likely is what is aimed at?"""

from __future__ import annotations

import click

from headway.cli.output import format_option, show, show_json
from headway.cli.series import Given, series_options, show_reason


@click.command(
    name="forecast",
    epilog="Example: headway measure forecast revenue.csv --until 2026-12-31 --at-least 120000",
)
@series_options
@click.option("--until", metavar="DAY", help="All periods that end by this day.")
@click.option("--steps", type=int, metavar="N", help="Or so many periods.")
@click.option("--at-least", type=float, metavar="VALUE", help="How likely is at least this?")
@click.option("--at-most", type=float, metavar="VALUE", help="How likely is at most this?")
@click.option("--keep", is_flag=True, help="Of all periods rather than the last one.")
@click.option(
    "--over",
    type=click.Choice(["latest", "mean", "sum"]),
    default="latest",
    show_default=True,
    help="What has to be at least or at most so much.",
)
@click.option("--since", metavar="DAY", help="For a mean or sum: from which period on.")
@format_option
def command(
    given: Given, until: str | None, steps: int | None, at_least: float | None,
    at_most: float | None, keep: bool, over: str, since: str | None, format: str,
) -> None:  # fmt: skip
    """What a series will be, with intervals as wide as the past was wrong.

    FILE holds a day and a value in each row: CSV or Parquet.
    """
    from headway import foresight
    from headway.stats.history import CannotTell

    found = foresight.forecast(
        given.opened().series(), until=until, steps=steps, at_least=at_least, at_most=at_most,
        keep=keep, over=over, since=since, **given.known,  # type: ignore[arg-type]
    )  # fmt: skip
    if isinstance(found, CannotTell):
        show_reason(found, format)
        return
    if format == "json":
        show_json(found.to_dict())
        return
    if format == "table":
        click.echo(f"{found.say()}\n")
    show(found.rows(), format=format)
