"""The status table, the expected mark and the reading, row by row."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from headway.engine.errors import DefinitionError
from headway.goals.progress import (
    Course,
    Progress,
    Status,
    Thresholds,
    fraction,
    inclusive,
    sentence,
)
from headway.goals.reading import Reading, Readings
from headway.goals.shapes import Keep, Reach, Relative

# 101 days: day n of the cycle expects n / 100.
FIRST, LAST = date(2026, 1, 1), date(2026, 4, 11)
numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3))


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def course(n: int, *, aspirational: bool = False) -> Course:
    return Course(inclusive(FIRST, LAST), day(n), aspirational)


def at(n: int, value: float | None, reason: str = "") -> Reading:
    return Reading(day(n), day(n), value, reason)


def reached(p: float, n: int, *, aspirational: bool = False) -> Progress:
    """From 0 to 1, so that the value is the progress, covering the day it is judged on."""
    return Reach(1.0, 0.0).judge(course(n, aspirational=aspirational), (at(min(n, 100), p),))


@pytest.mark.parametrize(
    ("p", "n", "status"),
    [
        (1.0, 3, Status.achieved),
        (1.7, 50, Status.achieved),
        (1.0, 101, Status.achieved),
        (0.99, 101, Status.missed),
        (0.99, 100, Status.on_track),
        (0.50, 50, Status.on_track),
        (0.45, 50, Status.on_track),
        (0.4499, 50, Status.behind),
        (0.95, 100, Status.on_track),
        (0.25, 50, Status.behind),
        (0.2499, 50, Status.at_risk),
        (0.05, 30, Status.behind),
        (0.0, 26, Status.at_risk),
        (-0.3, 0, Status.at_risk),
        (0.0, 0, Status.on_track),
        (0.0, 5, Status.on_track),
        (0.0, -1, Status.not_started),
        (1.0, -1, Status.not_started),
    ],
)
def test_status_of_a_committed_key_result(p: float, n: int, status: Status) -> None:
    assert reached(p, n).status is status


@pytest.mark.parametrize(
    ("p", "n", "status"),
    [
        (1.0, 50, Status.achieved),
        (0.7, 50, Status.achieved_aspirational),
        (0.7, 200, Status.achieved_aspirational),
        (0.69, 100, Status.on_track),
        (0.69, 101, Status.missed),
        (0.35, 50, Status.on_track),
        (0.30, 50, Status.on_track),
        (0.29, 50, Status.behind),
        (0.10, 50, Status.behind),
        (0.09, 50, Status.at_risk),
    ],
)
def test_an_aspirational_goal_works_towards_seven_tenths(p: float, n: int, status: Status) -> None:
    assert reached(p, n, aspirational=True).status is status


def kept(values: str, n: int) -> Progress:
    """`+` is a day inside, `-` one outside, `?` an unknown one; the first is day 0."""
    signs = {"+": 90.0, "-": 80.0, "?": None}
    readings = tuple(
        at(i, signs[c], "No events." if c == "?" else "") for i, c in enumerate(values)
    )
    return Keep(at_least=85).judge(course(n), readings)


@pytest.mark.parametrize(
    ("values", "n", "status", "share"),
    [
        ("+" * 10, 50, Status.on_track, 1.0),
        ("-" + "+" * 9, 50, Status.on_track, 0.9),
        ("--" + "+" * 17, 50, Status.behind, 17 / 19),
        ("+" * 9 + "-", 50, Status.at_risk, 0.9),
        ("-" + "+" * 9, 99, Status.on_track, 0.9),
        ("-" + "+" * 9, 100, Status.achieved, 0.9),
        ("-" + "+" * 9, 150, Status.achieved, 0.9),
        ("--" + "+" * 9, 100, Status.behind, 9 / 11),
        ("--" + "+" * 9, 101, Status.missed, 9 / 11),
        ("+" * 20 + "-", 101, Status.missed, 20 / 21),
        ("+?+", 50, Status.on_track, 1.0),
        ("++?", 50, Status.unknown, None),
    ],
)
def test_status_of_bounds_that_are_kept(
    values: str, n: int, status: Status, share: float | None
) -> None:
    found = kept(values, n)
    assert (found.status, found.p) == (status, share)


def test_bounds_are_inclusive_and_may_form_a_band() -> None:
    band = Keep(at_least=1.0, at_most=2.0)
    assert [band.holds(x) for x in (0.999, 1.0, 2.0, 2.001)] == [False, True, True, False]


def test_before_a_period_of_the_cycle_is_complete_only_the_present_counts() -> None:
    found = Keep(at_most=5).judge(course(2), (at(-3, 4.0),))
    assert (found.status, found.p, found.holds) == (Status.on_track, None, True)
    assert sentence(found) == "Holds now; no period of the cycle is complete yet."


def test_a_missing_value_is_unknown_with_its_reason_never_zero() -> None:
    found = Reach(10.0, 0.0).judge(course(50), (at(49, None, "No events since 2026-02-01."),))
    assert (found.status, found.p) == (Status.unknown, None)
    assert sentence(found) == "No events since 2026-02-01."
    assert Reach(10.0).judge(course(50), ()).reason == "There is no value yet."


def test_a_missing_value_stays_unknown_after_the_due_date() -> None:
    assert Reach(10.0, 0.0).judge(course(150), (at(100, None, "Gone."),)).status is Status.unknown


def test_without_a_value_before_the_cycle_there_is_no_baseline() -> None:
    found = Reach(10.0).judge(course(50), (at(49, 5.0),))
    assert (found.status, found.value, found.p) == (Status.unknown, 5.0, None)
    assert "type a baseline" in found.reason


def test_an_unknown_baseline_says_that_it_is_the_baseline() -> None:
    found = Reach(10.0).judge(course(50), (at(-1, None, "No events."), at(49, 5.0)))
    assert (found.status, found.reason) == (Status.unknown, "The baseline is unknown: No events.")


def test_the_baseline_is_the_last_reading_before_the_cycle() -> None:
    readings = (at(-9, 1.0), at(-1, 2.0), at(0, 3.0), at(40, 6.0))
    found = Reach(10.0).judge(course(50), readings)
    assert (found.baseline, found.p, found.aim) == (2.0, 0.5, 10.0)


def test_values_after_the_due_date_do_not_count() -> None:
    found = Reach(10.0, 0.0).judge(course(150), (at(100, 5.0), at(120, 10.0)))
    assert (found.status, found.value, found.through) == (Status.missed, 5.0, LAST)


def test_a_measured_value_is_held_against_the_mark_of_the_last_day_it_covers() -> None:
    """A month's value stays fair on the last day of the month after."""
    month = Reading(day(0), day(30), 0.3)
    found = Reach(1.0, 0.0).judge(course(59), (month,))
    assert (found.expected, found.day, found.status) == (0.3, day(30), Status.on_track)


