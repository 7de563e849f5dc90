"""Drafts of key results, from KPIs with a history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.accounts.models import Workspace
from headway.goals import actions
from headway.goals.models import Cycle, Objective
from headway.goals.promote import draft, gain_one_in_three
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


@given(st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=60), st.integers(1, 6))
def test_one_move_in_three_reached_the_suggestion(values: list[float], length: int) -> None:
    found = gain_one_in_three(values, length, up=True)
    assert found is not None
    gain, moves = found
    reached = sum(b - a >= gain for a, b in zip(values, values[length:], strict=False))
    assert moves == len(values) - length
    assert moves / 3 - 1 <= reached
    assert gain_one_in_three([-v for v in values], length, up=False) == found
