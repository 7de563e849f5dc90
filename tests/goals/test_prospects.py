"""The chance of a key result: what it is of, what it rests on, and when it is worked out again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from headway.feed.models import Change
from headway.goals import actions
from headway.goals.ahead import prospects
from headway.goals.ahead.chance import Likelihood, gap, in_ten
from headway.goals.models import KeyResult, Prospect
from headway.goals.refresh import refresh
from headway.metrics.models import Metric
from headway.stats.history import CannotTell
from tests.goals.conftest import FIRST, LAST, make_metric, moment, put

DAY = timedelta(days=1)
TODAY = 40
"""The cycle's day on which all of these are looked at."""


@pytest.fixture
def steady(acme):
    """About 100 a day, from 60 days before the cycle through its day 39."""
    metric = make_metric(acme, "steady", profile={"grain": "day"}, settled_at=moment(TODAY))
    put(metric, FIRST - 60 * DAY, [98.0 + (i * 7) % 5 for i in range(100)])
    return metric


def look(workspace, n: int = TODAY):
    refresh(workspace, now=moment(n))
    return prospects.refresh(workspace, now=moment(n))


def said(key_result) -> Likelihood | CannotTell:
    return prospects.prospect_of(KeyResult.objects.select_related("prospect").get(pk=key_result.pk))


def told(key_result) -> Likelihood:
    found = said(key_result)
    assert isinstance(found, Likelihood), found
    return found


def why(key_result) -> str:
    found = said(key_result)
    assert isinstance(found, CannotTell), found
    return found.reason


def test_every_reading_has_its_chance(acme, save, steady):
    easy = save(metric=steady, shape="reach", target=95.0, baseline_typed=90.0)
    hard = save(metric=steady, shape="reach", target=120.0, baseline_typed=90.0)
    fewer = save(metric=steady, shape="reach", target=95.0, baseline_typed=140.0)
    bold = save(metric=steady, shape="relative", change=0.5, baseline_typed=90.0)
    mean = save(
        metric=steady, shape="reach", target=99.0, baseline_typed=90.0, over="mean", over_n=7
    )
    total = save(metric=steady, shape="reach", target=10_000.0, over="cycle_to_date")
    more = save(metric=steady, shape="reach", target=10_500.0, over="cycle_to_date")
    trailing = save(metric=steady, shape="keep", at_least=2_900.0, over="trailing", over_n=30)
    kept = save(metric=steady, shape="keep", at_least=90.0)
    broken = save(metric=steady, shape="keep", at_most=99.0)
    graded = save(
        metric=steady, shape="graded", baseline_typed=90.0, commit=92.0, target=95.0, stretch=140.0
    )
    done = look(acme)
    assert (done.key_results, done.computed) == (11, 11)
    for row in (easy, mean, trailing, kept, graded, total):
        assert told(row).chance > 0.8, row
    for row in (hard, fewer, bold, broken, more):
        assert told(row).chance < 0.2, row
    steps = told(total).steps
    assert (steps[0].through, steps[-1].through) == (FIRST + 40 * DAY, LAST)
    assert steps[0].middle == pytest.approx(41 * 100, rel=0.02)
    assert steps[-1].middle == pytest.approx(101 * 100, rel=0.02)
    assert steps[-1].low < steps[-1].middle < steps[-1].high
    assert told(easy).steps[-1].middle == pytest.approx(100, rel=0.05)
    assert "100 periods" in told(easy).rests
    assert KeyResult.objects.get(pk=easy.pk).chance == told(easy).chance


def test_an_aspiration_succeeds_before_all_of_the_way(acme, objective, save, steady):
    half_way = save(metric=steady, shape="reach", target=110.0, baseline_typed=80.0)
    look(acme)
    committed = told(half_way).chance
    actions.save_objective(
        acme, key=objective.key, ambition="aspirational", by=None, now=moment(40)
    )
    look(acme)
    assert committed < 0.1
    assert told(half_way).chance > committed


def test_it_is_worked_out_again_only_for_another_past_or_another_aim(acme, save, steady):
    one = save(metric=steady, shape="reach", target=99.0, baseline_typed=90.0)
    other = save(metric=steady, shape="reach", target=101.0, baseline_typed=90.0)
    assert look(acme).computed == 2
    assert look(acme).computed == 0
    assert look(acme, TODAY + 1).computed == 0, "another day, and the same periods"
    news = Change.objects.filter(workspace=acme).values_list("what", flat=True)
    assert set(news) == {"created", "status"}, "chances are no news"
    before = told(one).chance
    actions.save_key_result(
        one.objective, key=one.key, target=101.0, reason="Wrong", by=None, now=moment(TODAY + 1)
    )
    assert why(one) == prospects.UNSEEN
    assert look(acme, TODAY + 1).computed == 1
    assert told(one).chance == told(other).chance < before
    put(steady, FIRST + 40 * DAY, [60.0])
    Metric.objects.filter(pk=steady.pk).update(settled_at=moment(TODAY + 1))
    assert look(acme, TODAY + 1).computed == 2
    assert told(one).chance < told(other).chance + 0.001


def test_what_cannot_be_told_says_why(acme, cycle, save, steady):
    young = make_metric(acme, "young", profile={"grain": "day"})
    put(young, FIRST + 36 * DAY, [5.0, 6.0, 5.0, 7.0])
    few = save(metric=young, shape="reach", target=9.0, baseline_typed=5.0)
    steps = save(shape="milestones", title="Parts", milestones=[{"name": "A", "weight": 1.0}])
    due = save(metric=steady, shape="reach", target=9.0, baseline_typed=5.0, due=FIRST + 20 * DAY)
    soon = save(metric=steady, shape="reach", target=9.0, baseline_typed=5.0, due=FIRST + 39 * DAY)
    unborn = save(metric=young, shape="reach", target=9.0)
    look(acme, 39)
    assert why(few) == (
        "Only 4 periods have a value; it takes 6. From 12 Feb 2026 on it can be told."
    )
    assert why(steps) == prospects.MILESTONES
    assert why(due) == "It is past its due date."
    assert why(soon) == "Every period until it is due is complete."
    assert why(unborn) == "There is no baseline yet to go from."
    assert not Prospect.objects.exclude(steps=[]).exists()


def test_what_people_type_is_a_series_too(acme, save):
    row = save(shape="manual", title="Partners", target=20.0, baseline_typed=0.0)
    for n in range(0, 35, 7):
        actions.check_in(row, value=n / 7, day=FIRST + n * DAY, by=None, now=moment(35))
    look(acme, 35)
    assert why(row).startswith("Only 5 periods have a value; it takes 6.")
    actions.check_in(row, value=5.0, day=FIRST + 35 * DAY, by=None, now=moment(35))
    assert look(acme, 35).computed == 1
    found = told(row)
    assert found.chance < 0.5
    assert found.steps[-1].middle > 6


def test_words_of_chances_and_of_what_the_owner_says():
    assert [in_ten(p) for p in (0.001, 0.06, 0.44, 0.94, 0.99)] == [
        "less than 1 in 20", "1 in 10", "4 in 10", "9 in 10", "more than 19 in 20",
    ]  # fmt: skip
    assert gap(0.2, 9) == 70
    assert gap(0.9, 3) == -60
    assert gap(0.5, 9) == 0
    assert gap(None, 9) == gap(0.2, None) == 0