def test_a_typed_value_stands_for_one_cadence() -> None:
    fresh = course(36)
    patient = Course(fresh.span, fresh.today, patience=7)
    stale = Course(fresh.span, day(80), patience=7)
    assert Reach(1.0, 0.0).judge(patient, (at(30, 0.3),)).expected == 0.3
    assert Reach(1.0, 0.0).judge(stale, (at(30, 0.3),)).status is Status.at_risk


@pytest.mark.parametrize(("n", "e"), [(-5, 0.0), (0, 0.0), (1, 0.01), (100, 1.0), (140, 1.0)])
def test_both_typed_days_belong_to_the_cycle(n: int, e: float) -> None:
    assert course(0).elapsed(day(n)) == pytest.approx(e)
    assert course(n).started is (n >= 0)
    assert course(n).over is (n > 100)


def test_a_cycle_of_one_day_expects_everything_on_that_day() -> None:
    one = Course(inclusive(FIRST, FIRST), FIRST)
    assert (one.elapsed(FIRST - timedelta(days=1)), one.elapsed(FIRST)) == (0.0, 1.0)


def test_thresholds_are_settings() -> None:
    wide = Thresholds(on_track=0.5, behind=0.6, aspirational=0.2)
    span = course(0).span
    assert Reach(1.0, 0.0).judge(Course(span, day(50), thresholds=wide), (at(50, 0.0),)).status == (
        "on_track"
    )
    ambitious = Course(span, day(50), aspirational=True, thresholds=wide)
    assert Reach(1.0, 0.0).judge(ambitious, (at(50, 0.2),)).status == "achieved_aspirational"


