"""Whether one metric drives another: rarely said of those that have nothing in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from headway.engine.errors import InputError
from headway.engine.period import Grain
from headway.stats.history import Bound, CannotTell, History
from headway.stats.links import Lead, link

Draw = Callable[[np.random.Generator], np.ndarray]
WEEKS = 104


def weekly(values: np.ndarray, grain: Grain = Grain.week) -> History:
    starts = [date(2024, 1, 1) + timedelta(days=7 * i) for i in range(len(values))]
    return History(starts, [float(v) for v in values], grain, Bound.zero)


def walk(rng: np.random.Generator) -> np.ndarray:
    return np.exp(5 + np.cumsum(rng.normal(0, 0.05, WEEKS)))


def growth(rng: np.random.Generator) -> np.ndarray:
    return np.exp(4 + 0.02 * np.arange(WEEKS) + rng.normal(0, 0.1, WEEKS))


def season(rng: np.random.Generator) -> np.ndarray:
    year = 2 * np.pi * np.arange(WEEKS) / 52.18
    return np.exp(4 + 0.3 * np.cos(year) + 0.1 * np.sin(2 * year) + rng.normal(0, 0.08, WEEKS))


def echo(rng: np.random.Generator) -> np.ndarray:
    values = np.zeros(WEEKS)
    for i, surprise in enumerate(rng.normal(0, 0.1, WEEKS)):
        values[i] = 0.7 * values[i - 1] + surprise
    return np.exp(5 + values)


def told(found: Lead | CannotTell) -> Lead:
    assert isinstance(found, Lead)
    return found


@pytest.mark.parametrize("draw", [walk, growth, season, echo])
def test_series_without_a_link_are_rarely_linked(draw: Draw) -> None:
    rng = np.random.default_rng(11)
    found = [told(link(weekly(draw(rng)), weekly(draw(rng)))) for _ in range(60)]
    assert sum(one.verdict == "linked" for one in found) <= 7
    raw = [np.corrcoef(np.log(growth(rng)), np.log(growth(rng)))[0, 1] for _ in range(5)]
    assert min(raw) > 0.9


def test_a_link_is_found_with_its_lag_and_its_strength() -> None:
    rng, found = np.random.default_rng(3), []
    for _ in range(20):
        cause = np.cumsum(rng.normal(0, 0.05, WEEKS))
        result = np.cumsum(rng.normal(0, 0.02, WEEKS))
        result[3:] += 0.5 * cause[:-3]
        found.append(told(link(weekly(np.exp(5 + cause)), weekly(np.exp(3 + result)))))
    assert all(one.verdict == "linked" and one.lag == 3 and one.relative for one in found)
    assert sum(one.low < 0.5 < one.high for one in found) >= 17
    assert all("only an experiment" in one.caution for one in found)
    assert len(found[0].ties) == 13


def test_what_moves_first_is_told() -> None:
    rng = np.random.default_rng(3)
    first = np.cumsum(rng.normal(0, 0.05, WEEKS))
    second = 0.02 * rng.standard_normal(WEEKS)
    second[4:] += first[:-4]
    backwards = told(link(weekly(np.exp(5 + second)), weekly(np.exp(5 + first))))
    assert backwards.verdict == "no evidence yet" or "other way around" in backwards.caution
    assert backwards.backwards < 0.001


def test_short_series_and_unlike_ones() -> None:
    rng = np.random.default_rng(1)
    short = link(weekly(walk(rng)[:15]), weekly(walk(rng)[:15]))
    assert isinstance(short, CannotTell)
    assert "15 weeks" in short.reason
    year = told(link(weekly(walk(rng)[:50]), weekly(walk(rng)[:50])))
    assert year.verdict == "no evidence yet"
    with pytest.raises(InputError, match="grain"):
        link(weekly(walk(rng)), weekly(walk(rng), Grain.month))
