"""The next cycle, drafted from what was chosen at the close of the last one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from headway.accounts.models import Member, Team, Workspace
from headway.engine.errors import Conflict, NotFound
from headway.goals import actions
from headway.goals.close import closing, succession
from headway.goals.models import Cycle, KeyResult, Objective
from headway.metrics.models import Metric
from tests.goals.conftest import FIRST, LAST, make_metric, moment, put
from tests.goals.test_actions import MANUAL

Save = Callable[..., KeyResult]
AFTER = moment(102)


@pytest.mark.parametrize(
    ("key", "starts", "ends", "found"),
    [
        ("2026-q4", date(2026, 10, 1), date(2026, 12, 31), ("2027-q1", date(2027, 3, 31))),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), ("2027", date(2027, 12, 31))),
        ("fy26q1", date(2026, 2, 1), date(2026, 4, 30), ("fy26q2", date(2026, 7, 31))),
        ("trial-9", date(2026, 1, 5), date(2026, 1, 18), ("trial-10", date(2026, 2, 1))),
    ],
)
def test_what_follows_a_cycle(
    acme: Workspace, key: str, starts: date, ends: date, found: tuple[str, date]
) -> None:
    cycle = Cycle(workspace=acme, key=key, starts=starts, ends=ends)
    made = succession.suggested(cycle)
    assert made.starts == ends + timedelta(days=1)
    assert (made.key, made.ends) == found


def test_what_goes_on_is_drafted_once_with_baselines_measured_anew(
    save: Save, orders: Metric, objective: Objective, team: Team, cycle: Cycle, member: Member
) -> None:
    put(orders, FIRST, [float(n) for n in range(102)])
    visits = make_metric(team.workspace, "visits", profile={"grain": "day"})
    put(visits, FIRST, [50.0] * 102)
    save(0, metric=orders, shape="relative", baseline_typed=100.0, change=0.5)
    save(0, metric=visits, shape="keep", at_least=40.0)
    save(0, **MANUAL)
    save(
        0, title="Ready", shape="milestones", milestones=[{"name": "A"}, {"name": "B"}], key="ready"
    )
    close = closing.start(team, cycle, by=member, now=AFTER)
    said = {
        "orders": {"choice": "carry_over"},
        "visits": {"choice": "raise", "target": 45.0},
        "sign-partners": {"choice": "drop", "reason": "Done with it."},
        "ready": {"choice": "carry_over"},
    }
    closing.answer(
        close, objective.key, {"learnt": "Yes.", "key_results": said}, by=member, now=AFTER
    )
    later = actions.save_cycle(
        team.workspace, key="2026-q2", name="Q2", starts=LAST + timedelta(days=1),
        ends=LAST + timedelta(days=100), by=member, now=AFTER,
    )  # fmt: skip
    assert succession.following(cycle) == later
    with pytest.raises(Conflict, match="not closed"):
        succession.save_next(close, later, {}, by=member, now=AFTER)
    closing.close(close, by=member, now=AFTER)
    (found,) = succession.drafted(close, later, now=AFTER)
    first = found.key_results[0]
    assert (first.baseline, first.target, first.problem) == (100, 150, "")
    with pytest.raises(NotFound, match="no key result"):
        succession.save_next(close, later, {"effortless-start/x": {}}, by=member, now=AFTER)
    edits: dict[str, succession.Edit] = {
        "effortless-start/orders": {"title": "More orders", "target": 160.0}
    }
    made = succession.save_next(close, later, edits, by=member, now=AFTER)
    assert [(k.key, k.shape, str(k)) for k in made] == [
        ("orders", "reach", "More orders"),
        ("visits", "keep", "Visits"),
        ("ready", "milestones", "Ready"),
    ]
    more, kept, ready = made
    assert (more.objective.key, more.cycle, more.due) == ("effortless-start-2", later, later.ends)
    assert (more.baseline, more.aim, more.progress) == (100, 160, pytest.approx(1 / 60))
    assert kept.at_least == 45
    assert [m.name for m in ready.milestones.all()] == ["A", "B"]
    assert succession.save_next(close, later, {}, by=member, now=AFTER) == [], "nothing twice"
    assert KeyResult.objects.filter(cycle=later).count() == 3


def test_a_target_that_is_met_already_is_not_carried_over_unseen(
    save: Save, orders: Metric, objective: Objective, team: Team, cycle: Cycle, member: Member
) -> None:
    put(orders, FIRST - timedelta(days=400), [float(n) for n in range(502)])
    found = save(0, metric=orders, shape="reach", baseline_typed=0.0, target=300.0)
    close = closing.start(team, cycle, by=member, now=AFTER)
    said = {"orders": {"choice": "raise", "target": 300.0}}
    left = closing.answer(
        close, objective.key, {"learnt": "Yes.", "key_results": said}, by=member, now=AFTER
    )
    assert "carry over" in left[0].text, "that is the target it had"
    said = {"orders": {"choice": "carry_over"}}
    closing.answer(close, objective.key, {"key_results": said}, by=member, now=AFTER)
    closing.close(close, by=member, now=AFTER)
    later = succession.suggested(cycle)
    (one,) = succession.drafted(close, later, now=AFTER)
    assert "already" in one.key_results[0].problem
    found.refresh_from_db()
    levels = succession.ambition(found, later, now=AFTER)
    assert levels.value == pytest.approx(500 + 101, abs=2), "as it has been going, one a day"
