"""What Headway's own uptime checks found. The worker writes it: no address leads here."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from headway.engine.errors import InputError
from headway.engine.event import Event, Scalar
from headway.ingest.dialects import answers
from headway.ingest.dialects.batch import unreadable
from headway.ingest.dialects.dialect import Delivery, Dialect, Parsed

CHECKED, OUTAGE = "health_checked", "outage"


class Found(msgspec.Struct, frozen=True):
    """One check: it stands for `seconds` from `at` on. `status` is 0 without an answer."""

    check: str
    id: str
    at: datetime
    seconds: int
    ok: bool
    milliseconds: int
    status: int = 0
    reason: str = ""


def parse(delivery: Delivery) -> Parsed:
    """A bad check is an outage too; those that follow each other make one."""
    try:
        found = msgspec.json.decode(delivery.body, type=Found)
    except msgspec.DecodeError as error:
        return unreadable(InputError(f"This is no check ({error})."))
    events = [_event(found, CHECKED, delivery.received_at)]
    if not found.ok:
        events.append(_event(found, OUTAGE, delivery.received_at))
    return Parsed(events)


def _event(found: Found, name: str, received: datetime) -> Event:
    told: dict[str, Scalar] = {"check": found.check, "seconds": found.seconds}
    if name == CHECKED:
        told |= {"ok": found.ok}
        if found.status:
            told |= {"status": found.status, "milliseconds": found.milliseconds}
    if found.reason:
        told["reason"] = found.reason
    at = found.at.astimezone(UTC)
    return Event(f"{found.id}:{name}", name, at, None, None, received, told)


def body(found: Found) -> bytes:
    return msgspec.json.encode(found)


def _nothing(_: Delivery) -> str:
    return ""


def _refuse(_: Delivery) -> None:
    raise InputError("Only the worker writes these.")


UPTIME = Dialect(
    name="uptime",
    title="Uptime checks of Headway",
    paths=(),
    key=_nothing,
    check=_refuse,
    parse=parse,
    accepted=answers.taken,
    refused=answers.denied,
)
