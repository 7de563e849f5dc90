"""What happened, marked on a phone with a keyboard, seen in the chart, and taken back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.visit import ADMIN, settled

PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


def marks(page: Page) -> str:
    settled(page)
    return page.locator(".drawing:visible").first.get_attribute("aria-label") or ""


def test_marked_beside_the_chart_and_taken_back(open_as: OpenAs) -> None:
    page = open_as(ADMIN, **PHONE).new_page()
    page.goto("/parcel/kpis/on_time_delivery")
    assert "Couriers on strike, Incident" in marks(page)
    summary = page.get_by_text("Mark what happened")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Vans broke down")
    page.keyboard.press("Tab")
    page.keyboard.type("Inc")
    page.get_by_role("button", name="Mark it").press("Enter")
    row = page.locator(".marks li", has_text="Vans broke down")
    expect(row).to_contain_text("Incident")
    assert re.search(r"Vans broke down, Incident", marks(page))
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    row.get_by_role("link").click()
    page.get_by_label("All metrics").check()
    expect(page.get_by_label("Availability", exact=True)).to_be_hidden()
    page.get_by_label("What happened?").fill("Vans stood still")
    page.get_by_role("button", name="Save").click()
    listed = page.locator("tr", has_text="Vans stood still")
    expect(listed).to_contain_text("all metrics")
    listed.get_by_role("link").click()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("no chart shows it")).to_be_visible()
    page.goto("/parcel/kpis/on_time_delivery")
    assert "Vans" not in marks(page)
