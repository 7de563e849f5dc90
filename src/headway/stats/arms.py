"""The variants of an experiment, as sums over their subjects, and how two of them differ.

Means, ratios (delta method: Deng, Knoblich, Lu, KDD 2018) and CUPED (Deng, Xu, Kohavi, Walker, WSDM
2013) are tea-tasting's, shares statsmodels'.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest
from tea_tasting.aggr import Aggregates
from tea_tasting.metrics.mean import RatioOfMeans

from headway.engine.errors import InputError
from headway.engine.tally import Tally

Measure = Literal["share", "rate", "mean", "ratio", "adjusted"]
"""`share`: x of n did it. `rate`: x of those y of whom it could be said, such as those who entered
a funnel. `mean`: Σx / n. `ratio`: Σx / Σy by the delta method. `adjusted`: Σx / n, where y is what
the same subject did before it was assigned (CUPED)."""


@dataclass(frozen=True, slots=True)
class Arm:
    """`tally` holds n, Σx, Σy, Σx², Σy², Σxy over all subjects assigned, those with nothing too."""

    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Contrast:
    """Treatment less control. `low` and `high` hold at one look that was fixed before.

    `relative` is a share of the control's value. `error` is the standard error of the difference.
    """

    control: float
    treatment: float
    difference: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    p: float
    z: float
    error: float


def contrast(control: Arm, treatment: Arm, measure: Measure, level: float = 0.95) -> Contrast:
    """Raises InputError for sums that cannot be."""
    for arm in (control, treatment):
        _check(arm, measure)
    sides = control.tally, treatment.tally
    if measure == "rate":
        sides = those(control.tally), those(treatment.tally)
    shares = measure in ("share", "rate")
    return _shares(*sides, level) if shares else _means(*sides, measure, level)


def those(tally: Tally) -> Tally:
    """Of a rate: those it is said of, as all there are."""
    return Tally(round(tally.y), tally.x, 0.0, tally.xx)


def weight(tally: Tally) -> float:
    """So many subjects with equal sums would weigh as much as these (Kish): few where a few do most
    of what there is.
    """
    return tally.x * tally.x / tally.xx if tally.xx > 0 else 0.0


def value_of(tally: Tally, measure: Measure) -> float:
    return tally.x / (tally.y if measure in ("rate", "ratio") else tally.n)


def deviation_of(tally: Tally, measure: Measure) -> float:
    """The standard deviation of one subject, of what the measure makes of it."""
    found = aggregates(tally)
    if measure == "share":
        return math.sqrt(max(0.0, found.mean("x") * (1 - found.mean("x"))))
    if measure in ("rate", "ratio"):
        return math.sqrt(max(0.0, found.ratio_var("x", "y")))
    explained = _explained(found) if measure == "adjusted" else 0.0
    return math.sqrt(max(0.0, found.var("x") - explained))


def aggregates(tally: Tally) -> Aggregates:
    """As tea-tasting takes them: means, sample variances, and their covariance."""
    n, x, y = tally.n, tally.x / tally.n, tally.y / tally.n
    return Aggregates(
        count_=n,
        mean_={"x": x, "y": y},
        var_={
            "x": max(0.0, tally.xx - n * x * x) / (n - 1),
            "y": max(0.0, tally.yy - n * y * y) / (n - 1),
        },
        cov_={("x", "y"): (tally.xy - n * x * y) / (n - 1)},
    )


def _explained(found: Aggregates) -> float:
    """The part of the variance of x that y explains."""
    return float(found.cov("x", "y") ** 2 / found.var("y")) if found.var("y") else 0.0


def _check(arm: Arm, measure: Measure) -> None:
    tally, where = arm.tally, f"variant {arm.name}"
    if tally.n < 2 or (measure == "rate" and tally.y < 2):
        raise InputError("It has fewer than two subjects.", where=where, fix="Wait for more.")
    whole = {"share": tally.n, "rate": tally.y}.get(measure)
    if whole is not None and not 0 <= tally.x <= whole <= tally.n:
        fix = "Count each subject once, or compare means."
        raise InputError(f"{tally.x:g} of {whole:g} subjects is no share.", where=where, fix=fix)
    if measure == "ratio" and tally.y <= 0:
        fix = "Wait until the denominator has happened."
        raise InputError("The sum of its denominator is not above 0.", where=where, fix=fix)


def _shares(control: Tally, treatment: Tally, level: float) -> Contrast:
    """Intervals by Newcombe (1998) and for the ratio by Walter (adjusted logarithm).

    The error is the greater of both that are used: that of two shares is too small where nobody did
    it in one.
    """
    counts, totals = (treatment.x, control.x), (treatment.n, control.n)
    a, b = control.x / control.n, treatment.x / treatment.n
    pooled = sum(counts) / sum(totals)
    z, p = proportions_ztest(counts, totals) if 0 < sum(counts) < sum(totals) else (0.0, 1.0)
    sides = (counts[0], totals[0], counts[1], totals[1])
    low, high = confint_proportions_2indep(
        *sides, compare="diff", method="newcomb", alpha=1 - level, correction=False
    )
    below, above = confint_proportions_2indep(
        *sides, compare="ratio", method="log-adjusted", alpha=1 - level
    )
    error = max(
        math.sqrt(first * (1 - first) / control.n + second * (1 - second) / treatment.n)
        for first, second in ((a, b), (pooled, pooled))
    )
    relative = b / a - 1 if a else math.nan
    return Contrast(
        a, b, b - a, float(low), float(high), relative, float(below) - 1, float(above) - 1,
        float(p), float(z), error,
    )  # fmt: skip


def _means(control: Tally, treatment: Tally, measure: Measure, level: float) -> Contrast:
    """Welch's interval; where nothing varies, it is the difference itself."""
    below, before = "y" if measure == "ratio" else None, "y" if measure == "adjusted" else None
    sides = aggregates(control), aggregates(treatment)
    one, z = (
        RatioOfMeans("x", below, before, confidence_level=level, use_t=t).analyze_aggregates(*sides)
        for t in (True, False)
    )
    half = (z.effect_size_ci_upper - z.effect_size_ci_lower) / 2
    error = half / float(norm.ppf((1 + level) / 2))
    return Contrast(
        float(one.control), float(one.treatment), float(one.effect_size),
        float(one.effect_size_ci_lower), float(one.effect_size_ci_upper),
        float(one.rel_effect_size), float(one.rel_effect_size_ci_lower),
        float(one.rel_effect_size_ci_upper), float(one.pvalue), float(one.statistic), float(error),
    )  # fmt: skip
