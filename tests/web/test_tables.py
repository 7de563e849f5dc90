"""Tables beside a metric's points."""

from __future__ import annotations

from typing import Any

from headway.metrics.models import Table
from headway.web.tables import Grid, grids


def cohorts(*sizes: int) -> Grid:
    rows: list[dict[str, Any]] = [
        {
            "start": f"2026-{month:02}-01",
            "size": size,
            "returned": [size, size // 2 if month < 3 else None],
            "complete": [True, month < 3],
        }
        for month, size in enumerate(sizes, 1)
    ]
    return grids([Table(name="cohorts", rows=rows)], "month")[0]


def test_periods_in_which_nobody_started_have_no_row() -> None:
    grid = cohorts(4, 0, 7, 0)
    assert [name for name, _ in grid.rows] == ["Together", "Jan 2026", "Mar 2026"]
    assert grid.foot == "Nobody started in 2 other periods."


def test_one_empty_period_is_one() -> None:
    assert cohorts(4, 0).foot == "Nobody started in 1 other period."
    assert cohorts(4).foot == ""


def test_a_triangle_without_anybody_says_so() -> None:
    grid = cohorts(0, 0)
    assert not grid.rows
    assert grid.foot == "Nobody started in 2 periods."


def test_cohorts_together_are_those_whose_bucket_has_ended() -> None:
    grid = cohorts(4, 10, 7)
    assert [cell.text for cell in grid.rows[0][1]] == ["21", "100\u202f%", "50\u202f%"]
    assert grid.rows[0][1][2].hint == "7 of the 14 for whom this bucket has ended"
    assert [name for name, _ in cohorts(4).rows] == ["Jan 2026"]


def test_a_histogram_says_exactly_and_at_least() -> None:
    rows = [{"start": "2026-01-01", "n": 9, "subjects": 9}]
    rows += [{"start": "2026-02-01", "n": n, "subjects": s} for n, s in ((2, 1), (1, 6), (5, 1))]
    grid = grids([Table(name="histogram", rows=rows)], "month")[0]
    assert grid.title == "How often, Feb 2026"
    assert [(name, [c.text for c in cells]) for name, cells in grid.rows] == [
        ("1", ["6", "75\u202f%", "8", "100\u202f%"]),
        ("2", ["1", "12.5\u202f%", "2", "25\u202f%"]),
        ("5", ["1", "12.5\u202f%", "1", "12.5\u202f%"]),
    ]
