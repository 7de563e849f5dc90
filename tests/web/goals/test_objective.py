"""One objective, and taking it away and back."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from headway.accounts.models import Workspace
from headway.goals.models import KeyResult, Objective
from headway.metrics.models import Metric
from tests.goals.conftest import make_metric, put
from tests.web.goals.conftest import BEFORE, page, queries

New = Callable[..., KeyResult]
PATH = "/acme/objectives/effortless-start"


def test_a_key_result_from_baseline_over_now_to_target(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    said = page(as_member, PATH)
    row = said[said.index("<tbody>") : said.index("</tbody>")]
    assert row.index(">10<") < row.index(">59<") < row.index(">110<")
    assert 'class="sparkline"' in row
    assert "On track" in row


def test_why_guardrails_and_what_it_supports(
    acme: Workspace, new_objective: Callable[..., Objective], as_member: Client
) -> None:
    top = new_objective("Most trusted")
    healthy = {"grain": "day", "healthy": {"at_most": 5.0}}
    tickets = make_metric(acme, "tickets", profile=healthy, level="kpi")
    put(tickets, BEFORE, [9.0] * 60)
    new_objective("Effortless start", why="It is hard.", supports=[top], guardrails=[tickets])
    said = page(as_member, PATH)
    assert "It is hard." in said
    assert "Out of range" in said
    assert "/acme/objectives/most-trusted" in said
    assert "/acme/objectives/effortless-start" in page(as_member, "/acme/objectives/most-trusted")


def test_without_key_results_it_asks_for_one(objective: Objective, as_member: Client) -> None:
    said = page(as_member, PATH)
    assert "How will you know?" in said
    assert f"{PATH}/key-results/new" in said


def test_archived_it_can_be_brought_back(objective: Objective, as_member: Client) -> None:
    answer = as_member.post(f"{PATH}/archive", follow=True)
    assert "Undo, bring it back" in answer.content.decode()
    assert "Effortless start" not in page(as_member, "/acme/objectives")
    as_member.post(f"{PATH}/restore")
    assert "Effortless start" in page(as_member, "/acme/objectives")


def test_an_archived_key_result_can_be_brought_back(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    answer = as_member.post(f"{PATH}/orders/archive", follow=True)
    assert "Undo, bring it back" in answer.content.decode()
    assert "How will you know?" in page(as_member, PATH)
    as_member.post(f"{PATH}/orders/restore")
    assert "How will you know?" not in page(as_member, PATH)


def test_looking_never_archives(objective: Objective, as_member: Client) -> None:
    assert as_member.get(f"{PATH}/archive").status_code == 405


def test_a_viewer_reads_and_changes_nothing(
    objective: Objective, orders: Metric, new_key_result: New, as_viewer: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    said = page(as_viewer, PATH)
    for word in ("Check in", "Add key result", "Edit", "Archive"):
        assert word not in said.split("<main")[1].split("</main>")[0]
    assert as_viewer.post(f"{PATH}/archive").status_code == 403
    objective.refresh_from_db()
    assert objective.archived_at is None


def test_an_unknown_key_is_answered_with_words(acme: Workspace, as_member: Client) -> None:
    answer = as_member.get("/acme/objectives/nothing")
    assert answer.status_code == 404
    assert "There is no objective" in answer.content.decode()


def test_the_key_results_as_json(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    [row] = as_member.get(PATH, {"format": "json"}).json()
    assert (row["baseline"], row["value"], row["aim"]) == (10.0, 59.0, 110.0)


def test_more_key_results_take_no_more_queries(
    objective: Objective, orders: Metric, share: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    few = queries(as_member, PATH)
    for n in range(3):
        new_key_result(objective, metric=share, shape="reach", target=0.5 + n / 10)
    assert queries(as_member, PATH) == few
