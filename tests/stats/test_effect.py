"""Did the launch work? Right where the truth is known, quiet where nothing happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from statsmodels.tsa.statespace.structural import UnobservedComponents

from bench import effects
from headway.demo.parcel.generate import draw
from headway.engine.period import Grain
from headway.stats import wandering
from headway.stats.effect import Impact, impact
from headway.stats.history import Bound, CannotTell, History, Known
from headway.stats.wandering import Rows, expected

START = date(2026, 1, 5)
DAY = START + timedelta(days=7 * 40)


def weekly(values: np.ndarray, known: tuple[Known, ...] = (), bound: Bound = Bound.zero) -> History:
    starts = [START + timedelta(days=7 * i) for i in range(len(values))]
    counts = None if bound == Bound.zero else [100.0] * len(values)
    return History(starts, [float(v) for v in values], Grain.week, bound, counts, known)


def share(rng: np.random.Generator, lift: float = 0.0, weeks: int = 52) -> History:
    values = 0.5 + rng.normal(0, 0.02, weeks)
    values[41:] += lift
    return weekly(values, bound=Bound.share)


def told(found: Impact | CannotTell) -> Impact:
    assert isinstance(found, Impact), found
    return found


def test_the_launches_of_parcel_whose_effects_are_written_down() -> None:
    """Five metrics of two worlds; and the days before, on which nothing was launched."""
    launches, placebos = {}, []
    rng = np.random.default_rng(3)
    for seed in (7, 8):
        parcel = draw(end=effects.END, seed=seed)
        for case in effects.cases(parcel):
            found = impact(case.history, case.day, controls=case.controls)
            if isinstance(found, Impact):
                sides = (found.relative_low, found.relative_high)
                low, high = sides if case.relative else (found.low, found.high)
                launches[case.name, seed] = low <= case.truth <= high, found.verdict
        for _, history, controls in effects.among(parcel, rng, 10):
            day = history.starts[200 + int(rng.integers(len(history.starts) - 270))]
            quiet = impact(history, day, controls=controls)
            placebos += [quiet.verdict] if isinstance(quiet, Impact) else []
    assert len(launches) >= 8
    assert all(held for held, _ in launches.values())
    seen = [verdict for _, verdict in launches.values() if verdict != "no clear effect"]
    assert len(seen) >= 7
    assert len(placebos) >= 10
    assert sum(verdict != "no clear effect" for verdict in placebos) <= 1


def test_the_interval_holds_the_truth_and_noise_is_no_effect() -> None:
    lifted = [told(impact(share(np.random.default_rng(i), 0.05), DAY)) for i in range(24)]
    flat = [told(impact(share(np.random.default_rng(i)), DAY)) for i in range(24)]
    assert sum(found.low <= 0.05 <= found.high for found in lifted) >= 21
    assert sum(found.low <= 0 <= found.high for found in flat) >= 21
    assert sum(found.verdict == "up" for found in lifted) >= 20


def test_it_says_when_it_showed_and_what_would_have_come() -> None:
    found = told(impact(share(np.random.default_rng(1), 0.08), DAY))
    assert found.verdict == "up"
    assert found.shown is not None
    assert DAY < found.shown <= DAY + timedelta(days=35)
    assert len(found.steps) == 11
    assert found.effect == pytest.approx(found.value - found.expected)
    assert found.relative == pytest.approx(found.effect / found.expected)
    assert all(step.low < step.expected < step.high for step in found.steps)
    assert found.placebos
    assert all(placebo.day < DAY for placebo in found.placebos)
    assert found.rests_on.startswith("11 weeks after and 40 weeks before, beside its own past.")
    assert told(impact(share(np.random.default_rng(1)), DAY)).shown is None


def test_a_control_takes_away_what_moves_both() -> None:
    """Both double at the launch for a reason of their own: only the control tells."""
    rng = np.random.default_rng(5)
    market = np.exp(np.cumsum(rng.normal(0, 0.02, 52)) + 6)
    market[41:] *= 1.5
    mine = market * np.exp(rng.normal(0, 0.03, 52)) * 0.2
    found = told(impact(weekly(mine), DAY, controls={"market": weekly(market)}))
    assert found.beside == ("market",)
    assert found.verdict == "no clear effect"
    alone = impact(weekly(mine), DAY)
    assert isinstance(alone, CannotTell)
    assert "season is not known" in alone.reason
    worked = mine.copy()
    worked[41:] *= 1.3
    lifted = told(impact(weekly(worked), DAY, controls={"market": weekly(market)}))
    assert lifted.relative_low < 0.3 < lifted.relative_high
    assert lifted.verdict == "up"


def test_exposed_against_unexposed() -> None:
    held = quiet = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        market = np.exp(np.cumsum(rng.normal(0, 0.05, 52)) + 6)
        ours, theirs = (market * np.exp(rng.normal(0, 0.04, 52)) * k for k in (0.3, 0.7))
        ours[41:] *= 1.1
        found = impact(weekly(ours), DAY, unexposed=weekly(theirs))
        if isinstance(found, Impact):
            held += found.relative_low < 0.1 < found.relative_high
            assert found.beside == ("those who were not exposed",)
            quiet += found.verdict == "up"
    assert held >= 17
    assert quiet >= 16


def test_groups_that_went_apart_before_cannot_be_compared() -> None:
    rng = np.random.default_rng(2)
    theirs = np.exp(rng.normal(5, 0.03, 52))
    ours = np.exp(rng.normal(5, 0.03, 52) + 0.01 * np.arange(52))
    found = impact(weekly(ours), DAY, unexposed=weekly(theirs))
    assert isinstance(found, CannotTell)
    assert "went apart before" in found.reason


@pytest.mark.parametrize(
    ("known", "weeks", "reason"),
    [
        ((), 42, "Only 1 week since the launch"),
        ((Known(DAY - timedelta(days=7)),), 52, "launched at the same time"),
        ((Known(DAY), Known(DAY)), 52, "launched at the same time"),
    ],
)
def test_when_nothing_can_be_told(known: tuple[Known, ...], weeks: int, reason: str) -> None:
    history = replace(share(np.random.default_rng(1), weeks=weeks), known=known)
    found = impact(history, DAY)
    assert isinstance(found, CannotTell)
    assert reason in found.reason
    early = impact(history, START + timedelta(days=20))
    assert isinstance(early, CannotTell)
    assert "before the launch" in early.reason


def test_incidents_are_left_out_and_the_next_launch_ends_it() -> None:
    rng = np.random.default_rng(1)
    broken = share(rng, 0.05)
    values = list(broken.values)
    values[44] = 0.02
    outage = Known(broken.starts[44], broken.starts[45])
    found = told(impact(replace(broken, values=values, known=(outage,)), DAY))
    assert found.verdict == "up"
    assert len(found.steps) == 10
    following = Known(broken.starts[46])
    assert len(told(impact(replace(broken, known=(following, Known(DAY))), DAY)).steps) == 5


def test_noise_beyond_all_measure_is_called_that() -> None:
    rng = np.random.default_rng(9)
    loud = weekly(np.clip(0.3 + rng.normal(0, 0.4, 44), 0, 1), bound=Bound.share)
    found = impact(loud, DAY)
    assert isinstance(found, CannotTell)
    assert "Too noisy" in found.reason


def test_the_model_is_that_of_unobserved_components(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variances given, statsmodels' local level expects the same, with the same errors."""
    rng = np.random.default_rng(4)
    values = np.cumsum(rng.normal(0, 0.3, 60)) + rng.normal(0, 1, 60)
    monkeypatch.setattr(wandering, "RATIOS", (0.09,))
    at = np.arange(60.0)
    rows = Rows(at, values, np.ones((60, 1)), np.zeros((60, 0)), np.ones(60))
    ours = expected(rows.part(0, 50), rows.part(50, 60))
    assert ours is not None
    model = UnobservedComponents(values[:50], "llevel")
    model.ssm.initialize_approximate_diffuse(1e9)
    theirs = model.smooth([1.0, 0.09]).get_forecast(10)
    assert ours.means == pytest.approx(theirs.predicted_mean, abs=1e-4)
    scale = ours.covariance[0, 0] / theirs.var_pred_mean[0]
    assert np.diag(ours.covariance) == pytest.approx(theirs.var_pred_mean * scale, rel=1e-4)
