"""Goals move in by keyboard, on a phone, and where scripts do not run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.test_pages import PHONE, look_at
from tests.browser.visit import ADMIN

GOALS = (
    "Ziel;Key Result;Team;Cycle;Owner;From;To;Due\n"
    "Parcels are never lost;Lost parcels in a week;Delivery;Q4 2026;zed@x.example;90;10;3/4/2026\n"
)


def test_a_table_moves_in_without_scripts(open_as: Any, tmp_path: Path) -> None:
    page: Page = open_as(ADMIN, java_script_enabled=False).new_page()
    file = tmp_path / "goals.csv"
    file.write_text(GOALS)
    page.goto("/parcel/move-in")
    page.get_by_label("Files").set_input_files(file)
    page.get_by_role("button", name="Look at them").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("1 problem to mend first")
    look_at(open_as(ADMIN).new_page(), page.url)
    page.get_by_label("Ziel").select_option("Objective")
    page.get_by_label("Due").select_option("– left out –")
    page.get_by_role("button", name="Read again like this").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Lost parcels in a week from 90 to 10")
    page.set_viewport_size(PHONE)
    look_at(open_as(ADMIN).new_page(), page.url)
    page.get_by_role("button", name="Move in", exact=True).press("Enter")
    expect(page.get_by_role("main")).to_contain_text("1 objective, 1 key result")
    expect(page.get_by_role("link", name="Parcels are never lost")).to_be_visible()
