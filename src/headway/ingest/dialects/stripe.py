"""Stripe's webhooks: each one is an event of Stripe's, signed with the secret of its endpoint."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from headway.engine.errors import InputError
from headway.ingest.dialects.answers import denied, taken
from headway.ingest.dialects.bodies import FIX, loaded
from headway.ingest.dialects.dialect import Delivery, Dialect, Parsed, Refused
from headway.ingest.fetching.subscriptions import Reading

SIGNATURE = "stripe-signature"
TOLERANCE = 300
"""Seconds between signature and arrival. What is sent again within them is known by its id."""

ACCOUNT = "account"
"""In the query of a delivery, put there by the door: the key of the metadata with the account."""


def signed(delivery: Delivery, secret: str) -> None:
    """Raises InputError unless the body is what was signed with the secret, a moment ago.

    https://docs.stripe.com/webhooks#verify-manually
    """
    said = [part.strip().partition("=") for part in delivery.headers.get(SIGNATURE, "").split(",")]
    times = [value for name, _, value in said if name == "t"]
    given = [value for name, _, value in said if name == "v1"]
    if not times or not times[0].isdecimal() or not given:
        raise InputError("There is no `Stripe-Signature`.", fix="Only Stripe sends here.")
    signing = times[0].encode() + b"." + delivery.body
    expected = hmac.new(secret.encode(), signing, hashlib.sha256).hexdigest().encode()
    if not any(hmac.compare_digest(one.encode(), expected) for one in given):
        raise InputError(
            "The signature is not one of this endpoint's secret.",
            fix="Put the endpoint's signing secret into the variable of `webhook_env`.",
        )
    if abs(delivery.received_at.timestamp() - int(times[0])) > TOLERANCE:
        raise InputError(
            "The signature is too old.", fix="See whether this machine's clock is right."
        )


def check(delivery: Delivery) -> None:
    _event(delivery)


def parse(delivery: Delivery) -> Parsed:
    event = _event(delivery)
    try:
        return Parsed([*Reading(delivery.query.get(ACCOUNT, "")).happened(event)])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"It has another shape ({error!r})."
        return Parsed([], [Refused(0, reason, delivery.body[:1000].decode("utf-8", "replace"))])


def _event(delivery: Delivery) -> dict[str, Any]:
    found = loaded(delivery.body)
    if isinstance(found, dict) and isinstance(found.get("type"), str) and found.get("id"):
        return found
    raise InputError("This is no event of Stripe.", fix=FIX)


def _key(_: Delivery) -> str:
    """It is in the address."""
    return ""


STRIPE = Dialect(
    name="stripe",
    title="Stripe",
    paths=("/v1/stripe",),
    key=_key,
    check=check,
    parse=parse,
    accepted=taken,
    refused=denied,
    signed=signed,
)
