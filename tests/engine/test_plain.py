"""A definition written down says only what differs from what is meant anyway."""

from __future__ import annotations

import json

from headway.engine.kinds import parse, to_document


def test_what_is_the_default_is_left_out_however_it_was_written() -> None:
    text = """{"key": "adopters", "kind": "unique", "event": "saw", "direction": "up", "by": "user",
        "who": {"did": {"event": "made", "where": {}}, "within": "ever", "at_least": 1}}"""
    assert to_document(parse(json.loads(text))) == {
        "key": "adopters",
        "kind": "unique",
        "event": "saw",
        "who": {"did": {"event": "made"}},
    }


def test_what_differs_stays_in_the_order_of_the_format() -> None:
    document = {
        "key": "big",
        "kind": "count",
        "event": ["paid", "refunded"],
        "where": {"amount": {"gte": 10.0}, "country": "de"},
    }
    written = to_document(parse(document))
    assert written == document | {"where": document["where"]}
    assert list(written)[:2] == ["key", "kind"]
