"""Alerts on home, on their own pages, on the KPI and on the key result that depends on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.alerting.reading import stories
from headway.goals.models import KeyResult
from headway.metrics.models import Metric
from tests.alerting.conftest import (
    TODAY,
    calm,
    cycle,
    fell,
    fill,
    kpi,
    noon,
    objective,
    passes,
    save,
    team,
)

__all__ = ["cycle", "objective", "passes", "save", "team"]

Enter = Callable[[Member], Client]
Passes = Callable[[Workspace], object]
DAY = timedelta(days=1)


@pytest.fixture
def home(acme: Workspace) -> Workspace:
    """Its clock stands at noon of the day after the last complete one."""
    acme.clock = noon(TODAY)
    acme.save()
    return acme


@pytest.fixture
def orders(home: Workspace, passes: Passes) -> Metric:
    metric = kpi(home, "orders", profile={"healthy": {"at_least": 80}})
    fill(metric, fell(0.4))
    fill(kpi(home, "visits"), calm(seed=8))
    passes(home)
    return metric


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def test_home_says_what_is_wrong_once(
    orders: Metric, member: Member, enter: Enter, home: Workspace
) -> None:
    page = text_of(enter(member), "/acme/")
    assert (
        page.count("Orders: out of its healthy range") == 2
    )  # the next thing to do, and the alert
    assert "What is wrong" in page
    assert "healthy is at least 80" in page
    assert "KPIs out of range" not in page
    assert "Open the KPI" in page


def test_a_quiet_home_says_so(
    home: Workspace, member: Member, enter: Enter, passes: Passes
) -> None:
    fill(kpi(home, "visits"), calm(seed=8))
    passes(home)
    assert "What is wrong" not in text_of(enter(member), "/acme/")
    page = text_of(enter(member), "/acme/alerts")
    assert "Nothing is wrong" in page


def test_it_is_taken_on_put_off_and_found_again(
    orders: Metric, member: Member, enter: Enter, home: Workspace
) -> None:
    client, (story,) = enter(member), stories(home, TODAY)
    act = f"/acme/alerts/{story.alert.pk}/act?after=/acme/alerts"
    said = client.post(act, {"do": "acknowledge", "note": "Ada asks the depot."}, follow=True)
    assert said.redirect_chain == [("/acme/alerts", 302)]
    assert "You look after it" in said.content.decode()
    assert "Nothing is wrong" in text_of(client, "/acme/alerts")
    taken = text_of(client, "/acme/alerts?state=acknowledged")
    assert "Ada asks the depot." in taken
    assert "Member looks after it since" in taken
    client.post(act, {"do": "snooze", "days": "7"})
    assert "Told again on 8 Feb 2026." in text_of(client, "/acme/alerts?state=snoozed")
    client.post(act, {"do": "put_back"})
    assert "Orders: out" in text_of(client, "/acme/alerts")
    assert "Orders: out" in text_of(client, "/acme/alerts?kind=out+of+range")
    assert "Nothing fits this choice" in text_of(client, "/acme/alerts?kind=burning")
    found = client.get("/acme/alerts?format=json").json()
    assert [one["metrics"] for one in found] == [["orders"]]


def test_what_was_typed_wrong_is_kept(
    orders: Metric, member: Member, enter: Enter, home: Workspace
) -> None:
    client, (story,) = enter(member), stories(home, TODAY)
    path = f"/acme/alerts/{story.alert.pk}/act"
    late = {"do": "snooze", "until": "2026-01-01", "note": "After the fair."}
    answer = client.post(path, late)
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert "1 Jan 2026 is not a day to put it off to" in page
    assert "After the fair." in page
    assert 'value="2026-01-01"' in page
    assert client.post(path, {"do": "dance"}).status_code == 422
    assert client.get("/acme/alerts/999999").status_code == 404
    assert client.get("/acme/alerts?state=strange").status_code == 404


def test_a_viewer_sees_it_and_does_nothing(
    orders: Metric, viewer: Member, enter: Enter, home: Workspace
) -> None:
    client, (story,) = enter(viewer), stories(home, TODAY)
    page = text_of(client, f"/acme/alerts/{story.alert.pk}")
    assert "I look after it" not in page
    path = f"/acme/alerts/{story.alert.pk}/act"
    assert client.post(path, {"do": "acknowledge"}).status_code == 403


def test_the_kpi_shows_its_alerts_and_how_it_is_watched(
    orders: Metric, member: Member, enter: Enter, home: Workspace, passes: Passes
) -> None:
    client = enter(member)
    page = text_of(client, "/acme/kpis/orders")
    assert "Orders: out of its healthy range" in page
    assert "Alert: out of range" in page
    watched = text_of(client, "/acme/kpis/orders/watching")
    assert "How Orders is watched" in watched
    wrong = {"sensitivity": "low", "mute": ["out of range"], "target": "almost all"}
    answer = client.post("/acme/kpis/orders/watching", wrong)
    assert answer.status_code == 422
    assert "almost all" in answer.content.decode()
    right = {"sensitivity": "low", "mute": ["out of range", "unusual"], "target": "99.9 %"}
    assert client.post("/acme/kpis/orders/watching", right).status_code == 302
    orders.refresh_from_db()
    assert orders.profile["alerts"] == {
        "sensitivity": "low", "mute": ["out of range", "unusual"], "target": 0.999,
    }  # fmt: skip
    passes(home)
    page = text_of(client, "/acme/kpis/orders")
    assert "What is wrong" not in page
    assert "29 – 31 Jan 2026" in page or "30 – 31 Jan 2026" in page


def test_a_key_result_says_what_it_depends_on(
    orders: Metric, member: Member, enter: Enter, home: Workspace, passes: Passes,
    save: Callable[..., KeyResult],
) -> None:  # fmt: skip
    Metric.objects.filter(key="orders").update(profile={**orders.profile, "drives": ["visits"]})
    goal = save(metric=Metric.objects.get(key="visits"), shape="reach", target=200.0, key="more")
    passes(home)
    page = text_of(enter(member), f"/acme/objectives/{goal.objective.key}/more")
    assert "What is wrong with what it depends on" in page
    assert "Orders: out of its healthy range" in page
    page = text_of(enter(member), "/acme/alerts")
    assert "What depends on it" in page
    assert "What depends on it" in text_of(enter(member), f"/acme/alerts/{goal.alerts.get().pk}")


def test_what_is_for_the_better_is_on_the_alerts_page_alone(
    home: Workspace, member: Member, enter: Enter, passes: Passes
) -> None:
    fill(kpi(home, "orders"), fell(2.0))
    passes(home)
    assert "What is wrong" not in text_of(enter(member), "/acme/")
    page = text_of(enter(member), "/acme/alerts")
    assert "Orders: unusually high" in page
    assert "It is for the better, if it is real." in page


def test_alerts_are_found_by_the_search(
    orders: Metric, member: Member, enter: Enter, home: Workspace
) -> None:
    client, (story,) = enter(member), stories(home, TODAY)
    for text in ("orders", "out of its healthy", "unusual"):
        page = text_of(client, f"/acme/search?q={text}")
        assert f'href="/acme/alerts/{story.alert.pk}"' in page, text
        assert "alert, open" in page
    assert "alert, open" not in text_of(client, "/acme/search?q=visits")


def test_what_is_part_of_another_one_leads_there(
    orders: Metric, member: Member, enter: Enter, home: Workspace, passes: Passes
) -> None:
    client, (story,) = enter(member), stories(home, TODAY)
    since = TODAY - 2 * DAY
    Metric.objects.filter(pk=orders.pk).update(
        silences={"shop": [since.isoformat(), "No events from shop."]},
        refreshed_at=noon(TODAY) + DAY / 24,
    )
    passes(home)
    (dead,) = stories(home, TODAY)
    assert dead.title == "Nothing comes from shop"
    answer = client.get(f"/acme/alerts/{story.alert.pk}")
    assert (answer.status_code, answer["Location"]) == (302, f"/acme/alerts/{dead.alert.pk}")
    page = text_of(client, f"/acme/alerts/{dead.alert.pk}")
    assert "Part of what was found since: Nothing comes from shop" in page


def test_many_at_once_are_one_on_home(
    home: Workspace, member: Member, enter: Enter, passes: Passes
) -> None:
    for n in range(7):
        fill(kpi(home, f"metric_{n}"), fell(0.4, seed=n))
    passes(home)
    page = text_of(enter(member), "/acme/")
    assert "7 KPIs fell on 30 Jan 2026" in page
    assert "All of them read order." in page
    assert "Look at the event" in page
    assert "Never again" not in text_of(enter(member), "/acme/alerts")
