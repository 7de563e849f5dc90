"""Deliveries that were read at the door, so that nothing personal of them is written down.

No SDK speaks it: the door writes it, and the drain reads it.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from headway.engine.errors import InputError
from headway.engine.event import Event, Scalar
from headway.ingest.dialects import answers
from headway.ingest.dialects.dialect import Delivery, Dialect, Parsed, Refused

NAME = "cleaned"


class Row(msgspec.Struct, frozen=True, array_like=True):
    message_id: str
    event: str
    happened_at: datetime
    user_id: str | None
    account_id: str | None
    received_at: datetime | None
    properties: dict[str, Scalar]


class Body(msgspec.Struct, frozen=True):
    events: list[Row]
    refused: list[Refused] = []


def written(found: Parsed) -> bytes:
    rows = [
        Row(
            one.message_id,
            one.event,
            one.happened_at,
            one.user_id,
            one.account_id,
            one.received_at,
            dict(one.properties),
        )
        for one in found.events
    ]
    return msgspec.json.encode(Body(rows, list(found.refused)))


def parse(delivery: Delivery) -> Parsed:
    body = msgspec.json.decode(delivery.body, type=Body)
    return Parsed([Event(*msgspec.structs.astuple(row)) for row in body.events], body.refused)


def _nothing(_: Delivery) -> str:
    return ""


def _refuse(_: Delivery) -> None:
    raise InputError("Only the door writes these.")


CLEANED = Dialect(
    name=NAME,
    title="Read at the door",
    paths=(),
    key=_nothing,
    check=_refuse,
    parse=parse,
    accepted=answers.taken,
    refused=answers.denied,
)
