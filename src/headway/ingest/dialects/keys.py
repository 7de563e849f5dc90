"""Where a write key may stand in a delivery."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from headway.engine.errors import InputError
from headway.ingest.dialects.bodies import loaded
from headway.ingest.dialects.dialect import Delivery

LONGEST = 200


def basic(delivery: Delivery) -> str:
    """The user name, or where there is none the password."""
    scheme, _, packed = delivery.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        name, _, word = base64.b64decode(packed.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return name or word


def bearer(delivery: Delivery) -> str:
    scheme, _, token = delivery.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def asked_for(delivery: Delivery, *names: str) -> str:
    """From the query."""
    return next((found for name in names if (found := delivery.query.get(name))), "")


def inside(values: Any, *names: str) -> str:
    """From a JSON object."""
    if not isinstance(values, dict):
        return ""
    found = (values.get(name) for name in names)
    return next((text for text in found if isinstance(text, str) and text), "")


class _Head(msgspec.Struct):
    """Where SDKs put a key beside their events."""

    writeKey: Any = None  # noqa: N815 - as Segment writes it
    api_key: Any = None
    token: Any = None


head_of = msgspec.json.Decoder(_Head).decode


def beside(delivery: Delivery, *names: str) -> str:
    """From the body, of which the events are passed over."""
    try:
        return inside(msgspec.structs.asdict(head_of(delivery.body)), *names)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return inside(read(delivery), *names)


def read(delivery: Delivery) -> Any:
    """The body, or nothing where it cannot be read: `check` says so later."""
    try:
        return loaded(delivery.body)
    except InputError:
        return None
