"""The page of one number: everything it rests on can be followed down."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.goals import actions as goals
from headway.metrics import actions
from headway.metrics.refresh import refresh
from headway.web.pages import point

Enter = Callable[[Member], Client]
HOME = "/acme/kpis"
WEEK = f"{HOME}/orders/week/2026-02-23"
VALUE = f"{HOME}/order_value/week/2026-02-23"
BACK = f"{HOME}/back/week/2026-02-16"
NAMES = [f"u{i}" for i in range(10)]


def page(client: Client, address: str, status: int = 200, **headers: str) -> str:
    found = client.get(address, headers=headers)
    assert found.status_code == status, found.content.decode()
    return found.content.decode()


def shown(html: str) -> str:
    """The words of the page, as one line."""
    main = re.sub(r"(?s).*<main", "<main", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main))


def test_a_number_says_what_it_rests_on(shop: Workspace, member: Member, enter: Enter) -> None:
    said = shown(page(enter(member), WEEK))
    assert "Orders, week of 23 Feb 2026" in said
    assert "Number of order_placed events." in said
    assert "23 Feb – 1 Mar 2026 whole days in UTC" in said
    assert "version 1 computed" in said
    assert "no event was left out" in said
    assert "State Complete" in said


def test_a_share_has_its_numerator_denominator_and_interval(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    said = shown(page(enter(member), f"{HOME}/back/week/2026-01-19"))
    assert "Numerator 10" in said
    assert "Denominator 10" in said
    assert "95 % interval 72.2 % – 100 %" in said


def test_its_events_are_counted_after_the_page(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    html = page(client, WEEK)
    assert f'hx-get="{WEEK}/events"' in html
    assert f'href="{WEEK}/events"' in html
    assert "users" not in shown(html)
    part = page(client, f"{WEEK}/events", **{"HX-Request": "true"})
    assert "<html" not in part
    assert "Counted again just now: 70, as it is kept." in shown(part)
    assert "70 10 users" in shown(part)
    assert "FROM events" in part
    assert "SQL (DuckDB), over 23 Feb – 1 Mar 2026" in part


def test_without_scripts_the_events_are_a_page(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    html = page(enter(member), f"{WEEK}/events")
    assert "<h1>Events behind Orders, week of 23 Feb 2026</h1>" in html
    assert "The 10 users of “events”, those seen last first" in shown(html)
    assert "<code>u7</code>" in html


@pytest.mark.parametrize(("role", "sees"), [("admin", True), ("member", True), ("viewer", False)])
def test_who_is_behind_it_is_not_shown_to_viewers(
    request: pytest.FixtureRequest, shop: Workspace, enter: Enter, role: str, sees: bool
) -> None:
    client = enter(request.getfixturevalue(role))
    for address in (WEEK, f"{WEEK}/events", f"{WEEK}/events?format=json", f"{VALUE}/events"):
        text = page(client, address)
        named = [name for name in NAMES if re.search(rf"\b{name}\b", text)]
        assert named == (NAMES if sees and address != WEEK else []), address
    counted = page(client, f"{WEEK}/events")
    assert "70 10 users" in shown(counted)
    assert ("Who is behind a number is shown to members and admins" in counted) is not sees


def test_a_formula_leads_to_its_inputs_and_back(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    html = page(client, VALUE)
    assert "Computed from" in html
    assert f'href="{HOME}/orders/week/2026-02-23?via=order_value"' in html
    below = page(client, f"{WEEK}?via=order_value")
    crumbs = re.findall(r'<nav class="crumbs".*?</nav>', below)[0]
    assert re.findall(r'href="([^"]*)"', crumbs) == [HOME, VALUE, f"{HOME}/orders"]
    counted = shown(page(client, f"{VALUE}/events"))
    assert counted.count("order_placed") >= 4
    assert "€24.50, as it is kept" in counted


def test_a_segment_has_its_own_page(shop: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    table = page(client, f"{HOME}/orders?grain=week&segment=plan")
    address = f"{WEEK}?segment=plan&amp;is=pro"
    assert f'href="{address}"' in table
    said = shown(page(client, address.replace("&amp;", "&")))
    assert "Orders, plan: pro, week of 23 Feb 2026" in said
    assert "Segment plan: pro" in said
    counted = shown(page(client, f"{WEEK}/events?segment=plan&is=pro"))
    assert "Counted again just now: 35, as it is kept." in counted
    assert "35 5 users" in counted


def test_every_number_of_the_board_and_of_a_kpi_leads_down(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    assert f'href="{WEEK}"' in page(client, HOME)
    kpi = page(client, f"{HOME}/orders")
    numbers = re.findall(r'<td class="num"><a class="number" href="([^"]*)"', kpi)
    assert len(numbers) == len(client.get(f"{HOME}/orders?format=json").json())
    for address in numbers:
        assert client.get(address).status_code == 200


def test_a_key_result_leads_down_to_its_number(
    shop: Workspace, admin: Member, enter: Enter
) -> None:
    now: Any = shop.clock
    client = enter(admin)
    today = shop.calendar.day_of(now)
    cycle = goals.save_cycle(
        shop, key="q1", name="Q1", starts=today - timedelta(days=40),
        ends=today + timedelta(days=40), by=admin, now=now,
    )  # fmt: skip
    from headway.accounts.actions import save_team
    from headway.goals.refresh import refresh as judge

    team = save_team(shop, "growth", "Growth", by=admin, now=now)
    objective = goals.save_objective(
        shop, title="Sell more", team=team, cycle=cycle, by=admin, now=now
    )
    metric = shop.metrics.get(key="orders")
    for key, over, n in (("now", "latest", None), ("sum", "cycle_to_date", None), ("m", "mean", 3)):
        goals.save_key_result(
            objective, key=key, metric=metric, shape="reach", baseline=1.0, target=500.0,
            over=over, over_n=n, by=admin, now=now,
        )  # fmt: skip
    judge(shop, now=now)
    path = f"/acme/objectives/{objective.key}"
    latest = page(client, f"{path}/now")
    address = f"{WEEK}?via={objective.key}%2Fnow"
    assert latest.count(f'href="{address}"') == 2
    crumbs = re.findall(r'<nav class="crumbs".*?</nav>', page(client, address))[0]
    assert f'<a href="{path}/now">Orders</a><a href="{HOME}/orders">Orders</a>' in crumbs
    assert f"{HOME}/orders?grain=day&amp;from=2026-01-21&amp;to=2026-03-01" in page(
        client, f"{path}/sum"
    )
    assert f"{HOME}/orders?grain=week&amp;from=2026-02-09&amp;to=2026-03-01" in page(
        client, f"{path}/m"
    )


def test_what_changed_since_is_said(shop: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    document = {"key": "orders", "kind": "count", "event": "refund", "level": "kpi"}
    actions.save_metric(shop, document, by=member, now=shop.clock)  # type: ignore[arg-type]
    said = shown(page(client, WEEK))
    assert "version 1" in said
    assert "version 2 will be with the worker’s next pass" in said
    assert "Counted again just now it is 0" in shown(page(client, f"{WEEK}/events"))


def test_events_that_could_not_be_used_are_said(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    document = {"key": "weight", "kind": "sum", "event": "order_placed", "property": "kilos"}
    actions.save_metric(shop, document, by=member, now=shop.clock)  # type: ignore[arg-type]
    refresh(shop, now=shop.clock)  # type: ignore[arg-type]
    said = shown(page(client, f"{HOME}/weight/week/2026-02-23"))
    assert "70 events could not be used." in said
    assert "Not used 70 events" in said
    assert "Complete; 70 events could not be used" in shown(page(client, f"{HOME}/weight"))


def test_a_typed_number_says_who_typed_it(shop: Workspace, member: Member, enter: Enter) -> None:
    day = shop.calendar.day_of(shop.clock) - timedelta(days=3)  # type: ignore[arg-type]
    mood = shop.metrics.get(key="mood")
    actions.enter_value(mood, day, 42.0, by=member, now=shop.clock)  # type: ignore[arg-type]
    refresh(shop, now=shop.clock)  # type: ignore[arg-type]
    html = page(enter(member), f"{HOME}/mood/week/2026-02-23")
    assert "27 Feb 2026 42.0 points Member" in shown(html)
    assert "hx-get" not in re.sub(r'hx-get="/acme/search"', "", html)


def test_the_data_behind_a_number(shop: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    [row] = client.get(f"{WEEK}?format=json").json()
    assert (row["key"], row["value"], row["definition_version"]) == ("orders", 70, 1)
    [found] = client.get(f"{WEEK}/events?format=json").json()
    assert found["selections"][0]["events"] == 70
    assert len(found["selections"][0]["examples"]) == 10
    assert found["queries"][0]["dialect"] == "DuckDB"
    lines = client.get(f"{VALUE}/events?format=csv").content.decode().splitlines()
    assert lines == [
        "metric,selection,start,end,events,by,subjects",
        "revenue,events,2026-02-23,2026-03-02,70,user,10",
        "orders,events,2026-02-23,2026-03-02,70,user,10",
    ]


WRONG = [
    ("orders/hour/2026-02-23", 422, "hour"),
    ("orders/week/yesterday", 422, "yesterday"),
    ("orders/week/2026-02-25", 404, "begins on 2026-02-23"),
    ("orders/week/2019-02-25", 404, "There is no number for Orders, week of 25 Feb 2019"),
    ("orders/week/2026-02-23?segment=plan&is=gold", 404, "plan: gold"),
    ("nothing/week/2026-02-23", 404, "nothing"),
    ("orders/week/2019-02-25/events", 404, "There is no number"),
]


@pytest.mark.parametrize(("path", "status", "words"), WRONG)
def test_a_wrong_address_says_what_is_wrong(
    shop: Workspace, member: Member, enter: Enter, path: str, status: int, words: str
) -> None:
    assert words in page(enter(member), f"{HOME}/{path}", status)


def test_neighbours_are_those_that_have_numbers(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    last = page(client, f"{HOME}/orders/week/2026-03-02")
    assert "The week before" in last
    assert "The week after" not in last
    first = page(client, f"{HOME}/orders/week/2026-01-19")
    assert "The week before" not in first
    assert "The week after" in first


def test_a_count_that_takes_too_long_is_given_up(
    shop: Workspace, member: Member, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(point, "PATIENCE", 0)
    client = enter(member)
    assert "70" in shown(page(client, WEEK))
    part = page(client, f"{WEEK}/events", **{"HX-Request": "true"})
    assert "This takes longer than 0 seconds." in part
    assert "Try again" in part
    assert "headway show orders --at 2026-02-23 --grain week" in part
    assert "longer than 0" in page(client, f"{WEEK}/events", 503)
    assert "longer than 0" in page(client, f"{WEEK}/events?format=json", 503)


@pytest.mark.parametrize(
    ("address", "queries"), [(WEEK, 10), (VALUE, 12), (f"{WEEK}?via=order_value", 11)]
)
def test_the_page_asks_the_database_a_fixed_number_of_times(
    shop: Workspace,
    member: Member,
    enter: Enter,
    django_assert_num_queries: Callable[..., Any],
    address: str,
    queries: int,
) -> None:
    client = enter(member)
    for number in range(6):
        document = {"key": f"more_{number}", "kind": "count", "event": "order_placed"}
        actions.save_metric(shop, document, by=member, now=shop.clock)  # type: ignore[arg-type]
    formula = " + ".join(["revenue / orders", *(f"0 * more_{number}" for number in range(6))])
    document = {"key": "order_value", "kind": "formula", "formula": formula}
    actions.save_metric(shop, document, by=member, now=shop.clock)  # type: ignore[arg-type]
    refresh(shop, now=shop.clock)  # type: ignore[arg-type]
    with django_assert_num_queries(queries):
        client.get(address)


def test_strangers_learn_nothing(shop: Workspace, member: Member, enter: Enter) -> None:
    member.delete()
    client = enter(member)
    assert client.get(WEEK).status_code == 404
    assert client.get(f"{WEEK}/events").status_code == 404