@pytest.mark.parametrize(
    ("shape", "baseline", "aim"),
    [
        (Relative(0.25), 80.0, 100.0),
        (Relative(-0.2), 50.0, 40.0),
        (Relative(0.05, points=True), 0.4, 0.45),
        (Relative(-3, points=True), 10.0, 7.0),
        (Relative(0.25), -100.0, -75.0),
    ],
)
def test_a_relative_target_comes_from_the_measured_baseline(
    shape: Relative, baseline: float, aim: float
) -> None:
    found = shape.judge(course(50), (at(-1, baseline), at(50, baseline)))
    assert (found.baseline, found.aim, found.p) == (baseline, pytest.approx(aim), 0.0)


def test_a_percentage_of_nothing_is_unknown_and_says_so() -> None:
    found = Relative(0.25).judge(course(50), (at(-1, 0.0), at(50, 3.0)))
    assert found.status is Status.unknown
    assert "The baseline and the target are both 0" in found.reason


def test_a_baseline_that_is_the_target_is_an_error() -> None:
    with pytest.raises(DefinitionError, match="both 5"):
        fraction(3.0, 5.0, 5.0)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (reached(0.42, 60), "42\u202f% of the way, 60\u202f% expected by 2 Mar: 18 points behind."),
        (reached(0.61, 60), "61\u202f% of the way, 60\u202f% expected by 2 Mar: 1 point ahead."),
        (reached(0.60, 60), "60\u202f% of the way, 60\u202f% expected by 2 Mar: as expected."),
        (reached(1.2, 60), "Reached the target: 120\u202f% of the way by 2 Mar."),
        (reached(0.9, 101), "90\u202f% of the way when it was due on 11 Apr: 10 points behind."),
        (
            reached(0.7, 60, aspirational=True),
            "70\u202f% of the way by 2 Mar, enough for an aspirational goal.",
        ),
        (
            reached(-0.26, 60),
            "Moved the wrong way, by 26\u202f% of the distance to the target, "
            "60\u202f% expected by 2 Mar: 86 points behind.",
        ),
        (reached(0.5, -1), "The cycle opens on 2026-01-01."),
        (kept("+-+", 50), "Holds now; inside the bounds in 2 of 3 periods so far."),
        (kept("+-", 50), "Does not hold now; inside the bounds in 1 of 2 periods so far."),
    ],
)
def test_the_sentence_says_why(found: Progress, words: str) -> None:
    assert sentence(found) == words


@given(now=numbers, baseline=numbers, target=numbers)
def test_progress_is_the_same_in_either_direction(
    now: float, baseline: float, target: float
) -> None:
    assume(abs(target - baseline) > 0.01)
    up = fraction(now, baseline, target)
    assert fraction(-now, -baseline, -target) == up
    assert fraction(now, target, baseline) == pytest.approx(1 - up, rel=1e-6, abs=1e-6)


@given(share=st.floats(-3, 3), baseline=numbers, target=numbers)
def test_progress_is_linear_and_never_clamped(share: float, baseline: float, target: float) -> None:
    assume(abs(target - baseline) > 0.01)
    now = baseline + share * (target - baseline)
    assert fraction(now, baseline, target) == pytest.approx(share, abs=1e-6)


@given(
    p=st.floats(-2, 2),
    better=st.floats(0, 2),
    n=st.integers(0, 140),
    aspirational=st.booleans(),
)
def test_more_progress_is_never_a_worse_status(
    p: float, better: float, n: int, aspirational: bool
) -> None:
    order = list(Status)
    lower = reached(p, n, aspirational=aspirational).status
    higher = reached(p + better, n, aspirational=aspirational).status
    assert order.index(higher) >= order.index(lower)


@given(values=st.lists(st.sampled_from("+-"), min_size=1, max_size=60), n=st.integers(60, 120))
def test_bounds_are_achieved_exactly_when_nine_in_ten_held_at_the_end(
    values: list[str], n: int
) -> None:
    found = kept("".join(values), n)
    good = values[-1] == "+" and values.count("+") * 10 >= len(values) * 9
    assert (found.status is Status.achieved) == (good and n >= 100)


def test_readings_are_told_apart_by_day_not_by_number() -> None:
    found: Readings = (at(10, 1.0), at(20, 0.0))
    assert Reach(1.0, 0.0).judge(course(15), found).status is Status.achieved
    assert Reach(1.0, 0.0).judge(course(20), found).p == 0.0
