"""`headway lifetime`: what are the customers of a metric worth?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.named import metric_named
from headway.cli.output import Row, format_option, say, show, show_json, workspace_option
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.metrics.lifetime.told import Cohort, Told
    from headway.metrics.models import Metric


@click.command(name="lifetime", epilog="Example: headway lifetime revenue --format csv")
@click.argument("metric")
@workspace_option
@format_option
def command(metric: str, workspace: str | None, format: str) -> None:
    """What customers have paid by the month in which they came, and what is still to come.

    For metrics with a `lifetime`, such as `lifetime: 12 months`: sums of what people buy, stocks
    and movements of what they subscribe to.
    """
    django.ready()
    import msgspec

    from headway.metrics.lifetime.lifetime import read, unasked
    from headway.metrics.lifetime.words import cohort_row
    from headway.stats.history import CannotTell

    found = metric_named(django.workspace_named(workspace), metric)
    told = read(found)
    if told is None:
        raise unasked(found)
    if isinstance(told, CannotTell):
        click.echo(told.reason, err=True)
    elif format == "json":
        show_json(msgspec.to_builtins(told))
    elif format == "csv":
        show([cohort_row(cohort, told) for cohort in told.cohorts], format=format)
    else:
        _print(told, found)


def _print(told: Told, metric: Metric) -> None:
    from headway.metrics.lifetime.words import rests_on, sentences

    for line in sentences(told, metric):
        say(line)
    click.echo()
    rows = [_row(cohort, metric) for cohort in told.cohorts]
    right = tuple(name for row in rows[:1] for name in row if name != "came in")
    show(rows, layout=Layout(right=right, spare=("2 months", "1 month", "3 months")))
    click.echo("\n…: not all of them have been customers for so long.")
    for line in rests_on(told):
        say(line)


def _row(cohort: Cohort, metric: Metric) -> Row:
    from headway.charts import formats
    from headway.metrics.lifetime.words import money

    row: dict[str, object] = {"came in": f"{cohort.start:%Y-%m}", "customers": cohort.size}
    for cell in cohort.cells:
        value = "" if cell.value is None else money(cell.value, metric)
        row[f"{cell.months} months".replace("1 months", "1 month")] = (
            value if cell.complete or not value else f"{value}…"
        )
    row["so far"] = money(cohort.so_far, metric)
    if cohort.staying is not None:
        row["still there"] = formats.percent(round(cohort.staying, 3))
    if cohort.ahead is not None:
        row["expected"] = money(cohort.ahead.mean, metric)
    return row
