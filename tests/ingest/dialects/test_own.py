"""What Headway itself sends: answers of surveys, and the results of uptime checks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.engine.errors import InputError
from headway.engine.event import IDENTIFY
from headway.ingest.dialects.dialect import Delivery, Parsed
from headway.ingest.dialects.survey import SURVEY
from headway.ingest.dialects.uptime import UPTIME, Found, body
from headway.ingest.door.routes import route

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MILLIS = int((NOW - timedelta(minutes=5)).timestamp() * 1000)


def delivered(*entries: Any, **more: Any) -> Delivery:
    return Delivery("/survey", json.dumps({"key": "k1", "events": entries, **more}).encode(), NOW)


def said(**fields: Any) -> Parsed:
    base = {"id": "e1", "what": "answered", "survey": "pulse", "kind": "nps", "score": 9}
    return SURVEY.parse(delivered(base | {"at": MILLIS, "person": "p1"} | fields))


@pytest.mark.parametrize(
    ("fields", "event", "answer"),
    [
        ({}, "recommendation_answered", {"score": 9}),
        ({"text": " Well. "}, "recommendation_answered", {"score": 9, "text": "Well."}),
        ({"kind": "csat", "score": 5}, "satisfaction_answered", {"score": 5}),
        ({"kind": "ces", "score": 7}, "effort_answered", {"score": 7}),
        ({"kind": "text", "text": "Hm"}, "feedback_written", {"text": "Hm"}),
        ({"what": "shown"}, "survey_shown", {}),
        ({"what": "dismissed"}, "survey_dismissed", {}),
    ],
)
def test_an_answer_is_what_the_catalogue_reads(
    fields: dict[str, Any], event: str, answer: dict[str, Any]
) -> None:
    page = {"page": "/pricing", "language": "de", "properties": {"plan": "pro", "score": 99}}
    [found] = said(**fields, **page).events
    asked = {"survey": "pulse", "kind": fields.get("kind", "nps")}
    about = {"page": "/pricing", "language": "de", "plan": "pro"}
    told = dict(found.properties)
    assert told.pop("score", None) == answer.get("score", 99)
    assert found.event == event
    assert told == asked | about | {n: v for n, v in answer.items() if n != "score"}
    assert (found.message_id, found.user_id) == ("e1", "p1")
    assert found.happened_at == NOW - timedelta(minutes=5)


def test_who_answered_is_the_one_the_page_knows() -> None:
    found = said(user="u1", account="a1").events
    assert [(one.event, one.user_id) for one in found] == [
        ("recommendation_answered", "u1"),
        (IDENTIFY, "u1"),
    ]
    assert found[0].account_id == "a1"
    assert found[1].properties == {"previous_id": "p1"}


@pytest.mark.parametrize(
    "fields",
    [
        *({"score": s} for s in (11, -1, 9.5, "9", True, None)),
        *({"kind": "csat", "score": s} for s in (0, 6)),
        *({"kind": k} for k in ("stars", None, 3, [])),
        *({"what": w} for w in ("clicked", None)),
        *({"survey": s} for s in ("", None, "x" * 51)),
        {"kind": "text", "text": "  "},
    ],
)
def test_what_is_no_answer_is_refused_with_its_reason(fields: dict[str, Any]) -> None:
    found = said(**fields)
    assert not found.events
    assert [one.reason for one in found.refused if one.reason]


def test_a_delivery_is_routed_and_checked() -> None:
    here = route("/survey")
    assert here is not None
    assert here.dialect is SURVEY
    assert route("/in/abc/survey/") is not None
    assert SURVEY.key(delivered()) == "k1"
    SURVEY.check(delivered())
    for bad in (b"", b"[]", b'{"events": 3}', b"\xff"):
        with pytest.raises(InputError):
            SURVEY.check(Delivery("/survey", bad, NOW))


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner:
       st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20))  # fmt: skip
def test_nothing_that_is_sent_breaks_it(entry: Any) -> None:
    base = {"what": "answered", "survey": "pulse", "kind": "nps", "score": 3}
    SURVEY.parse(delivered(entry, {**base, "person": entry, "properties": entry, "at": entry}))


def test_a_check_is_an_event_and_a_bad_one_is_an_outage_too() -> None:
    good = Found("home", "uptime:1:2:a", NOW, 60, True, 120, 200)
    bad = Found("home", "uptime:1:2:b", NOW, 60, False, 0, 0, "The connection was refused.")
    events = [UPTIME.parse(Delivery("", body(one), NOW)).events for one in (good, bad)]
    assert [[(e.message_id[-14:], e.event) for e in some] for some in events] == [
        [("health_checked", "health_checked")],
        [("health_checked", "health_checked"), ("uptime:1:2:b:outage"[-14:], "outage")],
    ]
    told = {"check": "home", "seconds": 60, "ok": True, "status": 200, "milliseconds": 120}
    assert events[0][0].properties == told
    assert events[1][1].properties == {
        "check": "home",
        "seconds": 60,
        "reason": "The connection was refused.",
    }
    assert UPTIME.parse(Delivery("", b"{}", NOW)).refused
    assert not UPTIME.paths
    with pytest.raises(InputError):
        UPTIME.check(Delivery("", body(good), NOW))
