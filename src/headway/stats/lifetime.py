"""What customers were worth so far, by cohort, and what they will be: of those who never cancel.

The past is counted. The future is BG/NBD (how often) times gamma–gamma (for how much), and its
interval holds three things: the parameters are not known for certain, people are not averages, and
the model is off by as much as it was when it was asked earlier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.stats import norm

from headway.engine.period import Calendar, Grain
from headway.engine.written import grouped
from headway.stats import repeat, spend
from headway.stats.buyers import WEEK, Buyers, Customers, Floats, Ints, Purchases
from headway.stats.fitting import Fit
from headway.stats.history import CannotTell
from headway.stats.repeat import Repeat, repeat_of
from headway.stats.spend import Spend, spend_of

FEWEST, FEWEST_BACK = 100, 30
"""Customers, and customers who came back, from whom something is learnt."""
FURTHEST = 2.0
"""How many times as far ahead as was seen of the past."""
MOST = 30_000
"""So many customers settle the models; of more, every second, third … is looked at."""
DRAWS = 200
CUTS = (0.5, 0.6, 0.67, 0.75)
"""After which part of the time the model is asked what came next."""
TIED = 0.3
"""A correlation of how often and how much beyond which the model's assumption is broken."""


Places = tuple[tuple[date, ...], Ints]
"""The periods in which somebody first bought, and which of them is each customer's."""


@dataclass(frozen=True, slots=True)
class Worth:
    """The mean per customer up to an age in days, with its 95 % interval."""

    age: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Cohort:
    """Customers who first bought in one period; `worth` at ages that all of them have reached."""

    start: date
    size: int
    worth: tuple[Worth, ...]


@dataclass(frozen=True, slots=True)
class Ahead:
    """Per customer: what was paid so far, and what is still to come, with its interval."""

    start: date | None
    size: int
    so_far: float
    ahead: float
    low: float
    high: float

    @property
    def lifetime(self) -> float:
        return self.so_far + self.ahead


@dataclass(frozen=True, slots=True)
class Check:
    """Asked on `day`, the model expected so many purchases until now; so many there were."""

    day: date
    weeks: float
    expected: float
    happened: int


@dataclass(frozen=True)
class Projection:
    """`alive` is the share of customers who will ever buy again; `purchases` are everybody's."""

    weeks: float
    everybody: Ahead
    cohorts: tuple[Ahead, ...]
    purchases: float
    alive: float
    repeat: Repeat
    spend: Spend
    checks: tuple[Check, ...]
    caution: str
    rests_on: str


def observed(
    purchases: Purchases, calendar: Calendar, grain: Grain = Grain.month, step: int = 30
) -> tuple[Cohort, ...]:
    """Every `step` days of age: what each cohort's customers had paid on average by then."""
    starts, cohort = _cohorts(purchases.days[purchases.firsts], calendar, grain)
    watched = purchases.until - purchases.days[purchases.firsts]
    found = []
    for i, start in enumerate(starts):
        rows = np.flatnonzero(cohort == i)
        ages = range(step, int(watched[rows].min()) + 1, step)
        worth = tuple(_worth(purchases, rows, age) for age in ages)
        found.append(Cohort(start, len(rows), worth))
    return tuple(found)


def project(
    purchases: Purchases,
    weeks: float,
    calendar: Calendar,
    *,
    grain: Grain = Grain.month,
    seed: int = 7,
) -> Projection | CannotTell:
    """The weeks ahead of `purchases.until`. The same seed gives the same interval."""
    customers = Customers.of(purchases)
    then = [Customers.of(purchases.before(day)) for day in cut_days(customers)]
    return expect(customers, then, weeks, calendar, grain=grain, seed=seed)


def cut_days(customers: Customers) -> tuple[int, ...]:
    """The days on which the model is asked what came next."""
    first = int(customers.firsts.min(initial=customers.until))
    return tuple(first + int(cut * (customers.until - first)) for cut in CUTS)


def expect(
    customers: Customers,
    then: Sequence[Customers],
    weeks: float,
    calendar: Calendar,
    *,
    grain: Grain = Grain.month,
    seed: int = 7,
) -> Projection | CannotTell:
    """The weeks ahead of what is known; `then` is what was known on the days of `cut_days`.

    Sizes and purchases are those of the customers who were looked at: at most MOST.
    """
    whole, customers = customers, customers.thinned(MOST)
    if reason := _too_little(customers.buyers, weeks):
        return CannotTell(reason)
    how_often, how_much = repeat.fitted(customers.buyers), spend.fitted(customers.buyers)
    if how_often is None or how_much is None:
        what = "come back" if how_often is None else "spend"
        return CannotTell(f"How people {what} does not settle the model.")
    checks = tuple(check for early in then if (check := _check(whole, early)))
    if not checks:
        return CannotTell("The model could not be tried on the past: too few had bought by then.")
    models = _Models(how_often, how_much, checks)
    return _projection(customers, models, weeks, _cohorts(customers.firsts, calendar, grain), seed)


@dataclass(frozen=True)
class _Models:
    """How often people come, how much they spend, and how the first did on the past."""

    often: Fit
    much: Fit
    checks: tuple[Check, ...]

    def futures(self, buyers: Buyers, weeks: float, seed: int) -> Floats:
        """Row by row, what each may still pay if the models are as far off as they were."""
        rng = np.random.default_rng(seed)
        pairs = zip(self.often.draws(rng, DRAWS), self.much.draws(rng, DRAWS), strict=True)
        with np.errstate(all="ignore"):
            found = [_future(buyers, weeks, repeat_of(a), spend_of(b), rng) for a, b in pairs]
        off = _off(self.checks, weeks) * rng.standard_t(len(self.checks), DRAWS)
        return np.asarray(np.asarray(found) * np.exp(off)[:, None])


