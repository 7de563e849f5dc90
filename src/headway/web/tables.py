"""The tables some kinds have beside their points: steps of a funnel, cohorts of retention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from headway.charts import formats
from headway.engine.kinds.retention import pooled
from headway.metrics.models import Table

HEATS = 5
COHORTS, OFTEN = 24, 30
"""So many cohorts, and rows of a histogram, a page shows; all of them are in the data."""


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    heat: int = 0
    hint: str = ""

    @property
    def drawn(self) -> str:
        hint = f' title="{escape(self.hint)}"' if self.hint else ""
        return f'<td class="num heat-{self.heat}"{hint}>{escape(self.text)}</td>'


@dataclass(frozen=True)
class Grid:
    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]
    style: str = ""
    foot: str = ""


def grids(tables: Sequence[Table], grain: str) -> list[Grid]:
    """A kind's tables by their name; a name that is not known here is shown as it is."""
    shapes = {"steps": _steps, "cohorts": _cohorts, "histogram": _histogram}
    return [shapes.get(t.name, _as_it_is)(t, grain) for t in tables if t.rows]


def _steps(table: Table, grain: str) -> Grid:
    newest = max(row["start"] for row in table.rows)
    rows = [row for row in table.rows if row["start"] == newest]
    when = formats.period(date.fromisoformat(newest), grain)
    return Grid(
        title=f"Step by step, {when}",
        note="Counted by the period in which people entered.",
        columns=["Step", "Reached", "Of those who entered", "Of the step before", "Median time"],
        rows=[(row["step"], _step(row)) for row in rows],
    )


def _step(row: dict[str, Any]) -> list[Cell]:
    took = row["median_seconds"]
    return [
        Cell(formats.number(row["count"])),
        Cell(_share(row["conversion"])),
        Cell(_share(row["step_conversion"])),
        Cell(formats.duration(took) if took is not None else "–"),
    ]


def _histogram(table: Table, grain: str) -> Grid:
    newest = max(row["start"] for row in table.rows)
    rows = sorted((r["n"], r["subjects"]) for r in table.rows if r["start"] == newest)
    left_out = len(rows) - OFTEN
    return Grid(
        title=f"How often, {formats.period(date.fromisoformat(newest), grain)}",
        note="How many came exactly so often, and how many at least so often.",
        columns=["Times", "Exactly", "Share", "At least", "Share"],
        rows=[(formats.number(n), _often(i, rows)) for i, (n, _) in enumerate(rows[:OFTEN])],
        foot=f"{left_out} higher numbers are in the data." if left_out > 0 else "",
    )


def _often(i: int, rows: list[tuple[int, int]]) -> list[Cell]:
    everybody = sum(subjects for _, subjects in rows)
    exactly, at_least = rows[i][1], sum(subjects for _, subjects in rows[i:])
    counts = (exactly, at_least)
    return [cell for n in counts for cell in (Cell(formats.number(n)), Cell(_share(n / everybody)))]


def _cohorts(table: Table, grain: str) -> Grid:
    started = [row for row in table.rows if row["size"]]
    rows, empty = started[-COHORTS:], len(table.rows) - len(started)
    widest = max((len(row["returned"]) for row in rows), default=0)
    return Grid(
        title="Who came back, by cohort",
        note="Each row is everybody who started in that period; each column a later one. "
        "The number of people stands in each cell, its shade is their share.",
        columns=["Started in", "People", *[str(i) for i in range(widest)]],
        rows=[*_pooled(rows), *((_start(row, grain), _returns(row, _most(rows))) for row in rows)],
        style="cohorts",
        foot=_nobody(empty, bool(rows)),
    )


def _pooled(rows: list[dict[str, Any]]) -> list[tuple[str, list[Cell]]]:
    """Above more cohorts than one, what they are together."""
    if len(rows) < 2:
        return []
    found = pooled(rows)
    cells = [Cell(_share(p["share"]), hint=_pool_words(p)) for p in found]
    return [("Together", [Cell(formats.number(sum(row["size"] for row in rows))), *cells])]


def _pool_words(pool: dict[str, Any]) -> str:
    if not pool["size"]:
        return "This bucket has not ended for any cohort."
    came, of = formats.number(pool["returned"]), formats.number(pool["size"])
    return f"{came} of the {of} for whom this bucket has ended"


def _nobody(periods: int, others: bool) -> str:
    """The periods without a row, in words."""
    if not periods:
        return ""
    other = "other " if others else ""
    return f"Nobody started in {periods} {other}period{'s' if periods != 1 else ''}."


def _start(row: dict[str, Any], grain: str) -> str:
    return formats.period(date.fromisoformat(row["start"]), grain)


def _most(rows: list[dict[str, Any]]) -> float:
    """The largest share that came back, to shade the others by. The start itself is everybody."""
    shares = [c / r["size"] for r in rows if r["size"] for c in r["returned"][1:] if c is not None]
    return max(shares, default=1.0) or 1.0


def _returns(row: dict[str, Any], most: float) -> list[Cell]:
    size = row["size"]
    cells = [_return(count, size, most) for count in row["returned"]]
    return [Cell(formats.number(size)), *cells]


def _return(count: int | None, size: int, most: float) -> Cell:
    """None: the bucket is still open."""
    if count is None:
        return Cell("")
    share = count / size if size else 0.0
    heat = min(HEATS, 1 + int(share / most * HEATS)) if count else 0
    return Cell(formats.number(count), heat, formats.percent(share))


def _as_it_is(table: Table, _grain: str) -> Grid:
    columns = list(table.rows[0])
    rows = [(str(r[columns[0]]), [Cell(str(r[c])) for c in columns[1:]]) for r in table.rows]
    return Grid(table.name.capitalize(), "", columns, rows)


def _share(share: float | None) -> str:
    return formats.percent(share) if share is not None else "–"
