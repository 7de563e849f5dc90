"""`headway.impact` and `headway.experiment`: plain functions on a series and on sums."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

import headway
from headway.engine.errors import InputError
from headway.engine.period import Grain
from headway.engine.series import Point
from headway.engine.series import Series as Measured
from headway.foresight import history_of
from headway.stats.effect import Impact
from headway.stats.history import Bound, CannotTell

START = date(2026, 1, 5)


def daily(lift: float) -> dict[date, float]:
    draw = random.Random(7)  # noqa: S311 - a simulation
    days = [START + timedelta(days=i) for i in range(300)]
    return {day: draw.gauss(100, 8) * (lift if i > 230 else 1) for i, day in enumerate(days)}


def test_a_launch_on_values_by_day() -> None:
    pandas = pytest.importorskip("pandas")
    market = daily(1.0)
    mine = {day: value * 3 for day, value in daily(1.25).items()}
    found = headway.impact(mine, START + timedelta(days=230), controls={"market": market})
    assert isinstance(found, Impact)
    assert found.relative_low < 0.25 < found.relative_high
    assert found.verdict == "up"
    table = pandas.Series(mine.values(), index=pandas.to_datetime(list(mine)))
    assert headway.impact(table, "2026-08-23", controls={"market": market}) == found
    alone = headway.impact(mine, "2026-08-23")
    assert isinstance(alone, CannotTell)
    beside = headway.impact(
        mine, "2026-08-23", controls={"market": market}, launches=["2026-08-20"],
        incidents=[("2026-06-01", "2026-06-03")],
    )  # fmt: skip
    assert isinstance(beside, CannotTell)
    assert "2026-08-20" in beside.reason


def test_an_answer_tells_what_its_values_are() -> None:
    points = tuple(
        Point(START + timedelta(days=7 * i), START, 0.5, denominator=80.0, complete=i < 19)
        for i in range(20)
    )
    history = history_of(Measured("share", Grain.week, points))
    assert (len(history.starts), history.grain, history.bound) == (19, Grain.week, Bound.share)
    assert history.counts == [80.0] * 19
    months = history_of({date(2026, month, 1): -1.0 for month in range(1, 9)})
    assert (months.grain, months.bound, months.counts) == (Grain.month, Bound.none, None)


def test_an_experiment_from_sums() -> None:
    sums = {"old": {"n": 145_274, "x": 17_489}, "new": {"n": 145_310, "x": 17_264}}
    found = headway.experiment(sums, measure="share").results[0]
    assert (found.name, found.verdict) == ("new", "no clear difference")
    assert found.found is not None
    assert found.found.z == pytest.approx(-1.311, abs=5e-4)


def test_what_cannot_be_read_says_how_to_mend_it() -> None:
    with pytest.raises(InputError, match="Give values by day"):
        headway.impact([1, 2, 3], START)
    with pytest.raises(InputError, match="as 2026-03-31"):
        headway.impact(daily(1), "soon")
    with pytest.raises(InputError, match="`m` is no sum"):
        headway.experiment({"a": {"m": 3}, "b": {"n": 4}})
    with pytest.raises(InputError, match="grain"):
        headway.impact({START: 1.0}, START)
