"""When a level changed, and what moved it: dates beside marks, and parts beyond the noise."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from headway.engine.period import Grain
from headway.stats.drivers import Part, Split
from headway.stats.history import Bound, CannotTell, History
from headway.stats.moved import movers, whole
from headway.stats.turns import Happening, Turns, turns

START = date(2024, 1, 1)


def weekly(values: np.ndarray, bound: Bound = Bound.none) -> History:
    starts = [START + timedelta(days=7 * i) for i in range(len(values))]
    return History(starts, [float(v) for v in values], Grain.week, bound)


def noise(rng: np.random.Generator, n: int, echo: float) -> np.ndarray:
    values = np.zeros(n + 30)
    for i, surprise in enumerate(rng.standard_normal(n + 30)):
        values[i] = echo * values[i - 1] + surprise
    return values[30:]


@pytest.mark.parametrize("echo", [0.0, 0.3, 0.5])
@pytest.mark.parametrize("n", [24, 60, 150])
def test_noise_has_no_changes_in_more_than_one_of_twenty(n: int, echo: float) -> None:
    rng = np.random.default_rng(17)
    found = [turns(weekly(10 + noise(rng, n, echo))) for _ in range(120)]
    assert sum(isinstance(one, Turns) and bool(one.found) for one in found) <= 0.05 * 120


def test_changes_are_dated_and_stand_beside_what_happened() -> None:
    rng = np.random.default_rng(2)
    values = np.exp(4 + 0.1 * noise(rng, 90, 0))
    values[30:] *= 1.6
    values[70:] *= 0.7
    days = [START + timedelta(days=7 * i) for i in (30, 50, 71)]
    marks = [
        Happening(day, name) for day, name in zip(days, ("launch", "party", "strike"), strict=True)
    ]
    found = turns(weekly(values, Bound.zero), marks)
    assert isinstance(found, Turns)
    up, down = found.found
    assert abs((up.day - days[0]).days) <= 14
    assert abs((down.day - START).days - 490) <= 14
    assert up.relative == pytest.approx(0.6, abs=0.12)
    assert down.relative == pytest.approx(-0.3, abs=0.08)
    assert (up.beside, down.beside) == (("launch",), ("strike",))


def test_growth_and_a_year_are_no_turns() -> None:
    rng, at = np.random.default_rng(5), np.arange(120)
    values = np.exp(
        4 + 0.01 * at + 0.3 * np.cos(2 * np.pi * at / 52.18) + 0.08 * noise(rng, 120, 0)
    )
    grown = turns(weekly(values, Bound.zero))
    assert isinstance(grown, Turns)
    assert grown.found == ()
    values[60:] *= 1.6
    stepped = turns(weekly(values, Bound.zero))
    assert isinstance(stepped, Turns)
    assert [abs((one.day - START).days - 420) <= 14 for one in stepped.found] == [True]


def test_what_wanders_or_is_short_cannot_be_told() -> None:
    rng = np.random.default_rng(4)
    wanders = turns(weekly(np.cumsum(np.cumsum(rng.standard_normal(100)))))
    short = turns(weekly(rng.standard_normal(10)))
    assert isinstance(wanders, CannotTell)
    assert "wanders" in wanders.reason
    assert isinstance(short, CannotTell)
    flat = turns(weekly(np.full(30, 5.0)))
    assert isinstance(flat, Turns)
    assert flat.found == ()


def split(*shares: float) -> Split:
    parts = tuple(Part(name, 0, s, s) for name, s in zip(("DE", "AT", "FR"), shares, strict=True))
    return Split(0, sum(shares), parts, "difference")


def test_parts_are_beyond_noise_or_within_it() -> None:
    rng = np.random.default_rng(6)
    earlier = [split(*rng.normal(0, (5, 5, 50))) for _ in range(12)]
    found = movers(split(4, 40, 45), earlier)
    assert [(one.part.name, one.verdict) for one in found] == [
        ("FR", "within noise"), ("AT", "beyond noise"), ("DE", "within noise"),
    ]  # fmt: skip
    assert found[1].high is not None
    assert found[1].high < 40
    assert whole(split(4, 40, 45), earlier) in ("within noise", "beyond noise")
    assert whole(split(400, 40, 45), earlier) == "beyond noise"


def test_noise_moves_nothing_in_nineteen_of_twenty() -> None:
    rng, seen = np.random.default_rng(8), 0
    for _ in range(300):
        draws = [split(*rng.normal(0, (5, 5, 50))) for _ in range(10)]
        seen += any(m.verdict == "beyond noise" for m in movers(draws[0], draws[1:]))
    assert seen <= 0.06 * 300


def test_nothing_is_said_of_parts_without_a_past() -> None:
    found = movers(split(1, 2, 3), [split(1, 1, 1)] * 5)
    assert {one.verdict for one in found} == {"cannot tell"}
    assert "6 are the least" in found[0].reason
    assert whole(split(1, 2, 3), []) == "cannot tell"
