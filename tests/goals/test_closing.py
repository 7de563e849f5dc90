"""A cycle closed by a team: answers, frozen numbers, what is refused, what is restated."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from headway.accounts.models import Member, Team
from headway.engine.errors import Conflict, DefinitionError, NotAllowed, NotFound
from headway.feed.models import Change
from headway.goals import actions, milestones
from headway.goals.close import closing
from headway.goals.close.restating import restate
from headway.goals.models import Close, Cycle, KeyResult, Objective
from headway.goals.refresh import refresh
from headway.metrics.models import Definition, Metric, Point
from tests.goals.conftest import FIRST, moment, put
from tests.goals.test_actions import MANUAL

Save = Callable[..., KeyResult]
AFTER = moment(102)


@pytest.fixture
def goal(save: Save, orders: Metric, objective: Objective, member: Member) -> KeyResult:
    """Orders, from 0 to 200 in 101 days; they reach 100."""
    put(orders, FIRST, [float(n) for n in range(101)])
    objective.owner = member
    objective.save()
    return save(0, metric=orders, shape="reach", baseline_typed=0.0, target=200.0, owner=member)


@pytest.fixture
def typed(save: Save) -> KeyResult:
    return save(0, **MANUAL)


def answered(close: Close, by: Member | None = None, **choices: object) -> None:
    said = {k: c if isinstance(c, dict) else {"choice": c} for k, c in choices.items()}
    left = closing.answer(
        close, "effortless-start", {"learnt": "Forms scare.", "key_results": said}, by=by, now=AFTER
    )
    assert left == []


def test_a_close_is_answered_step_by_step_and_freezes_what_was_reached(
    goal: KeyResult, typed: KeyResult, team: Team, cycle: Cycle, member: Member, viewer: Member
) -> None:
    with pytest.raises(NotAllowed):
        closing.start(team, cycle, by=viewer, now=AFTER)
    with pytest.raises(Conflict, match="not begun"):
        closing.start(team, cycle, by=member, now=moment(-5))
    close = closing.start(team, cycle, by=member, now=moment(90))
    assert closing.start(team, cycle, by=member, now=AFTER) == close, "it is resumed"
    left = closing.answer(
        close,
        "effortless-start",
        {"key_results": {"orders": {"choice": "drop"}}},
        by=member,
        now=moment(90),
    )
    assert [(m.key_result, m.field) for m in left] == [
        ("", "learnt"), ("orders", "reason"), (typed.key, "choice"),
    ]  # fmt: skip
    with pytest.raises(Conflict, match="runs until"):
        closing.close(close, by=member, now=moment(90))
    with pytest.raises(DefinitionError, match="And 2 more"):
        closing.close(close, by=member, now=AFTER)
    with pytest.raises(NotFound, match="oders"):
        closing.answer(
            close, "effortless-start", {"key_results": {"oders": {}}}, by=member, now=AFTER
        )
    for bad in ({"choice": "kepe"}, {"score": 1.5}, {"target": float("nan")}):
        with pytest.raises(DefinitionError):
            closing.answer(
                close, "effortless-start", {"key_results": {"orders": bad}}, by=member, now=AFTER
            )
    answered(
        close,
        member,
        orders={"choice": "raise", "target": 300.0, "score": 0.6, "score_reason": "One bad week."},
        **{typed.key: {"choice": "drop", "reason": "Nobody looked at it."}},
    )
    closing.close(close, learnt="Ask sooner.", by=member, now=AFTER)
    row, parts = closing.one_of(close, "effortless-start")
    frozen = parts[0]
    assert (frozen.baseline, frozen.aim, frozen.value, frozen.progress) == (0, 200, 100, 0.5)
    assert (frozen.score, frozen.counts, frozen.status) == (0.5, 0.6, "missed")
    assert (frozen.definition_version, frozen.as_of) == (1, AFTER)
    assert frozen.provisional_until is None
    assert parts[1].score is None, "nobody ever typed a value: unknown, not 0"
    assert (row.score, row.unknown_count, row.status) == (0.6, 1, "missed")
    told = Change.objects.filter(at=AFTER).values_list("subject", "what", "after", "why")
    assert ("key_result:effortless-start/orders", "score", "0.60", "One bad week.") in told
    assert ("close:2026-q1/growth", "closed", "", "Ask sooner.") in told
    with pytest.raises(Conflict, match="is closed"):
        closing.close(close, by=member, now=AFTER)


def test_only_who_answers_for_an_objective_sets_another_score(
    goal: KeyResult, team: Team, cycle: Cycle, admin: Member
) -> None:
    close = closing.start(team, cycle, by=None, now=AFTER)
    stranger = admin
    stranger.role = "member"
    stranger.save()
    with pytest.raises(NotAllowed, match="another score"):
        closing.answer(close, "effortless-start", {"score": 0.9}, by=stranger, now=AFTER)
    answered(close, stranger, orders="carry_over")
    closing.close(close, by=stranger, now=AFTER)
    with pytest.raises(NotAllowed, match="reopen"):
        closing.reopen(close, "A typo.", by=stranger, now=AFTER)


def test_a_closed_cycle_stays_as_it_was_and_says_what_came_later(
    goal: KeyResult, orders: Metric, objective: Objective, team: Team, cycle: Cycle, member: Member
) -> None:
    close = closing.start(team, cycle, by=member, now=AFTER)
    answered(close, member, orders={"choice": "hand_back", "at_least": 90.0})
    closing.close(close, by=member, now=AFTER)
    orders.refresh_from_db()
    assert (orders.level, orders.profile["healthy"]) == ("kpi", {"at_least": 90})
    put(orders, FIRST + timedelta(days=100), [120.0])
    later = moment(110)
    refresh(team.workspace, now=later)
    assert restate(team.workspace, now=later) == 1
    assert restate(team.workspace, now=moment(111)) == 0, "it is said once"
    goal.refresh_from_db()
    assert (goal.value, goal.progress, goal.closed.value) == (100, 0.5, 100)
    assert (goal.closed.value_now, goal.closed.progress_now, goal.closed.restated_at) == (
        120, 0.6, later,
    )  # fmt: skip
    change = Change.objects.get(what="restated")
    assert (change.before, change.after) == ("100", "120")
    for write in (
        lambda: actions.save_key_result(
            objective, key="orders", target=90.0, reason="so", by=member, now=later
        ),
        lambda: actions.check_in(goal, note="Late.", by=member, now=later),
        lambda: actions.archive_key_result(goal, by=member, now=later),
        lambda: actions.save_objective(
            team.workspace, key=objective.key, title="Better", by=member, now=later
        ),
        lambda: actions.save_objective(
            team.workspace, title="New", team=team, cycle=cycle, by=member, now=later
        ),
        lambda: actions.save_key_result(objective, **MANUAL, by=member, now=later),
        lambda: milestones.tick(goal, "First", done=FIRST, by=member, now=later),
        lambda: actions.save_cycle(
            team.workspace, key=cycle.key, name="Q1", starts=FIRST,
            ends=cycle.ends + timedelta(days=9), by=member, now=later,
        ),
    ):  # fmt: skip
        with pytest.raises(Conflict, match="closed"):
            write()
    with pytest.raises(DefinitionError, match="reason"):
        closing.reopen(close, " ", by=member, now=later)
    closing.reopen(close, "A day was missing.", by=member, now=later)
    goal.refresh_from_db()
    assert (goal.value, goal.progress) == (120, 0.6), "judged again"
    assert Change.objects.get(what="reopened").why == "A day was missing."
    closing.close(close, by=member, now=later)
    assert close.key_results.get().value == 120


def test_closed_goals_are_looked_at_again_only_when_their_metric_was_refreshed(
    goal: KeyResult,
    orders: Metric,
    team: Team,
    cycle: Cycle,
    member: Member,
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    def refreshed(day: int, value: float) -> None:
        put(orders, FIRST + timedelta(days=100), [value])
        Metric.objects.filter(pk=orders.pk).update(refreshed_at=moment(day))

    refreshed(101, 100)
    close = closing.start(team, cycle, by=member, now=AFTER)
    answered(close, member, orders="carry_over")
    closing.close(close, by=member, now=AFTER)
    assert restate(team.workspace, now=AFTER) == 0
    with django_assert_num_queries(3):  # one, and a savepoint around it
        assert restate(team.workspace, now=moment(103)) == 0
    refreshed(104, 120)
    assert restate(team.workspace, now=moment(104)) == 1
    with django_assert_num_queries(3):
        assert restate(team.workspace, now=moment(105)) == 0


def test_what_still_matures_is_provisional_until_its_day(
    goal: KeyResult, orders: Metric, team: Team, cycle: Cycle, member: Member
) -> None:
    """Orders may arrive ten days late: the last day of the cycle is complete on 22 April."""
    Definition.objects.filter(metric=orders).update(
        body={"kind": "count", "event": "order", "grace": "10 days"}
    )
    Point.objects.filter(metric=orders, start__gte=FIRST + timedelta(days=95)).update(
        complete=False
    )
    close = closing.start(team, cycle, by=member, now=AFTER)
    answered(close, member, orders="carry_over")
    closing.close(close, by=member, now=AFTER)
    row = close.key_results.get()
    day = cycle.ends + timedelta(days=11)
    assert (row.value, row.provisional_until) == (94, day)
    Point.objects.filter(metric=orders).update(complete=True)
    assert restate(team.workspace, now=moment(110)) == 1, "beside it, as of that day"
    row.refresh_from_db()
    assert (row.value, row.value_now) == (94, 100)
    restate(team.workspace, now=moment(111))
    row.refresh_from_db()
    assert (row.value, row.score, row.provisional_until, row.value_now) == (100, 0.5, None, None)
    goal.refresh_from_db()
    assert goal.value == 100
    assert close.objectives.get().score == 0.5
    assert Change.objects.get(what="final value").after == "100"
