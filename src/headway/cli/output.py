"""How commands print: tables for people, JSON and CSV for scripts."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

Row = Mapping[str, Any]
Decorated = TypeVar("Decorated", bound=Callable[..., Any])

FORMATS = ("table", "json", "csv")


def format_option(function: Decorated) -> Decorated:
    """Adds `--format`, passed as `format`."""
    return click.option(
        "--format",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="How to print the result.",
    )(function)


def workspace_option(function: Decorated) -> Decorated:
    """Adds `--workspace`, passed as `workspace`: a key or None."""
    return click.option(
        "--workspace",
        "-w",
        envvar="HEADWAY_WORKSPACE",
        metavar="KEY",
        help="Which workspace; needed only where there are several. [env: HEADWAY_WORKSPACE]",
    )(function)


def as_option(function: Decorated) -> Decorated:
    """Adds `--as`, passed as `email`: an address or None, the operator."""
    return click.option(
        "--as",
        "email",
        metavar="EMAIL",
        help="In whose name; otherwise as the operator, who may do everything.",
    )(function)


def show(rows: Sequence[Row], *, format: str = "table", empty: str = "Nothing to show.") -> None:
    """The columns are the keys of the first row. JSON prints an empty list when there is none."""
    if format == "json":
        click.echo(json.dumps([dict(r) for r in rows], indent=2, default=str, ensure_ascii=False))
    elif not rows:
        click.echo(empty, err=True)
    elif format == "csv":
        _csv(rows)
    else:
        _table(rows)


def _csv(rows: Sequence[Row]) -> None:
    writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _table(rows: Sequence[Row]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console, JustifyMethod
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in rows[0]:
        numeric = all(isinstance(r[name], int | float | None) for r in rows)
        justify: JustifyMethod = "right" if numeric else "left"
        whole = max(len(_text(r[name])) for r in rows) if numeric else None
        table.add_column(name.replace("_", " "), justify=justify, min_width=whole)
    for row in rows:
        table.add_row(*(escape(_text(v)) for v in row.values()))
    Console().print(table)


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1000 else f"{value:,.2f}"
    return str(value)
