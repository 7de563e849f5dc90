"""The forms of surveys and uptime checks: nothing that was typed is lost, and who may do what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.ingest.models import WriteKey

Enter = Callable[[Member], Client]
PULSE = {
    "kind": "nps",
    "name": "Pulse",
    "key": "pulse",
    "source": "surveys",
    "asking": "on",
    "share": "25",
    "again_days": "30",
    "rest_days": "7",
    "after_seconds": "3",
    "pages": "/app/*\n/pricing",
    "where": "plan = pro, team",
    "t0-language": "en",
    "t0-question": "Would you recommend us?",
    "t1-language": "",
    "t1-question": "",
}


def test_a_survey_from_a_form(acme: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    assert "No surveys yet" in client.get("/acme/surveys").content.decode()
    for wrong, words in (
        ({"where": "plan"}, "says nothing"),
        ({"pages": "pricing"}, "neither a path nor an address"),
        ({"t0-question": ""}, "required"),
        ({"t1-question": "Und auf Deutsch?"}, "Say which language"),
        ({"share": "101"}, "100"),
    ):
        answer = client.post("/acme/surveys/new", PULSE | wrong)
        page = answer.content.decode()
        assert answer.status_code == 422, wrong
        assert words in page, wrong
        assert 'value="Pulse"' in page
        assert not acme.surveys.exists()
    assert client.post("/acme/surveys/new", PULSE)["Location"] == "/acme/surveys/pulse"
    assert client.post("/acme/surveys/new", PULSE).status_code == 422
    found = acme.surveys.get().definition
    assert (found.share, found.pages, found.where) == (
        0.25,
        ["/app/*", "/pricing"],
        {"plan": ["pro", "team"]},
    )
    key = WriteKey.objects.get(source__key="surveys").value
    assert key in client.get("/acme/surveys/pulse").content.decode()

    form = client.get("/acme/surveys/pulse/edit").content.decode()
    assert "plan = pro, team" in form
    both = {n: v for n, v in PULSE.items() if n not in ("key", "kind")}
    both |= {"t1-language": "de", "t1-question": "Empfehlen Sie uns?", "asking": ""}
    assert client.post("/acme/surveys/pulse/edit", both).status_code == 302
    found = acme.surveys.get().definition
    assert (list(found.texts), found.asking, found.kind) == (["en", "de"], False, "nps")
    assert "Not asking" in client.get("/acme/surveys").content.decode()
    assert client.post("/acme/surveys/pulse/kpi")["Location"] == "/acme/kpis/nps_pulse"
    assert client.post("/acme/surveys/pulse/archive").status_code == 302
    assert "Archived" in client.get("/acme/surveys/pulse").content.decode()
    assert client.post("/acme/surveys/pulse/restore").status_code == 302


def test_a_viewer_reads_and_changes_nothing(
    acme: Workspace, member: Member, viewer: Member, enter: Enter
) -> None:
    enter(member).post("/acme/surveys/new", PULSE)
    client = enter(viewer)
    assert client.get("/acme/surveys/pulse").status_code == 200
    for path in ("new", "pulse/edit", "pulse/kpi", "pulse/archive", "pulse/restore"):
        assert client.post(f"/acme/surveys/{path}", PULSE).status_code == 403
    for path in ("new", "home/edit"):
        assert client.get(f"/acme/uptime/{path}").status_code in (403, 404)
    assert client.get("/acme/surveys/pulse?days=8").status_code == 422
    assert client.get("/acme/surveys/puls").status_code == 404


def test_a_check_from_a_form(acme: Workspace, admin: Member, member: Member, enter: Enter) -> None:
    fields = {
        "name": "Shop",
        "key": "shop",
        "url": "https://shop.example/health",
        "every": "5 minutes",
        "method": "GET",
        "timeout": "10 s",
        "follow": "on",
        "watching": "on",
        "source": "uptime",
        "contains": "fine",
    }
    client = enter(admin)
    for wrong, words in (
        ({"url": "shop.example"}, "no address"),
        ({"every": "7 minutes"}, "no whole number"),
        ({"timeout": "an hour"}, "an hour"),
    ):
        answer = client.post("/acme/uptime/new", fields | wrong)
        assert answer.status_code == 422, wrong
        assert words in answer.content.decode(), wrong
        assert 'value="Shop"' in answer.content.decode()
    assert client.post("/acme/uptime/new", fields)["Location"] == "/acme/uptime/shop"
    page = client.get("/acme/uptime/shop").content.decode()
    assert "Not looked at yet" in page
    assert "None so far" in page
    assert client.post("/acme/uptime/shop/edit", fields | {"watching": ""}).status_code == 302
    assert "Paused" in client.get("/acme/uptime").content.decode()
    [row] = client.get("/acme/uptime?format=json").json()
    assert (row["state"], row["availability_day"]) == ("paused", None)
    client = enter(member)
    assert client.post("/acme/uptime/shop/change", {"do": "kpis"}).status_code == 302
    assert acme.metrics.count() == 2
    assert client.post("/acme/uptime/shop/change", {"do": "archive"}).status_code == 403
    assert client.get("/acme/uptime/new").status_code == 403


@pytest.mark.parametrize("path", ["/survey.js", "/survey.json?key=x"])
def test_what_pages_of_others_fetch_sets_no_cookie(path: str, client: Client, db: None) -> None:
    answer = client.get(path)
    assert not answer.cookies
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert client.post(path).status_code == 405
