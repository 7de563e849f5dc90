"""The coach speaks while one types, and does not get in the way."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.visit import ADMIN


def test_the_coach_speaks_while_one_types(page: Page) -> None:
    page.goto("/parcel/objectives/new")
    title = page.get_by_label("What do you want to be true?")
    title.press_sequentially("Launch the new app", delay=10)
    said = page.locator(".coach[aria-live=polite]")
    expect(said).to_contain_text("“Launch the new app” is work, not what it brings about.")
    expect(title).to_be_focused()
    title.fill("Shops send their parcels without a second thought")
    expect(said).to_be_empty()
    expect(title).to_be_focused()

    page.goto("/parcel/objectives/on-the-dot/key-results/new")
    page.get_by_label("KPI or metric").select_option("csat")
    page.get_by_label("Title").fill("Raise satisfaction to 95 % and cut complaints to 2 %")
    expect(page.locator(".coach")).to_contain_text("is one result")


def test_without_scripts_the_coach_speaks_after_saving(open_as: Any) -> None:
    page = open_as(ADMIN, java_script_enabled=False).new_page()
    page.goto("/parcel/objectives/new")
    page.get_by_label("What do you want to be true?").fill("Migrate to the new platform")
    page.get_by_role("button", name="Save and add key results").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New key result")
    expect(page.get_by_role("main")).to_contain_text("is work, not what it brings about")
    page.goto("/parcel/objectives/migrate-to-the-new-platform")
    finding = page.locator(".findings > li", has_text="is work")
    finding.locator("summary").click()
    finding.get_by_label("Why it is right here").fill("It is what we are for.")
    finding.get_by_role("button", name="Waive it").click()
    expect(page.locator(".coach-says")).to_contain_text("“It is what we are for.”")
    page.get_by_role("button", name="Take it up again").click()
    expect(page.locator(".findings > li", has_text="is work")).to_contain_text("Waive")
