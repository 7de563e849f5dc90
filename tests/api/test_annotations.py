"""Annotations over HTTP, as files write them."""

from __future__ import annotations

from tests.api.conftest import Api

FIRE = {"kind": "incident", "title": "Fire", "starts": "2026-11-03", "metrics": ["orders"]}


def test_from_a_first_call_to_the_archive(api: Api) -> None:
    api("PUT", "/metrics/orders", {"kind": "count", "event": "order"})
    api("PUT", "/metrics/visits", {"kind": "count", "event": "visit"})
    made = api("POST", "/annotations", FIRE, status=201)
    assert made == {
        **FIRE,
        "key": "fire-2026-11-03",
        "state": {
            "managed_in_code": False,
            "covers": "metrics",
            "output": "",
            "by": "member@acme.example",
        },
    }
    assert api("POST", "/annotations", FIRE, status=201) == made
    assert api("PUT", "/annotations/fire-2026-11-03", made) == made
    note = {"kind": "note", "title": "New plan", "starts": "2026-11-04", "ends": "2026-11-05"}
    api("PUT", "/annotations/plan", note)
    found = api("GET", "/annotations")
    assert [one["key"] for one in found] == ["plan", "fire-2026-11-03"]
    assert [one["key"] for one in api("GET", "/annotations?metric=visits")] == ["plan"]
    assert [one["title"] for one in api("GET", "/annotations?kind=incident")] == ["Fire"]
    api("DELETE", "/annotations/plan", status=204)
    assert "Restore it first" in api("PUT", "/annotations/plan", note, status=409)["fix"]
    api("GET", "/annotations/plan", status=404)
    assert api("POST", "/annotations/plan/restore")["ends"] == "2026-11-05"


def test_a_launch_of_an_output_is_read_here_and_changed_there(api: Api) -> None:
    api("PUT", "/metrics/orders", {"kind": "count", "event": "order"})
    api("PUT", "/outputs/app", {"name": "App", "launched": "2026-11-02", "moves": "orders"})
    (launch,) = api("GET", "/annotations?metric=orders")
    assert (launch["kind"], launch["metrics"], launch["state"]["output"]) == (
        "launch",
        ["orders"],
        "app",
    )
    assert api("GET", "/annotations/app") == launch
    api("DELETE", "/annotations/app", status=404)


def test_what_is_wrong_is_told(api: Api) -> None:
    api("PUT", "/metrics/orders", {"kind": "count", "event": "order"})
    for wrong, said in (
        ({"kind": "fire"}, "incident"),
        ({"metrics": ["ordres"]}, "Did you mean `orders`"),
        ({"starts": "yesterday"}, "starts"),
        ({"ends": "2026-11-01"}, "before it starts"),
        ({"link": "ftp://a"}, "link"),
    ):
        found = api("POST", "/annotations", FIRE | wrong, status=422)
        assert said in str(found), found
    assert api("GET", "/annotations") == []
    assert "Did you mean" in api("GET", "/annotations?metric=order", status=404)["fix"]


def test_a_cohort_since_a_launch(api: Api) -> None:
    api("PUT", "/outputs/app", {"name": "App", "launched": "2026-11-02"})
    who = {"did": {"event": "tried"}, "within": "since app"}
    orders = {"kind": "count", "event": "order", "who": who}
    assert api("PUT", "/metrics/orders", orders)["who"] == who
    wrong = api(
        "PUT", "/metrics/orders", orders | {"who": who | {"within": "since ap"}}, status=422
    )
    assert "Did you mean `app`" in str(wrong)
