"""Viewers read. They are shown no way to write, and are refused when they try one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.visit import MEMBER, VIEWER, Watch

READ = ["/parcel/", "/parcel/objectives", "/parcel/objectives/on-the-dot", "/parcel/kpis/csat"]
WRITE = [
    "/parcel/objectives/new",
    "/parcel/kpis/new/count",
    "/parcel/kpis/csat/promote",
    "/parcel/sources/import",
    "/parcel/check-in",
]
WORDS = ("New", "Edit", "Check in", "Add key result", "Promote", "Archive", "Import")


def test_a_viewer_is_shown_nothing_to_write_with(open_as: Any) -> None:
    page = open_as(VIEWER).new_page()
    for path in READ:
        page.goto(path)
        expect(page.get_by_role("main")).to_be_visible()
        offered = page.get_by_role("main").locator("a.button, button").all_inner_texts()
        assert [text for text in offered if text.strip().startswith(WORDS)] == [], path
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile(READ[-1]))
    page.goto("/parcel/kpis/new/packs/marketplace")
    expect(page.get_by_role("main").locator("[href*='/import']")).to_have_count(0)


@pytest.mark.parametrize("path", WRITE)
def test_a_viewer_who_knows_the_address_is_refused(open_as: Any, watch: Watch, path: str) -> None:
    page = open_as(VIEWER).new_page()
    watch.refusals = 1
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("heading", level=1)).to_have_text("You may not do this")


def test_a_member_writes_but_does_not_administer(open_as: Any) -> None:
    page = open_as(MEMBER).new_page()
    page.goto("/parcel/objectives")
    expect(page.get_by_role("link", name="New objective")).to_be_visible()
    page.goto("/parcel/settings/members")
    expect(page.get_by_role("button", name="Make a link")).to_have_count(0)


def test_other_workspaces_are_closed(open_as: Any, watch: Watch) -> None:
    page = open_as(MEMBER).new_page()
    watch.refusals = 1
    answer = page.goto("/cdnow/kpis")
    assert answer is not None
    assert answer.status == 404
