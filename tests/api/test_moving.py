"""Moving in and out over HTTP."""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from headway.accounts.models import Workspace
from tests.api.conftest import Api

GOALS = b"Objective,KR,Team,Cycle,From,To,Now\nLoved,Calls,Care,Q4 2026,10,50,12\n"


def send(api: Api, address: str, content: bytes, **fields: Any) -> Any:
    files = {"files": SimpleUploadedFile("okrs.csv", content), **fields}
    headers = {"Authorization": f"Bearer {api.token}"}
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    return client.post(f"/api/workspaces/acme/moving/{address}", files, headers=headers)


def test_goals_come_in_and_go_out(api: Api, acme: Workspace) -> None:
    seen = send(api, "in", GOALS).json()
    assert (seen["done"], acme.objectives.count()) == (False, 0)
    assert seen["made"] == {
        "team": 1,
        "cycle": 1,
        "objective": 1,
        "key_result": 1,
        "check_in": 1,
    }
    assert seen["mappings"]["okrs.csv"]["target"] == "To"
    assert send(api, "in?do=true", GOALS).json()["done"]
    assert acme.objectives.get().key_results.get().value == 12
    assert send(api, "in?do=true", GOALS).json()["made"] == {}

    out = json.loads(api.ask("GET", "/moving/out").content)
    assert [o["title"] for o in out["objectives"]] == ["Loved"]
    assert api.ask("GET", "/moving/out?format=csv").content[:2] == b"PK"

    bad = send(api, "in?do=true", b"Objective,Team,Cycle\nSold,Care,Q9 2026\n")
    assert bad.status_code == 422
    assert "okrs.csv:2: Cycle: `Q9 2026` is no cycle here" in bad.json()["problems"][0]
    wrong = send(api, "in", GOALS, columns=["target=Tu"])
    assert (wrong.status_code, wrong.json()["message"]) == (422, "No column is `Tu`.")
    assert send(api, "in", b"\x00\x01", add_people="true").json()["problems"]
