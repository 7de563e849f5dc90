"""Drafts of key results, from KPIs with a history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.accounts.models import Workspace
from headway.goals import actions
from headway.goals.ahead.ambition import NAMES, Past
from headway.goals.models import Cycle, Objective
from headway.goals.promote import draft
from headway.metrics.catalogue import templates
from tests.goals.conftest import make_metric, moment, put

WEEKS = [date(2026, 1, 5) + timedelta(weeks=n) for n in range(-60, 15)]
"""Mondays; the cycle, of 13 whole weeks from 5 January to 5 April, opens on the Thursday before."""


def test_a_steady_riser_is_asked_for_what_it_does_one_time_in_three(
    acme: Workspace, cycle: Cycle
) -> None:
    visits = make_metric(acme, "visits", level="kpi")
    put(visits, WEEKS[0], [1000 + 10 * i for i in range(60)], step=7)
    found = draft(visits, cycle, now=moment(0))
    assert (found.shape, found.grain, found.due) == ("reach", "week", cycle.ends)
    assert (found.baseline.value, found.baseline.typed) == (1580, False)
    assert found.baseline.through == date(2025, 12, 28)
    assert found.target.value == 1710
    assert "one in three of its 46 past moves over 13 weeks" in found.target.words


def test_what_has_been_passed_already_is_no_target(acme: Workspace, cycle: Cycle) -> None:
    visits = make_metric(acme, "visits", level="kpi")
    put(visits, WEEKS[0], [*(1000 + 10 * i for i in range(60)), 1600, 1715, 1720], step=7)
    found = draft(visits, cycle, now=moment(25))
    assert [level.met for level in found.levels] == [True, True, True]
    assert found.levels[1].words.endswith("It stands there or beyond already.")
    assert found.target.value is None
    assert "bolder" in found.target.words


def test_what_should_fall_is_asked_to_fall(acme: Workspace, cycle: Cycle) -> None:
    wait = make_metric(acme, "wait", direction="down")
    put(wait, WEEKS[0], [1000 - 10 * i for i in range(60)], step=7)
    assert draft(wait, cycle, now=moment(0)).target.value == 290


@pytest.mark.parametrize(
    ("unit", "values", "target"),
    [("percent", [0.3 + 0.01 * i for i in range(60)], 1.0), ("", [600.0] * 60, None)],
)
def test_a_suggestion_stays_possible(
    acme: Workspace, cycle: Cycle, unit: str, values: list[float], target: float | None
) -> None:
    share = make_metric(acme, "share", unit=unit)
    put(share, WEEKS[0], values, step=7)
    assert draft(share, cycle, now=moment(0)).target.value == target


def test_a_short_history_suggests_nothing_and_says_so(acme: Workspace, cycle: Cycle) -> None:
    visits = make_metric(acme, "visits")
    put(visits, WEEKS[40], [1000 + 10 * i for i in range(20)], step=7)
    found = draft(visits, cycle, now=moment(0))
    assert found.baseline.value == 1180
    assert found.target.value is None
    assert found.target.words == "Its history is too short to compare moves over 13 weeks."


def test_before_the_cycle_the_baseline_will_be_measured_again(
    acme: Workspace, cycle: Cycle
) -> None:
    visits = make_metric(acme, "visits")
    put(visits, WEEKS[50], [5.0] * 30, step=7)
    found = draft(visits, cycle, now=moment(-10))
    assert found.baseline.through == date(2025, 12, 21)
    assert found.baseline.words.endswith("It is measured again when the cycle opens.")


def test_a_metric_younger_than_the_cycle_starts_from_its_last_value(
    acme: Workspace, cycle: Cycle
) -> None:
    visits = make_metric(acme, "visits")
    put(visits, WEEKS[62], [7.0, 8.0, 9.0], step=7)
    found = draft(visits, cycle, now=moment(34))
    assert (found.baseline.value, found.baseline.typed) == (8, True)
    assert "No week before the cycle has a value" in found.baseline.words


def test_without_any_value_the_draft_is_left_open(acme: Workspace, cycle: Cycle) -> None:
    found = draft(make_metric(acme, "visits"), cycle, now=moment(0))
    assert (found.baseline.value, found.target.value) == (None, None)
    assert found.baseline.words == "No week is complete yet. Type where it stands."


def test_what_has_no_direction_is_kept_in_its_healthy_range(acme: Workspace, cycle: Cycle) -> None:
    load = make_metric(
        acme, "load", direction="none", profile={"healthy": {"at_least": 0.4, "at_most": 0.8}}
    )
    found = draft(load, cycle, now=moment(0))
    assert (found.shape, found.at_least, found.at_most) == ("keep", 0.4, 0.8)


def test_a_draft_can_be_saved_as_it_is(acme: Workspace, cycle: Cycle, objective: Objective) -> None:
    visits = make_metric(acme, "visits")
    put(visits, WEEKS[0], [1000 + 10 * i for i in range(60)], step=7)
    found = draft(visits, cycle, now=moment(1))
    saved = actions.save_key_result(objective, by=None, now=moment(1), **found.fields)
    assert (saved.baseline, saved.aim, saved.due) == (1580, 1710, cycle.ends)


def test_guardrails_are_what_other_objectives_watch_beside_the_kpi(
    acme: Workspace, cycle: Cycle, objective: Objective
) -> None:
    visits, tickets, other = (make_metric(acme, key) for key in ("visits", "tickets", "other"))
    actions.save_objective(
        acme, key=objective.key, guardrails=[visits, tickets], by=None, now=moment(0)
    )
    assert draft(visits, cycle, now=moment(0)).guardrails == ()
    actions.save_key_result(
        objective, metric=visits, shape="reach", target=5, by=None, now=moment(0)
    )
    assert draft(visits, cycle, now=moment(0)).guardrails == (tickets,)
    assert draft(other, cycle, now=moment(0)).guardrails == ()


def test_the_catalogues_usual_guardrails_come_with_it(acme: Workspace, cycle: Cycle) -> None:
    [usual, *_] = [t for t in templates() if t.guardrails]
    made = {key: make_metric(acme, key) for key in (usual.key, *usual.guardrails)}
    found = draft(made[usual.key], cycle, now=moment(0)).guardrails
    assert {m.key for m in found} == set(usual.guardrails)


def test_three_levels_of_ambition_with_their_chances(acme: Workspace, cycle: Cycle) -> None:
    """By turns it rose by 10 and by 20 a week, so that 13 weeks brought 190 or 200."""
    visits = make_metric(acme, "visits")
    put(visits, WEEKS[0], [1000 + 15 * i + 5 * (i % 2) for i in range(60)], step=7)
    found = draft(visits, cycle, now=moment(0))
    assert found.baseline.value == 1870
    assert [(level.name, level.value, level.chance, level.moves) for level in found.levels] == [
        ("no_change", 2060, 1.0, 46),
        ("stretch", 2070, 0.5, 46),
        ("bold", 2070, 0.5, 46),
    ]
    assert found.target.value == 2070
    assert found.levels[1].words == (
        "23 of its 46 past moves over 13 weeks went at least so far, 50\u202f% if nothing changes."
    )


def test_a_level_needs_enough_past_moves(acme: Workspace, cycle: Cycle) -> None:
    quarter = actions.save_cycle(
        acme, key="feb", name="", starts=date(2026, 2, 2), ends=date(2026, 3, 1), by=None,
        now=moment(0),
    )  # fmt: skip
    visits = make_metric(acme, "visits")
    put(visits, WEEKS[52], [float(i * i) for i in range(12)], step=7)
    found = draft(visits, quarter, now=moment(32)).levels
    assert [level.moves for level in found] == [8, 8, 8]
    assert [level.value is None for level in found] == [False, False, True]
    assert found[2].words == "Its history is too short to compare moves over 4 weeks."


def test_a_mean_of_four_periods_is_baseline_and_reading(
    acme: Workspace, cycle: Cycle, objective: Objective
) -> None:
    visits = make_metric(acme, "visits")
    put(visits, WEEKS[0], [1000 + 10 * i for i in range(60)], step=7)
    found = draft(visits, cycle, now=moment(1), mean=True)
    assert found.baseline.value == 1565
    assert found.baseline.words == (
        "Measured: the mean of the last 4 complete weeks before the cycle opens, "
        "through 28 Dec 2025."
    )
    saved = actions.save_key_result(objective, by=None, now=moment(1), **found.fields)
    assert (saved.baseline, saved.over, saved.over_n) == (1565, "mean", 4)


@given(st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=60), st.integers(1, 6))
def test_levels_are_reached_as_often_as_they_say(values: list[float], length: int) -> None:
    past = Past.of(values, length, "week", up=True)
    assert len(past.moves) == len(values) - length
    for name, share in (("no_change", 1 / 2), ("stretch", 1 / 3), ("bold", 1 / 10)):
        gain = past.gain(name)
        assert gain is not None
        assert past.chance(gain) >= share - 1 / len(past.moves)
        assert Past.of([-v for v in values], length, "week", up=False).gain(name) == gain
    found = [past.gain(name) or 0.0 for name in NAMES]
    assert found == sorted(found)
