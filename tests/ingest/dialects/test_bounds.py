"""What is odd, broken or hostile becomes an event within bounds, or is refused with a reason."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.engine.errors import InputError
from headway.ingest.dialects import DIALECTS
from headway.ingest.dialects.bodies import unwrapped
from headway.ingest.dialects.dialect import Delivery, Dialect, Parsed
from headway.ingest.dialects.properties import LARGEST, LONGEST_TEXT, MOST, flat
from headway.ingest.dialects.times import happened, instant
from headway.ingest.dialects.unpacking import TooLarge, unpacked

NOW = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)
SEGMENT, MIXPANEL, POSTHOG = (DIALECTS[name] for name in ("segment", "mixpanel", "posthog"))


def delivery(body: bytes, path: str = "/v1/batch", **query: str) -> Delivery:
    return Delivery(path, body, NOW, query)


def track(**message: Any) -> Parsed:
    base = {"type": "track", "event": "A", "userId": "u", "messageId": "m"}
    return SEGMENT.parse(delivery(json.dumps({"batch": [base | message]}).encode()))


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth - 1):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"a": {"b": 1, "c": {"d": True}}}, {"a.b": 1, "a.c.d": True}),
        ({"tags": ["x", 1]}, {"tags": '["x",1]'}),
        ({"none": None, "": 1, " ": 2}, {}),
        ({"n": float("nan"), "i": float("inf"), "f": 1.5}, {"f": 1.5}),
        ({"id": LARGEST + 1, "n": LARGEST}, {"id": str(LARGEST + 1), "n": LARGEST}),
        ({"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}, {"a.b.c.d.e": '{"f":1}'}),
        ({"deep": nested(600)}, {"deep": "[" * 600 + "]" * 600}),
        ({"deep": nested(100_000)}, {"deep": "nested too deeply"}),
        ({"long": "x" * 9000}, {"long": "x" * LONGEST_TEXT}),
        ({"x" * 201: 1, "y": 2}, {"y": 2}),
        ({"half": "a\ud83d", "nul": "a\0b"}, {"half": "a\N{REPLACEMENT CHARACTER}", "nul": "ab"}),
        ({"tags": ["a\ud83d"]}, {"tags": '["a\\ud83d"]'}),
        ({"ids": [2**70]}, {"ids": f"[{2**70}]"}),
        ("nothing", {}),
    ],
)
def test_properties_are_flat_and_bounded(said: Any, found: dict[str, Any]) -> None:
    kept = flat(said)
    assert kept == found
    assert {name: type(value) for name, value in kept.items()} == {
        name: type(value) for name, value in found.items()
    }


def test_a_number_of_thousands_of_digits_spoils_no_delivery() -> None:
    digits = "9" * 6000
    body = json.dumps(
        {"batch": [{"type": "track", "event": "A", "userId": 1, "properties": {"n": 7}}]}
    )
    [event] = SEGMENT.parse(delivery(body.replace("7", digits).encode())).events
    assert event.properties == {"n": digits}


def test_an_event_has_at_most_two_hundred_properties() -> None:
    assert len(flat({f"p{i}": i for i in range(1000)})) == MOST


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00+00:00"),
        ("2026-11-20T10:00:00.123456789+02:00", "2026-11-20T08:00:00.123456+00:00"),
        ("2026-11-20 10:00:00", "2026-11-20T10:00:00+00:00"),
        (1795297550, "2026-11-21T21:45:50+00:00"),
        (1795297550580, "2026-11-21T21:45:50.580000+00:00"),
        ("1795297550580", "2026-11-21T21:45:50.580000+00:00"),
        (1795297550.5, "2026-11-21T21:45:50.500000+00:00"),
        ("yesterday", None),
        (True, None),
        (10**400, None),
        (float("inf"), None),
        ("0001-01-01T00:00:00+23:00", None),
        ({}, None),
    ],
)
def test_times_are_read(said: Any, found: str | None) -> None:
    assert instant(said) == (datetime.fromisoformat(found) if found else None)


@pytest.mark.parametrize(
    ("said", "sent", "found"),
    [
        (timedelta(minutes=-5), None, timedelta(minutes=-5)),
        (timedelta(minutes=-5), timedelta(seconds=-1), timedelta(minutes=-5)),
        (timedelta(hours=-5), timedelta(hours=-4), timedelta(hours=-1)),
        (timedelta(days=400), timedelta(days=400), timedelta()),
        (timedelta(days=2), None, timedelta()),
        (timedelta(hours=23), None, timedelta(hours=23)),
        (timedelta(days=-20_000), None, timedelta()),
        (timedelta(days=-3650), None, timedelta(days=-3650)),
        (None, timedelta(hours=-4), timedelta()),
    ],
)
def test_a_time_is_put_right_and_an_absurd_one_is_when_it_arrived(
    said: timedelta | None, sent: timedelta | None, found: timedelta
) -> None:
    given = [None if one is None else NOW + one for one in (said, sent)]
    assert happened(given[0], given[1], NOW) == NOW + found


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"event": ""}, "The event has no name."),
        ({"event": 5}, "The event has no name."),
        ({"event": "x" * 201}, "The event's name has more than 200 characters."),
        ({"type": "charge"}, "`\"charge\"` is no type of message."),
        ({"type": None}, "`null` is no type of message."),
        ({"userId": "u" * 501}, f"The id `{'u' * 40}…` has more than 500 characters."),
        ({"type": "alias"}, "An alias needs `previousId` and `userId`."),
        ({"type": "group"}, "It is not said which group: `groupId` is empty."),
        ({"type": "identify", "userId": None},
         "It is not said who this is: `userId` and `anonymousId` are empty."),
    ],
)  # fmt: skip
def test_a_bad_message_is_refused_beside_good_ones(message: dict[str, Any], reason: str) -> None:
    good = {"type": "track", "event": "Good", "userId": "u", "messageId": "good"}
    bad = {"type": "track", "event": "A", "userId": "u", "messageId": "bad"} | message
    found = SEGMENT.parse(delivery(json.dumps({"batch": [good, bad, 7]}).encode()))
    assert [e.event for e in found.events] == ["Good"]
    assert [(one.at, one.reason) for one in found.refused] == [
        (1, reason),
        (2, "This is no event."),
    ]
    assert json.loads(found.refused[0].text) == bad or len(found.refused[0].text) == 1000


@pytest.mark.parametrize(
    ("id_", "kept"),
    [(42, "42"), (42.0, "42"), (" u ", "u"), ("undefined", None), ("[object Object]", None),
     (True, None), ({}, None), ("", None), ("00000000-0000-0000-0000-000000000000", None)],
)  # fmt: skip
def test_what_stands_for_nobody_is_no_id(id_: Any, kept: str | None) -> None:
    assert [e.user_id for e in track(userId=id_).events] == [kept]


def test_a_trait_cannot_say_who_somebody_is() -> None:
    said = {"previous_id": "somebody-else", "plan": "pro"}
    [event] = track(type="identify", traits=said).events
    assert event.properties == {"plan": "pro"}


def test_python_writes_nan_and_still_its_batch_is_read() -> None:
    body = b'{"batch":[{"type":"track","event":"A","userId":"u","properties":{"a":NaN,"b":1}}]}'
    SEGMENT.check(delivery(body))
    assert SEGMENT.parse(delivery(body)).events[0].properties == {"b": 1}


def test_equal_messages_without_a_time_are_two_events_and_with_one_they_are_one() -> None:
    said: dict[str, Any] = {"event": "Clicked", "properties": {"token": "t", "distinct_id": "u"}}
    body = json.dumps([said, said]).encode()
    ids = [e.message_id for e in MIXPANEL.parse(delivery(body, "/track")).events]
    assert len(set(ids)) == 2
    assert ids == [e.message_id for e in MIXPANEL.parse(delivery(body, "/track")).events]
    said["properties"]["time"] = 1795297550.25
    body = json.dumps([said, said]).encode()
    assert len(MIXPANEL.parse(delivery(body, "/track")).events) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"  ", b"{", b"[1", b"nonsense", b"\xff\xfe", b"7", b'"x"', b"[" * 100_000,
     b"[1, 2]",
     b'{"batch":[{"a":"\xff"}],"events":[{"a":"\xff"}],"data":[{"a":"\xff"}]}',
     b'{"n": ' + b"9" * 5000 + b"}x"],
)  # fmt: skip
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
def test_where_nothing_can_be_read_the_sdk_is_told(dialect: Dialect, body: bytes) -> None:
    for path in dialect.paths:
        given = delivery(body, path)
        dialect.key(given)
        with pytest.raises(InputError) as told:
            dialect.check(given)
        found = dialect.parse(given)
        assert list(found.events) == []
        assert found.refused
        answer = dialect.refused(400, str(told.value))
        assert answer.status == 400
        assert json.loads(answer.body)["code"] == 400
        assert str(told.value) in json.loads(answer.body)["error"]


TEXTS = st.text(st.characters(exclude_categories=()), max_size=8)
"""With halves of characters, as JavaScript cuts them."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner),
    max_leaves=12,
)
FIELDS = """
    type event userId anonymousId previousId groupId properties traits context timestamp
    sentAt messageId originalTimestamp name distinct_id $distinct_id $set $set_once
    $groups uuid $group_key $group_id $identify token time alias $distinct_ids events
    event_type user_id device_id groups user_properties group_properties e se_ac ue_px
    cx dtm stm uid duid eid aid batch data sent_at offset $anon_distinct_id
    client_upload_time page campaign
"""
NAMED = """
    track page identify group alias $identify $create_alias $merge $groupidentify $set
    pv se ue tr ti pp $pageview
"""
NAMES = st.sampled_from(FIELDS.split())
VALUES = st.sampled_from(NAMED.split()) | JSON
ENTRY = st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES, max_size=6))
BODIES = (
    JSON
    | ENTRY
    | st.lists(ENTRY, max_size=3)
    | st.lists(ENTRY, max_size=3).map(lambda es: {"batch": es, "events": es, "data": es})
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(said=BODIES)
def test_no_json_surprises_a_dialect(said: Any) -> None:
    """`check` lets it through or raises InputError; `parse` never raises, and repeats itself."""
    body = json.dumps(said).encode()
    for dialect in DIALECTS.values():
        for path in dialect.paths:
            given_ = delivery(body, path)
            try:
                dialect.check(given_)
            except InputError:
                assert not dialect.parse(given_).events
                continue
            dialect.key(given_)
            found = dialect.parse(given_)
            assert dialect.parse(given_) == found
            dialect.accepted(given_)
            for event in found.events:
                assert event.event
                assert event.message_id
                assert event.happened_at.utcoffset() == timedelta(0)
                msgspec.json.encode(dict(event.properties))
                for text in (event.event, event.message_id, event.user_id or "", *event.properties):
                    text.encode()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(body=st.binary(max_size=60))
def test_no_bytes_surprise_a_dialect(body: bytes) -> None:
    for dialect in DIALECTS.values():
        for path in dialect.paths:
            dialect.key(delivery(body, path))
            dialect.parse(delivery(body, path))
            try:
                dialect.check(delivery(body, path))
            except InputError:
                assert not dialect.parse(delivery(body, path)).events


@pytest.mark.parametrize("data", ["lz", "e30", "e30=", "%7B%7D", "=", "{}"])
def test_data_in_the_query_are_json_or_base64(data: str) -> None:
    for dialect, path in ((MIXPANEL, "/track"), (POSTHOG, "/e")):
        given_ = delivery(b"", path, data=data)
        dialect.key(given_)
        dialect.parse(given_)


def test_base64_in_both_alphabets_padded_or_not() -> None:
    plain = b'{"a":"\xc3\xbf\xc3\xbe??>>"}'
    for packed in (base64.b64encode(plain), base64.urlsafe_b64encode(plain)):
        assert unwrapped(packed.decode()) == plain
        assert unwrapped(packed.decode().rstrip("=")) == plain


def test_bodies_are_unpacked_by_what_they_are() -> None:
    body = b'{"batch":[]}'
    for packed in (body, gzip.compress(body), zlib.compress(body),
                   gzip.compress(body[:5]) + gzip.compress(body[5:]), zstd(body)):  # fmt: skip
        assert unpacked(packed, 100) == body


def zstd(body: bytes) -> bytes:
    found: bytes = pa.compress(body, codec="zstd", asbytes=True)
    return found


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_bomb_is_not_unpacked(pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b"0" * 50_000_000)
    with pytest.raises(TooLarge):
        unpacked(bomb, 1_000_000)
    with pytest.raises(TooLarge):
        unpacked(b"0" * 1001, 1000)


@pytest.mark.parametrize("cut", [3, 12, -3])
def test_a_torn_packed_body_says_so(cut: int) -> None:
    with pytest.raises(InputError, match=r"cut off|unpacked"):
        unpacked(gzip.compress(b'{"batch":[]}')[:cut], 1000)
    with pytest.raises(InputError, match="unpacked"):
        unpacked(zstd(b'{"batch":[]}')[: max(cut, 5) if cut > 0 else cut], 1000)


@pytest.mark.parametrize("packed", ["lz64 in the query", "lz64 in the form"])
def test_what_cannot_be_unpacked_is_told_with_what_can(packed: str) -> None:
    given_ = {
        "lz64 in the query": delivery(b"data=N4Ig", "/e", compression="lz64"),
        "lz64 in the form": delivery(b"data=N4Ig&compression=lz64", "/e"),
    }[packed]
    with pytest.raises(InputError, match="packed with"):
        POSTHOG.check(given_)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
def test_what_an_sdk_asks_at_its_start_is_answered(dialect: Dialect) -> None:
    for pattern in dialect.asks:
        assert dialect.asked is not None
        answer = dialect.asked(delivery(b"", pattern.replace("*", "k'y")))
        assert answer.status == 200
        if answer.content_type == "application/json":
            assert isinstance(json.loads(answer.body), dict)
        else:
            assert b'["k\'y"]=' in answer.body
