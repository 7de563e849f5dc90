"""Links by which people without an account read one page, and nothing beyond it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from headway.accounts.models import Link, Member
from headway.goals import actions
from headway.goals.models import KeyResult, Objective
from headway.goals.talk import discussion
from headway.metrics.models import Metric
from tests.goals.conftest import moment
from tests.web.goals.conftest import page

NewObjective = Callable[..., Objective]
MAKE = "/acme/share?of=objectives/effortless-start"


@pytest.fixture(autouse=True)
def no_guesses() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def full(
    objective: Objective,
    new_objective: NewObjective,
    new_key_result: Callable[..., KeyResult],
    orders: Metric,
    share: Metric,
    member: Member,
) -> Objective:
    """An objective with everything that its page shows to members."""
    above = new_objective("Secret plan above")
    below = new_objective("Secret plan below", supports=[objective])
    assert below.supports.get() == objective
    actions.save_objective(
        objective.workspace, key=objective.key, supports=[above], guardrails=[share], by=None,
        why="Write to member@acme.example.", now=moment(3),
    )  # fmt: skip
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    member.person.name = ""
    member.person.save()
    discussion.say(objective, "Between us: it looks bad.", by=member, now=moment(4))
    return objective


def make(client: Client, path: str = MAKE, days: int = 30) -> str:
    said = client.post(path, {"days": str(days)}).content.decode()
    found = re.search(r'id="link">([^<]+)<', said)
    assert found, said
    return found[1].removeprefix("http://127.0.0.1:8000")


class Leads(HTMLParser):
    """Whatever on a page leads somewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = ("href", "src", "action", "hx-get", "hx-post", "formaction", "xlink:href")
        self.found += [value or "" for name, value in attrs if name in names]


def test_a_shared_objective_says_itself_and_nothing_else(
    full: Objective, as_member: Client, acme: object
) -> None:
    before = page(as_member, MAKE)
    assert before.count("<h1") == 1
    assert "Secret plan" not in before
    path = make(as_member)
    answer = Client().get(path)
    said = answer.content.decode()
    assert answer.status_code == 200
    for shown in ("Effortless start", "Orders", "59", "Key results", "Guardrails"):
        assert shown in said
    for hidden in ("Secret plan", "Between us", "acme.example", "Recent changes", "/acme/"):
        assert hidden not in said, hidden
    assert "Write to a member." in said
    leads = Leads()
    leads.feed(said)
    assert leads.found
    assert all(lead.startswith(("#", "/static/")) for lead in leads.found), leads.found
    assert "<form" not in said
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Cache-Control"] == "private, no-store"
    assert page(Client(), f"{path}?team=growth&cycle=all&format=json").count("<h1>") == 1
    assert page(as_member, path).count("/acme/") == 0


def test_a_link_opens_no_other_address(full: Objective, as_member: Client) -> None:
    path = make(as_member)
    visitor = Client()
    visitor.get(path)
    for other in ("/acme/", "/acme/objectives", "/acme/objectives/effortless-start", "/acme/kpis"):
        assert visitor.get(other).status_code == 302
    for other in (f"{path}orders", f"{path}../", f"{path[:-2]}/", "/shared/x/"):
        assert visitor.get(other).status_code == 404, other
    assert visitor.post(path).status_code == 405
    token = path.split("/")[2]
    api = visitor.get("/api/workspaces/acme", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert api.status_code == 401


def test_links_are_listed_expire_and_can_be_withdrawn(
    full: Objective, as_member: Client, as_viewer: Client, admin: Member, client: Client
) -> None:
    first, second = make(as_member), make(as_member, days=1)
    secret = first.split("/")[2]
    assert not Link.objects.filter(digest=secret).exists()
    assert ">never<" in page(as_member, "/acme/settings/links")
    assert page(Client(), first)
    listed = page(as_viewer, "/acme/settings/links")
    assert listed.count("Effortless start") == 2
    assert "Withdraw the link" not in listed.replace('<span class="visually-hidden">', "")
    link = Link.objects.order_by("pk").first()
    assert link is not None
    assert link.opened_at is not None
    assert timezone.now() - link.opened_at < timedelta(minutes=1)
    assert as_viewer.post("/acme/settings/links", {"id": link.pk}).status_code == 403
    client.force_login(admin.person)
    assert client.post("/acme/settings/links", {"id": link.pk}).status_code == 302
    assert Client().get(first).status_code == 404
    Link.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(second).status_code == 404
    assert "No page is shared" in page(as_member, "/acme/settings/links")


@pytest.mark.parametrize("board", ["boards", "boards/funnel", "boards/value-map"])
def test_boards_can_be_shared(full: Objective, as_member: Client, board: str) -> None:
    path = make(as_member, f"/acme/share?of={board}")
    leads = Leads()
    leads.feed(page(Client(), path))
    assert all(lead.startswith(("#", "/static/")) for lead in leads.found), leads.found


def test_what_cannot_be_shared_is_refused(
    full: Objective, as_member: Client, as_viewer: Client
) -> None:
    assert as_member.get("/acme/share?of=settings/members").status_code == 422
    assert as_member.get("/acme/share?of=nowhere/at/all").status_code == 404
    assert as_member.get("/acme/share?of=objectives/none").status_code == 404
    assert as_viewer.get(MAKE).status_code == 403
    answer = as_member.post(MAKE, {"days": "9999"})
    assert answer.status_code == 422
    assert 'value="9999"' in answer.content.decode()


def test_who_guesses_has_to_wait(full: Objective, as_member: Client) -> None:
    path = make(as_member)
    stranger = {"REMOTE_ADDR": "203.0.113.9"}
    tried = [Client(**stranger).get(f"/shared/{n}/").status_code for n in range(21)]  # type: ignore[arg-type]
    assert tried == [404] * 20 + [429]
    assert Client(**stranger).get(path).status_code == 429  # type: ignore[arg-type]
    assert Client(REMOTE_ADDR="203.0.113.10").get(path).status_code == 200


def test_a_review_can_be_shared_and_brings_its_charts(full: Objective, as_member: Client) -> None:
    assert "of=reviews" in page(as_member, "/acme/reviews/2026-q1/growth")
    said = page(Client(), make(as_member, "/acme/share?of=reviews/2026-q1/growth"))
    leads = Leads()
    leads.feed(said)
    assert all(lead.startswith(("#", "/static/")) for lead in leads.found), leads.found
    assert "being drawn" not in said
    assert 'class="wide"><svg' in said
