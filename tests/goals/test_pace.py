"""What is expected in between: by phases, by dated milestones, and as the year before."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.engine.errors import DefinitionError
from headway.goals.pace import (
    Phased,
    Seasonal,
    Stepped,
    a_year_before,
    check_phases,
    moved_years,
)
from headway.goals.progress import Course, Status, graded, inclusive, sentence, value_at_grade
from headway.goals.reading import Reading, Readings
from headway.goals.shapes import Graded, Milestones, Reach, Step

# 101 days: day n of the cycle expects n / 100.
FIRST, LAST = date(2026, 1, 1), date(2026, 4, 11)
SPAN = inclusive(FIRST, LAST)


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def course(n: int, **fields: object) -> Course:
    return Course(SPAN, day(n), **fields)  # type: ignore[arg-type]  # of a course


def at(n: int, value: float | None) -> Reading:
    return Reading(day(n), day(n), value, "" if value is not None else "No events from shop.")


# Grades -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "p"),
    [
        (100, 0.0),
        (110, 0.15),
        (120, 0.3),
        (130, 0.5),
        (140, 0.7),
        (150, 0.85),
        (160, 1.0),
        (180, 1.3),
        (90, -0.15),
    ],
)
def test_grades_are_straight_between_commit_target_and_stretch(value: float, p: float) -> None:
    assert graded(value, (100, 120, 140, 160)) == pytest.approx(p)
    assert graded(-value, (-100, -120, -140, -160)) == pytest.approx(p), "and downwards alike"


@given(st.floats(-0.5, 1.5), st.booleans())
def test_a_grade_and_its_value_are_each_others_inverse(p: float, down: bool) -> None:
    marks = (10.0, 3.0, 2.0, -4.0) if down else (-4.0, 2.0, 3.0, 10.0)
    assert graded(value_at_grade(p, marks), marks) == pytest.approx(p)


@pytest.mark.parametrize(
    ("value", "n", "status", "words"),
    [
        (160, 40, Status.achieved, "Reached the target: 100\u202f% of the way"),
        (140, 40, Status.achieved_aspirational, "which is the target"),
        (140, 200, Status.achieved_aspirational, "the stretch is still ahead"),
        (139, 101, Status.missed, ""),
        (120, 43, Status.on_track, "30\u202f% of the way, 30\u202f% expected"),
        (110, 43, Status.behind, "15 points behind"),
        (100, 50, Status.at_risk, "35 points behind"),
    ],
)
def test_a_graded_goal_is_expected_at_its_target(
    value: float, n: int, status: Status, words: str
) -> None:
    found = Graded(120, 140, 160, 100).judge(course(n), (at(min(n, 100), value),))
    assert found.status is status
    assert words in sentence(found)
    assert found.aim == 140


def test_grades_out_of_order_are_unknown_not_zero() -> None:
    found = Graded(120, 140, 160).judge(course(10), (at(-1, 125), at(9, 130)))
    assert (found.status, found.p) == (Status.unknown, None)
    assert "not in order: 125, 120, 140, 160" in found.reason


# Milestones -------------------------------------------------------------------------------------


def test_milestones_count_by_weight_from_the_day_they_are_done() -> None:
    steps = Milestones((Step(1, day(10)), Step(3, day(50)), Step(4)))
    assert [steps.judge(course(n), ()).p for n in (9, 10, 50, 99)] == [0, 0.125, 0.5, 0.5]
    assert steps.judge(course(50), ()).status is Status.on_track
    assert steps.judge(course(80), ()).status is Status.at_risk
    assert steps.judge(course(101), ()).status is Status.missed
    assert Milestones((Step(2, day(3)),)).judge(course(5), ()).status is Status.achieved
    assert [r.value for r in steps.readings(FIRST)] == [0, 0.125, 0.5]


def test_no_milestones_is_unknown() -> None:
    assert Milestones(()).judge(course(5), ()).status is Status.unknown


def test_dated_milestones_are_expected_from_the_day_after_theirs() -> None:
    pace = Stepped(((day(10), 1.0), (day(60), 3.0)))
    steps = Milestones((Step(1), Step(3)))
    expected = [steps.judge(course(n, pace=pace), ()).expected for n in (0, 10, 11, 60, 61, 100)]
    assert expected == [0, 0, 0.25, 0.25, 1, 1]


# Phases -----------------------------------------------------------------------------------------


def test_phases_are_expected_by_their_days_and_straight_in_between() -> None:
    pace = Phased(((day(20), 180.0), (day(50), 120.0)))
    readings = (at(-1, 200.0), *(at(n, 180.0) for n in range(101)))
    found = [Reach(100.0).judge(course(n, pace=pace), readings) for n in (0, 10, 20, 35, 50, 75)]
    assert [f.expected for f in found] == pytest.approx([0, 0.1, 0.2, 0.5, 0.8, 0.9])
    assert [f.status for f in found[2:4]] == [Status.on_track, Status.at_risk]
    ambitious = Reach(100.0).judge(course(20, pace=pace, aspirational=True), readings)
    assert ambitious.expected == pytest.approx(0.14)


@pytest.mark.parametrize("days", [[], [-1], [100], [101]])
def test_phases_lie_before_the_due_day(days: list[int]) -> None:
    with pytest.raises(DefinitionError) as caught:
        check_phases([(day(n), 1.0) for n in days], SPAN)
    assert caught.value.where == "phases"


# Last year --------------------------------------------------------------------------------------


def days_of(first: date, values: list[float | None]) -> Readings:
    return tuple(
        Reading(d, d, v, "" if v is not None else "?")
        for d, v in ((first + timedelta(days=i), v) for i, v in enumerate(values))
    )


EVE = a_year_before(FIRST, weekly=True) - timedelta(days=1)


def test_a_movement_is_expected_at_the_share_that_last_year_had_made() -> None:
    early = [1000.0, *(1000 + 80 * min(n, 10) / 10 + 20 * max(n - 10, 0) / 90 for n in range(101))]
    pace = Seasonal(days_of(EVE, list(early)))
    found = Reach(1300.0, 1100.0).judge(course(10, pace=pace), (at(10, 1260.0),))
    assert found.expected == pytest.approx(0.8)
    assert found.status is Status.on_track
    assert found.pace_reason == "Expected as the same days went a year before."


def test_a_flow_is_expected_at_the_share_that_last_year_had_come_in() -> None:
    """Half of what came in came in the last ten days."""
    flow = [0.0, *(min(n, 91) + 9.1 * max(n - 91, 0) for n in range(1, 102))]
    pace = Seasonal(days_of(EVE, list(flow)))
    readings = tuple(at(n - 1, 3 * value) for n, value in enumerate(flow))
    for n in (5, 50, 90, 95, 99):
        found = Reach(3 * flow[-1], 0.0).judge(course(n, pace=pace), readings)
        assert found.expected == pytest.approx(flow[n + 1] / flow[-1])
        assert found.status is Status.on_track
    evenly = Reach(3 * flow[-1], 0.0).judge(course(90), readings)
    assert evenly.status is Status.at_risk


def weekly_season(n: int) -> float:
    return 0.5 if (FIRST + timedelta(days=n)).weekday() >= 5 else 1.2


@pytest.mark.parametrize("growth", [0.02, 0.1, 0.5])
def test_weekends_turn_nothing_red(growth: float) -> None:
    """A year ago it grew by half; now by `growth`, which is the target: every day is on track."""
    start, length = weekly_season(-1), 101
    year_ago = [weekly_season(n) * (1000 + 500 * (n + 1) / length) for n in range(-1, length)]
    now = [weekly_season(n) * 3000 * (1 + growth * (n + 1) / length) for n in range(-1, length)]
    pace = Seasonal(days_of(EVE, list(year_ago)))
    shape = Reach(now[-1], 3000 * start)
    readings = tuple(at(n - 1, value) for n, value in enumerate(now))
    reds = [n for n in range(101) if shape.judge(course(n), readings).status is Status.at_risk]
    assert reds, "evenly, weekends would be red"
    for n in range(101):
        found = shape.judge(course(n, pace=pace), readings)
        assert found.status in (Status.on_track, Status.achieved), (n, found)
    assert "swings" in found.pace_reason


def test_a_yearly_season_turns_nothing_red_and_still_tells_what_is_late() -> None:
    def season(n: int) -> float:
        return 1000 * (1 + 0.4 * math.sin(2 * math.pi * n / 365))

    pace = Seasonal(days_of(EVE, [season(n - 1) for n in range(102)]))
    healthy = tuple(at(n, 1.2 * season(n)) for n in range(-1, 101))
    flat = tuple(at(n, 1.2 * season(-1)) for n in range(-1, 101))
    shape = Reach(1.2 * season(100))
    assert {shape.judge(course(n, pace=pace), healthy).status for n in range(100)} <= {
        Status.on_track,
        Status.achieved,
    }
    assert shape.judge(course(60, pace=pace), flat).status is Status.at_risk


@pytest.mark.parametrize(
    ("first", "values", "why"),
    [
        (day(-100), [5.0] * 50, "nothing is known from just before 2025-01-02"),
        (EVE, [5.0] * 60, "the history does not reach 2025-04-12"),
        (EVE, [5.0, *([None] * 30), *([6.0] * 71)], "30 of 101 periods have no value"),
    ],
)
def test_without_last_year_it_is_expected_evenly_and_says_why(
    first: date, values: list[float | None], why: str
) -> None:
    pace = Seasonal(days_of(first, values))
    found = Reach(10.0, 0.0).judge(course(50, pace=pace), (at(50, 5.0),))
    assert (found.expected, found.curve) == (0.5, None)
    assert found.pace_reason == f"Expected evenly: {why}, a year before."


def test_a_year_of_months_keeps_the_ends_of_months() -> None:
    assert moved_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert moved_years(date(2023, 2, 28), 1) == date(2024, 2, 29)
    assert a_year_before(date(2026, 3, 1), weekly=False) == date(2025, 3, 1)
    assert a_year_before(date(2026, 3, 1), weekly=True).weekday() == date(2026, 3, 1).weekday()
