"""Checking in, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from headway.accounts.models import Member
from headway.goals.models import CheckIn, KeyResult, Objective
from headway.metrics.models import Metric
from tests.web.goals.conftest import browser, page

New = Callable[..., KeyResult]
PATH = "/acme/objectives/effortless-start"
IN_PLACE = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def measured(objective: Objective, orders: Metric, new_key_result: New) -> KeyResult:
    return new_key_result(objective, metric=orders, shape="reach", target=110.0)


@pytest.fixture
def typed(objective: Objective, new_key_result: New) -> KeyResult:
    return new_key_result(
        objective, title="Depots", shape="manual", unit="depots", baseline_typed=2.0, target=2002.0
    )


def test_a_measured_one_shows_its_value_and_asks_for_none(
    measured: KeyResult, as_member: Client
) -> None:
    said = page(as_member, f"{PATH}/orders/check-in")
    assert ">59<" in said
    assert 'name="value"' not in said


def test_a_plain_form_saves_and_goes_to_the_key_result(
    measured: KeyResult, as_member: Client
) -> None:
    answer = as_member.post(f"{PATH}/orders/check-in", {"confidence": "7", "note": "Better."})
    assert answer.status_code == 302
    assert answer["Location"] == f"{PATH}/orders"
    made = measured.check_ins.get()
    assert (made.confidence, made.note, str(made.day)) == (7, "Better.", "2026-02-20")


def test_in_place_the_form_becomes_what_was_said(measured: KeyResult, as_member: Client) -> None:
    answer = as_member.post(f"{PATH}/orders/check-in", {"confidence": "7"}, **IN_PLACE)
    said = answer.content.decode()
    assert "confidence 7 of 10" in said
    assert "<form" not in said
    assert "<html" not in said


def test_a_typed_value_moves_the_key_result_at_once(typed: KeyResult, as_member: Client) -> None:
    data = {"value": "1,002", "confidence": "5"}
    said = as_member.post(f"{PATH}/depots/check-in", data, **IN_PLACE).content.decode()
    typed.refresh_from_db()
    assert (typed.value, typed.progress) == (1002.0, 0.5)
    assert "50.0" in said
    assert 'value="1002"' in page(as_member, f"{PATH}/depots/check-in")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"value": "many", "confidence": "5"}, "`many` is not an amount."),
        ({"value": "5", "confidence": "11"}, "less than or equal to 10"),
        ({"value": "", "confidence": "", "note": ""}, "The check-in says nothing."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    typed: KeyResult, as_member: Client, data: dict[str, str], words: str
) -> None:
    for headers in ({}, IN_PLACE):
        answer = as_member.post(f"{PATH}/depots/check-in", data, **headers)
        said = answer.content.decode()
        assert words in said
        assert all(f'value="{text}"' in said for text in data.values() if text)
    assert not CheckIn.objects.exists()


def test_a_viewer_may_not(measured: KeyResult, as_viewer: Client) -> None:
    answer = as_viewer.post(f"{PATH}/orders/check-in", {"confidence": "7"})
    assert answer.status_code == 403
    assert not CheckIn.objects.exists()


def test_all_that_are_due_on_one_page(
    measured: KeyResult, typed: KeyResult, as_member: Client
) -> None:
    said = page(as_member, "/acme/check-in")
    assert said.count('class="check-in"') == 2
    as_member.post(f"{PATH}/orders/check-in", {"confidence": "7"})
    said = page(as_member, "/acme/check-in")
    assert said.count('class="check-in"') == 1
    as_member.post(f"{PATH}/depots/check-in", {"value": "3"})
    assert "Nothing is due" in page(as_member, "/acme/check-in")


def test_all_of_an_objective_due_or_not(
    measured: KeyResult, typed: KeyResult, as_member: Client
) -> None:
    as_member.post(f"{PATH}/orders/check-in", {"confidence": "7"})
    said = page(as_member, "/acme/check-in", objective="effortless-start")
    assert said.count('class="check-in"') == 2


def test_without_script_all_rows_are_one_form_and_a_mistake_loses_nothing(
    measured: KeyResult, typed: KeyResult, as_member: Client
) -> None:
    data = {
        f"{measured.pk}-confidence": "7",
        f"{measured.pk}-note": "Better.",
        f"{typed.pk}-value": "many",
        f"{typed.pk}-confidence": "4",
        f"{typed.pk}-note": "Counted twice.",
    }
    answer = as_member.post("/acme/check-in", data)
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "`many` is not an amount." in said
    assert all(f'value="{text}"' in said for text in ("many", "4", "Counted twice."))
    assert [c.key_result for c in CheckIn.objects.all()] == [measured]
    answer = as_member.post("/acme/check-in", {**data, f"{typed.pk}-value": "1,002"}, follow=True)
    said = answer.content.decode()
    assert "The check-in is saved." in said
    assert "Nothing is due" in said
    assert "Already checked in this week" in said
    assert "confidence 4 of 10 · “Counted twice.”" in said
    assert CheckIn.objects.count() == 2


def test_a_row_of_the_list_is_saved_in_place_and_the_delegate_sees_it(
    measured: KeyResult, typed: KeyResult, as_member: Client, admin: Member
) -> None:
    data = {f"{measured.pk}-note": "", f"{measured.pk}-confidence": "11"}
    said = as_member.post(f"{PATH}/orders/check-in", data, **IN_PLACE).content.decode()
    assert f'name="{measured.pk}-confidence" value="11"' in said
    assert "less than or equal to 10" in said
    data[f"{measured.pk}-confidence"] = "9"
    said = as_member.post(f"{PATH}/orders/check-in", data, **IN_PLACE).content.decode()
    assert "confidence 9 of 10" in said
    typed.delegate = admin
    typed.save()
    assert "Depots" in page(browser(admin), "/acme/check-in")
