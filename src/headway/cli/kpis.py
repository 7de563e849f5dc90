"""`headway kpis`: is the product healthy?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli import django
from headway.cli.output import Row, format_option, marked, show, workspace_option
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.metrics.reading import Tile
    from headway.outlook.ahead import Step

HEALTH = {
    "healthy": ("●", "green"),
    "out of range": ("▲", "red"),
    "no range": ("·", "bright_black"),
    "unknown": ("?", "bright_black"),
}
SHORT = {"no change": "±0"}
LAYOUT = Layout(right=("value", "change"), cuts=("name",), spare=("name", "period"))


@click.command(name="kpis", epilog="Example: headway kpis --workspace cdnow --format json")
@click.option("--all", "every", is_flag=True, help="Metrics that are not KPIs too.")
@workspace_option
@format_option
def command(every: bool, workspace: str | None, format: str) -> None:
    """KPIs with their last complete value, the change against the period before, and health."""
    django.ready()
    from headway.metrics.reading import latest_tiles
    from headway.outlook.reading import next_steps

    home = django.workspace_named(workspace)
    metrics = home.metrics.filter(archived_at=None)
    chosen = metrics if every else metrics.filter(level="kpi")
    today = home.calendar.day_of(home.at(datetime.now(UTC)))
    tiles = latest_tiles(home, today, chosen)
    words, steps = format == "table", next_steps(home)
    rows = [
        _words(t, home.currency, today) if words else _numbers(t, steps.get(t.metric.pk))
        for t in tiles
    ]
    empty = "No KPIs yet. `--all` shows metrics that are not KPIs."
    show(rows, format=format, empty=empty, layout=LAYOUT)


def _words(tile: Tile, currency: str, today: date) -> Row:
    metric = tile.metric
    return {
        "key": metric.key,
        "name": metric.name,
        "value": formats.value(tile.value, metric.unit, currency),
        "change": _change(tile, currency),
        "period": _period(tile, today),
        "health": marked(tile.health, *HEALTH[tile.health]),
    }


def _change(tile: Tile, currency: str) -> str | None:
    metric, before = tile.metric, tile.before.value if tile.before else None
    found = formats.change(tile.value, before, metric.unit, metric.direction, currency)
    return SHORT.get(found.text, found.text.replace("points", "pt")) if found else None


def _period(tile: Tile, today: date) -> str | None:
    """The year is left out where it is this one."""
    if (latest := tile.latest) is None:
        return None
    period = formats.period(latest.start, str(tile.grain), latest.end)
    return period.removesuffix(f" {today.year}") if tile.grain in ("day", "week") else period


def _numbers(tile: Tile, step: Step | None) -> Row:
    """`next` is what the forecast says of the period after it, with 80 % from low to high."""
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
        "next": step.middle if step else None,
        "next_low": step.low if step else None,
        "next_high": step.high if step else None,
    }
