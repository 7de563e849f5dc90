"""The goals of a workspace, looked at by the coach."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from headway.accounts import actions as accounts
from headway.accounts.models import Team
from headway.engine.errors import DefinitionError, NotFound
from headway.feed.models import Change
from headway.goals import actions
from headway.goals.advice.coaching import coached, coached_draft, coached_objective
from headway.goals.advice.waivers import settle, take_up, waive
from headway.goals.models import Close, ClosedKeyResult, KeyResult, Objective
from tests.goals.conftest import FIRST, make_metric, moment, put

pytestmark = pytest.mark.django_db


def codes(review, subject: str = "") -> list[str]:
    return [f.code for f in review.findings if subject in (f.where, "")]


def of(objective: Objective, *key_result: KeyResult) -> list[str]:
    return codes(coached_objective(objective, now=moment(1)))


def weekly(acme, key: str, values: list[float], **columns):
    metric = make_metric(acme, key, profile={"grain": "week"}, **columns)
    put(metric, FIRST - timedelta(days=7 * len(values)), values, step=7)
    return metric


def test_history_is_what_was_measured_before_the_cycle(acme, objective, save):
    riders = weekly(acme, "riders", [100, 101, 99, 102, 100, 98, 101, 100, 102, 100])
    save(shape="reach", metric=riders, target=180.0)
    assert "key-result-out-of-reach" in of(objective)
    actions.save_key_result(objective, key="riders", by=None, now=moment(-1), target=100.5)
    assert "key-result-within-noise" in of(objective)
    put(riders, FIRST, [180.0, 190.0], step=7)
    assert "key-result-already-met" not in of(objective)


def test_measured_values_tell_the_wrong_side_and_what_is_met(acme, objective, save):
    met = weekly(acme, "met", [4.0, 5.0, 6.0])
    down = weekly(acme, "down", [4.0, 5.0, 6.0], direction="down")
    save(shape="reach", metric=met, baseline_typed=1.0, target=5.5)
    save(shape="reach", metric=down, target=9.0)
    found = of(objective)
    assert {"key-result-already-met", "key-result-wrong-side"} <= set(found)
    assert "key-result-no-baseline" not in found


def test_a_share_of_what_another_key_result_counts(acme, objective, save):
    counted = make_metric(acme, "orders")
    share = make_metric(acme, "paid", kind="share")
    paid = {"kind": "share", "event": "order", "where": {"paid": True}}
    share.definitions.update(body=paid)
    save(shape="reach", metric=counted, baseline_typed=1.0, target=2.0)
    save(shape="reach", metric=share, baseline_typed=0.1, target=0.2)
    assert "key-result-other-population" in of(objective)


def test_teams_kpis_and_boards_of_a_workspace(acme, objective, team, save):
    below = Team.objects.create(workspace=acme, key="signup", name="Sign-up", parent=team)
    alone = actions.save_objective(
        acme, title="Nobody waits", team=below, cycle=objective.cycle, by=None, now=moment(0)
    )
    make_metric(acme, "loose", level="kpi")
    make_metric(acme, "twin", level="kpi")
    review = coached(acme, now=moment(1))
    by_subject = {(f.where, f.code) for f in review.findings}
    assert ("objective:effortless-start", "set-unsupported") in by_subject
    assert (f"objective:{alone.key}", "set-supports-nothing") in by_subject
    assert ("team:growth/2026-q1", "set-no-guardrail") in by_subject
    assert {("metric:loose", "kpi-duplicate"), ("metric:loose", "kpi-loose")} <= by_subject
    ranks = [f.severity.rank for f in review.findings]
    assert ranks == sorted(ranks, reverse=True)


def test_cycles_that_are_long_over_are_left_alone_but_their_scores_are_known(
    acme, objective, save, orders
):
    save(shape="reach", metric=orders, target=2.0, baseline_typed=1.0)
    KeyResult.objects.update(progress=1.2)
    for n in (1, 2):
        start = date(2026, 4 + 3 * n, 1)
        cycle = actions.save_cycle(
            acme, key=f"c{n}", name="", starts=start, ends=start + timedelta(days=80),
            by=None, now=moment(0),
        )  # fmt: skip
        later = actions.save_objective(
            acme, title=f"Calm {n}", team=objective.team, cycle=cycle, by=None, now=moment(0)
        )
        actions.save_key_result(
            later, shape="reach", metric=orders, target=3.0, baseline_typed=1.0, by=None,
            now=moment(0),
        )  # fmt: skip
    KeyResult.objects.update(progress=1.2)
    review = coached(acme, now=moment(300))
    assert {f.where for f in review.findings if f.where.startswith("objective:")} == {
        "objective:calm-2"
    }
    assert "set-always-full" in codes(review)
    over = KeyResult.objects.get(cycle__key="c1")
    close = Close.objects.create(
        team=objective.team, cycle=over.cycle, started_at=moment(300), closed_at=moment(300)
    )
    row = ClosedKeyResult.objects.create(close=close, key_result=over, score=1.0, score_given=0.6)
    assert "set-always-full" not in codes(coached(acme, now=moment(300))), "the score that was set"
    row.score_given = None
    row.save()
    assert "set-always-full" in codes(coached(acme, now=moment(300)))


def test_a_waiver_silences_one_finding_and_says_who_and_why(acme, objective, member):
    assert "objective-empty" in of(objective)
    waive(objective, "objective-empty", " Comes on Monday. ", by=member, now=moment(1))
    review = coached_objective(objective, now=moment(1))
    assert "objective-empty" not in codes(review)
    assert [f.code for f in review.waived] == ["objective-empty"]
    change = Change.objects.latest("pk")
    assert (change.what, change.after, change.by) == (
        "waived objective-empty", "Comes on Monday.", member.person,
    )  # fmt: skip
    take_up(objective, "objective-empty", by=member, now=moment(2))
    assert "objective-empty" in of(objective)
    with pytest.raises(NotFound):
        take_up(objective, "objective-empty", by=member, now=moment(2))


def test_a_waiver_needs_a_rule_that_there_is_and_a_reason(objective, save, orders):
    key_result = save(shape="reach", metric=orders, target=2.0, baseline_typed=1.0)
    with pytest.raises(DefinitionError, match="no rule"):
        waive(key_result, "objective-long", "It is fine.", by=None, now=moment(1))
    with pytest.raises(DefinitionError, match="needs a reason"):
        waive(key_result, "key-result-vanity", "  ", by=None, now=moment(1))
    settle(key_result, {"key-result-vanity": "Yes."}, by=None, now=moment(1))
    settle(key_result, {"key-result-output": "No."}, by=None, now=moment(1))
    assert [w.code for w in key_result.waivers.all()] == ["key-result-output"]


def test_a_rule_is_switched_off_for_a_workspace(acme, objective):
    accounts.save_settings(acme, {"coach_off": ["objective-empty"]}, by=None, now=moment(1))
    assert "objective-empty" not in of(objective)
    with pytest.raises(DefinitionError, match="no rule"):
        accounts.save_settings(acme, {"coach_off": ["objective-emtpy"]}, by=None, now=moment(1))


def test_a_draft_is_looked_at_without_being_saved(objective, orders, cycle):
    draft = Objective(workspace=objective.workspace, title="Launch the app", cycle=cycle)
    assert codes(coached_draft(draft, now=moment(1))) == ["objective-output"]
    asked = KeyResult(
        objective=objective, cycle=cycle, metric=orders, title="Page views", shape="reach",
        baseline_typed=1.0, target=2.0, due=cycle.ends,
    )  # fmt: skip
    assert codes(coached_draft(asked, now=moment(1))) == ["key-result-vanity"]
    assert "objective-empty" in codes(coached_draft(draft, now=moment(1), whole=True))
    assert not KeyResult.objects.exists()
