"""`headway measure`: numbers from definitions and a file of events."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headway.cli.output import FORMATS, say, show, show_json
from headway.cli.points import POINTS, point_row
from headway.cli.tables import Layout
from headway.engine.errors import InputError
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


@click.command(
    "measure",
    epilog="""\b
Example:
  headway measure --definitions metrics.yml --events events.csv \\
      --from 2026-01-01 --to 2026-04-01 --grain month --format json""",
)
@click.option(
    "--definitions", required=True, type=click.Path(path_type=Path), help="YAML file or folder."
)
@click.option(
    "--events", required=True, type=click.Path(path_type=Path), help="CSV, Parquet or NDJSON."
)
@click.option(
    "--metric", "metrics", multiple=True, metavar="KEY", help="Only these; may be repeated."
)
@click.option("--from", "start", required=True, metavar="DAY", help="First day.")
@click.option("--to", "end", required=True, metavar="DAY", help="Day after the last.")
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
def command(
    definitions: Path, events: Path, metrics: tuple[str, ...], start: str, end: str, grain: str,
    timezone: str, week_starts: str, as_of: str | None, store: str, store_address: str, form: str,
) -> None:  # fmt: skip
    """Measure metrics from a file of events: no server, no workspace."""
    from headway import oneshot  # here, so that `headway --help` loads neither Arrow nor DuckDB

    results = oneshot.measure(
        definitions, events, start=start, end=end, grain=grain, metrics=metrics or None,
        timezone=timezone, week_starts=week_starts, as_of=_instant(as_of),
        store=store, store_address=store_address,
    )  # fmt: skip
    _print(results, form)
    for reject in results.rejects[:5]:
        click.echo(f"line {reject.line} left out: {reject.reason}", err=True)
    if len(results.rejects) > 5:
        click.echo(f"… and {len(results.rejects) - 5:,} more rows left out.", err=True)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"`{text}` is not a time: {error}.",
            where="--as-of",
            fix="Write it as 2026-03-31 or 2026-03-31T09:00:00Z.",
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


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
