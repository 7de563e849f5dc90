"""Columns at once say what the dialect says of each message, whatever was sent."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from headway.ingest.dialects import segment
from headway.ingest.dialects.dialect import Delivery
from headway.ingest.inflow import quick
from headway.ingest.inflow.columnar import width
from headway.stores.tabled import table_of

NOW = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
TIMES = [
    "2026-03-02T09:29:58.120Z", "2026-03-01T23:00:00+02:00", "2026-03-02T09:00:00.123456Z",
    "2026-03-02", "1999-01-01T00:00:00Z", "2031-01-01T00:00:00Z", "soon", "", None, 1772443800,
    "2026-02-30T10:00:00Z", "2026-03-02T09:29:58.1234567Z",
]  # fmt: skip
IDS = ["u1", " u2 ", "null", "", None, 42, 4.0, "x" * 600, True, "Ünï", ["u"]]
VALUES = [
    1, 2.5, -0.0, 1e300, 2**70, True, False, None, "", "text", " spaced ", "x" * 9_000,
    "2026-03-01", "2026-03-01 10:00:00", "caf\u00e9", "nul\u0000", [1, 2], [], {}, {"b": {"c": 1}},
    {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}},
]  # fmt: skip
NAMES = ["amount", "plan", "due", "a", "a.b", " odd ", "context.locale", "", "n" * 300]
CONTEXTS: list[Any] = [
    None, {}, {"library": {"name": "x", "version": "1"}}, {"locale": "de", "page": {"url": ""}},
    {"groupId": "g1"}, {"page": {"title": 5}}, "text", {"ip": "1.2.3.4", "traits": {"a": 1}},
    {"page": "home"}, {"library": {"name": "$direct"}},
]  # fmt: skip


def message(chance: random.Random, number: int, odd: float, mixed: bool = True) -> Any:
    """Mostly plain; `odd` is how likely each part is something else, of `mixed` types or of one."""

    def alike(usual: Any, others: list[Any]) -> list[Any]:
        kept = [o for o in others if mixed or o is None or type(o) is type(usual)]
        return kept or [usual]

    def pick(usual: Any, others: list[Any]) -> Any:
        return chance.choice(alike(usual, others)) if chance.random() < odd else usual

    def some() -> dict[str, Any]:
        value = chance.choice(VALUES)
        kind = "" if mixed else f"{type(value).__name__} {len(str(value))} "
        return {kind + chance.choice(NAMES): value}

    made = {
        "type": pick("track", ["identify", "page", "alias", "group", "dance", None, 7]),
        "messageId": pick(f"m{number}", ["", None, 7, "y" * 600, f" m{number} "]),
        "event": pick("ordered", ["", None, " paid ", 5, "e" * 300]),
        "userId": pick(f"u{number % 7}", IDS),
        "timestamp": pick(f"2026-03-02T0{number % 9}:00:00.{number % 1000:03d}Z", TIMES),
        "properties": pick(
            {"amount": number, "plan": "pro", "nested": {"deep": number % 3 == 0}},
            [*(some() for _ in range(3)), None, "text", []],
        ),
        "context": pick(
            {"library": {"name": "py", "version": "2"}}, CONTEXTS[: None if mixed else 5]
        ),
    }
    for name, others in (
        ("anonymousId", IDS), ("originalTimestamp", TIMES), ("sentAt", TIMES), ("groupId", IDS),
        ("previousId", IDS), ("traits", [{"plan": "x"}, None]),
    ):  # fmt: skip
        if chance.random() < odd:
            made[name] = chance.choice(alike("", others) if name != "traits" else others)
    return "text" if mixed and chance.random() < odd / 20 else made


def deliveries(chance: random.Random, odd: float, mixed: bool = True) -> list[Delivery]:
    found = []
    for number in range(40):
        batch = [message(chance, 100 * number + i, odd, mixed) for i in range(chance.randrange(6))]
        body: dict[str, Any] = {"batch": batch}
        if chance.random() < 0.8:
            body["sentAt"] = chance.choice(TIMES if mixed and chance.random() < odd else TIMES[:8])
        text = json.dumps(body, ensure_ascii=chance.random() < 0.2)
        found.append(Delivery("/v1/batch", text.encode(), NOW))
    return found


def rows(table: pa.Table) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in row.items() if value is not None}
        for row in table.to_pylist()
    ]


def by_id(listed: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in listed:
        found.setdefault(row["message_id"], row)
    return found


def one_by_one(listed: list[Delivery]) -> dict[str, Any]:
    events = [event for one in listed for event in segment.parse(one).events]
    return by_id([row for event in events for row in rows(table_of([event]))])


@pytest.mark.parametrize("mixed", [True, False])
@pytest.mark.parametrize("seed", range(20))
def test_both_ways_tell_the_same(seed: int, mixed: bool) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    given = deliveries(chance, chance.choice([0.02, 0.1, 0.3]), mixed)
    found = quick.read(given)
    at_once = by_id([row for table in found.tables for row in rows(table)])
    left = one_by_one([left.delivery for left in found.left])
    expected = one_by_one(given)
    told = {**left, **at_once}
    assert told.keys() == expected.keys()
    wrong = {i for i, row in told.items() if row != expected[i]}
    assert [(told[i], expected[i]) for i in wrong] == []
    assert at_once or mixed


def test_plain_messages_need_no_object_each() -> None:
    given = deliveries(random.Random(1), odd=0)  # noqa: S311 - no secret
    found = quick.read(given)
    assert found.left == ()
    assert sum(table.num_rows for table in found.tables) > 50


def test_an_odd_entry_does_not_slow_its_neighbours() -> None:
    plain = [message(random.Random(0), i, 0) for i in range(30)]  # noqa: S311 - no secret
    odd = {"type": "identify", "userId": "u1", "anonymousId": "a1", "messageId": "i1"}
    given = [
        Delivery("/v1/batch", json.dumps({"batch": [*plain, odd]}).encode(), NOW)
        for _ in range(quick.FEW)
    ]
    found = quick.read(given)
    assert [left.places for left in found.left] == [(30,)] * quick.FEW
    assert segment.parse(found.left[0].delivery).events[0].event == "$identify"


def test_what_would_be_too_many_columns_at_once_is_read_in_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each delivery has names of its own: all in one table, each would be a column of all rows."""
    given = [
        Delivery("/v1/batch", json.dumps({"batch": [_own(at, i) for i in range(20)]}).encode(), NOW)
        for at in range(80)
    ]
    size = sum(len(one.body) for one in given)
    monkeypatch.setattr(quick, "BROADEST", 20 * 80 * size / 3)
    found = quick.read(given)
    assert len(found.tables) > 1
    left = sum(len(segment.parse(one.delivery).events) for one in found.left)
    assert sum(table.num_rows for table in found.tables) + left == 80 * 20
    monkeypatch.setattr(quick, "BROADEST", 20e9)
    assert len(quick.read(given).tables) == 1


def _own(at: int, place: int) -> dict[str, Any]:
    return message(random.Random(0), place, 0) | {  # noqa: S311 - no secret
        "messageId": f"{at}-{place}",
        "properties": {f"order_{at}_{place}_seen": place, "amount": 1},
    }


def test_names_are_counted_before_they_are_columns() -> None:
    plain = [b'{"batch":[{"type":"track","event":"a\\":b","properties":{"amount":1}}]}'] * 500
    assert width(plain) < 10
    broad = [
        json.dumps({f"order_{at}_{i}_seen": 1 for i in range(7)}).encode() for at in range(999)
    ]
    assert 5_000 < width(broad) < 9_000
    assert width([b"{}"]) == width([b'":']) == 0
