"""How commands print: tables for people, JSON and CSV for scripts."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from headway.cli.tables import Layout, draw

Row = Mapping[str, Any]
Decorated = TypeVar("Decorated", bound=Callable[..., Any])

FORMATS = ("table", "json", "csv")
PLAIN = Layout()


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


def show(
    rows: Sequence[Row],
    *,
    format: str = "table",
    empty: str = "Nothing to show.",
    layout: Layout = PLAIN,
) -> None:
    """The columns are the keys of the first row. JSON prints an empty list when there is none."""
    if format == "json":
        show_json([dict(row) for row in rows])
    elif not rows:
        click.echo(empty, err=True)
    elif format == "csv":
        _csv(rows)
    else:
        for line in draw(rows, layout, terminal_width()):
            say(line)


def show_json(found: object) -> None:
    click.echo(json.dumps(found, indent=2, default=str, ensure_ascii=False))


def say(line: str) -> None:
    """Prints a line, in colour where somebody sees it and wants it."""
    click.echo(line, color=None if on_terminal() and _wants_color() else False)


def on_terminal() -> bool:
    return sys.stdout.isatty()


def terminal_width() -> int | None:
    """None where the output goes to a file or a program: nothing is cut there."""
    return shutil.get_terminal_size().columns if on_terminal() else None


def marked(word: str, symbol: str, color: str) -> str:
    """A word of a state: on a terminal with a symbol and in colour."""
    return click.style(f"{symbol} {word}", fg=color) if on_terminal() else word


def _wants_color() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _csv(rows: Sequence[Row]) -> None:
    writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _plain(value) for name, value in row.items()} for row in rows)


def _plain(value: object) -> object:
    if isinstance(value, list | dict):
        return json.dumps(value, default=str, ensure_ascii=False)
    return value
