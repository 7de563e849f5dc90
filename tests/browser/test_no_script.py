"""Everything that matters works where scripts do not run."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.visit import ADMIN, Headway, sign_in


def test_the_main_job_without_scripts(open_as: Any, headway: Headway) -> None:
    page = open_as(java_script_enabled=False).new_page()
    sign_in(page, headway, ADMIN)
    page.goto("/parcel/objectives")
    page.get_by_role("link", name="Make the first parcel effortless").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Make the first parcel effortless")
    page.get_by_role("table").get_by_role("link").first.click()
    page.get_by_role("link", name="Check in").click()
    page.get_by_label("Confidence").fill("8")
    page.get_by_label("Note").fill("Written without a script.")
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_role("main")).to_contain_text("Written without a script.")


def test_choices_and_charts_without_scripts(open_as: Any) -> None:
    page = open_as(ADMIN, java_script_enabled=False).new_page()
    page.goto("/cdnow/objectives")
    page.get_by_label("Cycle", exact=True).select_option("1998-q2")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Objectives in Q2 1998")
    page.goto("/cdnow/kpis/orders?grain=quarter")
    waiting = page.get_by_role("link", name="Show the chart")
    if waiting.count():
        waiting.click()
    expect(page.locator("svg:visible").first).to_be_visible()
