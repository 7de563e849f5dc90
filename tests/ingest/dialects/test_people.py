"""Who did what does not depend on the order in which it arrives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.engine.event import MARKERS, Event
from headway.ingest.dialects import DIALECTS
from headway.ingest.dialects.dialect import Delivery
from tests.ingest.dialects.captured import claims_of, person

START = datetime(2026, 11, 20, tzinfo=UTC)
ARRIVED = START + timedelta(days=1)
SEGMENT, AMPLITUDE, SNOWPLOW = (DIALECTS[name] for name in ("segment", "amplitude", "snowplow"))

Deed = tuple[int, str, str | None]
"""Minute, device, and who is signed in."""


def segment(number: int, deed: Deed) -> dict[str, Any]:
    minute, device, user = deed
    return {
        "type": "track", "event": "Did", "messageId": f"m{number}", "anonymousId": device,
        "userId": user, "timestamp": (START + timedelta(minutes=minute)).isoformat(),
    }  # fmt: skip


def taken_in(messages: Sequence[dict[str, Any]]) -> list[Event]:
    """One delivery each; of two events with one id, the first that arrives."""
    found: dict[str, Event] = {}
    for message in messages:
        body = json.dumps({"batch": [message]}).encode()
        for event in SEGMENT.parse(Delivery("/v1/batch", body, ARRIVED)).events:
            found.setdefault(event.message_id, event)
    return list(found.values())


def whose(events: Sequence[Event]) -> dict[str, str | None]:
    found = claims_of(events)
    return {e.message_id: person(e, found) for e in events if e.event not in MARKERS}


DEEDS = st.lists(
    st.tuples(
        st.integers(0, 600), st.sampled_from(["d1", "d2"]), st.sampled_from([None, "ada", "bob"])
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(deeds=DEEDS, data=st.data())
def test_any_order_of_arrival_gives_the_same_people(deeds: list[Deed], data: Any) -> None:
    messages = [segment(number, deed) for number, deed in enumerate(deeds)]
    shuffled = data.draw(st.permutations(messages))
    assert whose(taken_in(shuffled)) == whose(taken_in(messages))


def test_a_shared_device_is_whoever_signs_in_next() -> None:
    deeds: list[Deed] = [
        (0, "d1", None), (5, "d1", "ada"), (100, "d1", None), (105, "d1", "bob"),
        (200, "d1", None), (205, "d1", "ada"), (300, "d1", None),
    ]  # fmt: skip
    events = taken_in([segment(number, deed) for number, deed in enumerate(deeds)])
    found = whose(events)
    assert [found[f"m{i}"] for i in range(7)] == ["ada", "ada", "bob", "bob", "ada", "ada", "ada"]


def test_two_who_change_places_within_minutes_are_told_apart_by_their_sign_ins() -> None:
    """Ada signs in at 1 and Bob at 5, on one device; both send their ids along, and one sign-in
    arrives last.
    """
    deeds: list[Deed] = [
        (0, "d1", None), (2, "d1", "ada"), (3, "d1", None), (6, "d1", "bob"), (7, "d1", None),
        (12, "d1", "bob"), (15, "d1", None), (60, "d1", None),
    ]  # fmt: skip
    messages = [segment(number, deed) for number, deed in enumerate(deeds)]
    ada, bob = (
        segment(number, (minute, "d1", user)) | {"type": "identify"}
        for number, minute, user in ((98, 1, "ada"), (99, 5, "bob"))
    )
    whole = ["ada", "ada", "bob", "bob", "bob", "bob", "bob", "bob"]
    for order in ([*messages, bob, ada], [ada, bob, *messages], [bob, *messages[::-1], ada]):
        found = whose(taken_in(order))
        assert [found[f"m{i}"] for i in range(8)] == whole
    before = whose(taken_in([*messages, bob]))
    assert [before[f"m{i}"] for i in (3, 4, 6, 7)] == ["bob"] * 4


def test_who_was_on_a_device_before_goes_before_whoever_comes_to_it() -> None:
    """Nobody says when they signed in; in the same ten minutes both were there."""
    deeds: list[Deed] = [
        (1, "d1", "zoe"), (12, "d1", "zoe"), (15, "d1", "ada"), (22, "d1", None), (40, "d1", None),
    ]  # fmt: skip
    found = whose(taken_in([segment(number, deed) for number, deed in enumerate(deeds)]))
    assert [found[f"m{i}"] for i in (3, 4)] == ["ada", "ada"]


def test_a_pair_is_linked_once_in_ten_minutes() -> None:
    deeds: list[Deed] = [(minute, "d1", "ada") for minute in (0, 3, 9, 10, 19, 60)]
    events = taken_in([segment(number, deed) for number, deed in enumerate(deeds)])
    links = [e for e in events if e.event in MARKERS]
    assert [e.happened_at - START for e in links] == [
        timedelta(minutes=end) - timedelta(microseconds=1) for end in (10, 20, 70)
    ]


def test_each_sdk_that_sends_both_ids_links_them() -> None:
    amplitude = {"event_type": "Did", "user_id": "ada", "device_id": "d1", "time": 1795297550580}
    snowplow = {"e": "pv", "uid": "ada", "duid": "d1", "dtm": "1795297550580"}
    for dialect, body in (
        (AMPLITUDE, {"api_key": "k", "events": [amplitude]}),
        (SNOWPLOW, {"data": [snowplow]}),
    ):
        delivery = Delivery(dialect.paths[0], json.dumps(body).encode(), ARRIVED)
        deed, link = dialect.parse(delivery).events
        assert deed.user_id == link.user_id == "ada"
        assert link.properties == {"previous_id": "d1"}


def test_a_trait_that_is_set_once_keeps_its_first_value() -> None:
    def say(plan: str, minute: int) -> list[Event]:
        at = (START + timedelta(minutes=minute)).isoformat()
        said = {"event": "$set", "distinct_id": "ada", "uuid": f"u{minute}", "timestamp": at,
                "$set_once": {"first_plan": plan, "$initial_referrer": "x"}}  # fmt: skip
        body = json.dumps({"api_key": "k", "batch": [said]}).encode()
        return list(DIALECTS["posthog"].parse(Delivery("/batch", body, ARRIVED)).events)

    [first], [second] = say("free", 1), say("pro", 2)
    assert first.message_id == second.message_id
    assert first.properties == {"first_plan": "free"}
