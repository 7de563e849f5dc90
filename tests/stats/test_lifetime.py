"""Lifetimes on CDNOW, against published parameters and against what customers did afterwards.

`cdnow_sample.txt` holds the customers of the tenth of CDNOW on which papers report; see cdnow.md.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from headway import demo
from headway.engine.errors import InputError
from headway.engine.period import Calendar
from headway.stats import repeat, spend
from headway.stats.buyers import Buyers, Purchases
from headway.stats.history import CannotTell
from headway.stats.lifetime import Projection, observed, project
from headway.stats.survival import Lifetime, Tenures, lifetime, retention

SAMPLE = Path(__file__).with_name("cdnow_sample.txt")
CALIBRATION, END = date(1997, 10, 1), date(1998, 7, 1)


@cache
def cdnow(until: date) -> Purchases:
    table = pq.read_table(Path(demo.__file__).with_name("cdnow.parquet"))
    ids = np.array(table["user_id"].to_pylist())
    days = np.array([at.toordinal() for at in table["happened_at"].to_pylist()])
    rows = np.isin(ids, SAMPLE.read_text().split())
    return Purchases.of(ids[rows], days[rows], table["amount"].to_numpy()[rows], until)


@cache
def projected() -> Projection:
    found = project(cdnow(CALIBRATION), 39, Calendar())
    assert isinstance(found, Projection)
    return found


def test_the_published_parameters() -> None:
    """Fader, Hardie, Lee 2005, table 2; Fader, Hardie 2013 for p, q and γ."""
    found = projected()
    often, much = found.repeat, found.spend
    assert len(cdnow(CALIBRATION).names) == 2357
    assert (often.r, often.a) == pytest.approx((0.2426, 0.793), abs=5e-5, rel=5e-4)
    assert (often.alpha, often.b) == pytest.approx((4.414, 2.426), abs=5e-4)
    assert (much.p, much.q, much.gamma) == pytest.approx((6.25, 3.74, 15.44), abs=1e-2)


def test_a_customer_of_the_published_example() -> None:
    """Bought twice again, last after 30.43 weeks of 38.86: 1.226 purchases expected in 39 weeks."""
    often = repeat.repeat_of([0.243, 4.414, 0.793, 2.426])
    one = Buyers(*(np.array([v]) for v in (2.0, 30.43, 38.86, 20.0)))
    assert often.ahead(one, 39)[0] == pytest.approx(1.226, abs=1e-3)
    never_back = replace(one, repeats=np.array([0.0]), last=np.array([0.0]))
    assert often.alive(never_back)[0] == 1
    rng = np.random.default_rng(2)
    many = one.only(np.zeros(40_000, dtype=int))
    assert often.drawn(many, 39, rng).mean() == pytest.approx(1.226, rel=0.03)
    assert often.alive(many)[0] == pytest.approx(0.727, abs=5e-3)


def test_what_was_held_out_lies_in_the_interval() -> None:
    """39 weeks nobody had seen: the model expects too little, and knows how wrong it can be."""
    later, found = cdnow(END), projected()
    rows = later.days >= CALIBRATION.toordinal()
    paid = later.amounts[rows].sum() / len(later.names)
    assert found.purchases == pytest.approx(rows.sum(), rel=0.15)
    assert found.everybody.low < paid < found.everybody.high
    assert found.everybody.ahead == pytest.approx(paid, rel=0.2)
    firsts = later.days[later.firsts]
    for cohort, following in zip(found.cohorts, (2, 3, 4), strict=True):
        assert cohort.start is not None
        mine = (firsts >= cohort.start.toordinal()) & (
            firsts < date(1997, following, 1).toordinal()
        )
        assert cohort.size == mine.sum()
        real = later.amounts[rows & mine[later.subject]].sum() / cohort.size
        assert cohort.low < real < cohort.high
    assert {check.day for check in found.checks} == {
        date(1997, 5, 17), date(1997, 6, 13), date(1997, 7, 2), date(1997, 7, 24),
    }  # fmt: skip
    assert "2\u202f357 customers, of whom 946 came back" in found.rests_on


def test_the_same_seed_gives_the_same_interval() -> None:
    few = cdnow(CALIBRATION).before(date(1997, 8, 1).toordinal())
    one, same, other = (project(few, 8, Calendar(), seed=s) for s in (1, 1, 2))
    assert one == same
    assert one != other


def test_the_past_is_counted_by_cohort() -> None:
    purchases = cdnow(CALIBRATION)
    january, *_, march = observed(purchases, Calendar())
    assert (january.start, january.size) == (date(1997, 1, 1), 781)
    assert [worth.age for worth in march.worth] == [30, 60, 90, 120, 150, 180]
    firsts = purchases.days[purchases.firsts]
    mine = (firsts < date(1997, 2, 1).toordinal())[purchases.subject]
    paid = purchases.amounts[mine & (purchases.ages < 90)].sum()
    at_90 = january.worth[2]
    assert at_90.mean == pytest.approx(paid / 781)
    assert at_90.low < at_90.mean < at_90.high


def test_when_there_is_too_little_to_learn_from() -> None:
    purchases = cdnow(CALIBRATION)
    far = project(purchases, 100, Calendar())
    early = project(purchases.before(date(1997, 1, 3).toordinal()), 4, Calendar())
    assert isinstance(far, CannotTell)
    assert "more than twice" in far.reason
    assert isinstance(early, CannotTell)
    with pytest.raises(InputError, match="Nobody bought"):
        Purchases.of(["a"], [700_000], [1.0], date(1900, 1, 1))


def test_everybody_spends_the_same() -> None:
    """Then how people differ has no top but not at all, and a purchase is what it always was."""
    rng = np.random.default_rng(3)
    who = np.repeat(np.arange(150), 4)
    days = CALIBRATION.toordinal() - rng.integers(1, 200, len(who))
    found = project(Purchases.of(who, days, np.full(len(who), 9.0), CALIBRATION), 8, Calendar())
    assert isinstance(found, Projection)
    assert found.everybody.ahead == pytest.approx(9 * found.purchases / 150, rel=0.02)


def test_nobody_ever_leaves() -> None:
    """The chance to leave has no top but 0, and the interval is narrow all the same."""
    rng = np.random.default_rng(3)
    rate, end = rng.gamma(2, 1 / 40, 400), CALIBRATION.toordinal()
    bought = rng.random((400, 300)) < rate[:, None]
    bought[:, 0] = True
    who, age = np.nonzero(bought)
    sizes = rng.gamma(6, 1, len(who)) * (30 / rng.gamma(4, 1, 400))[who]
    found = project(Purchases.of(who, end - 300 + age, sizes, CALIBRATION), 12, Calendar())
    assert isinstance(found, Projection)
    mean = 84 * float((rate * np.bincount(who, sizes) / np.bincount(who)).mean())
    each = found.everybody
    assert 0.7 * mean < each.low < mean < each.high < 1.4 * mean


def test_who_spends_more_is_believed_more_the_more_often_it_was_seen() -> None:
    much = spend.spend_of([6.25, 3.74, 15.44])
    buyers = Buyers(np.array([0, 1, 20.0]), np.zeros(3), np.ones(3), np.array([0, 100, 100.0]))
    never, once, often = much.expected(buyers)
    assert never == pytest.approx(6.25 * 15.44 / 2.74)
    assert never < once < often < 100


def test_retention_is_kaplan_and_meiers() -> None:
    rng = np.random.default_rng(4)
    lives, seen = rng.geometric(0.08, 900), rng.integers(1, 40, 900)
    tenures = Tenures.of(np.minimum(lives, seen), lives <= seen, 12.0 * np.minimum(lives, seen))
    theirs = SurvfuncRight(tenures.periods, tenures.ended.astype(int))
    ours = retention(tenures, 24)
    for time, share in zip(theirs.surv_times, theirs.surv_prob, strict=True):
        if time < 24:
            assert ours[int(time)] == pytest.approx(share)
    assert ours[0] == 1


def test_what_a_subscriber_is_worth_holds_the_truth_about_as_often_as_it_says() -> None:
    """12 a period, 8 % leave after each: the first 24 periods are worth 12 × (1 − .92²⁴) / .08."""
    truth, held = 12 * (1 - 0.92**24) / 0.08, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        lives, seen = rng.geometric(0.08, 300), rng.integers(1, 60, 300)
        periods = np.minimum(lives, seen)
        paid = rng.gamma(4, 3, 300) * periods
        found = lifetime(Tenures.of(periods, lives <= seen, paid), 24)
        assert isinstance(found, Lifetime)
        held += found.low < truth < found.high
    assert held >= 35


def test_nobody_knows_what_nobody_was_watched_for() -> None:
    tenures = Tenures.of([1] * 50 + [9] * 9, [True] * 59, [10.0] * 59)
    assert isinstance(lifetime(tenures, 1), Lifetime)
    far = lifetime(tenures, 2)
    assert isinstance(far, CannotTell)
    assert "watched for 1" in far.reason
    with pytest.raises(InputError, match="at least one period"):
        Tenures.of([0], [True], [1.0])
