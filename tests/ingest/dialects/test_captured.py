"""What real SDKs sent becomes the events that their calls meant."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from headway.engine.event import GROUP, IDENTIFY, MARKERS
from headway.ingest.dialects import DIALECTS
from tests.ingest.dialects.captured import NAMES, claims_of, deliveries, events_of, person
from tests.ingest.dialects.counted import people_in

Row = tuple[str, str, str, str, dict[str, object]]


def expected() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    with Path(__file__).with_name("captured.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            own = json.loads(row["properties"] or "{}")
            found[row["capture"]].append(
                (row["at"], row["event"], row["user"], row["account"], own)
            )
    return found


def own(properties: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in properties.items() if not name.startswith("context.")}


@pytest.mark.parametrize("name", NAMES)
def test_each_call_is_an_event(name: str) -> None:
    rows = [
        (
            e.happened_at.isoformat(timespec="milliseconds")[:23],
            e.event,
            e.user_id or "",
            e.account_id or "",
            own(dict(e.properties)),
        )
        for e in events_of(name)
        if not e.message_id.startswith("link:")
    ]
    assert rows == expected()[name]


def test_every_dialect_was_captured() -> None:
    spoken = {dialect.name for name in NAMES for dialect, _ in deliveries(name)}
    assert spoken == set(DIALECTS)


@pytest.mark.parametrize("name", NAMES)
def test_a_delivery_is_let_through_with_its_key_and_thanked(name: str) -> None:
    for dialect, delivery in deliveries(name):
        dialect.check(delivery)
        assert dialect.key(delivery) in ("WK_TEST", "phc_TEST", "AMPKEY", "TOKEN_TEST", "app")
        answer = dialect.accepted(delivery)
        assert answer.status == 200
        if answer.content_type == "application/json":
            assert json.loads(answer.body)["status"] == 1
        elif answer.content_type == "text/plain":
            assert (name, answer.body) == ("node_mixpanel", b"1")
        else:
            assert answer.body.startswith(b"GIF89a")


def test_only_what_needs_the_value_before_is_refused() -> None:
    refused = [
        (name, one.reason)
        for name in NAMES
        for dialect, delivery in deliveries(name)
        for one in dialect.parse(delivery).refused
    ]
    assert [name for name, _ in refused] == ["py_amplitude"]
    assert "`$add` is not taken over" in refused[0][1]


STORIES = [name for name in NAMES if "snowplow" not in name]


@pytest.mark.parametrize("name", STORIES)
def test_the_same_story_has_the_same_people_and_events(name: str) -> None:
    """Signed up with plan pro, told who it is, and to which company."""
    events = events_of(name)
    found = claims_of(events)
    [signed_up] = [e for e in events if e.event.lower().replace(" ", "_") == "signed_up"]
    assert signed_up.properties["plan"] == "pro"
    emails = {person(e, found) for e in events if e.properties.get("email") == "a@b.c"}
    assert emails == {person(signed_up, found)}
    groups = [e for e in events if e.event == GROUP]
    assert {e.account_id for e in groups} == {"org1"}
    named = [e for e in groups if e.properties.get("name") == "Acme"]
    assert len(named) == (0 if "amplitude" in name else 1)


@pytest.mark.parametrize("name", NAMES)
def test_everybody_in_a_story_is_one_person(name: str) -> None:
    events = events_of(name)
    found = claims_of(events)
    deeds = [e for e in events if e.event not in MARKERS]
    assert len({person(e, found) for e in deeds}) == 1
    assert people_in(events) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_delivery_sent_again_and_in_another_order_changes_nothing(name: str) -> None:
    sent = deliveries(name)
    again = [*reversed(sent), *sent[1:], *sent]
    ids = {e.message_id: e for dialect, one in again for e in dialect.parse(one).events}
    assert {e.message_id for e in events_of(name)} == set(ids)
    assert list(claims_of(ids.values())) == list(claims_of(events_of(name)))


def test_a_clock_that_is_off_is_put_right() -> None:
    """The same deliveries, arriving three hours after they were sent by the sender's clock."""
    off = timedelta(hours=3)
    for name in ("node_segment", "browser_rudder", "node_posthog", "py_posthog_v1",
                 "node_amplitude", "node_snowplow"):  # fmt: skip
        for dialect, one in deliveries(name):
            before = {e.message_id: e for e in dialect.parse(one).events}
            late = replace(one, received_at=one.received_at + off)
            after = [e for e in dialect.parse(late).events if not e.message_id.startswith("link:")]
            assert after
            for event in after:
                shift = event.happened_at - before[event.message_id].happened_at
                assert abs(shift - off) < timedelta(seconds=1), (name, event)


def test_where_both_ids_are_sent_the_anonymous_one_is_somebody() -> None:
    [dialect, delivery] = deliveries("py_amplitude")[0]
    [link] = [e for e in dialect.parse(delivery).events if e.message_id.startswith("link:")]
    assert (link.event, link.user_id) == (IDENTIFY, "user-1")
    assert link.properties == {"previous_id": "dev-1"}
