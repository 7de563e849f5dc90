"""Points of a series as rows of a table."""

from __future__ import annotations

from collections.abc import Callable

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
        "n": point.n,
        "note": point.reason or ("" if point.complete else "incomplete"),
    }
