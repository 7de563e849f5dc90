"""Stripe's webhooks at the door, signed as Stripe signs them."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from headway.accounts.models import Member, Workspace
from headway.ingest.actions import create_key, save_source
from headway.ingest.door.door import Door
from headway.ingest.fetch import fetch
from headway.ingest.inflow.drain import drain
from headway.ingest.manifest.store import local_store
from headway.ingest.models import Delivered, Source, WriteKey
from tests.ingest.fetching.served import served
from tests.ingest.fetching.till import KEY, Till, happened, price, seconds, subscription

SECRET = "whsec_of_nobody"
Send = Callable[..., int]


def told(at: int, body: bytes, secret: str = SECRET) -> str:
    mac = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={'0' * 64},v1={mac},v0=old"


@pytest.fixture
def source(acme: Workspace, admin: Member, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setenv("STRIPE_HOOK", SECRET)
    monkeypatch.setenv("STRIPE_KEY", KEY)
    return save_source(
        acme, "stripe", by=admin, now=datetime(2026, 3, 2, tzinfo=UTC), kind="stripe",
        secret_env="STRIPE_KEY", webhook_env="STRIPE_HOOK", account="tenant",
    )  # fmt: skip


@pytest.fixture
def key(source: Source, admin: Member) -> WriteKey:
    return create_key(source, "webhook", by=admin, now=datetime(2026, 3, 2, tzinfo=UTC))


@pytest.fixture
def send(key: WriteKey) -> Send:
    door = Door(lambda _, respond: respond("404 Not Found", []) or [])

    def sent(body: bytes, signature: str | None, value: str = key.value) -> int:
        answer: list[Any] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"/in/{value}/v1/stripe",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json; charset=utf-8",
            "wsgi.input": io.BytesIO(body),
        }
        if signature is not None:
            environ["HTTP_STRIPE_SIGNATURE"] = signature
        list(door(environ, lambda *said: answer.extend(said)))
        return int(answer[0].split()[0])

    return sent


@pytest.mark.django_db(transaction=True)
def test_only_what_stripe_signed_a_moment_ago_comes_in(
    acme: Workspace, admin: Member, source: Source, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = subscription(
        "sub_1", "cus_1", seconds(2026, 2, 1), price(2500), metadata={"tenant": "t-7"}
    )
    event = happened("evt_1", "customer.subscription.created", seconds(2026, 2, 1), of)
    body, at = json.dumps(event).encode(), int(time.time())
    good = told(at, body)
    assert send(body, None) == 400
    assert send(body, "nonsense") == 400
    assert send(body, told(at, body, "whsec_another")) == 400
    assert send(body.replace(b"2500", b"2501"), good) == 400, "another body"
    assert send(body, told(at - 301, body)) == 400, "an old one, sent again"
    assert send(body, told(at + 301, body)) == 400
    assert send(body, good, "0" * 32) == 401
    assert send(b"[]", told(at, b"[]")) == 400
    assert Delivered.objects.count() == 0
    assert [send(body, good), send(body, good)] == [200, 200], "Stripe sends some twice"
    other = happened("evt_2", "charge.refunded", at, {"id": "ch_1"})
    quiet = json.dumps(other).encode()
    assert send(quiet, told(at, quiet)) == 200, "what says nothing here is no fault"
    done = drain(acme, now=datetime.now(UTC))
    assert (done.added, done.refused, done.problems) == (2, 0, {})
    # The interface says the same event again.
    with served(Till(events=[event], subscriptions=[], largest=5).answer) as server:
        save_source(
            acme, "stripe", by=admin, now=datetime.now(UTC),
            **{**source.body, "kind": "stripe", "url": server.url},
        )  # fmt: skip
        assert fetch(acme, now=datetime.now(UTC)).added == 0
    assert dict(local_store(acme).names) == {"subscription_changed": 1, "subscription_started": 1}
    monkeypatch.delenv("STRIPE_HOOK")
    assert send(body, good) == 503, "nothing is lost: Stripe sends it again"


@pytest.mark.django_db(transaction=True)
def test_a_key_of_another_source_takes_no_webhooks(
    acme: Workspace, admin: Member, send: Send
) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    key = create_key(save_source(acme, "app", by=admin, now=now), "app", by=admin, now=now)
    body = b'{"id": "evt_1", "type": "invoice.paid"}'
    assert send(body, told(int(time.time()), body), key.value) == 400
