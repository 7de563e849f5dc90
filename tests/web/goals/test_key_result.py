"""One key result: where it stands, and what that rests on."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from headway.goals import actions
from headway.goals.models import KeyResult, Objective
from headway.metrics.models import Definition, Metric
from tests.goals.conftest import moment
from tests.web.goals.conftest import days_ago, page

New = Callable[..., KeyResult]
PATH = "/acme/objectives/effortless-start"


def test_the_sentence_is_the_title_of_the_chart(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    found = new_key_result(objective, metric=orders, shape="reach", target=1000.0)
    said = page(as_member, f"{PATH}/orders")
    assert found.reason.rstrip(".") in said
    assert "not complete yet" in said
    assert f"{PATH}/orders/chart" in said


def test_the_chart_has_the_target_the_baseline_and_the_line(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    drawn = page(as_member, f"{PATH}/orders/chart")
    assert "<svg" in drawn
    assert "target 110" in drawn
    assert "baseline 10" in drawn
    assert "<svg" in page(as_member, f"{PATH}/orders")


def test_the_numbers_behind_the_chart(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    rows = as_member.get(f"{PATH}/orders", {"format": "json"}).json()
    assert rows[-1] == {
        "start": "2026-02-20",
        "through": "2026-02-20",
        "value": 3.0,
        "complete": False,
        "reason": "",
    }
    assert rows[-2]["value"] == 59.0
    assert "Incomplete" in page(as_member, f"{PATH}/orders")


def test_a_sum_since_the_cycle_opened_is_shown_as_a_sum(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=5e3, over="cycle_to_date")
    rows = as_member.get(f"{PATH}/orders", {"format": "json"}).json()
    assert [r["value"] for r in rows[:3]] == [0.0, 10.0, 21.0]
    assert "The sum since the cycle opened" in page(as_member, f"{PATH}/orders")


def test_the_definition_in_words_and_its_drift(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    said = page(as_member, f"{PATH}/orders")
    assert orders.definition.words().split("`")[0] in said
    assert "version 1 then" not in said
    orders.version = 2
    orders.save()
    body = {"kind": "count", "event": "sale"}
    Definition.objects.create(metric=orders, version=2, body=body, at=moment(40))
    assert "version 1 then, version 2 now" in page(as_member, f"{PATH}/orders")


def test_a_measure_that_is_kept_says_whether_it_holds(
    objective: Objective, share: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=share, shape="keep", at_least=0.35)
    said = page(as_member, f"{PATH}/share").replace("\u202f", " ")
    assert "<dt>Keep</dt><dd>at least" in said
    assert "35 %" in said
    assert "Holds now" in said


def test_a_relative_one_says_its_change_and_its_target(
    objective: Objective, share: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(
        objective, metric=share, shape="relative", change=0.05, change_in="points", title="More"
    )
    said = page(as_member, f"{PATH}/more").replace("\u202f", " ")
    assert "+5 points" in said
    assert "45 %" in said


def test_check_ins_and_changes_are_listed(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    found = new_key_result(objective, metric=orders, shape="reach", target=110.0)
    actions.check_in(
        found, confidence=6, note="New page <b>", day=days_ago(3), by=None, now=moment(50)
    )
    said = page(as_member, f"{PATH}/orders")
    assert said.count("New page &lt;b&gt;") == 2
    assert "Created" in said


def test_an_unknown_one_says_why(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    orders.problem = "The source `shop` is gone."
    orders.save()
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    said = page(as_member, f"{PATH}/orders")
    assert "Unknown" in said
    assert "The source `shop` is gone." in said
