"""`headway.forecast`, `alerts`, `impact` and `experiment`: plain functions on a series and sums."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

import headway
from headway.engine.errors import InputError
from headway.engine.period import Grain
from headway.engine.series import Point
from headway.engine.series import Series as Measured
from headway.foresight import Prospect, history_of
from headway.stats.chance import Chance
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


def test_a_forecast_is_the_same_in_whatever_shape_the_series_comes() -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    values = daily(1.0)
    found = headway.forecast(values, until="2026-11-15", at_least=60, keep=True)
    assert isinstance(found, Prospect)
    assert len(found.forecast.starts) == 15
    assert isinstance(found.chance, Chance)
    assert found.chance.p > 0.9
    assert "nine of ten periods" in repr(found)
    shuffled = dict(sorted(values.items(), key=lambda pair: pair[1]))
    indexed = pandas.Series(values.values(), index=pandas.to_datetime(list(values)))
    framed = pandas.DataFrame({"date": indexed.index, "orders": indexed.values})
    table = polars.DataFrame({"day": list(values), "orders": list(values.values())})
    for one in (shuffled, indexed, framed, table, table.to_arrow(), history_of(values)):
        same = headway.forecast(one, steps=15)
        assert isinstance(same, Prospect)
        assert same.rows() == found.rows()
    total = headway.forecast(values, steps=5, at_least=3000, over="sum", since="2026-10-01")
    assert isinstance(total, Prospect)
    assert isinstance(total.chance, Chance)
    assert total.chance.likely is not None
    october = sum(value for day, value in values.items() if day >= date(2026, 10, 1))
    assert total.chance.likely[0] < october + 500 < total.chance.likely[1]
    assert isinstance(headway.forecast({START: 1.0, "2026-01-06": 2.0}, steps=1), CannotTell)


def test_months_by_their_last_days_are_months() -> None:
    ends = {date(2025, month + 1, 1) - timedelta(days=1): 1.0 for month in range(1, 12)}
    assert history_of(ends).starts[:2] == [date(2025, 1, 1), date(2025, 2, 1)]


def test_what_is_wrong_with_a_series() -> None:
    values = daily(1.0)
    assert headway.alerts(values, healthy=(50, None)) == ()
    values[max(values)] = 10.0
    found = headway.alerts(values, healthy={"at_least": 50})
    assert {alert.kind for alert in found} == {"out of range", "unusual"}
    assert headway.say(found).startswith("Out of range since 2026-10-31: 10 is outside")
    assert found[0] in headway.alerts(values, healthy=(50, None), past=True)
    with pytest.raises(InputError, match="no range"):
        headway.alerts(values, healthy=50)


def test_what_the_guide_shows_runs(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (Path(__file__).parents[1] / "docs" / "measure.md").read_text(encoding="utf-8")
    told = guide.partition("## What a series tells")[2]
    shown = re.findall(r"```python\n(.*?)```", told, re.DOTALL)
    assert shown
    for code in shown:
        exec(code, {"revenue": daily(1.0), "visits": daily(1.1)})  # noqa: S102 - the guide's own
    printed = capsys.readouterr().out
    assert "The chance of at least" in printed
    assert "Nothing is wrong" in printed


def test_what_cannot_be_read_says_how_to_mend_it() -> None:
    with pytest.raises(InputError, match="Give values by day"):
        headway.impact([1, 2, 3], START)
    with pytest.raises(InputError, match="as 2026-03-31"):
        headway.impact(daily(1), "soon")
    with pytest.raises(InputError, match="`m` is no sum"):
        headway.experiment({"a": {"m": 3}, "b": {"n": 4}})
    with pytest.raises(InputError, match="grain"):
        headway.impact({START: 1.0}, START)
    with pytest.raises(InputError, match="How far ahead"):
        headway.forecast(daily(1))
    with pytest.raises(InputError, match="Both a least and a greatest"):
        headway.forecast(daily(1), steps=2, at_least=1, at_most=2)
    with pytest.raises(InputError, match="`hour` is not a grain"):
        headway.forecast(daily(1), steps=2, grain="hour")
