"""What holds for the main pages as they are sent: sound HTML, and few questions to the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client

from headway.accounts.actions import save_team
from headway.accounts.models import Member, Team, Workspace
from headway.goals.models import KeyResult, Objective
from headway.ingest.actions import save_source
from headway.metrics.models import Metric
from tests.goals.conftest import moment
from tests.web.goals.conftest import browser, page, queries

VOID = frozenset(("br", "hr", "img", "input", "link", "meta"))
PAGES = (
    "/acme/",
    "/acme/objectives",
    "/acme/objectives/new",
    "/acme/objectives/effortless-start",
    "/acme/objectives/effortless-start/edit",
    "/acme/objectives/effortless-start/orders",
    "/acme/objectives/effortless-start/orders/check-in",
    "/acme/objectives/effortless-start/orders/edit",
    "/acme/check-in",
    "/acme/settings/cycles",
    "/acme/kpis",
    "/acme/kpis/orders/day/2026-02-10",
    "/acme/kpis/new",
    "/acme/kpis/new/count",
    "/acme/kpis/orders/promote",
    "/acme/search?q=orders",
    "/acme/sources",
    "/acme/sources/import",
    "/acme/settings",
    "/acme/settings/members",
    "/acme/settings/teams",
    "/acme/settings/tokens",
    "/acme/settings/cycles/new",
)


class Markup(HTMLParser):
    """Counts ids, and notes labels of nothing and ends without a beginning."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.named: list[str] = []
        self.open: list[str] = []
        self.strays: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids.update(filter(None, [found.get("id")]))
        self.named += [
            name
            for key in ("for", "aria-labelledby", "aria-describedby")
            for name in found.get(key, "").split()
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.strays.append(tag)


@pytest.fixture
def as_admin(admin: Member) -> Client:
    return browser(admin)


@pytest.fixture
def key_result(
    objective: Objective, orders: Metric, new_key_result: Callable[..., KeyResult], admin: Member
) -> KeyResult:
    return new_key_result(
        objective, key="orders", metric=orders, shape="reach", target=110.0, owner=admin
    )


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound_html(key_result: KeyResult, as_admin: Client, path: str) -> None:
    found = Markup(page(as_admin, path))
    assert [name for name, count in found.ids.items() if count > 1] == []
    assert set(found.named) <= set(found.ids)
    assert found.strays == []
    assert found.open == []


@pytest.mark.parametrize("path", ["/acme/sources", "/acme/settings", "/acme/settings/teams"])
def test_a_page_asks_as_often_for_many_rows_as_for_few(
    acme: Workspace, team: Team, as_admin: Client, path: str
) -> None:
    add_rows(acme, "first")
    few = queries(as_admin, path)
    for number in range(6):
        add_rows(acme, f"more-{number}")
    assert queries(as_admin, path) == few


def add_rows(workspace: Workspace, key: str) -> None:
    save_source(workspace, key, name=key, by=None, now=moment(0))
    save_team(workspace, key, name=key, by=None, now=moment(0))
