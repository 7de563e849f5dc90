"""`headway kpis`: is the product healthy?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli import django
from headway.cli.output import Row, format_option, show, workspace_option

if TYPE_CHECKING:
    from headway.metrics.reading import Tile


@click.command(name="kpis", epilog="Example: headway kpis --workspace cdnow --format json")
@click.option("--all", "every", is_flag=True, help="Metrics that are not KPIs too.")
@workspace_option
@format_option
def command(every: bool, workspace: str | None, format: str) -> None:
    """KPIs with their last complete value, the change against the period before, and health."""
    django.ready()
    from headway.metrics.reading import latest_tiles

    home = django.workspace_named(workspace)
    metrics = home.metrics.filter(archived_at=None)
    chosen = metrics if every else metrics.filter(level="kpi")
    today = home.calendar.day_of(home.at(datetime.now(UTC)))
    tiles = latest_tiles(home, today, chosen)
    rows = [_words(t, home.currency) if format == "table" else _numbers(t) for t in tiles]
    show(rows, format=format, empty="No KPIs yet. `--all` shows metrics that are not KPIs.")


def _words(tile: Tile, currency: str) -> Row:
    metric, latest = tile.metric, tile.latest
    period = formats.period(latest.start, str(tile.grain), latest.end) if latest else None
    return {
        "key": metric.key,
        "name": metric.name,
        "value": formats.value(tile.value, metric.unit, currency),
        "period": period,
        "change": None if tile.change is None else f"{tile.change:+.1%}",
        "health": tile.health,
    }


def _numbers(tile: Tile) -> Row:
    latest = tile.latest
    return {
        "key": tile.metric.key,
        "name": tile.metric.name,
        "value": tile.value,
        "unit": tile.metric.unit,
        "grain": str(tile.grain),
        "start": latest.start if latest else None,
        "end": latest.end if latest else None,
        "before": tile.before.value if tile.before else None,
        "year_ago": tile.year_ago.value if tile.year_ago else None,
        "change": tile.change,
        "health": tile.health,
        "reason": "" if tile.value is not None else tile.reason,
    }
