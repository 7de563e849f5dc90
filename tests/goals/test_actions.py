"""What people do to goals: who may, what is refused, what is remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from headway.accounts.actions import create_workspace
from headway.accounts.models import Member, Team, Workspace
from headway.engine.errors import Conflict, DefinitionError, HeadwayError, NotAllowed, NotFound
from headway.feed.models import Change
from headway.goals import actions, milestones
from headway.goals.models import CheckIn, Cycle, KeyResult, Objective
from headway.metrics.models import Metric
from tests.goals.conftest import FIRST, LAST, make_metric, moment

Save = Callable[..., KeyResult]
MANUAL = {"title": "Sign partners", "shape": "manual", "baseline_typed": 0, "target": 10}


def changes(subject: str) -> list[tuple[str, str, str]]:
    rows = Change.objects.filter(subject=subject).order_by("pk")
    return [(c.what, c.before, c.after) for c in rows]


def test_a_new_objective_gets_a_key_and_is_remembered(objective: Objective) -> None:
    assert objective.key == "effortless-start"
    assert (objective.status, objective.created_at) == ("unknown", moment(-30))
    assert changes("objective:effortless-start") == [("created", "", "")]


def test_two_objectives_of_one_title_have_two_keys(
    acme: Workspace, objective: Objective, team: Team, cycle: Cycle
) -> None:
    other = actions.save_objective(
        acme, title=objective.title, team=team, cycle=cycle, by=None, now=moment(0)
    )
    assert other.key == "effortless-start-2"


def test_a_change_keeps_what_is_left_out_and_is_remembered_field_by_field(
    acme: Workspace, objective: Objective, member: Member, orders: Metric
) -> None:
    changed = actions.save_objective(
        acme,
        key=objective.key,
        ambition="aspirational",
        owner=member,
        guardrails=[orders],
        by=member,
        now=moment(1),
    )
    assert (changed.pk, changed.title) == (objective.pk, "Effortless start")
    assert changes("objective:effortless-start")[1:] == [
        ("ambition", "committed", "aspirational"),
        ("owner", "", "Member"),
        ("guardrails", "", "Orders"),
    ]
    assert {c.by for c in Change.objects.filter(what="owner")} == {member.person}


def test_saving_the_same_again_remembers_nothing(save: Save, orders: Metric) -> None:
    fields: dict[str, Any] = {"metric": orders, "shape": "reach", "target": 5.0}
    before = save(0, key="more", **fields)
    count = Change.objects.count()
    assert save(1, key="more", **fields).pk == before.pk
    assert Change.objects.count() == count


def test_changing_what_a_goal_asks_judges_it_at_once(objective: Objective, save: Save) -> None:
    key_result = save(0, **MANUAL)
    actions.check_in(key_result, value=5, by=None, now=moment(50))
    changed = save(50, key=key_result.key, target=5, reason="Two left the market.")
    assert changed.status == "achieved"
    objective.refresh_from_db()
    assert objective.status == "achieved"


def test_a_key_result_is_due_at_the_end_of_its_cycle_unless_it_says_otherwise(
    save: Save, orders: Metric
) -> None:
    key_result = save(0, metric=orders, shape="reach", target=5)
    assert (key_result.key, key_result.due, key_result.position) == ("orders", LAST, 0)
    assert save(0, metric=orders, shape="reach", target=6, due=FIRST).position == 1


def test_the_version_of_the_definition_is_frozen_until_the_metric_changes(
    acme: Workspace, save: Save, orders: Metric
) -> None:
    key_result = save(0, metric=orders, shape="reach", target=5)
    later = make_metric(acme, "later", version=4)
    Metric.objects.filter(pk=orders.pk).update(version=2)
    assert key_result.definition_version == 1
    assert save(-1, key=key_result.key, target=6).definition_version == 1
    assert save(-1, key=key_result.key, metric=later).definition_version == 4


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"shape": "reach"}, "target"),
        ({"shape": "reach", "target": 5, "baseline_typed": 5}, "target"),
        ({"shape": "reach", "target": float("nan")}, "target"),
        ({"shape": "reach", "target": 5, "metric": None}, "metric"),
        ({"shape": "reach", "target": 0, "over": "cycle_to_date"}, "target"),
        ({"shape": "reach", "target": 5, "over": "mean"}, "over_n"),
        ({"shape": "reach", "target": 5, "over": "trailing"}, "over_n"),
        ({"shape": "reach", "target": 5, "over": "sometimes"}, "over"),
        ({"shape": "reach", "target": 5, "grain": "fortnight"}, "grain"),
        ({"shape": "reach", "target": 5, "weight": 0}, "weight"),
        ({"shape": "reach", "target": 5, "due": date(2026, 4, 12)}, "due"),
        ({"shape": "reach", "target": 5, "due": date(2025, 12, 31)}, "due"),
        ({"shape": "relative"}, "change"),
        ({"shape": "relative", "change": 0}, "change"),
        ({"shape": "relative", "change": 1, "change_in": "euros"}, "change_in"),
        ({"shape": "relative", "change": 0.1, "over": "cycle_to_date"}, "over"),
        ({"shape": "keep"}, "at_least"),
        ({"shape": "keep", "at_least": 3, "at_most": 2}, "at_least"),
        ({"shape": "manual", "target": 5}, "metric"),
        ({"shape": "manual", "target": 5, "metric": None}, "title"),
        ({"shape": "manual", "metric": None, "title": "Partners"}, "target"),
        ({"shape": "reached", "target": 5}, "shape"),
        ({"target": 5}, "shape"),
        ({"shape": "reach", "target": 5, "key": "No Key!"}, "key"),
    ],
)
def test_a_key_result_that_cannot_be_judged_is_refused(
    save: Save, orders: Metric, fields: dict[str, Any], where: str
) -> None:
    with pytest.raises(DefinitionError) as refused:
        save(0, **{"metric": orders, **fields})
    assert refused.value.where == where
    assert not KeyResult.objects.exists()


@pytest.mark.parametrize("over", ["cycle_to_date", "trailing"])
def test_days_that_do_not_add_up_are_not_summed(acme: Workspace, save: Save, over: str) -> None:
    people = make_metric(acme, "people", kind="unique")
    with pytest.raises(DefinitionError, match=r"Days of People cannot be added up.*`unique`"):
        save(0, metric=people, shape="reach", target=5, over=over, over_n=28)


def test_a_target_on_the_wrong_side_is_allowed(save: Save, orders: Metric) -> None:
    assert save(0, metric=orders, shape="reach", baseline_typed=9, target=5).aim == 5


def test_a_cycle_cannot_end_before_it_starts(acme: Workspace) -> None:
    with pytest.raises(DefinitionError, match="before it starts"):
        actions.save_cycle(
            acme, key="odd", name="", starts=LAST, ends=FIRST, by=None, now=moment(0)
        )


def test_a_cycle_cannot_shrink_away_from_what_is_due_in_it(
    acme: Workspace, cycle: Cycle, save: Save
) -> None:
    save(0, **MANUAL)
    with pytest.raises(DefinitionError, match=r"Sign partners.*outside the cycle"):
        actions.save_cycle(
            acme, key=cycle.key, name="Q1", starts=FIRST, ends=FIRST, by=None, now=moment(0)
        )


def test_a_cycle_cannot_lie_within_itself(acme: Workspace, cycle: Cycle) -> None:
    dates: dict[str, Any] = {"starts": FIRST, "ends": LAST, "by": None, "now": moment(0)}
    inner = actions.save_cycle(acme, key="inner", name="Inner", parent=cycle, **dates)
    with pytest.raises(DefinitionError, match="within itself"):
        actions.save_cycle(acme, key=cycle.key, name="Q1", parent=inner, **dates)


def test_objectives_do_not_support_each_other_in_a_circle(
    acme: Workspace, objective: Objective, team: Team, cycle: Cycle
) -> None:
    def saved(title: str, above: Objective) -> Objective:
        return actions.save_objective(
            acme, title=title, team=team, cycle=cycle, supports=[above], by=None, now=moment(0)
        )

    lowest = saved("Lowest", saved("Lower", objective))
    around = "“Effortless start” supports “Lowest” supports “Lower” supports “Effortless start”"
    with pytest.raises(DefinitionError, match=f"would support itself: {around}."):
        actions.save_objective(acme, key=objective.key, supports=[lowest], by=None, now=moment(0))
    assert not objective.supports.exists()


def test_an_objective_needs_a_title_a_team_and_a_cycle(acme: Workspace) -> None:
    with pytest.raises(DefinitionError, match="no title"):
        actions.save_objective(acme, by=None, now=moment(0))


def test_rows_of_another_workspace_are_not_found(save: Save, acme: Workspace) -> None:
    elsewhere = create_workspace("other", "Other", now=moment(0))
    with pytest.raises(NotFound, match="not in the workspace Acme"):
        save(0, metric=make_metric(elsewhere, "theirs"), shape="reach", target=5)


def test_a_check_in_moves_a_typed_key_result_at_once(save: Save, objective: Objective) -> None:
    key_result = save(0, **MANUAL)
    actions.check_in(
        key_result, value=3, confidence=7, note=" Two calls. ", by=None, now=moment(40)
    )
    assert (key_result.value, key_result.progress, key_result.status) == (3, 0.3, "behind")
    assert changes("key_result:effortless-start/sign-partners")[-1] == (
        *("status", "unknown"),
        "behind",
    )
    said = Change.objects.get(what="check_in")
    assert (said.after, said.why) == ("3, confidence 7 of 10", "Two calls.")


def test_the_last_word_of_a_day_counts(save: Save) -> None:
    key_result = save(0, **MANUAL)
    for value in (8, 4):
        actions.check_in(key_result, value=value, by=None, now=moment(40))
    assert key_result.value == 4
    actions.check_in(key_result, value=9, day=FIRST, by=None, now=moment(41))
    assert key_result.value == 4


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"confidence": 11}, "confidence"),
        ({"confidence": -1}, "confidence"),
        ({"confidence": 7.5}, "confidence"),
        ({"confidence": True}, "confidence"),
        ({"value": float("inf")}, "value"),
        ({"note": "Later", "day": date(2026, 1, 3)}, "day"),
        ({"note": "  "}, ""),
    ],
)
def test_a_check_in_that_makes_no_sense_is_refused(
    save: Save, said: dict[str, Any], where: str
) -> None:
    key_result = save(0, **MANUAL)
    with pytest.raises(DefinitionError) as refused:
        actions.check_in(key_result, by=None, now=moment(1), **said)
    assert refused.value.where == where
    assert not CheckIn.objects.exists()


def test_a_measured_value_cannot_be_typed(save: Save, orders: Metric) -> None:
    key_result = save(0, metric=orders, shape="reach", target=5)
    with pytest.raises(DefinitionError, match="cannot be typed"):
        actions.check_in(key_result, value=3, by=None, now=moment(1))
    actions.check_in(key_result, confidence=3, by=None, now=moment(1))


def test_archiving_is_undone_by_restoring(objective: Objective, save: Save) -> None:
    key_result = save(0, **MANUAL)
    actions.archive_objective(objective, by=None, now=moment(1))
    with pytest.raises(Conflict, match="archived"):
        actions.check_in(key_result, confidence=5, by=None, now=moment(1))
    actions.restore_objective(objective, by=None, now=moment(2))
    actions.restore_objective(objective, by=None, now=moment(2))
    assert objective.archived_at is None
    assert [w for w, _, _ in changes("objective:effortless-start")] == [
        *("created", "archived", "restored")
    ]


def test_what_is_managed_in_code_is_read_only_here(
    acme: Workspace, team: Team, cycle: Cycle
) -> None:
    words: dict[str, Any] = {"by": None, "now": moment(0)}
    kept = actions.save_objective(
        acme, key="kept", title="Kept", team=team, cycle=cycle, managed=True, **words
    )
    attempts: list[Callable[[], object]] = [
        lambda: actions.save_objective(acme, key="kept", title="New", **words),
        lambda: actions.save_key_result(kept, **MANUAL, **words),
        lambda: actions.archive_objective(kept, **words),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict, match="managed in code"):
            attempt()
    actions.save_objective(acme, key="kept", title="From the file", managed=True, **words)
    acme.edit_managed = True
    acme.save()
    changed = actions.save_objective(acme, key="kept", title="From the page", **words)
    assert (changed.title, changed.managed_in_code) == ("From the page", True)


def test_viewers_change_nothing(
    acme: Workspace, viewer: Member, objective: Objective, save: Save, team: Team, cycle: Cycle
) -> None:
    key_result = save(0, **MANUAL)
    words: dict[str, Any] = {"by": viewer, "now": moment(1)}
    attempts: list[Callable[[], object]] = [
        lambda: actions.save_objective(acme, title="Mine", team=team, cycle=cycle, **words),
        lambda: actions.save_key_result(objective, **MANUAL, **words),
        lambda: actions.check_in(key_result, value=1, **words),
        lambda: actions.archive_objective(objective, **words),
        lambda: actions.restore_objective(objective, **words),
        lambda: actions.archive_key_result(key_result, **words),
        lambda: actions.save_cycle(acme, key="c", name="", starts=FIRST, ends=LAST, **words),
    ]
    count = Change.objects.count()
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert Change.objects.count() == count


def test_members_of_another_workspace_change_nothing(member: Member) -> None:
    elsewhere = create_workspace("other", "Other", now=moment(0))
    with pytest.raises(HeadwayError, match="may not write"):
        actions.save_cycle(
            elsewhere, key="c", name="", starts=FIRST, ends=LAST, by=member, now=moment(0)
        )


def test_what_is_archived_is_not_changed(acme: Workspace, objective: Objective, save: Save) -> None:
    key_result = save(0, **MANUAL)
    actions.archive_key_result(key_result, by=None, now=moment(1))
    with pytest.raises(Conflict, match="archived"):
        save(1, key=key_result.key, target=20)
    actions.archive_objective(objective, by=None, now=moment(1))
    with pytest.raises(Conflict, match="archived"):
        actions.save_objective(acme, key=objective.key, title="Other", by=None, now=moment(1))
    with pytest.raises(Conflict, match="archived"):
        save(1, **MANUAL)


def test_edits_after_the_cycle_has_opened_say_why_and_are_remembered(
    save: Save, orders: Metric, member: Member
) -> None:
    key_result = save(-1, metric=orders, shape="reach", target=5.0)
    assert save(-1, key="orders", target=8.0).target == 8, "before it opens, nobody asks"
    assert save(3, key="orders", title="More orders", owner=member).owner == member
    for fields in ({"target": 9.0}, {"due": FIRST}, {"weight": 2.0}, {"baseline_typed": 1.0}):
        with pytest.raises(DefinitionError) as caught:
            save(3, key="orders", **fields)
        assert caught.value.where == "reason"
        key_result.refresh_from_db()
        assert key_result.target == 8, "and nothing is saved"
    assert "the target of “More orders” would change" in refusal(save, target=9.0)
    save(3, key="orders", target=9.0, due=FIRST, reason="  A rival closed.  ")
    rows = Change.objects.filter(subject=KEY, why="A rival closed.").order_by("pk")
    assert [(c.what, c.before, c.after) for c in rows] == [
        ("target", "8", "9"),
        ("due", str(LAST), str(FIRST)),
    ]


KEY = "key_result:effortless-start/orders"


def refusal(save: Save, **fields: Any) -> str:
    with pytest.raises(HeadwayError) as caught:
        save(3, key="orders", **fields)
    return str(caught.value)


def test_changes_of_a_share_are_remembered_in_percent(acme: Workspace, save: Save) -> None:
    share = make_metric(acme, "share", unit="percent")
    save(0, metric=share, shape="reach", target=0.8512)
    save(0, key="share", target=0.8514, reason="Counted again.")
    assert changes("key_result:effortless-start/share")[1:2] == [
        ("target", "85.12\u202f%", "85.14\u202f%")
    ]


def test_milestones_are_ticked_and_count(objective: Objective, save: Save, member: Member) -> None:
    listed: list[Any] = [
        {"name": "Contract signed", "due": date(2026, 2, 1)},
        {"name": " First parcel sent ", "weight": 3.0, "due": date(2026, 3, 1)},
    ]
    found = save(0, title="Open Vienna", shape="milestones", milestones=listed)
    assert [str(m) for m in found.milestones.all()] == [
        "Contract signed (due 2026-02-01)",
        "First parcel sent (weight 3, due 2026-03-01)",
    ]
    assert (found.progress, found.aim, found.status) == (0, 1, "on_track")
    with pytest.raises(DefinitionError, match="in the future"):
        milestones.tick(found, "Contract signed", done=date(2026, 2, 1), by=None, now=moment(9))
    with pytest.raises(NotFound, match="Contract signed"):
        milestones.tick(found, "Contract", done=FIRST, by=None, now=moment(9))
    milestones.tick(found, "Contract signed", done=FIRST, note="At last", by=member, now=moment(30))
    assert (found.progress, found.status) == (0.25, "on_track")
    assert changes("key_result:effortless-start/open-vienna")[-1] == (
        "milestone",
        "Contract signed: open",
        "Contract signed: done on 2026-01-01",
    )
    again = save(30, key="open-vienna", milestones=listed[:1], reason="Sent with the first.")
    assert (again.progress, again.status) == (1, "achieved"), "a milestone keeps its day"
    phased = save(30, key="open-vienna", milestones=listed, pace="phased", reason="In order.")
    assert (phased.progress, phased.expected) == (0.25, 0)
    milestones.tick(phased, "Contract signed", done=None, by=None, now=moment(60))
    assert (phased.progress, phased.expected, phased.status) == (0, 1, "at_risk")


def test_teams_share_a_key_result(acme: Workspace, save: Save, orders: Metric, team: Team) -> None:
    sales = Team.objects.create(workspace=acme, key="sales", name="Sales")
    found = save(3, metric=orders, shape="reach", target=5.0, teams=[sales, team])
    assert list(found.teams.all()) == [sales], "beside the objective's own"
    elsewhere = create_workspace("other", "Other", now=moment(0))
    foreign = Team.objects.create(workspace=elsewhere, key="x", name="Xylo")
    assert "“Xylo” is not in the workspace" in refusal(save, teams=[foreign])


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"shape": "graded", "target": 5, "commit": 3}, "stretch"),
        ({"shape": "graded", "target": 5, "commit": 3, "stretch": 4}, "commit"),
        (
            {"shape": "graded", "target": 5, "commit": 3, "stretch": 6, "baseline_typed": 4},
            "commit",
        ),
        ({"shape": "graded", "target": 5, "commit": float("nan"), "stretch": 6}, "commit"),
        ({"shape": "milestones"}, "metric"),
        ({"shape": "milestones", "metric": None}, "title"),
        ({"shape": "milestones", "metric": None, "title": "Do"}, "milestones"),
        ({"shape": "reach", "target": 5, "pace": "sometimes"}, "pace"),
        ({"shape": "reach", "target": 5, "pace": "phased"}, "phases"),
        ({"shape": "reach", "target": 5, "pace": "phased", "phases": {str(LAST): 4.0}}, "phases"),
        ({"shape": "keep", "at_least": 5, "pace": "seasonal"}, "pace"),
        ({**MANUAL, "metric": None, "pace": "seasonal"}, "pace"),
    ],
)
def test_grades_milestones_and_paces_that_cannot_be_are_refused(
    save: Save, orders: Metric, fields: dict[str, Any], where: str
) -> None:
    with pytest.raises(DefinitionError) as caught:
        save(0, **{"metric": orders, **fields})
    assert caught.value.where == where
    assert not KeyResult.objects.exists()


@pytest.mark.parametrize(
    "listed",
    [
        [{"name": "Do"}, {"name": " Do"}],
        [{"name": " "}],
        [{"name": "Do", "weight": 0.0}],
        [{"name": "Do", "due": date(2026, 4, 12)}],
    ],
)
def test_lists_of_milestones_that_cannot_be_are_refused(save: Save, listed: list[Any]) -> None:
    with pytest.raises(DefinitionError) as caught:
        save(0, title="Do it", shape="milestones", milestones=listed)
    assert caught.value.where == "milestones"


def test_shares_are_asked_for_and_sum_to_the_whole(objective: Objective, save: Save) -> None:
    for n, weight in enumerate((1.0, 2.0, 1.0)):
        save(-1, key=f"k{n}", weight=weight, **MANUAL)
    count = Change.objects.count()
    actions.save_shares(objective, {"k1": 0.5}, by=None, now=moment(-1))
    assert Change.objects.count() == count, "that is its share already"
    with pytest.raises(DefinitionError, match="the weight of “Sign partners” would change"):
        actions.save_shares(objective, {"k0": 0.4}, by=None, now=moment(3))
    actions.save_shares(objective, {"k0": 0.4}, reason="It matters.", by=None, now=moment(3))
    weights = {k.key: k.weight for k in objective.key_results.all()}
    assert weights == {"k0": 40, "k1": 40, "k2": 20}
    with pytest.raises(NotFound):
        actions.save_shares(objective, {"k9": 0.4}, by=None, now=moment(3))