def _projection(
    customers: Customers,
    models: _Models,
    weeks: float,
    of: tuple[tuple[date, ...], Ints],
    seed: int,
) -> Projection | CannotTell:
    buyers, checks = customers.buyers, models.checks
    often, much = repeat_of(models.often.values), spend_of(models.much.values)
    number = often.ahead(buyers, weeks)
    futures = models.futures(buyers, weeks, seed)
    table = _Table(customers, futures, number * much.expected(buyers))
    starts, cohort = of
    rows = [np.flatnonzero(cohort == i) for i in range(len(starts))]
    cohorts = tuple(table.of(start, mine) for start, mine in zip(starts, rows, strict=True))
    everybody = table.of(None, np.arange(len(buyers)))
    if not np.isfinite([one.high for one in (everybody, *cohorts)]).all():
        return CannotTell("How much people spend differs so much that nothing is ruled out.")
    return Projection(
        weeks, everybody, cohorts, float(number.sum()), float(often.alive(buyers).mean()), often,
        much, checks, _caution(buyers), _rests_on(buyers, checks),
    )  # fmt: skip


@dataclass(frozen=True)
class _Table:
    """`futures` has a row a draw and a column a customer; `expected` is their middle."""

    customers: Customers
    futures: Floats
    expected: Floats

    def of(self, start: date | None, rows: Ints) -> Ahead:
        low, high = np.quantile(self.futures[:, rows].mean(axis=1), (0.025, 0.975))
        so_far, ahead = (float(v[rows].mean()) for v in (self.customers.paid, self.expected))
        return Ahead(start, len(rows), so_far, ahead, float(low), float(high))


def _future(
    buyers: Buyers, weeks: float, often: Repeat, much: Spend, rng: np.random.Generator
) -> Floats:
    return much.drawn(buyers, often.drawn(buyers, weeks, rng), rng)


def _worth(purchases: Purchases, rows: Ints, age: int) -> Worth:
    young = purchases.ages < age
    sums = np.bincount(purchases.subject, purchases.amounts * young)[rows]
    spread = float(sums.std(ddof=1)) / math.sqrt(len(rows)) if len(rows) > 1 else math.inf
    mean, half = float(sums.mean()), float(norm.ppf(0.975)) * spread
    return Worth(age, mean, mean - half, mean + half)


def _cohorts(firsts: Ints, calendar: Calendar, grain: Grain) -> Places:
    days, place = np.unique(firsts, return_inverse=True)
    starts = [calendar.period(date.fromordinal(int(day)), grain).start for day in days]
    ordered = sorted(set(starts))
    return tuple(ordered), np.array([ordered.index(start) for start in starts])[place]


def _check(now: Customers, then: Customers) -> Check | None:
    """Fits what was known on an earlier day, and counts what those customers did since."""
    buyers, weeks = then.thinned(MOST).buyers, (now.until - then.until) / WEEK
    if _too_little(buyers, 0) or (found := repeat.fitted(buyers)) is None:
        return None
    expected = float(repeat_of(found.values).ahead(then.buyers, weeks).sum())
    there = now.firsts < then.until
    happened = int(now.purchases[there].sum() - then.purchases.sum())
    return Check(date.fromordinal(then.until), weeks, expected, happened)


def _off(checks: tuple[Check, ...], weeks: float) -> float:
    """By how much the model was off, as a logarithm; grows with the root of how far it looks."""
    errors = [
        math.log(max(check.happened, 1) / max(check.expected, 1)) ** 2 * weeks / check.weeks
        for check in checks
    ]
    return math.sqrt(sum(errors) / len(errors))


def _too_little(buyers: Buyers, weeks: float) -> str:
    back, seen = int((buyers.repeats > 0).sum()), float(buyers.age.max()) if len(buyers) else 0.0
    if len(buyers) < FEWEST:
        return f"{len(buyers)} customers; {FEWEST} are the least."
    if back < FEWEST_BACK:
        return f"{back} customers came back; {FEWEST_BACK} are the least."
    if weeks > FURTHEST * seen:
        return f"{weeks:.0f} weeks are more than twice the {seen:.0f} that were seen."
    return ""


def _caution(buyers: Buyers) -> str:
    back = buyers.only(buyers.repeats > 0)
    tie = float(np.corrcoef(back.repeats, back.spend)[0, 1])
    if not abs(tie) > TIED:
        return ""
    who = "more" if tie > 0 else "less"
    return f"Those who come often spend {who} each time (r = {tie:.2f}); the model does not know."


def _rests_on(buyers: Buyers, checks: tuple[Check, ...]) -> str:
    back = int((buyers.repeats > 0).sum())
    off = ", ".join(f"{check.happened / max(check.expected, 1) - 1:+.0%}" for check in checks)
    weeks = f"over {buyers.age.max():.0f} weeks"
    return (
        f"{grouped(len(buyers))} customers, of whom {grouped(back)} came back, {weeks}. "
        f"Asked {len(checks)} times in the past, what came was off by {off}."
    )
