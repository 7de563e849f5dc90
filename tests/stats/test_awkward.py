"""Awkward pasts: whatever they are, forecasts and chances are in order, and none is too sure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from headway.engine.period import Calendar, Grain
from headway.stats.chance import Chance, Keep, Reach, chance
from headway.stats.forecast import Forecast, forecast
from headway.stats.history import LIMITS, Bound, CannotTell, Floats, History, Known

FIRST = date(2026, 1, 5)
CALENDAR = Calendar()
N = 60
OVERS = ("latest", "mean", "trailing", "cycle_to_date")
DRAWN = np.random.default_rng(1)
LEVEL = DRAWN.normal(100, 5, N)
POISSON = DRAWN.poisson(20, N).astype(float)
SWING = DRAWN.lognormal(0, 0.2, N)
COINS = DRAWN.choice([0.0, 0.5, 1.0], N)
WEEK = np.tile([1, 1, 1, 1, 1, 0, 0], 9)[:N]


def day(n: int) -> date:
    return FIRST + timedelta(n)


def past(
    values: Sequence[float | None] | Floats,
    grain: Grain = Grain.day,
    bound: Bound = Bound.zero,
    first: date = FIRST,
    **more: object,
) -> History:
    start = CALENDAR.start_of(first, grain)
    starts = [CALENDAR.after(start, grain, i) for i in range(len(values))]
    numbers = [None if v is None else float(v) for v in values]
    return History(starts, numbers, grain, bound, **more)  # type: ignore[arg-type]


DOUBLED = [2.0**i for i in range(6)]
AWKWARD = {
    "zeros": past([0] * N),
    "constant": past([42] * N),
    "always": past([1.0] * N, bound=Bound.share),
    "always, counted": past([1.0] * N, bound=Bound.share, counts=[30] * N),
    "never": past([0.0] * N, bound=Bound.share),
    "one spike": past([5] * 30 + [5000] + [5] * 29),
    "one spike in nothing": past([0] * 30 + [5000] + [0] * 29),
    "a spike on the last day": past([5] * 59 + [5000]),
    "6 days": past([3, 4, 5, 4, 6, 5]),
    "6 days that doubled": past(DOUBLED),
    "6 days that halved": past(DOUBLED[::-1]),
    "6 weeks that doubled": past(DOUBLED, Grain.week),
    "6 months that doubled": past(DOUBLED, Grain.month),
    "6 quarters that doubled": past(DOUBLED, Grain.quarter),
    "6 years that doubled": past(DOUBLED, Grain.year),
    "6 shares": past([0.9, 0.95, 1, 1, 1, 1], bound=Bound.share),
    "a step at the end": past([10] * 55 + [100] * 5),
    "a step of which is known": past([10] * 55 + [100] * 5, known=[Known(day(55))]),
    "gaps": past([None if i % 3 == 1 else v for i, v in enumerate(LEVEL)]),
    "nothing at the end": past([*LEVEL[:55], *[None] * 5]),
    "nothing but the end": past([*[None] * 20, *[5.0] * 7]),
    "shares at the edges": past(COINS, bound=Bound.share),
    "shares of two": past(COINS, bound=Bound.share, counts=[2] * N),
    "shares of nobody": past(COINS, bound=Bound.share, counts=[0] * N),
    "negative": past(-LEVEL, bound=Bound.none),
    "huge": past(1e12 * SWING),
    "huge and still": past(1e12 + LEVEL / 1e5),
    "larger than anything": past(1e140 * SWING),
    "tiny": past(1e-9 * SWING),
    "a stock that never changes": past([1234567] * N, Grain.month),
    "a stock that changed today": past([1000] * 59 + [1001]),
    "no week-ends": past(np.round(100 * WEEK * SWING)),
    "no week-ends, all the same": past(100.0 * WEEK),
    "growing": past(np.round([3 * 1.15**i for i in range(N)])),
    "growing from nothing": past(
        [0, 0, 0, 1, 1, 2, 4, 7, 12, 20, 33, 54, 88, 143, 232], Grain.week
    ),
    "doubling for 40 weeks": past([2.0**i for i in range(40)], Grain.week),
    "vanishing": past([1000 * 0.8**i for i in range(N)]),
    "over a leap day": past(POISSON, first=date(2024, 1, 1)),
    "up to a leap day": past(POISSON, first=date(2024, 2, 29) - timedelta(N - 1)),
    "months from a leap year on": past(POISSON[:30], Grain.month, first=date(2024, 2, 1)),
    "an incident today": past([*LEVEL[:59], 3], known=[Known(day(59), day(60))]),
    "a launch today": past([*LEVEL[:59], 300], known=[Known(day(59))]),
    "a launch to come": past(LEVEL, known=[Known(day(90))]),
    "much in already": past(POISSON, partial=55.0),
    "little in already": past(POISSON, partial=1.0),
    "something in after nothing": past([0] * N, partial=3.0),
    "now and then": past(np.where(SWING > 1.3, 1.0, 0.0)),
    "a bound that does not hold": past(LEVEL - 100),
    "a share above 1": past([1.2, 0.9, 0.8, 1.1, 0.9, 1.0, 0.95], bound=Bound.share),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", AWKWARD)
def test_whatever_came_before_it_is_in_order(name: str) -> None:
    history = AWKWARD[name]
    values = [v for v in history.values if v is not None]
    broken = min(values) < LIMITS[history.bound][0] or max(values) > LIMITS[history.bound][1]
    least, most = LIMITS[Bound.none if broken else history.bound]
    for steps in (1, 7, 90):
        found = forecast(history, steps)
        assert isinstance(found, Forecast), found
        bounds = [(b.low, b.high) for b in found.intervals]
        nested = np.array([bounds[2][0], bounds[1][0], bounds[0][0], found.middle])
        above = np.array([found.middle, bounds[0][1], bounds[1][1], bounds[2][1]])
        room = 1e-9 * np.abs(above).max()
        assert np.isfinite([nested, above]).all()
        assert (np.diff(nested, axis=0) >= -room).all()
        assert (np.diff(above, axis=0) >= -room).all()
        assert least <= nested.min() <= above.max() <= most
        assert found.rests.sentence.startswith("From ")
        assert found.middle == getattr(forecast(history, steps), "middle", None)
        for over in OVERS:
            _in_order(found, values, over)


def _in_order(found: Forecast, values: list[float], over: str) -> None:
    """Chances are never sure; of a target and its opposite, both or one comes true."""
    target = values[-1] * (4 if over == "trailing" else 1)
    both = [chance(found, Reach(target, up, over, 4), values[-4:]) for up in (True, False)]
    wide, narrow = (
        chance(found, Keep(min(values) - room, max(values) + room, over=over, n=4), values[-4:])
        for room in (abs(values[-1]), 0.0)
    )
    all_ = [one for one in (*both, wide, narrow) if isinstance(one, Chance)]
    assert len(all_) == 4
    assert all(0 < one.p < 1 for one in all_)
    assert all_[0].p + all_[1].p > 0.98
    assert all_[2].p >= all_[3].p
    assert all(np.isfinite(all_[0].likely or np.nan))


def told(name: str, steps: int = 7) -> Forecast:
    found = forecast(AWKWARD[name], steps)
    assert isinstance(found, Forecast)
    return found


def p(found: Forecast, aim: Reach | Keep) -> float:
    said = chance(found, aim)
    assert isinstance(said, Chance)
    return said.p


@pytest.mark.parametrize(
    ("name", "at"), [("zeros", 0), ("constant", 42), ("always", 1), ("never", 0),
                     ("always, counted", 1), ("a stock that never changes", 1234567)]
)  # fmt: skip
def test_what_never_moved_is_expected_to_stay(name: str, at: float) -> None:
    """Also to the last digit: sums that round are no reason to fail."""
    for steps in (1, 28, 90):
        found = told(name, steps)
        assert found.middle == pytest.approx([at] * steps, rel=1e-9)
        assert p(found, Reach(at)) > 0.95
        assert p(found, Reach(at, up=False)) > 0.95
        assert p(found, Keep(at, at)) > 0.95
        assert p(found, Reach(at + 0.01)) < 0.05


def test_growth_is_followed_no_further_than_it_was_seen() -> None:
    """And six periods that all doubled do not make anybody sure of the next seven."""
    for grain in ("weeks", "months", "years"):
        found = told(f"6 {grain} that doubled")
        band = found.interval(0.8)
        assert 32 < found.middle[-1] < 32 * 2**6
        assert band.low[-1] < 32 < 100 * found.middle[-1] / 32 < band.high[-1]
        assert 0.3 < p(found, Reach(64.0)) < 0.95
    assert told("growing").middle[-1] > 1.9 * 3 * 1.15**59
    assert told("doubling for 40 weeks", 90).middle[-1] < 2.0**79


def test_a_last_value_like_no_other_is_taken_to_be_either() -> None:
    """Nobody knows yet whether it will stay: both are within reach."""
    for name, before, now in (
        ("a spike on the last day", 5, 5000),
        ("a stock that changed today", 1000, 1001),
        ("a launch today", 100, 300),
    ):
        found = told(name)
        band = found.interval(0.8)
        assert band.low[0] <= before < now <= band.high[0] * 1.2
        assert 0.05 < p(found, Reach(now)) < 0.6
    known = told("an incident today")
    assert known.rests.notes == (
        "Left out 2026-03-05 to 2026-03-06, which is known to be unusual.",
    )
    assert known.interval(0.95).low[0] > 80


def test_what_cannot_be_told_says_why() -> None:
    for known, why in (
        ([Known(FIRST, day(60))], "No period has a value yet."),
        ([Known(day(50), day(62))], "None of the last 6 periods has a value."),
    ):
        assert forecast(past(LEVEL, known=known), 7) == CannotTell(why)


def test_a_share_of_which_nobody_said_the_size_is_not_pulled_to_the_middle() -> None:
    """Beside the ones that are counted."""
    values = (0.97 + (LEVEL - 100) / 500).clip(0, 1)
    for counts in (None, [50.0] * N):
        found = forecast(past(values, bound=Bound.share, counts=counts), 90)
        assert isinstance(found, Forecast)
        assert np.abs(np.array(found.middle) - 0.97).max() < 0.01
