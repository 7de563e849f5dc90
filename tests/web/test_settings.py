from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from headway.accounts.models import Invitation, Member, Token, Workspace
from headway.metrics.keeping import keep

Enter = Callable[[Member], Client]
FACTS = {
    "name": "Acme Ltd",
    "vision": "Everybody gets their parcel",
    "strategy": "",
    "timezone": "Europe/Berlin",
    "week_starts": "sunday",
    "currency": "USD",
    "rates": "eur 2026-01-01 1.08\nJPY 2026-01-01 0.0063\nEUR 2025-01-01 1.1\n",
    "grain": "month",
    "cadence_days": "14",
    "mail_day": "friday",
    "mail_hour": "16",
    "on_track_within": "0.1",
    "behind_within": "0.3",
    "aspirational_success": "0.7",
    "well_judged_from": "0.6",
}


def test_an_admin_changes_the_workspace(acme: Workspace, admin: Member, enter: Enter) -> None:
    client = enter(admin)
    assert client.post("/acme/settings", FACTS).status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.timezone, acme.cadence_days) == ("Acme Ltd", "Europe/Berlin", 14)
    assert (acme.mail_day, acme.mail_hour) == ("friday", 16)
    euros = {"2025-01-01": 1.1, "2026-01-01": 1.08}
    assert acme.rates == {"EUR": euros, "JPY": {"2026-01-01": 0.0063}}
    assert "EUR 2026-01-01 1.08" in client.get("/acme/settings").content.decode()


def test_how_long_events_are_kept_is_said_and_explained(
    acme: Workspace, admin: Member, enter: Enter
) -> None:
    client = enter(admin)
    refused = client.post("/acme/settings", FACTS | {"keep_events": "a while"})
    assert refused.status_code == 422
    assert "is not how long events can be kept" in refused.content.decode()
    assert client.post("/acme/settings", FACTS | {"keep_events": "90 days"}).status_code == 302
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    acme.refresh_from_db()
    assert acme.keep_events == "90 days"
    keep(acme, now=now)
    assert "Nothing is removed before 3 Mar 2026." in client.get("/acme/settings").content.decode()


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ("EUR 2026-01-01", "“EUR 2026-01-01” is no rate."),
        ("EUR 2026-02-30 1.1", "`2026-02-30` is not a date"),
        ("EUR 2026-01-01 0", "0.0 is no exchange rate."),
        ("USD 2026-01-01 1", "USD is the currency that the others are converted to."),
        ("Euro 2026-01-01 1.1", "`EURO` is not a currency."),
    ],
)
def test_wrong_rates_are_explained(
    acme: Workspace, admin: Member, enter: Enter, rates: str, said: str
) -> None:
    response = enter(admin).post("/acme/settings", FACTS | {"rates": rates})
    assert response.status_code == 422
    assert said in html.unescape(response.content.decode())
    acme.refresh_from_db()
    assert acme.rates == {}


def test_a_wrong_zone_is_answered_with_the_right_spelling(
    acme: Workspace, admin: Member, enter: Enter
) -> None:
    response = enter(admin).post("/acme/settings", FACTS | {"timezone": "Europe/Berln"})
    assert response.status_code == 422
    assert "Europe/Berlin" in response.content.decode()
    acme.refresh_from_db()
    assert acme.timezone == "UTC"


def test_a_member_reads_the_settings_and_changes_nothing(
    acme: Workspace, admin: Member, member: Member, enter: Enter
) -> None:
    client = enter(member)
    assert client.get("/acme/settings").status_code == 200
    assert client.post("/acme/settings", FACTS).status_code == 403
    posted = {"do": "role", "id": member.pk, "role": "admin"}
    assert client.post("/acme/settings/members", posted).status_code == 403


def test_an_invitation_is_shown_once_and_opens_the_workspace(
    acme: Workspace, admin: Member, enter: Enter
) -> None:
    client = enter(admin)
    page = client.post("/acme/settings/members", {"do": "invite", "role": "viewer", "email": ""})
    link = re.search(r'id="link">([^<]+)<', page.content.decode())
    assert link is not None
    assert link[1] not in client.get("/acme/settings/members").content.decode()
    client.logout()
    assert client.get(link[1].replace("http://testserver", "")).status_code == 200


def test_an_invitation_can_be_taken_back(acme: Workspace, admin: Member, enter: Enter) -> None:
    client = enter(admin)
    client.post("/acme/settings/members", {"do": "invite", "role": "viewer", "email": ""})
    invitation = Invitation.objects.get()
    client.post("/acme/settings/members", {"do": "withdraw", "id": invitation.pk})
    assert not Invitation.objects.exists()


def test_the_last_admin_stays(acme: Workspace, admin: Member, enter: Enter) -> None:
    posted = {"do": "role", "id": admin.pk, "role": "viewer"}
    response = enter(admin).post("/acme/settings/members", posted)
    assert response.status_code == 409
    assert "last admin" in response.content.decode()


def test_a_token_is_shown_once_and_revoked(acme: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    page = client.post("/acme/settings/tokens", {"do": "create", "name": "export"})
    raw = re.search(r'id="token">([^<]+)<', page.content.decode())
    assert raw is not None
    assert raw[1] not in client.get("/acme/settings/tokens").content.decode()
    client.post("/acme/settings/tokens", {"do": "revoke", "id": Token.objects.get().pk})
    assert Token.objects.get().revoked_at is not None


def test_teams_form_a_tree(acme: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    client.post("/acme/settings/teams", {"name": "Company"})
    company = acme.teams.get(key="company")
    client.post("/acme/settings/teams", {"name": "Growth", "parent": company.pk})
    assert acme.teams.get(key="growth").parent == company
    growth = acme.teams.get(key="growth")
    posted = {"name": "Company", "parent": growth.pk}
    response = client.post("/acme/settings/teams?edit=company", posted)
    assert "below itself" in response.content.decode()
