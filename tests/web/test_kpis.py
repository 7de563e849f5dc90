from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from headway.accounts.actions import save_team
from headway.accounts.models import Member, Workspace
from headway.charts.render import warm
from headway.metrics import actions
from headway.metrics.models import Metric
from headway.metrics.refresh import refresh
from headway.outlook.picture import usual_pictures

Enter = Callable[[Member], Client]


def test_the_board_shows_value_period_change_and_health(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    page = enter(member).get("/acme/kpis").content.decode()
    assert "Capture · monetization" in page
    assert "week of 23 Feb 2026" in page
    assert "no change" in page
    assert "Out of range" in page
    assert "at least 100" in page
    assert 'class="sparkline"' in page
    assert "Order value" not in page


def test_metrics_that_are_not_kpis_have_their_own_tab(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    page = enter(member).get("/acme/kpis?level=metric").content.decode()
    assert "Order value" in page
    assert "Coming back" not in page


def test_the_board_can_be_narrowed_to_what_is_out_of_range(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    page = enter(member).get("/acme/kpis?health=out+of+range").content.decode()
    assert "/acme/kpis/orders" in page
    assert "/acme/kpis/revenue" not in page


def test_the_board_asks_the_database_as_often_for_many_kpis_as_for_few(
    shop: Workspace,
    member: Member,
    enter: Enter,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    client = enter(member)
    for number in range(12):
        document = {"key": f"more_{number}", "kind": "count", "event": "x", "level": "kpi"}
        actions.save_metric(shop, document, by=member, now=shop.clock)  # type: ignore[arg-type]
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        client.get("/acme/kpis")


def test_the_board_is_data_too(shop: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    rows = {row["key"]: row for row in client.get("/acme/kpis?format=json").json()}
    assert rows["orders"]["value"] == 70
    assert rows["orders"]["health"] == "out of range"
    assert rows["revenue"]["value"] == pytest.approx(7 * 245)
    lines = client.get("/acme/kpis?format=csv").content.decode().splitlines()
    assert lines[0].startswith("key,name,family")
    assert len(lines) == 5
    assert client.get("/acme/kpis?format=xml").status_code == 422


def test_an_empty_board_teaches(acme: Workspace, member: Member, enter: Enter) -> None:
    page = enter(member).get("/acme/kpis").content.decode()
    assert "No KPIs yet" in page
    assert "/acme/kpis/new" in page


def test_a_viewer_sees_the_board_without_ways_to_write(
    shop: Workspace, viewer: Member, enter: Enter
) -> None:
    client = enter(viewer)
    assert "New metric" not in client.get("/acme/kpis").content.decode()
    assert client.get("/acme/kpis/new/count").status_code == 403


def test_strangers_learn_nothing(shop: Workspace, client: Client) -> None:
    response = client.get("/acme/kpis")
    assert response.status_code == 302
    assert "/accounts/login/" in response["Location"]


def test_members_of_other_workspaces_find_nothing(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    member.delete()
    assert client.get("/acme/kpis").status_code == 404


def test_a_kpi_says_what_it_is_and_how_far_it_can_be_trusted(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    page = enter(member).get("/acme/kpis/revenue").content.decode()
    assert "Sum of <code>amount</code>" in page
    assert "€1\u202f715.00" in page
    assert "1 Mar 2026" in page
    assert "Higher is better" in page
    assert "is computed from it" in page
    assert "kind: sum" in page
    assert "incomplete" in page


def test_a_kpi_can_be_read_by_grain_range_and_segment(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    address = "/acme/kpis/orders?grain=day&segment=plan&from=2026-02-02&to=2026-02-03&format=json"
    rows = client.get(address).json()
    assert [(r["start"], r["segment"], r["value"]) for r in rows] == [
        ("2026-02-02", "free", 5),
        ("2026-02-03", "free", 5),
        ("2026-02-02", "pro", 5),
        ("2026-02-03", "pro", 5),
    ]


@pytest.mark.parametrize(
    ("query", "status"),
    [("grain=hour", 422), ("from=yesterday", 422), ("segment=country", 404)],
)
def test_an_impossible_question_is_answered_with_the_reason(
    shop: Workspace, member: Member, enter: Enter, query: str, status: int
) -> None:
    response = enter(member).get(f"/acme/kpis/orders?{query}")
    assert response.status_code == status
    assert query.split("=")[1] in response.content.decode()


def test_the_chart_comes_after_the_numbers_and_stays(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    assert '<svg class="drawing"' not in client.get("/acme/kpis/orders").content.decode()
    chart = client.get("/acme/kpis/orders/chart").content.decode()
    assert chart.count('<svg class="drawing"') == 2
    assert "week of 23 Feb 2026: 70" in chart
    assert '<svg class="drawing"' in client.get("/acme/kpis/orders").content.decode()


def test_charts_that_were_drawn_before_stand_in_the_page(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    today = shop.calendar.day_of(shop.clock)  # type: ignore[arg-type]
    assert warm(usual_pictures(shop, today), settings.DATA / "charts") == 8
    assert '<svg class="drawing"' in enter(member).get("/acme/kpis/orders").content.decode()


def test_cohorts_stand_beside_the_chart(shop: Workspace, member: Member, enter: Enter) -> None:
    page = enter(member).get("/acme/kpis/back").content.decode()
    assert "Who came back, by cohort" in page
    assert 'class="cohorts"' in page


def test_a_kpi_page_keeps_the_chosen_team_in_its_links(
    shop: Workspace, member: Member, admin: Member, enter: Enter
) -> None:
    save_team(shop, "growth", "Growth", by=admin, now=shop.clock)  # type: ignore[arg-type]
    page = enter(member).get("/acme/kpis/orders?team=growth").content.decode()
    assert "/acme/objectives?team=growth" in page
    assert enter(member).get("/acme/kpis?team=nobody").status_code == 404


def test_a_value_is_typed_for_a_manual_metric_only(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    typed = client.post("/acme/kpis/mood/enter", {"day": "2026-02-24", "value": "42"})
    assert typed.status_code == 302
    assert Metric.objects.get(key="mood").entries.get().value == 42
    refused = client.post("/acme/kpis/orders/enter", {"day": "2026-02-24", "value": "42"})
    assert "cannot be typed" in refused.content.decode()
    late = client.post("/acme/kpis/mood/enter", {"day": "2027-01-01", "value": "42"})
    assert late.status_code == 422
    assert "has not come yet" in late.content.decode()


def test_a_metric_that_is_used_is_not_archived(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    refused = client.post("/acme/kpis/revenue/archive")
    assert refused.status_code == 409
    assert "order_value" in refused.content.decode()
    assert client.post("/acme/kpis/back/archive").status_code == 302
    assert "/acme/kpis/back" not in client.get("/acme/kpis").content.decode()
    client.post("/acme/kpis/back/archive", {"do": "restore"})
    assert Metric.objects.get(key="back").archived_at is None


@pytest.fixture
def silent(shop: Workspace, member: Member) -> Workspace:
    """Five weeks after the last event."""
    shop.clock += timedelta(days=35)  # type: ignore[operator]
    shop.save()
    refresh(shop, now=shop.clock)  # type: ignore[arg-type]
    return shop


SILENT = "No events from any source since 2 Mar 2026."


def test_unknown_is_never_shown_as_zero(silent: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    tile = re.findall(r'(?s)<article class="tile">.*?</article>', page_of(client, "/acme/kpis"))[0]
    assert '<span class="value unknown">unknown</span>' in tile
    assert SILENT in tile
    assert ">0<" not in tile
    kpi = page_of(client, "/acme/kpis/orders?from=2026-02-16")
    newest = re.findall(r"(?s)<tr[^>]*>\s*<th scope=\"row\">week of 23 Mar.*?</tr>", kpi)[0]
    assert "unknown" in newest
    assert re.findall(r'<td class="num">([^<]*)</td>', newest) == ["–"]
    assert "Unknown from week of 2 Mar 2026: No events" in kpi
    assert ">0<" not in newest


def test_unknown_is_no_zero_in_the_data_either(
    silent: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    rows = client.get("/acme/kpis/orders?from=2026-02-16&format=json").json()
    assert [r["value"] for r in rows][:2] == [70, 70]
    assert {r["value"] for r in rows[3:]} == {None}
    assert {r["reason"] for r in rows[3:]} == {SILENT}
    text = client.get("/acme/kpis/orders?from=2026-02-16&format=csv").content.decode()
    last = list(csv.DictReader(text.splitlines()))[-1]
    assert (last["value"], last["numerator"], last["low"]) == ("", "", "")
    board = {r["key"]: r for r in client.get("/acme/kpis?format=json").json()}
    assert board["orders"]["value"] is None
    assert board["orders"]["reason"] == SILENT


def test_unknown_is_a_gap_in_the_line_and_the_chart(
    silent: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    chart = client.get("/acme/kpis/orders/chart?from=2026-02-02").content.decode()
    assert "week of 23 Feb 2026: 70" in chart
    assert "23 Mar 2026" not in re.sub(r"<desc>.*?</desc>|aria-label=\"[^\"]*\"", "", chart)
    number = page_of(client, "/acme/kpis/orders/week/2026-03-23")
    assert "unknown" in number
    assert SILENT in number


def test_intervals_are_in_the_chart_and_in_the_data(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    row = client.get("/acme/kpis/back?format=json").json()[0]
    assert row["low"] == pytest.approx(0.7225, abs=1e-4)
    assert row["high"] == pytest.approx(1.0)
    chart = client.get("/acme/kpis/back/chart").content.decode()
    assert "95 % from 72.2\u202f% to 100\u202f%" in chart
    board = {r["key"]: r for r in client.get("/acme/kpis?format=json").json()}
    assert {"low", "high", "n"} <= board["back"].keys()


def page_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()
