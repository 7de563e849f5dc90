"""The chance that a key result succeeds: what it reads, how sure it may be, and its order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from headway.engine.period import Grain
from headway.stats.chance import Chance, Keep, Reach, chance, readings
from headway.stats.forecast import Forecast, forecast
from headway.stats.history import Bound, CannotTell, Floats, History

FIRST = date(2026, 1, 5)


def weeks(n: int = 40, steps: int = 6, seed: int = 3, bound: Bound = Bound.zero) -> Forecast:
    """A level of 100 with noise of 10."""
    values = np.random.default_rng(seed).normal(100, 10, n).tolist()
    starts = [FIRST + timedelta(7 * i) for i in range(n)]
    found = forecast(History(starts, values, Grain.week, bound), steps)
    assert isinstance(found, Forecast)
    return found


def p(found: Forecast, aim: Reach | Keep, done: tuple[float | None, ...] = ()) -> float:
    said = chance(found, aim, done)
    assert isinstance(said, Chance), said
    return said.p


def test_a_further_target_is_never_likelier() -> None:
    found = weeks()
    for over in ("latest", "mean", "cycle_to_date", "trailing"):
        scale = {"cycle_to_date": 6.0, "trailing": 4.0}.get(over, 1.0)
        ups, downs = (
            [p(found, Reach(t * scale, up=up, over=over, n=4)) for t in range(60, 141, 5)]
            for up in (True, False)
        )
        assert ups == sorted(ups, reverse=True)
        assert downs == sorted(downs)
        assert ups[0] > 0.95
        assert ups[-1] < 0.05
        assert all(0 < x < 1 for x in ups + downs)


def test_the_middle_is_even_and_the_interval_holds_four_fifths() -> None:
    said = chance(weeks(), Reach(100.0))
    assert isinstance(said, Chance)
    assert said.middle is not None
    assert said.likely is not None
    assert p(weeks(), Reach(said.middle)) == pytest.approx(0.5, abs=0.02)
    low, high = said.likely
    inside = p(weeks(), Reach(low)) - p(weeks(), Reach(high))
    assert inside == pytest.approx(0.8, abs=0.02)
    band = weeks().interval(0.8)
    assert (low, high) == pytest.approx((band.low[-1], band.high[-1]), rel=0.02)


def test_noise_cancels_in_a_mean() -> None:
    """Of independent weeks: a mean of six is some two and a half times as sure as one."""
    sides = []
    for over, scale in (("latest", 1.0), ("mean", 1.0), ("cycle_to_date", 6.0)):
        widths = []
        for seed in range(8):
            said = chance(weeks(seed=seed, n=60), Reach(0.0, over=over, n=6))
            assert isinstance(said, Chance)
            assert said.likely is not None
            widths.append((said.likely[1] - said.likely[0]) / scale)
        sides.append(float(np.mean(widths)))
    latest, mean, summed = sides
    assert mean < 0.7 * latest
    assert summed == pytest.approx(mean, rel=0.05)


def test_what_is_in_counts() -> None:
    found = weeks()
    aim = Reach(1000.0, over="cycle_to_date")
    assert p(found, aim, (100.0, 100.0)) < 0.05
    assert p(found, aim, (300.0, 300.0)) > 0.9
    assert p(weeks(steps=1), Reach(105.0, over="mean", n=4), (120.0, 120.0, 120.0)) > 0.9


def test_something_is_kept_only_if_it_holds_at_the_end_and_nearly_always() -> None:
    found = weeks()
    sure, usual = p(found, Keep(at_least=50.0)), p(found, Keep(at_least=90.0))
    band = p(found, Keep(at_least=90.0, at_most=110.0))
    assert sure > 0.95
    assert band < usual < 0.8
    bad = (10.0,) * 20
    assert p(found, Keep(at_least=50.0), bad) < 0.05
    assert p(found, Keep(at_least=50.0), (100.0,) * 20) >= sure - 0.02
    assert p(found, Keep(at_least=50.0), (None,) * 20) == sure


def test_it_says_why_it_cannot_tell() -> None:
    why = CannotTell("Only 2 periods have a value; it takes 6.")
    assert chance(why, Reach(1.0)) is why
    hole = chance(weeks(), Reach(1.0, over="cycle_to_date"), (1.0, None))
    assert hole == CannotTell("One of the 2 periods that count has no value.")
    few = chance(weeks(), Reach(1.0, over="mean", n=9), (1.0,))
    assert few == CannotTell("Reads 9 periods; by the due date there are 7.")


def test_the_same_history_gives_the_same_chance() -> None:
    assert p(weeks(), Reach(104.0)) == p(weeks(), Reach(104.0))


def test_stated_chances_come_true_as_often_as_they_say() -> None:
    """Of walks, in which the truth is known: what is said to be three in four, and so on."""
    said, came = [], []
    for seed in range(60):
        walk = 500 + np.cumsum(np.random.default_rng(seed).normal(0, 5, 50))
        starts = [FIRST + timedelta(7 * i) for i in range(44)]
        found = forecast(History(starts, walk[:44].tolist(), Grain.week), 6)
        assert isinstance(found, Forecast)
        for gain in (-10, 0, 10):
            said.append(p(found, Reach(walk[43] + gain)))
            came.append(walk[-1] >= walk[43] + gain)
    assert np.mean(said) == pytest.approx(np.mean(came), abs=0.1)
    assert np.mean((np.array(said) - np.array(came)) ** 2) < 0.23


def drawn(kind: str, random: np.random.Generator, n: int) -> Floats:
    t = np.arange(n)
    if kind == "walk":
        return 1000 + np.cumsum(random.normal(random.normal(0, 3), 10, n))
    if kind == "trend":
        return 1000 + random.normal(0, 4) * t + random.normal(0, 25, n)
    swing = 120 * np.sin(2 * np.pi * (t / 52 + random.random()))
    return 1000 + swing + random.normal(0, 20, n) + np.cumsum(random.normal(0, 3, n))


def test_what_is_said_of_all_kinds_of_goals_comes_true() -> None:
    """To reach, to reduce, to keep, to stay between, 0.7 of the way; as last value and as sum."""
    said: list[tuple[str, float, bool]] = []
    for seed in range(15):
        for kind in ("walk", "trend", "season"):
            for n in (8, 26, 60):
                whole = drawn(kind, np.random.default_rng([seed, n, len(kind)]), n + 7)
                past, came = whole[:n], whole[n:]
                starts = [FIRST + timedelta(7 * i) for i in range(n)]
                found = forecast(History(starts, past.tolist(), Grain.week), 7)
                assert isinstance(found, Forecast)
                said += _said(found, past, came)
    for shape in ("reach", "reduce", "sum", "graded", "keep", "between"):
        stated, hit = np.array([(p, h) for s, p, h in said if s == shape]).T
        assert stated.mean() == pytest.approx(hit.mean(), abs=0.08), shape
        assert np.mean((stated - hit) ** 2) < hit.mean() * (1 - hit.mean()), shape
    for low, high in ((0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1)):
        stated, hit = np.array([(p, h) for _, p, h in said if low <= p <= high]).T
        assert stated.mean() == pytest.approx(hit.mean(), abs=0.09), low


def _said(found: Forecast, past: Floats, came: Floats) -> Iterator[tuple[str, float, bool]]:
    step, end, now = float(np.abs(np.diff(past)).mean()), float(came[-1]), float(past[-1])
    for z in (-1, 0, 1):
        target = now + z * step
        yield "reach", p(found, Reach(target)), end >= target
        yield "reduce", p(found, Reach(target, up=False)), end <= target
        total = 7 * target
        yield "sum", p(found, Reach(total, over="cycle_to_date")), float(came.sum()) >= total
    aim = now + 0.7 * 2 * step
    yield "graded", p(found, Reach(aim)), end >= aim
    least, most = np.quantile(past[-14:], [0.1, 0.9]).tolist()
    for room in (0.0, step):
        yield "keep", p(found, Keep(at_least=least - room)), _held(came >= least - room)
        inside = (came >= least - room) & (came <= most + room)
        yield "between", p(found, Keep(least - room, most + room)), _held(inside)


def _held(inside: NDArray[np.bool_]) -> bool:
    return bool(inside[-1] and inside.mean() >= 0.9)


def test_what_lies_before_the_cycle_is_read_and_does_not_count() -> None:
    found = weeks()
    read = readings(found, Reach(0.0, over="cycle_to_date"), (70.0, 80.0, 90.0), since=2)
    assert np.isnan(read[:, :2]).all()
    assert (read[:, 2] == 90.0).all()
    assert read[:, 3] == pytest.approx(90.0 + found.outlook.courses[:, 0])
    ahead = readings(found, Reach(0.0, over="cycle_to_date"), (70.0,), since=3)
    assert np.isnan(ahead[:, :3]).all()
    assert ahead[:, 3] == pytest.approx(found.outlook.courses[:, 2])
    mean = readings(found, Reach(0.0, over="mean", n=3), (70.0, 80.0, 90.0), since=2)
    assert mean[:, 2] == pytest.approx(80.0)
    assert mean[:, 3] == pytest.approx((80.0 + 90.0 + found.outlook.courses[:, 0]) / 3)
    bad = (10.0,) * 20
    kept = chance(found, Keep(at_least=50.0), bad, since=20)
    assert isinstance(kept, Chance)
    assert kept.p == p(found, Keep(at_least=50.0))
    smooth, rough = p(found, Keep(at_least=95.0, over="mean", n=6)), p(found, Keep(at_least=95.0))
    assert smooth > rough, "noise cancels in a mean"


def test_a_sum_over_half_a_year_is_surer_than_each_of_its_days() -> None:
    """Also of something noisy that moves by factors, after a past that tells little of so far."""
    random = np.random.default_rng(8)
    values = np.exp(7 - np.arange(300) / 400 + random.normal(0, 0.4, 300))
    starts = [FIRST + timedelta(i) for i in range(300)]
    found = forecast(History(starts, values.tolist(), Grain.day, Bound.zero), 184)
    assert isinstance(found, Forecast)
    said = chance(found, Reach(0.0, over="cycle_to_date"))
    assert isinstance(said, Chance)
    assert said.likely is not None
    band = found.interval(0.8)
    assert sum(band.low) < said.likely[0] < said.likely[1] < 1.1 * sum(band.high)
    assert np.quantile(found.outlook.courses[:, -1], [0.1, 0.9]) == pytest.approx(
        [band.low[-1], band.high[-1]], rel=0.1
    )
