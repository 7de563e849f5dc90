"""Points of a series as rows of a table."""

from __future__ import annotations

from collections.abc import Callable

from headway.charts import formats
from headway.cli.output import Row
from headway.cli.tables import Layout
from headway.engine.series import Point

POINTS = Layout(right=("value", "low", "high"), flows=("note",), spare=("n",))


def point_row(point: Point, said: Callable[[float], object] = float) -> Row:
    """`said` puts an amount in words; a note says why there is none, or that more may come."""
    value, low, high = (
        None if v is None else said(v) for v in (point.value, point.low, point.high)
    )
    return {
        "start": point.start.isoformat(),
        "segment": point.segment,
        "value": value,
        "low": low,
        "high": high,
        "n": None if point.value is None and not point.n else point.n,
        "note": _note(point),
    }


def _note(point: Point) -> str:
    found = point.reason or ("" if point.complete else "incomplete")
    said = [found.rstrip("."), formats.unused(point.faults)] if point.faults else [found]
    return "; ".join(filter(None, said))
