"""Objects over HTTP: made, read, changed, archived, and in the same words as in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.feed.models import Change
from headway.files.apply import apply
from headway.files.export import export
from headway.files.put import put
from headway.files.reading import read
from tests.api.conftest import NOW, OBJECTIVE, Api, api_of
from tests.conftest import PASSWORD, member_of

FILES = Path(__file__).parents[1] / "files" / "workspace"


def timeless(item: Any) -> Any:
    """Without when it was last judged."""
    if isinstance(item, list):
        return [timeless(one) for one in item]
    if not isinstance(item, dict):
        return item
    return {name: timeless(value) for name, value in item.items() if name != "refreshed_at"}


def keys(items: list[dict[str, Any]]) -> list[str]:
    return [item["key"] for item in items]


@pytest.mark.parametrize(
    ("path", "first", "second"),
    [
        ("/teams/data", {"name": "Data"}, {"name": "Data and AI", "parent": "growth"}),
        (
            "/cycles/q1",
            {"starts": "2027-01-01", "ends": "2027-03-31"},
            {"starts": "2027-01-01", "ends": "2027-03-30", "name": "Spring"},
        ),
        ("/sources/shop", {"name": "Shop"}, {"usual_gap_days": 3}),
        (
            "/metrics/revenue",
            {"kind": "sum", "event": "order", "property": "amount", "unit": "money"},
            {
                "kind": "sum",
                "event": "paid",
                "property": "amount",
                "name": "Revenue",
                "level": "kpi",
            },
        ),
        (
            "/objectives/next",
            {"team": "growth", "cycle": "q4", "title": "Go on"},
            {"team": "growth", "cycle": "q4", "title": "Go far", "guardrails": ["orders"]},
        ),
        (
            "/outputs/setup",
            {
                "name": "Guided setup",
                "launched": "2026-10-20",
                "audience": {"where": {"plan": "a"}},
            },
            {"planned": "2026-12-01", "moves": ["orders"], "team": "growth", "name": "Setup"},
        ),
        (
            "/objectives/start/key-results/third",
            {"metric": "orders", "increase_by": "25 %", "over": {"mean": 4}},
            {"metric": "orders", "keep": {"at_least": 3}, "weight": 2, "due": "2026-12-01"},
        ),
    ],
)
def test_an_object_is_made_read_and_changed(
    goals: Api, path: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    missing = goals("GET", path, status=404)
    assert path.rsplit("/", 1)[1] in missing["message"]
    made = goals("PUT", path, first)
    assert first.items() <= made.items()
    assert made["state"]["managed_in_code"] is False
    assert goals("GET", path) == made
    changed = goals("PUT", f"{path}?reason=Changed", second)
    assert second.items() <= changed.items()
    assert "25 %" not in changed.values(), "what is left out does not stay"
    assert changed in goals("GET", path.rsplit("/", 1)[0])
    before = Change.objects.count()
    assert goals("PUT", path, changed) == changed
    assert Change.objects.count() == before


def test_an_objective_keeps_the_key_results_it_does_not_name(goals: Api) -> None:
    goals("PUT", "/objectives/start/key-results/third", {"metric": "orders", "to": 9, "from": 1})
    again = {"key": "partners", "title": "Win many", "from": 0, "to": 40}
    better = {**OBJECTIVE, "title": "Better", "key_results": [again]}
    goals("PUT", "/objectives/start?reason=More", better)
    found = goals("GET", "/objectives/start")
    assert found["title"] == "Better"
    assert [(k["key"], k.get("to")) for k in found["key_results"]] == [
        ("more", 500),
        ("partners", 40),
        ("third", 9),
    ]


def test_a_key_result_stays_in_its_place(goals: Api) -> None:
    for key in ("third", "fourth"):
        goals("PUT", f"/objectives/start/key-results/{key}", {"title": key, "from": 0, "to": 9})
    third = "/objectives/start/key-results/third?reason=Less"
    goals("PUT", third, {"title": "New", "from": 0, "to": 8})
    found = goals("GET", "/objectives/start/key-results")
    assert keys(found) == ["more", "partners", "third", "fourth"]


def test_what_is_read_can_be_put(goals: Api) -> None:
    goals("PUT", "/outputs/setup", {"name": "Guided setup", "launched": "2026-10-20"})
    before = Change.objects.count()
    for section in ("teams", "cycles", "sources", "metrics", "objectives", "outputs"):
        for item in goals("GET", f"/{section}"):
            assert goals("PUT", f"/{section}/{item['key']}", item) == item
    assert Change.objects.count() == before


def test_an_export_can_be_put_object_by_object(db: None) -> None:
    apply(None, read(FILES), by=None, now=NOW)
    workspace = Workspace.objects.get(key="parcel")
    api = api_of(member_of(workspace, "admin", NOW))
    document = api("GET", "/export")
    assert document == export(workspace)
    before = Change.objects.count()
    for section in ("sources", "teams", "cycles", "metrics", "objectives", "outputs"):
        assert document[section]
        for item in document[section]:
            api("PUT", f"/{section}/{item['key']}", item)
            for key_result in item.get("key_results", []):
                place = f"/objectives/{item['key']}/key-results/{key_result['key']}"
                api("PUT", place, key_result)
    assert Change.objects.count() == before
    assert api("GET", "/export") == document


def test_objects_of_files_stay_with_their_files(db: None) -> None:
    apply(None, read(FILES), by=None, now=NOW)
    workspace = Workspace.objects.get(key="parcel")
    api = api_of(member_of(workspace, "admin", NOW))
    for section, field in (
        ("sources", "name"),
        ("teams", "name"),
        ("cycles", "name"),
        ("metrics", "name"),
        ("objectives", "title"),
    ):
        item = api("GET", f"/{section}")[0]
        assert item["state"]["managed_in_code"] is True
        place = f"/{section}/{item['key']}"
        refused = api("PUT", place, {**item, field: "Mine"}, status=409)
        assert "managed in code" in refused["message"]
        api("PATCH", "", {"edit_managed": True})
        changed = api("PUT", place, {**item, field: "Mine"})
        assert changed[field] == "Mine"
        assert changed["state"]["managed_in_code"] is True
        api("PATCH", "", {"edit_managed": False})


@pytest.mark.parametrize(
    "path",
    ["/objectives/start", "/objectives/start/key-results/more", "/metrics/spare", "/outputs/setup"],
)
def test_what_is_archived_comes_back_only_by_restoring(goals: Api, path: str) -> None:
    goals("PUT", "/metrics/spare", {"kind": "manual"})
    goals("PUT", "/outputs/setup", {"name": "Guided setup", "moves": ["orders"]})
    whole = goals("GET", path)
    goals("DELETE", path, status=204)
    goals("GET", path, status=404)
    assert whole["key"] not in keys(goals("GET", path.rsplit("/", 1)[0]))
    refused = goals("PUT", path, whole, status=409)
    assert "archived" in refused["message"]
    assert "restore" in refused["fix"].lower()
    goals("POST", f"{path}/restore")
    again = goals("GET", path)
    assert timeless(again) == timeless(whole)


def test_a_metric_that_is_used_stays(goals: Api) -> None:
    refused = goals("DELETE", "/metrics/orders", status=409)
    assert "“orders” of “Start well”" in refused["message"].replace("Orders", "orders")


def test_every_mistake_is_told_in_the_words_of_files(goals: Api) -> None:
    body = {
        "cycle": "q5",
        "team": "grwoth",
        "title": 3,
        "key_results": [{"key": "a", "metric": "ordres", "to": "5 %"}, {"key": "b"}],
    }
    found = goals("PUT", "/objectives/wrong", body, status=422)
    assert found["message"].endswith("nothing was changed.")
    problems = found["problems"]
    assert (
        "objectives[wrong].title: Found `3`, expected text of at most 200 characters." in problems
    )
    assert any("There is no metric `ordres`. Did you mean `orders`?" in p for p in problems)
    assert any(
        p.startswith("objectives[wrong].key_results[b]: No target is given.") for p in problems
    )
    assert not any(p[0].isdigit() or p.startswith(":") for p in problems)
    goals("GET", "/objectives/wrong", status=404)


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/teams/growth", {"nmae": "x"}, "teams[growth].nmae: `nmae` is not a field."),
        ("/teams/Growth", {}, "teams[Growth].key: Found `Growth`"),
        ("/cycles/x", {"starts": "2026-13-01", "ends": "2026-12-31"}, "a date that exists"),
        ("/metrics/x", {"kind": "cuont", "event": "a"}, "Did you mean `count`?"),
        ("/metrics/x", {"kind": "formula", "formula": "x / orders"}, "computed from itself"),
        ("/metrics/x", {"kind": "formula", "formula": "y / orders"}, "There is no metric `y`."),
        ("/sources/x", {"kind": "postgrs"}, "is not a kind of source"),
    ],
)
def test_a_mistake_is_named_with_its_field(
    goals: Api, path: str, body: dict[str, Any], said: str
) -> None:
    found = goals("PUT", path, body, status=422)
    assert said in " ".join(found["problems"]), found


def test_a_key_does_not_change(goals: Api) -> None:
    found = goals("PUT", "/teams/growth", {"key": "other"}, status=422)
    assert found["where"] == "key"


def test_a_wrong_key_gets_the_nearest(goals: Api) -> None:
    for path in ("/teams/grwth", "/cycles/q44", "/metrics/order", "/objectives/strat"):
        assert "Did you mean" in goals("GET", path, status=404)["fix"]


def test_objectives_are_listed_by_cycle_and_team(goals: Api) -> None:
    goals("PUT", "/teams/data", {})
    goals("PUT", "/cycles/q1", {"starts": "2027-01-01", "ends": "2027-03-31"})
    goals("PUT", "/objectives/next", {"team": "data", "cycle": "q1", "title": "Next"})
    assert keys(goals("GET", "/objectives")) == ["next", "start"]
    assert keys(goals("GET", "/objectives?cycle=q4")) == ["start"]
    assert keys(goals("GET", "/objectives?team=data")) == ["next"]
    assert goals("GET", "/objectives?team=data&cycle=q4") == []
    goals("GET", "/objectives?team=nobody", status=404)


def test_a_change_made_here_shows_on_the_page_and_the_other_way_round(
    goals: Api, member: Member
) -> None:
    client = Client()
    assert client.login(email=member.person.email, password=PASSWORD)
    page = client.get("/acme/objectives/start")
    assert "Start well" in page.content.decode()
    assert "Win partners" in page.content.decode()
    form = client.get("/acme/objectives/start/edit").context["form"]
    given = {name: form[name].value() for name in form.fields}
    fields = {name: value for name, value in given.items() if value}
    sent = client.post("/acme/objectives/start/edit", {**fields, "title": "Start strongly"})
    assert sent.status_code == 302, sent.content.decode()
    assert goals("GET", "/objectives/start")["title"] == "Start strongly"


def test_names_of_other_managed_objects_may_be_used(db: None) -> None:
    """A single object is no whole set of files, which may not name what they dropped."""
    apply(None, read(FILES), by=None, now=NOW)
    workspace = Workspace.objects.get(key="parcel")
    metric = workspace.metrics.filter(managed_in_code=True).order_by("key")[0]
    values = {"metrics": [{"key": "half", "kind": "formula", "formula": f"{metric.key} / 2"}]}
    steps = put(workspace, values, by=None, now=NOW)
    assert [s.subject for s in steps] == ["metric:half"]
    assert workspace.metrics.get(key=metric.key).archived_at is None


@pytest.mark.parametrize(
    "path", ["/teams", "/cycles", "/sources", "/metrics", "/objectives", "/members", "/changes",
             "/objectives/start/key-results"]
)  # fmt: skip
def test_a_longer_list_asks_no_more_of_the_database(
    goals: Api, admins: Api, path: str, django_assert_max_num_queries: Any
) -> None:
    def ask() -> int:
        with django_assert_max_num_queries(100) as captured:
            goals("GET", path)
        return len(captured)

    goals("GET", path)  # notes the token's first use
    _more(admins, "a")
    few = ask()
    _more(admins, "b", "c", "d")
    assert ask() == few
    assert few <= 14


def _more(api: Api, *names: str) -> None:
    for name in names:
        api("PUT", f"/teams/{name}", {"parent": "growth", "members": [f"{name}@acme.example"]})
        days = {"starts": "2026-10-01", "ends": "2026-12-31"}
        api("PUT", f"/cycles/{name}", {**days, "parent": "q4"})
        api("PUT", f"/sources/{name}", {})
        metric = {"kind": "count", "event": name, "owner": "member@acme.example"}
        api("PUT", f"/metrics/{name}", {**metric, "drives": ["orders"]})
        key_result = {"key": name, "metric": name, "from": 1, "to": 2, "cycle": "q4"}
        objective = {"title": name, "team": name, "cycle": name, "owner": "member@acme.example"}
        links = {"supports": ["start"], "guardrails": ["orders"]}
        api("PUT", f"/objectives/{name}", {**objective, **links, "key_results": [key_result]})
        api("PUT", f"/objectives/start/key-results/{name}", key_result)
