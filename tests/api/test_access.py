"""Who may call what, and how every mistake is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from headway.accounts import actions
from headway.accounts.models import Member, Person, Workspace
from headway.api import teams
from headway.api.root import api as description
from headway.surveys.actions import save_survey
from headway.uptime.actions import save_check
from tests.api.conftest import NOW, Api, api_of
from tests.conftest import PASSWORD

SHAPE = {"message", "where", "fix", "problems"}
NAMES = {
    "workspace": "acme",
    "objective": "start",
    "key": "start",
    "email": "viewer@acme.example",
    "number": "1",
    "code": "objective-owner",
    "cycle": "q4",
    "team": "growth",
}
NOTE = {"kind": "note", "title": "A note", "starts": "2026-11-01"}
CALLS = [
    (method.upper(), path)
    for path, operations in description.get_openapi_schema()["paths"].items()
    for method in operations
]
OWN = ("/tokens", "/mails")
"""Everybody may make and revoke tokens of their own, and say which mails they get."""


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content.decode()
    found: dict[str, Any] = response.json()
    assert found.keys() == SHAPE
    assert found["message"]
    return found


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("token", ["", "Bearer hw_wrong", "Basic abc"])
@pytest.mark.django_db
def test_without_a_valid_token_nothing_is_answered(method: str, path: str, token: str) -> None:
    headers = {"Authorization": token} if token else {}
    response = Client().generic(method, path.format(**NAMES), headers=headers)
    assert "token" in problem(response, 401)["message"]
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), [c for c in CALLS if c[0] != "GET"])
def test_a_viewer_changes_nothing(viewers: Api, goals: Api, method: str, path: str) -> None:
    if path.rstrip("/").endswith(OWN) or "/tokens/" in path:
        return
    path = path.format(**NAMES).removeprefix("/api/workspaces/acme")
    if path.endswith("/imports"):
        answer = viewers.upload(path, "a.csv", "event,happened_at\n")
    elif path.endswith("/moving/in"):
        answer = viewers.upload(path, "a.csv", "Objective\n", field="files")
    else:
        goals("PUT", "/objectives/start/key-results/start", {"title": "A", "to": 2, "from": 1})
        goals("PUT", "/metrics/start", {"kind": "manual"})
        goals("PUT", "/outputs/start", {"name": "Guided setup"})
        goals("PUT", "/annotations/start", NOTE)
        goals("PUT", "/sources/start", {})
        asked_and_looked_at()
        if made := MADE.get(path.rpartition("/")[0].rpartition("/")[2]):
            there, body = made
            number = goals("POST", there, body, status=201)["id"]
            path = path.removesuffix("1") + str(number)
        answer = viewers.ask(method, path, body_for(path))
    assert "may not" in problem(answer, 403)["message"]


def asked_and_looked_at() -> None:
    """A survey and an uptime check, so that a viewer finds them."""
    home = Workspace.objects.get(key="acme")
    texts = {"en": {"question": "Well?"}}
    save_survey(home, "start", kind="nps", source="start", texts=texts, by=None, now=NOW)
    save_check(home, "start", url="https://example.org", source="start", by=None, now=NOW)


PAGE = "objectives/start"
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "comments": ("/objectives/start/comments", {"text": "Well done."}),
    "links": ("/links", {"page": PAGE}),
    "keys": ("/sources/start/keys", {"name": "web"}),
}
"""Where a row with a number of its own is made, so that a viewer finds one."""


def body_for(path: str) -> dict[str, Any]:
    """Something that fits, so that only the permission is missing."""
    bodies: dict[str, dict[str, Any]] = {
        "check-ins": {"note": "Well."},
        "milestones": {"name": "Depot rented"},
        "reopen": {"reason": "A typo."},
        "next": {"cycle": "q4"},
        "shares": {"shares": {"start": 0.5}},
        "entries": {"day": "2026-11-01", "value": 1},
        "viewer@acme.example": {"role": "admin"},
        "comments": {"text": "Hm."},
        "links": {"page": PAGE},
        "keys": {"name": "shop"},
        "reports": {"way": "ignored"},
        "deletions": {"id": "u1"},
        "unblocking": {"id": "u1"},
    }
    *_, before, last = ("", *path.split("/"))
    return bodies.get(last) or bodies.get(before, {})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"name": "Ours"}),
        ("PATCH", "/members/admin@acme.example", {"role": "viewer"}),
        ("DELETE", "/members/admin@acme.example", None),
        ("POST", "/invitations", {"role": "admin"}),
        ("GET", "/invitations", None),
        ("DELETE", "/invitations/1", None),
    ],
)
def test_only_admins_administer(
    api: Api, admin: Member, acme: Workspace, method: str, path: str, body: Any
) -> None:
    actions.invite(acme, "viewer", "", by=admin, now=NOW)
    number = acme.invitations.get().pk
    found = api.ask(method, path.replace("/1", f"/{number}"), body)
    assert "an admin" in problem(found, 403)["fix"]


def test_a_token_opens_its_own_workspace_only(api: Api, admin: Member) -> None:
    other = actions.create_workspace("other", "Other", now=NOW, admin=admin.person)
    elsewhere = Api(api.token, "other")
    assert "`acme`" in problem(elsewhere.ask("GET", "/objectives"), 404)["fix"]
    assert problem(elsewhere.ask("PUT", "/teams/x", {}), 404)
    assert not other.teams.exists()
    listed = Client().get("/api/workspaces", headers={"Authorization": f"Bearer {api.token}"})
    assert [w["key"] for w in listed.json()] == ["acme"]


def test_a_revoked_token_and_a_closed_account_open_nothing(
    api: Api, admin: Member, member: Member
) -> None:
    assert api.ask("GET", "/teams").status_code == 200
    Person.objects.filter(pk=member.person_id).update(is_active=False)
    problem(api.ask("GET", "/teams"), 401)
    other = api_of(admin)
    actions.revoke_token(admin.tokens.get(), by=admin, now=NOW)
    problem(other.ask("GET", "/teams"), 401)


def test_a_signed_in_browser_is_not_enough(admin: Member) -> None:
    client = Client()
    assert client.login(email=admin.person.email, password=PASSWORD)
    problem(client.get("/api/workspaces/acme/teams"), 401)


@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing", "/api/workspaces/acme/nothing/x", "/api/x/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_unknown_addresses_are_answered_in_json(api: Api, method: str, path: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    assert "nothing at /api" in problem(answer, 404)["message"]


def test_a_method_that_does_not_work_says_which_do(api: Api) -> None:
    answer = api.ask("POST", "/teams/growth", {})
    assert "PUT" in problem(answer, 405)["fix"]
    assert set(answer["Allow"].split(", ")) == {"GET", "PUT"}


@pytest.mark.parametrize("body", ["{", "[1", '{"a": NaN}', '{"a": "\\u0000"}', '"\\ud800"'])
def test_a_body_that_is_no_json_is_refused(api: Api, body: str) -> None:
    assert "request body" in problem(api.ask("PUT", "/teams/growth", body), 400)["message"]


@pytest.mark.parametrize("body", [[1], "text", 3, None])
def test_a_body_that_is_no_object_is_refused(api: Api, body: Any) -> None:
    found = problem(api.ask("PUT", "/teams/growth", json.dumps(body)), 422)
    assert found["problems"][0].startswith("body: ")


def test_wrong_fields_of_an_action_are_named(goals: Api) -> None:
    place = "/objectives/start/key-results/more/check-ins"
    found = problem(goals.ask("POST", place, {"confidense": 3, "day": "2026-02-30"}), 422)
    assert sorted(p.partition(":")[0] for p in found["problems"]) == ["confidense", "day"]
    found = problem(goals.ask("GET", "/changes?limit=0"), 422)
    assert found["problems"][0].startswith("limit: ")


def test_an_error_nobody_expected_is_told_without_its_inside(
    api: Api, monkeypatch: pytest.MonkeyPatch, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(teams, "live", broken)
    for debug in (False, True):
        settings.DEBUG = debug
        answer = api.ask("GET", "/teams")
        problem(answer, 500)
        assert b"secret" not in answer.content
    assert "the secret inside" in caplog.text


def test_a_body_that_is_too_large_is_refused(api: Api, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert problem(api.ask("PUT", "/teams/growth", {"name": "Growth"}), 413)
