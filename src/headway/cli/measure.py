"""`headway measure`: numbers from definitions and a file of events."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headway.cli.output import FORMATS, show
from headway.engine.errors import InputError
from headway.engine.period import WEEKDAYS, Grain

if TYPE_CHECKING:
    from headway import oneshot

TABLE = ("key", "segment", "start", "end", "value", "low", "high", "n", "complete", "reason")


@click.command("measure")
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
@click.option("--store", type=click.Choice(["local"]), default="local", show_default=True)
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
def command(
    definitions: Path, events: Path, metrics: tuple[str, ...], start: str, end: str, grain: str,
    timezone: str, week_starts: str, as_of: str | None, store: str, form: str,
) -> None:  # fmt: skip
    """Measure metrics from a file of events: no server, no workspace.

    \b
    Example:
      headway measure --definitions metrics.yml --events events.csv \\
          --from 2026-01-01 --to 2026-04-01 --grain month --format json
    """
    del store
    from headway import oneshot  # here, so that `headway --help` loads neither Arrow nor DuckDB

    results = oneshot.measure(
        definitions, events, start=start, end=end, grain=grain, metrics=metrics or None,
        timezone=timezone, week_starts=week_starts, as_of=_instant(as_of),
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
        raise InputError(f"`{text}` is not a time: {error}.", where="--as-of") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _print(results: oneshot.Results, form: str) -> None:
    if form == "json":
        click.echo(json.dumps(results.to_dicts(), indent=2, ensure_ascii=False))
    elif form == "csv":
        _csv(results.rows())
    else:
        show([{c: row[c] for c in TABLE} for row in results.rows()])


def _csv(rows: list[dict[str, Any]]) -> None:
    from headway import oneshot

    writer = csv.DictWriter(sys.stdout, oneshot.COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
