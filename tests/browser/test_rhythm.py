"""The weekly rhythm in a browser: ten check-ins by keyboard, comments, a page that is shared."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.visit import ADMIN, current_cycle

TEN = 10
SECONDS = 60
"""Half of the two minutes that a person has; the other half is for thinking."""

MAKE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "headway.config.settings"
import django
django.setup()
from django.utils import timezone
from headway.accounts.models import Member, Workspace
from headway.goals import actions
parcel, now = Workspace.objects.get(key="parcel"), timezone.now()
owner = Member.objects.get(workspace=parcel, person__email=sys.argv[1])
cycle, team = parcel.cycles.get(key=sys.argv[2]), parcel.teams.get(key="onboarding")
goal = actions.save_objective(
    parcel, key="ten-at-once", title="What one person looks after", team=team, cycle=cycle,
    owner=owner, by=None, now=now,
)
for n in range(int(sys.argv[3])):
    actions.save_key_result(
        goal, title=f"Row {n}", shape="manual", unit="things", baseline_typed=0.0, target=10.0,
        owner=owner, by=None, now=now,
    )
"""


@pytest.fixture
def ten(page: Page, environment: dict[str, str]) -> str:
    """Ten key results of the admin, whose check-ins are due; the key of their objective."""
    said = [sys.executable, "-c", MAKE, ADMIN, current_cycle(page), str(TEN)]
    subprocess.run(said, env=environment, check=True, timeout=60)
    return "ten-at-once"


def test_ten_check_ins_by_keyboard_and_the_comments_below(page: Page, ten: str) -> None:
    page.goto(f"/parcel/check-in?objective={ten}")
    expect(page.locator(".check-in")).to_have_count(TEN)
    start = time.monotonic()
    page.locator(".check-in input").first.focus()
    for n in range(TEN):
        page.keyboard.type(str(n))
        page.keyboard.press("Tab")
        page.keyboard.type("11" if n == 4 else "7")
        page.keyboard.press("Tab")
        page.keyboard.type(f"Note {n}")
        page.keyboard.press("Enter")
        if n == 4:
            expect(page.locator(".has-error")).to_have_count(1)
            expect(page.locator(".has-error input")).to_be_focused()
            page.keyboard.press("Control+A")
            page.keyboard.type("8")
            page.keyboard.press("Enter")
        expect(page.locator(".check-in-done")).to_have_count(n + 1)
    taken = time.monotonic() - start
    sys.stdout.write(f"{TEN} check-ins by keyboard: {taken:.1f} s\n")
    assert taken < SECONDS
    expect(page.locator(".notice-success").nth(4)).to_contain_text("confidence 8 of 10")
    page.goto(f"/parcel/objectives/{ten}")
    page.get_by_label("Say something").fill("Ten at once, @vera@parcel.example.")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator(".comments")).to_contain_text("Ten at once, @")
    expect(page.locator(".comments .mention")).to_have_count(1)


def test_a_shared_page_is_read_without_an_account(page: Page, open_as: OpenAs) -> None:
    page.goto("/parcel/objectives/on-the-dot")
    page.get_by_role("link", name="Share", exact=True).click()
    page.get_by_role("button", name="Make a link").click()
    address = page.locator("#link").inner_text()
    visitor = open_as(viewport={"width": 390, "height": 800}).new_page()
    visitor.goto(re.sub(r"^https?://[^/]+", "", address))
    expect(visitor.locator("h1")).to_be_visible()
    expect(visitor.locator("main a, main form, main button")).to_have_count(0)
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not visitor.evaluate(wide)
    page.goto("/parcel/settings/links")
    page.get_by_role("button", name="Withdraw").first.click()
    expect(page.locator(".notice-success")).to_contain_text("opens nothing any more")
