"""`headway measure alerts`: is something wrong with a series?"""

from __future__ import annotations

import click

from headway.cli.groups import Judging
from headway.cli.output import format_option, show, show_json
from headway.cli.series import Given, series_options


@click.command(
    name="alerts",
    cls=Judging,
    epilog="Example: headway measure alerts uptime.csv --at-least 0.999",
)
@series_options
@click.option("--at-least", type=float, metavar="VALUE", help="The least healthy value.")
@click.option("--at-most", type=float, metavar="VALUE", help="The greatest healthy value.")
@click.option("--past", is_flag=True, help="Everything that would have been raised so far.")
@format_option
def command(
    given: Given, at_least: float | None, at_most: float | None, past: bool, format: str
) -> None:
    """What is wrong as of the last period: out of range, unlike its forecast, or silent.

    FILE holds a day and a value in each row: CSV or Parquet. Exit code 2 if something is wrong,
    1 if that could not be told.
    """
    from headway import foresight
    from headway.foresight.words import alert_dict

    ranged = at_least is not None or at_most is not None
    found = foresight.alerts(
        given.opened().series(), healthy=(at_least, at_most) if ranged else None, past=past,
        **given.known,
    )  # fmt: skip
    rows = [alert_dict(alert) for alert in found]
    if format == "json":
        show_json(rows)
    elif format == "csv":
        show(rows, format=format)
    else:
        click.echo(foresight.say(found))
    raise SystemExit(2 if rows and not past else 0)
