"""Seasons are read from what was known at each moment; swings give a line that follows them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from headway.engine.period import Grain
from headway.stats.forecasting.models import SMOOTHING, View, damped_trend, models, slopes, smooth
from headway.stats.history import Bound, CannotTell, History
from headway.stats.season import season
from headway.stats.swings import Swings, swings

WEEK = np.array([1.2, 1.1, 1.0, 1.1, 1.2, 0.7, 0.7])
FIRST = date(2025, 1, 6)


def noise(n: int, seed: int = 1) -> np.ndarray:  # type: ignore[type-arg]
    return np.random.default_rng(seed).normal(0, 1, n)


def daily(values: np.ndarray) -> History:  # type: ignore[type-arg]
    starts = [FIRST + timedelta(i) for i in range(len(values))]
    return History(starts, values.tolist(), Grain.day, Bound.zero)


def test_a_season_is_found_beside_a_trend() -> None:
    t = np.arange(70)
    found = season(3.0 * t + np.tile(WEEK * 10, 10), np.ones(70), 7)
    assert found[-7:] == pytest.approx(10 * (WEEK - 1), abs=1e-9)
    assert not season(3.0 * t, np.ones(70), 7)[13:].round(9).any()


def test_nothing_is_known_of_what_came_later() -> None:
    """Every model, from every origin: the later values do not matter."""
    values = 100 + np.tile(WEEK * 10, 20) + noise(140)
    later = values.copy()
    later[100:] = 1e6
    views = [View(v, np.ones(140), np.array([40, 70, 99]), 10) for v in (values, later)]
    before, after = (list(models(view, (7,))) for view in views)
    assert len(before) > 12
    for one, other in zip(before, after, strict=True):
        assert one.forecasts == pytest.approx(other.forecasts, rel=1e-6), one.name


def test_filters_are_the_recursions_they_stand_for() -> None:
    values = 50 + np.cumsum(noise(60))
    view = View(values, np.ones(60), np.array([59]), 3)
    alpha, beta, phi = 0.3, 0.1, 0.9
    level, trend = values[0], 0.0
    for value in values[1:]:
        before = level + phi * trend
        error = value - before
        level, trend = before + alpha * error, phi * trend + alpha * beta * error
    reach = 60 * (1 - np.exp(-np.arange(1, 4) / 60))
    steps = level + trend * phi * (1 - phi**reach) / (1 - phi)
    plain = [level + trend * sum(phi**i for i in range(1, h + 1)) for h in (1, 2, 3)]
    assert steps == pytest.approx(plain, rel=1e-4), "nearly all of a trend is followed at first"
    assert damped_trend(view, alpha, beta, phi)[0] == pytest.approx(steps)
    weights = 0.7 ** np.arange(60)[::-1]
    assert smooth(view, 0.3)[-1] == pytest.approx((weights * values).sum() / weights.sum())
    assert slopes(values)[-1] == pytest.approx(np.polyfit(np.arange(60), values, 1)[0])
    assert set(SMOOTHING) == {0.1, 0.3, 0.6}


def test_a_line_swings_with_the_week_and_meets_both_ends() -> None:
    found = swings(daily(100 * np.tile(WEEK, 12) + noise(84)), 28)
    assert isinstance(found, Swings)
    assert found.seasons == ("week",)
    assert found.factors
    line = np.array(found.line(70.0, 140.0))
    assert line[-1] == pytest.approx(140)
    level = line / np.tile(WEEK, 4)
    assert level == pytest.approx(100 + 100 / 28 * np.arange(1, 29), rel=0.04)


def test_where_values_cross_zero_swings_are_differences() -> None:
    found = swings(daily(30 * (np.tile(WEEK, 12) - 1) + noise(84)), 7)
    assert isinstance(found, Swings)
    assert not found.factors
    assert np.array(found.ahead) == pytest.approx(30 * (WEEK - 1), abs=2)
    assert found.line(-9.0, -9.0)[0] == pytest.approx(6.0, abs=2)


def test_two_years_of_days_have_a_week_and_a_year() -> None:
    t = np.arange(364 * 2 + 30)
    values = 200 * WEEK[t % 7] * (1 + 0.3 * np.sin(2 * np.pi * t / 364)) + noise(len(t))
    found = swings(daily(values), 91)
    assert isinstance(found, Swings)
    assert found.seasons == ("week", "year")
    truth = WEEK[(t[-1] + 1 + np.arange(91)) % 7] * (
        1 + 0.3 * np.sin(2 * np.pi * (t[-1] + 1 + np.arange(91)) / 364)
    )
    ratio = np.array(found.ahead) / truth
    assert ratio / ratio.mean() == pytest.approx(np.ones(91), abs=0.06)


def test_noise_alone_has_no_season() -> None:
    why = CannotTell("No season shows in what is known; it takes two whole cycles.")
    assert swings(daily(100 + noise(84)), 7) == why
    assert swings(daily(100 * WEEK.repeat(1)), 7) == why
