"""What a visitor of the demo knows: its accounts, its pages, and what must not happen on them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Request, expect

ADMIN = "demo@headway.example"
MEMBER = "tomas@parcel.example"
VIEWER = "vera@parcel.example"

PAGES = {
    "workspaces": "/",
    "home": "/parcel/",
    "search": "/parcel/search?q=parcel",
    "check_in": "/parcel/check-in",
    "objectives": "/parcel/objectives",
    "objective_new": "/parcel/objectives/new",
    "objective": "/parcel/objectives/on-the-dot",
    "objective_edit": "/parcel/objectives/on-the-dot/edit",
    "key_result_new": "/parcel/objectives/on-the-dot/key-results/new",
    "key_result": "/parcel/objectives/on-the-dot/fewer-tickets",
    "key_result_check_in": "/parcel/objectives/on-the-dot/fewer-tickets/check-in",
    "key_result_edit": "/parcel/objectives/on-the-dot/fewer-tickets/edit",
    "key_result_break_down": "/parcel/objectives/on-the-dot/fewer-tickets/break-down",
    "shares": "/parcel/objectives/on-the-dot/shares",
    "coach": "/parcel/coach",
    "settings_coach": "/parcel/settings/coach",
    "alignment": "/parcel/alignment",
    "board_journey": "/parcel/boards",
    "board_journey_edit": "/parcel/boards/journey",
    "board_funnel": "/parcel/boards/funnel",
    "board_values": "/parcel/boards/value-map",
    "kpis": "/parcel/kpis",
    "kpi_new": "/parcel/kpis/new",
    "packs": "/parcel/kpis/new/packs",
    "pack": "/parcel/kpis/new/packs/marketplace",
    "kpi_new_form": "/parcel/kpis/new/weekly_active_users",
    "kpi": "/parcel/kpis/on_time_delivery",
    "drivers": "/parcel/kpis/net_revenue_retention/drivers",
    "lifetime": "/cdnow/kpis/revenue/lifetime",
    "kpi_edit": "/parcel/kpis/on_time_delivery/edit",
    "kpi_enter": "/parcel/kpis/courier_contracts/enter",
    "kpi_promote": "/parcel/kpis/tickets_open/promote",
    "point": "/cdnow/kpis/average_order_value/month/1998-05-01",
    "point_events": "/cdnow/kpis/average_order_value/month/1998-05-01/events",
    "outcomes": "/parcel/outcomes",
    "launches": "/parcel/outcomes/launches",
    "output_new": "/parcel/outcomes/new",
    "output": "/parcel/outcomes/guided-setup",
    "output_edit": "/parcel/outcomes/guided-setup/edit",
    "experiment_edit": "/parcel/outcomes/prices-up-front/experiment",
    "annotations": "/parcel/annotations",
    "annotation_new": "/parcel/annotations/new",
    "annotation": "/parcel/annotations/database-outage",
    "annotation_table": "/parcel/annotations/import",
    "reviews": "/cdnow/reviews",
    "review": "/cdnow/reviews/1998-q2/merchandising",
    "close": "/cdnow/reviews/1998-q2/loyalty/close",
    "close_step": "/cdnow/reviews/1998-q2/loyalty/close/welcome-back",
    "next_cycle": "/cdnow/reviews/1998-q2/merchandising/next",
    "sources": "/parcel/sources",
    "source_import": "/parcel/sources/import",
    "source": "/parcel/sources/product",
    "source_new": "/parcel/sources/new",
    "source_new_form": "/parcel/sources/new/postgres",
    "source_edit": "/parcel/sources/product/edit",
    "surveys": "/parcel/surveys",
    "survey_new": "/parcel/surveys/new",
    "survey": "/parcel/surveys/would-recommend",
    "survey_edit": "/parcel/surveys/would-recommend/edit",
    "checks": "/parcel/uptime",
    "check_new": "/parcel/uptime/new",
    "check": "/parcel/uptime/tracking-page",
    "check_edit": "/parcel/uptime/tracking-page/edit",
    "tracking": "/parcel/tracking",
    "tracking_event": "/parcel/tracking/event?event=order_placed",
    "people": "/parcel/settings/people",
    "settings": "/parcel/settings",
    "settings_members": "/parcel/settings/members",
    "settings_teams": "/parcel/settings/teams",
    "move_in": "/parcel/move-in",
    "move_out": "/parcel/settings/moving",
    "settings_tokens": "/parcel/settings/tokens",
    "settings_mails": "/parcel/settings/mails",
    "alerts": "/parcel/alerts",
    "alert": "/parcel/alerts/1",
    "kpi_watching": "/parcel/kpis/on_time_delivery/watching",
    "mail_preview": "/parcel/settings/mails/digest",
    "settings_links": "/parcel/settings/links",
    "share": "/parcel/share?of=objectives/on-the-dot",
    "cycles": "/parcel/settings/cycles",
    "cycle_new": "/parcel/settings/cycles/new",
    "cycle_edit": "/parcel/settings/cycles/{cycle}",
}
"""One address for each page that a person can open, by its name in headway.web.urls."""

FURTHER = {
    "drivers by segment": "/parcel/kpis/on_time_delivery/drivers?by=country",
    "alignment as a map": "/parcel/alignment?view=map&cycle=all",
    "an experiment": "/parcel/outcomes/prices-up-front",
    "value map of CDNOW": "/cdnow/boards/value-map",
    "every outcome": "/parcel/outcomes?show=all",
    "outcomes of CDNOW": "/cdnow/outcomes",
    "launches of a year": "/parcel/outcomes/launches?days=366",
    "home of CDNOW": "/cdnow/",
    "objectives of CDNOW": "/cdnow/objectives?cycle=1998-q2",
    "objectives as a tree": "/parcel/objectives?group=supports",
    "manual key result": "/parcel/objectives/beyond-the-label/new-services",
    "other metrics": "/parcel/kpis?level=metric",
    "alerts that are over": "/parcel/alerts?state=resolved",
    "retention": "/cdnow/kpis/monthly_retention?grain=month",
    "funnel": "/parcel/kpis/activation_rate",
    "number with inputs": "/cdnow/kpis/repeat_rate/month/1998-05-01?via=welcome-back/repeat-rate",
    "number of a share": "/cdnow/kpis/monthly_retention/month/1997-01-01",
    "segments": "/parcel/kpis/on_time_delivery?segment=country",
    "lifetime of subscribers": "/parcel/kpis/mrr_movements/lifetime",
    "catalogue that was searched": "/parcel/kpis/new?find=churn&ready=yes",
    "formula with inputs": "/cdnow/kpis/new/ltv_to_cac",
    "pack that is made": "/cdnow/kpis/new/packs/e-commerce",
    "password": "/accounts/password/change/",
}
"""The same pages with other things on them."""

ALONE = {
    "sign in": "/accounts/login/",
    "forgotten password": "/accounts/password/reset/",
    "wrong invitation": "/invitation/not-a-link/",
}
"""Pages for people who are not signed in."""


@dataclass(frozen=True)
class Headway:
    """A running Headway; mails are printed into its log."""

    url: str
    password: str
    log: Path


@dataclass
class Watch:
    """Collects what must not happen: script errors, a broken policy, another host."""

    url: str
    problems: list[str] = field(default_factory=list)
    refusals: int = 0
    """So many answers of 4xx the test asks for itself; Chromium notes each on the console."""

    def page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if "the server responded with a status of 4" in message.text and self.refusals:
            self.refusals -= 1
            return
        if message.text.startswith(("htmx:afterRequest", "htmx:sendError")):
            return  # the page was left while an answer was awaited; what failed is caught below
        self.problems.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"{request.url}: {request.failure}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.problems.append(f"request to {request.url}")


def sign_in(page: Page, headway: Headway, email: str, password: str = "") -> None:
    page.goto(headway.url + "/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password or headway.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_title("Sign in · Headway")


def current_cycle(page: Page) -> str:
    """The key of the quarter in which the demo stands."""
    page.goto("/parcel/")
    return page.get_by_label("Cycle", exact=True).input_value()


def settled(page: Page) -> None:
    """Charts that were not drawn before, and events behind a number, come in after the page."""
    expect(page.locator(".chart-wait, .evidence-wait")).to_have_count(0)


def until(page: Page, selector: str, text: str, seconds: float = 60) -> None:
    """Reloads, as an impatient person would, until the worker has brought `text`."""
    limit = time.monotonic() + seconds
    while text not in page.locator(selector).first.inner_text():
        assert time.monotonic() < limit, page.locator("main").inner_text()
        page.wait_for_timeout(500)
        page.reload()
