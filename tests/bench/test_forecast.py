"""The bench of forecasts cuts honestly, and knows a good forecast from a bad one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from bench.backtests import SHORT, Judged, backtests, judge
from bench.chances import said
from bench.forecast import _brier, _reliability, _table
from bench.series import Named
from headway.engine.period import Grain
from headway.stats.history import Bound, History, Known

FIRST = date(2025, 1, 6)


def series(n: int = 90, seed: int = 2, name: str = "a week") -> Named:
    week = np.tile([10.0, 12.0, 11.0, 10.0, 9.0, 3.0, 2.0], n)[:n]
    values = week * 10 + np.random.default_rng(seed).normal(0, 4, n)
    starts = [FIRST + timedelta(7 * i) for i in range(n)]
    known = (Known(starts[-5]), Known(starts[3], starts[4]))
    return Named(
        "test", name, History(starts, values.tolist(), Grain.week, Bound.zero, None, known)
    )


def test_nothing_of_what_came_is_known_at_a_cut() -> None:
    one = series()
    found = list(backtests(one))
    assert [test.short for test in found] == [0, *SHORT, 0, 0, 0]
    assert [len(test.history.values) for test in found] == [82, *SHORT, 74, 66, 58]
    for test in found:
        end = one.history.starts.index(test.history.starts[-1])
        assert test.truth.tolist() == list(one.history.values[end + 1 : end + 9])
        assert one.history.known[0] not in test.history.known


def test_a_forecast_is_held_against_what_came() -> None:
    test = next(backtests(series()))
    good = judge(test)
    wrong = judge(replace(test, truth=test.truth + 1000))
    assert isinstance(good, Judged)
    assert isinstance(wrong, Judged)
    assert good.inside[0.8] > 0.5
    assert wrong.inside[0.95] == wrong.late == 0
    assert wrong.error > 10 * good.error
    rows = list(_table([good, wrong]))
    assert rows[1][:2] == ("all", "2")


def test_chances_are_held_against_what_came() -> None:
    found = [one for seed in (1, 2) for test in backtests(series(seed=seed)) for one in said(test)]
    assert {one.hit for one in found} == {True, False}
    head, *rows = _brier(found)
    stated, base, line = map(float, rows[0][2:])
    assert head[2] == "stated chance"
    assert stated < base
    assert stated < line
    goals = [int(row[1]) for row in list(_reliability("held out", found))[1:]]
    assert sum(goals) == len(found)


def test_a_series_is_in_one_half_whatever_the_run() -> None:
    halves = {name: series(name=name).held_out for name in ("a", "b", "c", "d", "e", "f")}
    assert set(halves.values()) == {True, False}
