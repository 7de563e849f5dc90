"""An experiment is judged by published numbers, by simulation, and by what it refuses to say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower

from headway.engine.errors import InputError
from headway.engine.tally import Tally
from headway.stats import sequential
from headway.stats.arms import Arm, Measure, contrast, deviation_of
from headway.stats.experiment import Guardrail, experiment, sample_ratio
from headway.stats.sequential import reach

OLD, NEW = Arm("old", Tally(145_274, 17_489)), Arm("new", Tally(145_310, 17_264))
A = Arm("a", Tally(3407, 1396.87, xx=52_377.9767))
B = Arm("b", Tally(3461, 2422.7, xx=134_698.29))


def arm(name: str, x: np.ndarray, y: np.ndarray | None = None) -> Arm:
    y = np.zeros_like(x) if y is None else y
    sums = (x.sum(), y.sum(), (x * x).sum(), (y * y).sum(), (x * y).sum())
    return Arm(name, Tally(len(x), *map(float, sums)))


def test_published_numbers_of_shares_and_means() -> None:
    shares, means = contrast(OLD, NEW, "share"), contrast(A, B, "mean")
    assert shares.z == pytest.approx(-1.311, abs=5e-4)
    assert shares.p == pytest.approx(0.190, abs=5e-4)
    assert shares.low < 0 < shares.high
    assert means.difference == pytest.approx(0.29, abs=5e-4)
    assert (means.low, means.high) == pytest.approx((0.045, 0.535), abs=5e-4)
    assert means.p == pytest.approx(0.0202, abs=5e-5)


def test_one_look_sees_what_many_looks_do_not() -> None:
    """The published difference of means is clear at one look, and not to those who peek."""
    peeked, looked_once = (experiment([A, B], finished=end).results[0] for end in (False, True))
    assert looked_once.verdict == "better"
    assert peeked.verdict == "no clear difference"
    assert peeked.low < looked_once.low < looked_once.high < peeked.high
    assert experiment([A, B], finished=True, direction="down").results[0].verdict == "worse"
    assert experiment([OLD, NEW], measure="share").winners == ()


def test_whoever_peeks_a_hundred_times_is_wrong_in_at_most_one_of_twenty() -> None:
    rng, looks, runs = np.random.default_rng(7), 100, 1000
    subjects = np.arange(1, looks + 1) * 200
    for draw in (rng.standard_normal, lambda size: rng.binomial(100, 0.05, size) / 100):
        blocks = draw((runs, looks, 2, 100))
        sums = blocks.sum(axis=3).cumsum(axis=1)
        squares = (blocks**2).sum(axis=3).cumsum(axis=1)
        n = (subjects / 2)[None, :, None]
        error = np.sqrt(((squares - sums**2 / n) / (n - 1) / n).sum(axis=2))
        z = np.abs((sums[..., 1] - sums[..., 0]) / n[..., 0]) / error
        bounds = np.array([sequential.reach(s) for s in subjects])
        assert (z > bounds).any(axis=1).mean() <= 0.05
        assert (z > 1.96).any(axis=1).mean() > 0.25


def test_the_p_value_and_the_interval_of_all_looks_agree() -> None:
    for subjects in (200, 5_000, 400_000):
        edge = sequential.reach(subjects)
        assert sequential.p_value(edge, subjects) == pytest.approx(0.05)
        assert sequential.p_value(edge * 1.01, subjects) < 0.05


def test_ratios_count_subjects_and_what_was_before_takes_noise_away() -> None:
    rng = np.random.default_rng(3)
    before = rng.gamma(2, 3, (2, 4000))
    after = before + rng.normal(0, 1, (2, 4000)) + np.array([[0.0], [0.2]])
    sides = [arm(name, x, y) for name, x, y in zip("ab", after, before, strict=True)]
    plain, adjusted = (contrast(*sides, m) for m in ("mean", "adjusted"))
    assert adjusted.error < plain.error / 3
    assert adjusted.low < 0.2 < adjusted.high
    assert deviation_of(sides[0].tally, "adjusted") == pytest.approx(1, rel=0.05)

    clicks = rng.poisson(0.3 * before)
    found = contrast(*(arm(n, x, y) for n, x, y in zip("ab", clicks, before, strict=True)), "ratio")
    rows = [rng.integers(0, 4000, (2, 4000)) for _ in range(300)]
    again = [_ratio(clicks[1], before[1], r[1]) - _ratio(clicks[0], before[0], r[0]) for r in rows]
    assert found.error == pytest.approx(np.std(again), rel=0.15)


def _ratio(x: np.ndarray, y: np.ndarray, rows: np.ndarray) -> float:
    return float(x[rows].sum() / y[rows].sum())


def test_an_uneven_split_is_told_and_nothing_else_is() -> None:
    lost = experiment([Arm("a", Tally(10_000, 900)), Arm("b", Tally(9_500, 990))], measure="share")
    assert not lost.split.fair
    assert lost.results[0].verdict == "cannot tell"
    assert "9\u202f500 instead of 9\u202f750" in lost.reason
    asked = sample_ratio([Arm("a", Tally(8_010)), Arm("b", Tally(1_990))], [80, 20])
    assert asked.fair
    assert asked.p == pytest.approx(0.803, abs=5e-3)


def test_too_few_and_too_rare_cannot_be_told() -> None:
    few = experiment([Arm("a", Tally(99, 50)), Arm("b", Tally(99, 60))], measure="share")
    rare = experiment([Arm("a", Tally(5000, 3)), Arm("b", Tally(5000, 16))], measure="share")
    assert {r.results[0].verdict for r in (few, rare)} == {"cannot tell"}
    assert "100 are the least" in few.results[0].reason
    assert "19 of 10\u202f000 did it: too few" in rare.results[0].reason


def test_several_variants_have_to_show_more() -> None:
    alone = experiment([A, B], finished=True).results[0]
    among = experiment([A, B, B, B, B], finished=True, shares=[3407, *[3461] * 4]).results[0]
    assert alone.verdict == "better"
    assert among.verdict == "no clear difference"
    assert among.low < alone.low


def test_a_guardrail_is_safe_harmed_or_open() -> None:
    rng = np.random.default_rng(1)
    base = arm("a", rng.normal(10, 1, 20_000))
    same, slower = (arm("b", rng.normal(mean, 1, 20_000)) for mean in (10, 9.8))
    short = arm("a", rng.normal(10, 5, 400)), arm("b", rng.normal(10, 5, 400))
    rails = [
        Guardrail("same", (base, same)),
        Guardrail("slower", (base, slower)),
        Guardrail("lower is better", (base, slower), direction="down"),
        Guardrail("short", short),
    ]
    goal = Arm("a", Tally(20_000, 2_000)), Arm("b", Tally(20_000, 2_400))
    found = experiment(goal, measure="share", guardrails=rails)
    verdicts = {g.name: g.verdict for g in found.guardrails}
    assert verdicts == {
        "same": "safe", "slower": "harmed", "lower is better": "safe", "short": "cannot tell",
    }  # fmt: skip
    assert found.results[0].verdict == "better"
    assert found.winners == ()


def test_how_many_are_needed_before_the_start() -> None:
    """One look as statsmodels has it; all looks need more, and keep their promise."""
    wanted = NormalIndPower().solve_power(0.01 / 0.3, power=0.8, alpha=0.05)
    once, peeking = (sequential.needed(0.01, 0.3, peeking=p) for p in (False, True))
    assert once == pytest.approx(wanted, abs=1)
    assert once < peeking < 3 * once
    assert sequential.detectable(peeking, 0.3) == pytest.approx(0.01, rel=1e-3)
    assert sequential.needed(0.01, 0.3, arms=4) > peeking

    rng, error = np.random.default_rng(5), 0.3 * (2 / peeking) ** 0.5
    z = rng.normal(0.01 / error, 1, 4000)
    bound = sequential.reach(2 * peeking, planned=2 * peeking)
    assert (z > bound).mean() == pytest.approx(0.8, abs=0.03)


def test_one_variant_is_no_experiment() -> None:
    with pytest.raises(InputError, match="a control and at least one variant"):
        experiment([A])
    with pytest.raises(InputError, match="is no share"):
        contrast(Arm("a", Tally(10, 12)), OLD, "share")


def test_a_variant_in_which_nobody_does_it_any_more() -> None:
    """It is told at once, and the other way round; of nothing in both nothing is told."""
    some, none, nothing = Tally(2000, 600), Tally(2000, 0), Tally(2000, 0)

    def said(a: Tally, b: Tally, measure: Measure) -> Any:
        return experiment([Arm("a", a), Arm("b", b)], measure=measure).results[0]

    assert said(some, none, "share").verdict == "worse"
    assert said(none, some, "share").verdict == "better"
    spent = Tally(500, 900, 0, 4000)
    assert said(spent, Tally(500), "mean").verdict == "worse"
    assert said(Tally(500), spent, "adjusted").verdict == "better"
    for measure in ("share", "mean", "adjusted"):
        assert said(nothing, nothing, measure).verdict == "cannot tell"
    assert said(Tally(500), Tally(500), "mean").reason == "It was the same for everybody so far."
    assert said(spent, Tally(500), "ratio").verdict == "cannot tell"


def test_a_rate_is_told_only_of_those_who_are_alike() -> None:
    """Of those who entered, more go through; but where more enter, they are others."""

    def said(a: Tally, b: Tally) -> Any:
        return experiment([Arm("a", a), Arm("b", b)], measure="rate").results[0]

    alike = said(Tally(2000, 300, 1000), Tally(2000, 400, 1010))
    assert alike.verdict == "better"
    assert alike.found.control == 0.3
    other = said(Tally(2000, 300, 1000), Tally(2000, 400, 1200))
    assert other.verdict == "not comparable"
    assert "60.0% of its subjects instead of 50.0%" in other.reason
    few = said(Tally(2000, 30, 90), Tally(2000, 40, 95))
    assert few.verdict == "cannot tell"
    assert "of whom it can be said" in few.reason


def test_what_a_few_subjects_make_is_said() -> None:
    """Ten thousand events of one machine in b: the interval is wide, and why is said."""
    bot = Tally(1000, 2000 + 10_000, 0, 6000 + 10_000**2)
    found = experiment([Arm("a", Tally(1000, 2000, 0, 6000)), Arm("b", bot)]).results[0]
    assert found.verdict == "no clear difference"
    assert found.note == "In b a few subjects make most of it: are they real?"


@pytest.mark.parametrize("shape", ["lognormal", "pareto", "rare"])
def test_heavy_tails_fool_nobody_who_peeks(shape: str) -> None:
    """Sixty looks at each of 200 experiments without an effect, of spending as it is."""
    chance = np.random.default_rng(5)
    looks = np.unique(np.geomspace(100, 5000, 60).astype(int))
    reaches = np.array([reach(2 * n) for n in looks])
    wrong = 0
    for _ in range(200):
        a, b = _spent(shape, chance), _spent(shape, chance)
        errors = _errors(a, b, looks)
        apart = np.abs(np.cumsum(b)[looks - 1] - np.cumsum(a)[looks - 1]) / looks
        wrong += bool((apart > reaches * errors).any())
    assert wrong <= 10
    found = experiment([arm("a", a), arm("b", b)]).results[0]
    assert found.high - found.low == pytest.approx(2 * reaches[-1] * errors[-1], rel=1e-3)


def _spent(shape: str, chance: np.random.Generator) -> np.ndarray:
    if shape == "pareto":
        return 1 + chance.pareto(1.5, 5000)
    spent = chance.lognormal(3, 1.5, 5000)
    return spent * (chance.random(5000) < 0.03) if shape == "rare" else spent


def _errors(a: np.ndarray, b: np.ndarray, looks: np.ndarray) -> np.ndarray:
    """Of the difference of the means at each look."""
    varies = [
        (np.cumsum(x * x)[looks - 1] - np.cumsum(x)[looks - 1] ** 2 / looks) / (looks - 1)
        for x in (a, b)
    ]
    return np.sqrt(sum(varies) / looks)
