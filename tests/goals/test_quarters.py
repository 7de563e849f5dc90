"""Quarters of the calendar."""

from datetime import date

import pytest

from headway.goals.quarters import name_of, quarter_of, to_plan


@pytest.mark.parametrize(
    ("today", "key", "starts", "ends"),
    [
        (date(2026, 1, 1), "2026-q1", date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 11, 22), "2026-q4", date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 12, 10), "2026-q4", date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 12, 11), "2027-q1", date(2027, 1, 1), date(2027, 3, 31)),
    ],
)
def test_goals_are_planned_for_the_running_quarter_until_it_is_nearly_over(
    today: date, key: str, starts: date, ends: date
) -> None:
    found = to_plan(today)
    assert (found.key, found.starts, found.ends) == (key, starts, ends)


def test_only_a_whole_quarter_is_called_one() -> None:
    found = quarter_of(date(2028, 2, 29))
    assert name_of(found.starts, found.ends) == "2028, first quarter"
    assert name_of(date(2026, 2, 1), date(2026, 4, 30)) == ""
