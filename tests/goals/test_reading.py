"""What a key result reads from points."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from headway.engine.series import Point
from headway.goals.reading import reading_on, readings

OPENS = date(2026, 1, 4)


def days(*values: float | None, complete: bool = True) -> list[Point]:
    """One point a day from 1 January, three days before the cycle opens."""
    first = date(2026, 1, 1)
    return [
        Point(
            first + timedelta(days=i),
            first + timedelta(days=i + 1),
            value,
            complete=complete,
            reason="" if value is not None else "No events.",
        )
        for i, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("over", "n", "values"),
    [
        ("latest", None, [1, 2, 3, 4, 5]),
        ("mean", 2, [None, 1.5, 2.5, 3.5, 4.5]),
        ("trailing", 3, [None, None, 6, 9, 12]),
        ("cycle_to_date", None, [0, 4, 9]),
    ],
)
def test_each_way_of_reading(over: str, n: int | None, values: list[float | None]) -> None:
    found = readings(days(1, 2, 3, 4, 5), over, n, OPENS)
    assert [r.value for r in found] == values
    assert found[-1].through == date(2026, 1, 5)


def test_a_sum_since_the_cycle_opened_starts_from_zero_on_its_eve() -> None:
    found = readings(days(1, 2, 3, 4), "cycle_to_date", None, OPENS)
    baseline = reading_on(found, date(2026, 1, 3))
    assert baseline is not None
    assert (baseline.value, baseline.through) == (0.0, date(2026, 1, 3))


def test_incomplete_points_are_never_read() -> None:
    points = [*days(1, 2), *days(0, 0, 99, complete=False)[2:]]
    assert [r.value for r in readings(points, "latest", None, OPENS)] == [1, 2]


@pytest.mark.parametrize(("over", "n"), [("mean", 3), ("trailing", 3), ("cycle_to_date", None)])
def test_an_unknown_day_makes_its_sum_unknown(over: str, n: int | None) -> None:
    last = readings(days(1, 2, 3, 4, None, 6), over, n, OPENS)[-1]
    assert (last.value, last.reason) == (None, "No events.")


def test_too_few_periods_say_how_many_there_were() -> None:
    (only,) = readings(days(7), "mean", 4, OPENS)
    assert (only.value, only.reason) == (
        None,
        "Reads 4 complete periods, and by then there were 1.",
    )


def test_no_points_give_no_reading() -> None:
    assert readings([], "cycle_to_date", None, OPENS) == ()
    assert reading_on((), OPENS) is None
