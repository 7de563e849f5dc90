"""Coming in: by password, by invitation, by a mail when the password is forgotten."""

from __future__ import annotations

import re
import time
from email import message_from_string
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.visit import ADMIN, Headway, Watch, sign_in

NEW_PASSWORD = "a bicycle with a basket"


def test_a_wrong_password_is_refused_and_the_right_one_goes_on(
    open_as: Any, headway: Headway
) -> None:
    page = open_as().new_page()
    page.goto("/cdnow/kpis")
    page.get_by_label("Email").fill(ADMIN)
    page.get_by_label("Password").fill("not it")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    page.get_by_label("Password").fill(headway.password)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{headway.url}/cdnow/kpis")


def test_signing_out(open_as: Any, headway: Headway) -> None:
    page = open_as().new_page()
    sign_in(page, headway, ADMIN)
    page.goto("/parcel/")
    page.locator("details.switch summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/parcel/")
    expect(page).to_have_title("Sign in · Headway")


def test_an_invitation_lets_somebody_in_once(page: Page, open_as: Any, watch: Watch) -> None:
    page.goto("/parcel/settings/members")
    page.get_by_label("Email").fill("kim@parcel.example")
    page.get_by_label("Role", exact=True).select_option("member")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#link").inner_text()

    kim = open_as().new_page()
    kim.goto(link)
    expect(kim.get_by_role("heading", level=1)).to_have_text("Join Parcel")
    kim.get_by_label("Name").fill("Kim Roth")
    for field in kim.locator("input[type=password]").all():
        field.fill(NEW_PASSWORD)
    kim.get_by_role("button", name="Join").click()
    expect(kim.get_by_role("heading", level=1)).to_have_text("What needs you today")

    page.reload()
    expect(page.get_by_role("row", name="Kim Roth")).to_contain_text("kim@parcel.example")
    watch.refusals = 1
    again = open_as().new_page()
    again.goto(link)
    expect(again.get_by_role("heading", level=1)).to_have_text("This invitation does not work")


def test_a_forgotten_password_is_mailed(open_as: Any, headway: Headway) -> None:
    page = open_as().new_page()
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email").fill("grace@parcel.example")
    page.get_by_role("button", name="Send the link").click()
    page.goto(mailed_link(headway.log, "grace@parcel.example"))
    for field in page.locator("input[type=password]").all():
        field.fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set password").click()
    sign_in(open_as().new_page(), headway, "grace@parcel.example", NEW_PASSWORD)


def mailed_link(log: Path, to: str, seconds: float = 20) -> str:
    """The link of the newest mail, which the server prints when it has no mail server."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        _, _, mail = log.read_text().rpartition("Content-Type: text/plain")
        message = message_from_string("Content-Type: text/plain" + mail)
        link = re.search(r"http\S+/password/reset/key/\S+", str(message.get_payload()))
        if link and message["To"] == to:
            return link[0]
        time.sleep(0.2)
    raise AssertionError(f"No mail to {to}:\n{log.read_text()}")
