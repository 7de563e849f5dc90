"""What can be done beside saving: check-ins, values, points, drafts, imports, members, tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.metrics.models import Table
from tests.api.conftest import Api
from tests.conftest import PASSWORD

PARTNERS = "/objectives/start/key-results/partners"
ROWS = """event,happened_at,user_id,amount
order,2026-11-02T09:00:00Z,ann,10
order,2026-11-03T09:00:00Z,bob,20
order,yesterday,cid,30
,2026-11-03T09:00:00Z,dan,40
"""


def test_a_check_in_changes_the_status_at_once(goals: Api, member: Member) -> None:
    assert goals("GET", PARTNERS)["state"]["value"] is None
    made = goals("POST", f"{PARTNERS}/check-ins", {"value": 18, "confidence": 8}, status=201)
    assert (made["day"], made["by"]) == ("2026-11-20", member.person.email)
    state = goals("GET", PARTNERS)["state"]
    assert (state["value"], state["progress"], state["status"]) == (18, 0.9, "on_track")
    goals("POST", f"{PARTNERS}/check-ins", {"value": 1, "note": "Three left."}, status=201)
    state = goals("GET", PARTNERS)["state"]
    assert state["value"] == 1
    assert state["status"] in ("behind", "off_track", "at_risk")
    listed = goals("GET", f"{PARTNERS}/check-ins")
    assert [c["value"] for c in listed] == [1, 18]
    client = Client()
    client.login(email=member.person.email, password=PASSWORD)
    assert "Three left." in client.get("/acme/objectives/start/partners").content.decode()


@pytest.mark.parametrize(
    ("place", "body", "where"),
    [
        ("partners", {"confidence": 11}, "confidence"),
        ("partners", {"value": 1, "day": "2026-11-21"}, "day"),
        ("partners", {}, ""),
        ("more", {"value": 3}, "value"),
    ],
)
def test_a_check_in_that_cannot_be_is_refused(
    goals: Api, place: str, body: dict[str, Any], where: str
) -> None:
    path = f"/objectives/start/key-results/{place}/check-ins"
    found = goals("POST", path, body, status=422)
    assert found["where"] == where
    assert goals("GET", path) == []


def test_values_are_typed_for_manual_metrics_only(goals: Api) -> None:
    goals("PUT", "/metrics/nps", {"kind": "manual"})
    typed = {"day": "2026-11-02", "value": 31}
    assert goals("POST", "/metrics/nps/entries", typed, status=201) == typed
    goals("POST", "/metrics/nps/entries", {**typed, "value": 32}, status=201)
    assert goals("GET", "/metrics/nps/entries") == [{**typed, "value": 32}]
    refused = goals("POST", "/metrics/orders/entries", typed, status=409)
    assert "measured" in refused["message"]
    future = {"day": "2026-11-21", "value": 1}
    assert goals("POST", "/metrics/nps/entries", future, status=422)["where"] == "day"


def test_points_are_chosen_by_grain_segment_and_days(
    goals: Api, weeks: Callable[..., None], acme: Workspace
) -> None:
    weeks("orders", 5, 6, 7)
    weeks("orders", 2, 3, segment_by="plan", segment="pro")
    whole = goals("GET", "/metrics/orders/points")
    assert (whole["grain"], whole["kind"], whole["definition_version"]) == ("week", "count", 1)
    assert [(p["start"], p["value"]) for p in whole["points"]] == [
        ("2026-10-26", 5),
        ("2026-11-02", 6),
        ("2026-11-09", 7),
    ]
    assert whole["points"][0]["end"] == "2026-11-02"
    some = goals("GET", "/metrics/orders/points?grain=week&start=2026-11-02&end=2026-11-09")
    assert [p["value"] for p in some["points"]] == [6]
    split = goals("GET", "/metrics/orders/points?segment_by=plan")
    assert [(p["segment"], p["value"]) for p in split["points"]] == [("pro", 2), ("pro", 3)]
    assert goals("GET", "/metrics/orders/points?grain=day")["points"] == []
    for wrong in ("grain=wek", "segment_by=plna", "start=soon"):
        goals("GET", f"/metrics/orders/points?{wrong}", status=422)


def test_points_bring_the_table_of_their_kind(goals: Api, acme: Workspace) -> None:
    metric = acme.metrics.get(key="orders")
    Table.objects.create(metric=metric, grain="week", name="steps", rows=[{"step": "a", "n": 3}])
    found = goals("GET", "/metrics/orders/points")
    assert found["tables"] == {"steps": [{"step": "a", "n": 3}]}


def test_versions_tell_what_computed_the_numbers(goals: Api, member: Member) -> None:
    goals("PUT", "/metrics/orders", {"kind": "count", "event": "purchase"})
    first, second = goals("GET", "/metrics/orders/versions")
    assert (first["definition"]["event"], second["definition"]["event"]) == ("order", "purchase")
    assert second["note"] == "event: order → purchase; segments: plan → none"
    assert (second["version"], second["by"]) == (2, member.person.email)
    assert goals("GET", "/metrics/orders")["state"]["version"] == 2


def test_a_draft_can_be_put_as_it_is(goals: Api, weeks: Callable[..., None]) -> None:
    goals("PUT", "/cycles/dec", {"starts": "2026-11-16", "ends": "2026-12-31"})
    weeks("orders", *(100 + n + (n % 3) for n in range(40)))
    draft = goals("GET", "/metrics/orders/draft?cycle=dec")
    assert draft["baseline"]["value"] == 139
    assert draft["target"]["value"] > 139
    place = "/objectives/start/key-results/drafted"
    made = goals("PUT", place, draft["key_result"])
    assert made["to"] == draft["target"]["value"]
    assert made["state"]["baseline"] == draft["baseline"]["value"]
    assert made["state"]["aim"] == draft["target"]["value"]
    assert goals("PUT", place, draft["key_result"]) == made
    goals("GET", "/metrics/orders/draft?cycle=d", status=404)
    goals("GET", "/metrics/orders/draft", status=422)


def test_a_draft_of_bounds_can_be_put_as_it_is(goals: Api) -> None:
    healthy = {"at_least": 0.9, "at_most": 0.99}
    uptime = {"kind": "manual", "unit": "percent", "direction": "none", "healthy": healthy}
    goals("PUT", "/metrics/uptime", uptime)
    draft = goals("GET", "/metrics/uptime/draft?cycle=q4")["key_result"]
    assert draft["keep"] == {"at_least": "90 %", "at_most": "99 %"}
    made = goals("PUT", "/objectives/start/key-results/uptime", draft)
    assert made["keep"] == draft["keep"]


def test_a_file_is_imported_once_and_its_bad_rows_are_told(goals: Api) -> None:
    goals("PUT", "/sources/shop", {"name": "Shop"})
    first = goals.upload("/sources/shop/imports", "events.csv", ROWS)
    assert first.status_code == 201, first.content.decode()
    found = first.json()
    assert (found["read"], found["added"], found["rejected"]) == (4, 2, 2)
    assert [r["line"] for r in found["reject_sample"]] == [4, 5]
    assert all(r["reason"] for r in found["reject_sample"])
    again = goals.upload("/sources/shop/imports", "events.csv", ROWS).json()
    assert (again["added"], again["known"]) == (0, 2)
    state = goals("GET", "/sources/shop")["state"]
    assert (state["rows"], state["rejected"]) == (2, 2)
    assert state["last_event_at"].startswith("2026-11-03T09:00:00")
    assert [i["added"] for i in goals("GET", "/sources/shop/imports")] == [0, 2]


def test_columns_of_a_file_can_be_named(goals: Api) -> None:
    goals("PUT", "/sources/shop", {})
    text = "when,who\n2026-11-02 09:00,ann\n"
    columns = {
        "name": "order",
        "happened_at": "when",
        "user_id": "who",
        "timezone": "Europe/Berlin",
    }
    found = goals.upload("/sources/shop/imports", "events.csv", text, **columns)
    assert found.json()["added"] == 1
    assert goals("GET", "/sources/shop")["state"]["first_event_at"] == "2026-11-02T08:00:00Z"


def test_a_file_that_cannot_be_read_is_explained(goals: Api, settings: Any) -> None:
    goals("PUT", "/sources/shop", {})
    place = "/sources/shop/imports"
    assert "no column" in goals.upload(place, "a.csv", "x,y\n1,2\n").json()["message"]
    assert goals.upload(place, "a.exe", "x").status_code == 422
    assert goals.upload(place, "../../a.csv", ROWS).json()["filename"] == "a.csv"
    assert goals.upload("/sources/shp/imports", "a.csv", ROWS).status_code == 404
    assert goals.upload(place, "a.csv", ROWS, timezone="Berlin").status_code == 422
    settings.UPLOAD_MEGABYTES = 0
    assert "larger" in goals.upload(place, "a.csv", ROWS).json()["message"]
    assert goals.ask("POST", place, {}).status_code in (400, 422)


def test_changes_tell_what_was_done(goals: Api, member: Member) -> None:
    goals("PUT", "/metrics/orders", {"kind": "count", "event": "order", "name": "All orders"})
    newest = goals("GET", "/changes?limit=1")
    assert [c["subject"] for c in newest] == ["metric:orders"]
    named = goals("GET", "/changes?subject=metric:orders")
    assert {c["subject"] for c in named} == {"metric:orders"}
    renamed = next(c for c in named if c["what"] == "name")
    assert (renamed["before"], renamed["after"]) == ("Orders", "All orders")
    assert renamed["by"] == member.person.email


def test_templates_of_the_catalogue_can_be_put(goals: Api) -> None:
    listed = goals("GET", "/catalogue")
    assert len(listed) > 20
    counted = next(t for t in listed if t["document"]["kind"] == "count")
    assert goals("GET", f"/catalogue/{counted['key']}") == counted
    made = goals("PUT", "/metrics/mine", {**counted["document"], "key": "mine"})
    assert made["name"] == counted["name"]
    goals("GET", "/catalogue/nothing", status=404)


def test_settings_are_changed_by_admins_in_the_words_of_files(admins: Api) -> None:
    before = admins("GET", "")
    assert before["state"] == {
        "now": "2026-11-20T11:00:00Z", "role": "admin", "events_kept_from": None,
        "events_removed": 0,
    }  # fmt: skip
    changed = admins("PATCH", "", {"name": "Ours", "clock": None, "cadence_days": 14})
    assert (changed["name"], changed["clock"], changed["cadence_days"]) == ("Ours", None, 14)
    assert admins("PATCH", "", before) == before
    wrong = admins("PATCH", "", {"tmezone": "UTC", "cadence_days": "often"}, status=422)
    assert (
        "workspace.tmezone: `tmezone` is not a field. Did you mean `timezone`?" in wrong["problems"]
    )
    assert admins("PATCH", "", {"timezone": "Mars/Base"}, status=422)
    assert admins("GET", "") == before


def test_members_are_invited_changed_and_removed(admins: Api, viewer: Member) -> None:
    made = admins("POST", "/invitations", {"role": "member", "email": "eve@x.example"}, status=201)
    assert [i["email"] for i in admins("GET", "/invitations")] == ["eve@x.example"]
    address = made["link"].partition("/invitation/")[2]
    assert Client().get(f"/invitation/{address}").status_code == 200
    admins("DELETE", f"/invitations/{made['id']}", status=204)
    assert admins("GET", "/invitations") == []
    place = f"/members/{viewer.person.email}"
    assert admins("PATCH", place, {"role": "member"})["role"] == "member"
    assert admins("PATCH", place, {"role": "boss"}, status=422)["where"] == "role"
    admins("DELETE", place, status=204)
    assert [m["email"] for m in admins("GET", "/members")] == ["admin@acme.example"]
    last = admins("DELETE", "/members/admin@acme.example", status=409)
    assert "last admin" in last["message"]
    assert admins("DELETE", place, status=404)


def test_tokens_are_made_shown_once_and_revoked(api: Api, admins: Api) -> None:
    made = api("POST", "/tokens", {"name": "Script"}, status=201)
    other = Api(made["token"])
    assert other("GET", "/teams") == []
    listed = api("GET", "/tokens")
    assert [t["name"] for t in listed] == ["tests", "Script"]
    assert made["token"] not in str(listed)
    assert admins("DELETE", f"/tokens/{made['id']}", status=404)
    api("DELETE", f"/tokens/{made['id']}", status=204)
    other("GET", "/teams", status=401)


def test_write_keys_are_made_named_and_revoked(goals: Api) -> None:
    goals("PUT", "/sources/app", {"name": "App"})
    made = goals("POST", "/sources/app/keys", {"name": "web"}, status=201)
    assert (made["name"], made["revoked_at"], len(made["value"])) == ("web", None, 32)
    path = f"/sources/app/keys/{made['id']}"
    assert goals("PUT", path, {"name": "shop"})["name"] == "shop"
    goals("DELETE", path, status=204)
    [listed] = goals("GET", "/sources/app/keys")
    assert (listed["name"], listed["value"]) == ("shop", made["value"])
    assert listed["revoked_at"]
    goals("DELETE", "/sources/app/keys/999", status=404)
    assert goals("GET", "/sources/app/refusals") == []
