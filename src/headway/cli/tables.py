"""Tables of text: keys and numbers whole, the rest yields where the terminal is narrow."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import combining, east_asian_width

import click

GAP = "  "
SHORTEST = 24
"""Characters that a text in `cuts` keeps at least."""


@dataclass(frozen=True)
class Layout:
    """What a table does where it is too wide. Columns without any value never show.

    Texts in `cuts` are shortened; texts in `flows` move below their row, the last column first;
    columns in `spare` are left out, the first one first. `right` are amounts that are text already.
    """

    right: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Fit:
    widths: Mapping[str, int]
    below: tuple[str, ...]


def draw(rows: Sequence[Mapping[str, Any]], layout: Layout, width: int | None) -> list[str]:
    """The lines of the table, styled as its cells are; `width` None is as wide as it takes."""
    names = [n for n in rows[0] if any(row[n] not in (None, "") for row in rows)]
    right = {n for n in names if n in layout.right or _numeric(rows, n)}
    cells = [{n: text(row[n]) for n in names} for row in rows]
    natural = {n: max(_width(n), *(_width(row[n]) for row in cells)) for n in names}
    fit = _fit(natural, layout, width)
    head = {n: click.style(n.replace("_", " "), bold=True) for n in names}
    lines = [_line(head, fit.widths, right)]
    for row in cells:
        lines.append(_line(row, fit.widths, right))
        lines.extend(_below(row, fit.below, width or 0))
    return lines


def text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1000 else f"{value:,.2f}"
    return str(value)


def _numeric(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    return all(isinstance(row[name], int | float | None) for row in rows)


def _fit(natural: Mapping[str, int], layout: Layout, width: int | None) -> _Fit:
    """The first arrangement that fits, or the narrowest."""
    for fit in _arrangements(natural, layout):
        least = {n: min(w, SHORTEST) if n in layout.cuts else w for n, w in fit.widths.items()}
        if width is None or _total(least) <= width:
            break
    room = sys.maxsize if width is None else width - _total(least)
    return _Fit(_stretched(least, fit.widths, room), fit.below)


def _arrangements(natural: Mapping[str, int], layout: Layout) -> Iterator[_Fit]:
    """From everything side by side to the least that a table can be."""
    flows = [n for n in layout.flows if n in natural]
    for kept in range(len(flows), -1, -1):
        for dropped in range(len(layout.spare) + 1):
            gone = {*flows[kept:], *layout.spare[:dropped]}
            widths = {n: w for n, w in natural.items() if n not in gone}
            yield _Fit(widths, tuple(flows[kept:]))


def _stretched(least: dict[str, int], wanted: Mapping[str, int], room: int) -> dict[str, int]:
    """What is left of the line goes to the texts that could use it, from the left."""
    widths = dict(least)
    for name in widths:
        more = max(0, min(wanted[name] - widths[name], room))
        widths[name] += more
        room -= more
    return widths


def _total(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + len(GAP) * (len(widths) - 1)


def _line(row: Mapping[str, str], widths: Mapping[str, int], right: set[str]) -> str:
    cells = (_cell(row[n], width, n in right) for n, width in widths.items())
    return GAP.join(cells).rstrip()


def _cell(value: str, width: int, right: bool) -> str:
    value = _cut(value, width)
    space = " " * (width - _width(value))
    return space + value if right else value + space


def _cut(value: str, width: int) -> str:
    if _width(value) <= width:
        return value
    while _width(value) >= width:
        value = value[:-1]
    return f"{value.rstrip()}…"


def _below(row: Mapping[str, str], names: Sequence[str], width: int) -> Iterator[str]:
    first = next(iter(row.values()))
    indent = " " * (len(first) - len(first.lstrip()) + 2)
    for name in names:
        for line in textwrap.wrap(row[name], max(width - len(indent), SHORTEST)):
            yield click.style(indent + line, dim=True)


def _width(value: str) -> int:
    """Columns of a terminal: wide letters take two, marks on a letter none."""
    letters = click.unstyle(value)
    return sum((east_asian_width(c) in "WF") + (not combining(c)) for c in letters)
