"""`headway measure`: numbers from definitions and a file of events, and what they tell."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headway.cli.groups import Group
from headway.cli.output import FORMATS, say, show, show_json
from headway.cli.points import POINTS, point_row
from headway.cli.series import instant
from headway.cli.tables import Layout
from headway.engine.period import WEEKDAYS, Grain
from headway.engine.series import Answer

if TYPE_CHECKING:
    from headway import oneshot


STORES = ("local", "postgres", "clickhouse", "spark")
"""Those of stores.given, which `headway --help` does not load."""

SHORT = {
    "conversion": "of all", "step_conversion": "of before", "mean_seconds": "mean s",
    "median_seconds": "median s",
}  # fmt: skip
"""Headings of tables' columns that would not fit otherwise."""


READ_OUTS = {
    "forecast": "measure_forecast",
    "alerts": "measure_alerts",
    "impact": "measure_impact",
    "experiment": "measure_experiment",
}
"""What is asked of a series, each in a file of its own."""


class ReadOuts(Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(READ_OUTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in READ_OUTS:
            return None
        found: click.Command = import_module(f"headway.cli.{READ_OUTS[cmd_name]}").command
        return found


@click.group(
    "measure",
    cls=ReadOuts,
    invoke_without_command=True,
    epilog="""\b
Example:
  headway measure --definitions metrics.yml --events events.csv \\
      --from 2026-01-01 --to 2026-04-01 --grain month --format json""",
)
@click.option("--definitions", type=click.Path(path_type=Path), help="YAML file or folder.")
@click.option("--events", type=click.Path(path_type=Path), help="CSV, Parquet or NDJSON.")
@click.option(
    "--metric", "metrics", multiple=True, metavar="KEY", help="Only these; may be repeated."
)
@click.option("--from", "start", metavar="DAY", help="First day.")
@click.option("--to", "end", metavar="DAY", help="Day after the last.")
@click.option("--grain", type=click.Choice(list(Grain)), default="day", show_default=True)
@click.option("--timezone", default="UTC", show_default=True)
@click.option("--week-starts", type=click.Choice(WEEKDAYS), default="monday", show_default=True)
@click.option("--as-of", metavar="TIME", help="As if it were this time; default: now.")
@click.option(
    "--store",
    type=click.Choice(STORES),
    default="local",
    show_default=True,
    help="The engine that computes; the events are loaded into it.",
)
@click.option(
    "--store-address",
    default="",
    metavar="ADDRESS",
    envvar="HEADWAY_STORE_ADDRESS",
    help="Its PostgreSQL, folder of chDB or Spark master; default: HEADWAY_STORE_ADDRESS.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.pass_context
def command(
    ctx: click.Context, definitions: Path, events: Path, metrics: tuple[str, ...], start: str,
    end: str, grain: str, timezone: str, week_starts: str, as_of: str | None, store: str,
    store_address: str, form: str,
) -> None:  # fmt: skip
    """Measure metrics from a file of events: no server, no workspace.

    The commands ask something of a series: one that is measured so, or a file of days and values.
    """
    if ctx.invoked_subcommand:
        _check_unused(ctx)
        return
    _check_given(ctx)
    from headway import oneshot  # here, so that `headway --help` loads neither Arrow nor DuckDB

    results = oneshot.measure(
        definitions, events, start=start, end=end, grain=grain, metrics=metrics or None,
        timezone=timezone, week_starts=week_starts, as_of=instant(as_of),
        store=store, store_address=store_address,
    )  # fmt: skip
    _print(results, form)
    for reject in results.rejects[:5]:
        click.echo(f"line {reject.line} left out: {reject.reason}", err=True)
    if len(results.rejects) > 5:
        click.echo(f"… and {len(results.rejects) - 5:,} more rows left out.", err=True)


def _check_given(ctx: click.Context) -> None:
    """Needed without a command, and so not `required`."""
    for option in ctx.command.params:
        if option.name in ("definitions", "events", "start", "end") and not ctx.params[option.name]:
            raise click.MissingParameter(ctx=ctx, param=option)


def _check_unused(ctx: click.Context) -> None:
    """What is asked of a series takes its options after its own name."""
    for option in ctx.command.params:
        source = ctx.get_parameter_source(option.name or "")
        if source is click.core.ParameterSource.COMMANDLINE:
            name, command = option.opts[0], ctx.invoked_subcommand
            raise click.UsageError(f"Write it after the command: measure {command} {name} …", ctx)


def _print(results: oneshot.Results, form: str) -> None:
    if form == "json":
        show_json(results.to_dicts())
    elif form == "csv":
        _csv(results.rows())
    else:
        for answer in results.answers:
            _answer(answer)


def _answer(answer: Answer) -> None:
    """A heading, the points and the kind's own tables."""
    by = f" by {answer.series.segment_by}" if answer.series.segment_by else ""
    unit = f", {answer.unit}" if answer.unit else ""
    say(f"{click.style(answer.key, bold=True)}{by} ({answer.kind}{unit})")
    show([point_row(p) for p in answer.series.points], layout=POINTS)
    for rows in (*answer.tables.values(), *answer.sums.values()):
        if rows:
            lists = tuple(name for name, value in rows[0].items() if isinstance(value, list))
            show([_table_row(row) for row in rows], layout=Layout(flows=lists))


def _table_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {SHORT.get(k, k): _listed(v) for k, v in row.items() if k != "complete"}


def _listed(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return " ".join("–" if v is None else f"{v:,}" for v in value)


def _csv(rows: list[dict[str, Any]]) -> None:
    from headway import oneshot

    writer = csv.DictWriter(sys.stdout, oneshot.COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
