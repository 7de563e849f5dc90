"""A table that somebody sent: its headings, and rows that know where they stand in the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from headway.engine.errors import InputError
from headway.engine.written import grouped

Cell = str | int | float | bool | date | datetime | time | timedelta | None

LONGEST_CELL = 20_000
MOST_COLUMNS = 200
MOST_ROWS = 50_000


@dataclass(frozen=True)
class Row:
    """`number` counts from 1, as spreadsheets and editors do."""

    number: int
    cells: tuple[Cell, ...]

    def at(self, position: int) -> Cell:
        return self.cells[position] if position < len(self.cells) else None


@dataclass(frozen=True)
class Table:
    """`name` is that of the file, with the sheet after it where a file has several."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    decimal_cells: bool = False
    """Numbers came as numbers, so that a share such as 85 % is 0.85."""

    @staticmethod
    def of(name: str, lines: Iterable[tuple[int, Sequence[Cell]]], *, typed: bool = False) -> Table:
        """The first line that is not empty has the headings. Raises InputError without one."""
        filled = ((n, cells) for n, cells in lines if any(_said(cell) for cell in cells))
        first = next(filled, None)
        if first is None:
            raise InputError("There is nothing in it.", where=name, fix="Send a file with rows.")
        headings = tuple(_said(cell) for cell in first[1])
        if len(headings) > MOST_COLUMNS:
            raise InputError(
                f"It has {grouped(len(headings))} columns; up to {MOST_COLUMNS} are read.",
                where=name,
            )
        return Table(name, headings, tuple(_rows(name, filled)), typed)

    def position(self, heading: str) -> int | None:
        return self.headings.index(heading) if heading in self.headings else None


def _rows(name: str, lines: Iterable[tuple[int, Sequence[Cell]]]) -> Iterable[Row]:
    for count, (number, cells) in enumerate(lines, 1):
        if count > MOST_ROWS:
            raise InputError(
                f"It has more than {grouped(MOST_ROWS)} rows.", where=name, fix="Send it in parts."
            )
        for cell in cells:
            if isinstance(cell, str) and len(cell) > LONGEST_CELL:
                raise InputError(
                    f"A cell of row {number} has {grouped(len(cell))} characters; "
                    f"up to {grouped(LONGEST_CELL)} are read.",
                    where=name,
                )
        yield Row(number, tuple(cells[:MOST_COLUMNS]))


def _said(cell: Cell) -> str:
    return "" if cell is None else " ".join(str(cell).split())
