"""Forecasts: golden numbers, what has to hold of all of them, and when there is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.engine.period import Grain
from headway.stats.forecast import Forecast, forecast
from headway.stats.history import Bound, CannotTell, History, Known

FIRST = date(2025, 1, 6)
WEEK = [0.0, 4.0, 6.0, 5.0, 2.0, -8.0, -9.0]


def days(values: Sequence[float | None], bound: Bound = Bound.zero, **more: object) -> History:
    starts = [FIRST + timedelta(i) for i in range(len(values))]
    return History(starts, values, Grain.day, bound, **more)  # type: ignore[arg-type]


def told(history: History, steps: int) -> Forecast:
    found = forecast(history, steps)
    assert isinstance(found, Forecast), found
    return found


def noisy(n: int, seed: int = 3, noise: float = 4.0) -> np.ndarray:  # type: ignore[type-arg]
    return np.random.default_rng(seed).normal(0, noise, n)


def test_a_week_and_a_trend_go_on() -> None:
    line = [100 + 0.5 * i + WEEK[i % 7] for i in range(120)]
    found = told(days((np.array(line[:100]) + noisy(100, noise=1)).tolist()), 20)
    assert np.abs(np.array(found.middle) - line[100:]).max() < 4
    assert found.rests.seasons == ("week",)
    assert found.starts[0] == FIRST + timedelta(100)
    assert found.rests.against_naive is not None
    assert found.rests.against_naive < 0.5
    assert "a season of the week" in found.rests.sentence


def test_a_year_of_months_goes_on() -> None:
    starts = [date(2019 + i // 12, i % 12 + 1, 1) for i in range(60)]
    line = [(200 + 2 * i) * (1 + 0.4 * np.sin(i * np.pi / 6)) for i in range(66)]
    values = (np.array(line[:60]) + noisy(60)).tolist()
    found = told(History(starts, values, Grain.month, Bound.zero), 6)
    assert np.abs(np.array(found.middle) / line[60:] - 1).max() < 0.1
    assert found.rests.seasons == ("year",)
    assert found.starts[:2] == (date(2024, 1, 1), date(2024, 2, 1))


def test_a_year_of_days_goes_on_once_two_are_known() -> None:
    def line(i: int) -> float:
        return 300 + 100 * np.sin(2 * np.pi * i / 364) + 5 * WEEK[i % 7]

    values = np.array([line(i) for i in range(760)]) + noisy(760, noise=10)
    found = told(days(values.tolist()), 60)
    truth = np.array([line(760 + i) for i in range(60)])
    flat = np.abs(values[-1] - truth).mean()
    assert np.abs(np.array(found.middle) - truth).mean() < flat / 3
    assert found.rests.seasons == ("week", "year")


def test_six_points_are_enough_for_a_wide_answer() -> None:
    found = [told(days((100 + noisy(n, seed)).tolist()), 3) for seed in range(20) for n in (6, 60)]
    width = [f.interval(0.95).high[2] - f.interval(0.95).low[2] for f in found]
    assert np.mean(width[::2]) > 1.4 * np.mean(width[1::2])
    assert np.mean(width[::2]) > 4 * 4.0


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([], "No period has a value yet."),
        ([None] * 9, "No period has a value yet."),
        ([1.0, 2.0, 3.0, 4.0, 5.0], "Only 5 periods have a value; it takes 6."),
        ([1.0, None, None] * 6, "Only 6 of 18 periods have a value; it takes half of them."),
        ([1.0] * 20 + [None] * 6, "None of the last 6 periods has a value."),
    ],
)
def test_it_says_why_it_cannot_tell(values: list[float | None], why: str) -> None:
    assert forecast(days(values), 3) == CannotTell(why)


def test_it_looks_neither_back_nor_too_far() -> None:
    history = days([1.0, 2.0] * 10)
    assert isinstance(forecast(history, 0), CannotTell)
    assert isinstance(forecast(history, 401), CannotTell)
    assert history.steps_until(FIRST + timedelta(19)) == 0
    assert history.steps_until(FIRST + timedelta(26)) == 7
    weekly = History([FIRST], [1.0], Grain.week)
    assert weekly.steps_until(FIRST + timedelta(12)) == 0
    assert weekly.steps_until(FIRST + timedelta(13)) == 1


def test_missing_periods_are_not_zero() -> None:
    whole: list[float | None] = (100 + noisy(80)).tolist()
    holes = [None if i % 5 == 2 else value for i, value in enumerate(whole)]
    left_out = days(holes)
    found = told(left_out, 10)
    assert min(found.middle) > 95
    shorter = [(s, v) for s, v in zip(left_out.starts, holes, strict=True) if v is not None]
    same = History([s for s, _ in shorter], [v for _, v in shorter], Grain.day, Bound.zero)
    assert told(same, 10).middle == found.middle


def test_shares_stay_between_0_and_1_and_small_ones_count_less() -> None:
    good = (0.97 + noisy(60, noise=0.01)).clip(0, 1)
    found = told(days(good.tolist(), Bound.share), 30)
    assert max(found.interval(0.95).high) <= 1
    assert min(found.interval(0.95).low) > 0.8
    last = [*good[:-1].tolist(), 0.5]
    counts = [400.0] * 59
    heavy = told(days(last, Bound.share, counts=[*counts, 400.0]), 1)
    light = told(days(last, Bound.share, counts=[*counts, 2.0]), 1)
    assert light.middle[0] > heavy.middle[0]
    empty = told(days(last, Bound.share, counts=[0.0] * 60), 3)
    assert np.isfinite(empty.middle).all()


def test_counts_are_never_negative() -> None:
    values = np.random.default_rng(5).poisson(0.7, 90).astype(float).tolist()
    found = told(days(values), 14)
    assert min(found.interval(0.95).low) == 0
    assert 0.2 < found.middle[0] < 1.3
    assert 1 < found.interval(0.95).high[0] < 5
    assert found.outlook.courses.min() >= 0


def test_what_is_in_already_of_a_period_is_its_least() -> None:
    values = (50 + noisy(60)).tolist()
    found = told(days(values, partial=70.0), 3)
    assert found.middle[0] == found.interval().low[0] == 70
    assert found.middle[1] < 60
    assert found.outlook.courses[:, 0].min() >= 70


def test_a_known_launch_is_a_step_and_not_noise() -> None:
    values = np.concatenate([100 + noisy(60), 150 + noisy(10, seed=9)]).tolist()
    plain = told(days(values), 10)
    aware = told(days(values, known=[Known(FIRST + timedelta(60))]), 10)
    assert aware.rests.notes == ("Took the step on 2025-03-07 into account.",)
    assert np.abs(np.array(aware.middle) - 150).max() < 6
    narrow, wide = (f.interval().high[9] - f.interval().low[9] for f in (aware, plain))
    assert narrow < wide / 2


def test_a_known_incident_is_left_out() -> None:
    values = 100 + noisy(70)
    values[64:68] = 20
    incident = Known(FIRST + timedelta(64), FIRST + timedelta(68))
    aware = told(days(values.tolist(), known=[incident]), 5)
    assert np.abs(np.array(aware.middle) - 100).max() < 7
    assert aware.interval(0.95).low[0] > 80


def test_the_same_history_gives_the_same_forecast() -> None:
    values = (100 + noisy(60)).tolist()
    one, two = (told(days(values), 12) for _ in range(2))
    assert one.middle == two.middle
    assert one.intervals == two.intervals
    assert (one.outlook.courses == two.outlook.courses).all()
    other = told(days([*values[:-1], values[-1] + 1e-6]), 12)
    assert other.outlook.seed != one.outlook.seed


def test_intervals_hold_what_they_say() -> None:
    """Of noise around a level, where the truth is known."""
    inside = [
        found.interval().low[i] <= value <= found.interval().high[i]
        for seed in range(40)
        for values in [100 + noisy(48, seed)]
        for found in [told(days(values[:40].tolist()), 8)]
        for i, value in enumerate(values[40:])
    ]
    assert 0.72 < np.mean(inside) < 0.92


numbers = st.lists(
    st.one_of(st.none(), st.floats(0, 1e6, allow_nan=False)), min_size=6, max_size=40
)


@settings(max_examples=40, deadline=None)
@given(numbers, st.sampled_from(list(Bound)), st.integers(1, 30))
def test_whatever_the_past_the_answer_is_in_order(
    values: list[float | None], bound: Bound, steps: int
) -> None:
    if bound is Bound.share:
        values = [None if v is None else v / 1e6 for v in values]
    found = forecast(days(values, bound), steps)
    if isinstance(found, CannotTell):
        return
    half, wide, widest = (np.array([b.low, b.high]) for b in found.intervals)
    middle = np.array(found.middle)
    assert np.isfinite([half, wide, widest]).all()
    assert (half[0] <= middle + 1e-9).all()
    assert (middle <= half[1] + 1e-9).all()
    assert (widest[0] <= wide[0]).all()
    assert (wide[0] <= half[0]).all()
    assert (half[1] <= wide[1]).all()
    assert (wide[1] <= widest[1]).all()
    if bound is not Bound.none:
        assert widest.min() >= 0
    if bound is Bound.share:
        assert widest.max() <= 1


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([1e-3, 10.0, 1e6]), st.floats(-100, 100))
def test_units_do_not_matter(seed: int, factor: float, shift: float) -> None:
    values = noisy(50, seed)
    plain = told(days(values.tolist(), Bound.none), 7)
    moved = told(days((values * factor + shift * factor).tolist(), Bound.none), 7)
    expected = (np.array(plain.middle) + shift) * factor
    assert np.array(moved.middle) == pytest.approx(expected, rel=1e-5, abs=1e-5 * factor)
    high = (np.array(plain.interval().high) + shift) * factor
    assert np.array(moved.interval().high) == pytest.approx(high, rel=1e-5, abs=1e-5 * factor)


def test_further_ahead_is_wider() -> None:
    for seed in range(8):
        walk = np.cumsum(noisy(90, seed)) + 500
        band = told(days(walk.tolist()), 20).interval()
        width = np.array(band.high) - np.array(band.low)
        assert width[-1] > 1.5 * width[0]
