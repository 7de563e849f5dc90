"""What an SDK is answered, and what is on disk by then."""

from __future__ import annotations

import base64
import gzip
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime
from itertools import islice
from typing import Any

import pytest
from django.test import RequestFactory

from headway.accounts import actions as accounts
from headway.accounts.actions import RESERVED
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError, NotAllowed
from headway.feed.models import Change
from headway.ingest import actions
from headway.ingest.door import inbox
from headway.ingest.door.door import DROPPING, Door
from headway.ingest.door.routes import first_words
from headway.ingest.models import Delivered, Source, WriteKey

pytestmark = pytest.mark.django_db(transaction=True)

EVENT = {"type": "track", "event": "ordered", "userId": "u1", "messageId": "m1"}
BATCH = json.dumps({"batch": [EVENT]}).encode()
PAGES = b"the rest of the web"


class Client:
    """Calls the door as an application server does."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def __call__(
        self, path: str, body: bytes = b"", key: str = "", method: str = "POST", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        if key:
            headers["HTTP_AUTHORIZATION"] = f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"
        request = RequestFactory().generic(method, path, body, "text/plain", **headers)  # type: ignore[arg-type]
        told: list[Any] = []
        content = b"".join(self.door(request.environ, lambda *said: told.extend(said)))
        return int(told[0].split()[0]), dict(told[1]), content


@pytest.fixture
def source(acme: Workspace, now: datetime) -> Source:
    return actions.save_source(acme, "app", name="App", by=None, now=now)


@pytest.fixture
def key(source: Source, now: datetime) -> WriteKey:
    return actions.create_key(source, "web", by=None, now=now)


@pytest.fixture
def send() -> Client:
    def inside(_: Any, respond: Any) -> list[bytes]:
        respond("200 OK", [])
        return [PAGES]

    return Client(Door(inside))


def test_what_is_thanked_for_is_in_the_inbox(send: Client, key: WriteKey) -> None:
    status, headers, body = send("/v1/batch", BATCH, key.value)
    assert (status, json.loads(body)["success"]) == (200, True)
    assert "Access-Control-Allow-Origin" not in headers
    row = Delivered.objects.get()
    assert (row.source, row.dialect, row.path) == (key.source, "segment", "/v1/batch")
    assert row.content == BATCH
    key.refresh_from_db()
    assert key.last_used_at == row.received_at


def test_a_key_may_stand_in_the_address_and_bodies_may_be_packed(
    send: Client, key: WriteKey
) -> None:
    assert send(f"/in/{key.value}/v1/track/", json.dumps(EVENT).encode())[0] == 200
    doubled = {"PATH_INFO": "//v1//batch/"}  # of a host that ends in a slash
    assert send("/", BATCH, key.value, **doubled)[0] == 200
    Delivered.objects.order_by("-pk")[0].delete()
    packed = gzip.compress(BATCH)
    assert send("/v1/batch/", packed, key.value)[0] == 200
    assert send("/v1/batch", packed, key.value, HTTP_CONTENT_ENCODING="gzip")[0] == 200
    paths = Delivered.objects.order_by("pk").values_list("path", "bytes")
    assert list(paths)[1:] == [("/v1/batch", len(BATCH))] * 2


def test_one_address_of_two_dialects_and_a_path_of_ones_own(send: Client, key: WriteKey) -> None:
    happened = {"event_type": "paid", "user_id": "u1", "time": 1772356000000}
    sent = {"api_key": key.value, "events": [happened]}
    assert send("/batch", json.dumps(sent).encode())[0] == 200
    captured = {"api_key": key.value, "batch": [{"event": "paid", "distinct_id": "u1"}]}
    assert send("/batch/", json.dumps(captured).encode())[0] == 200
    schema = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
    tracked = {"schema": schema, "data": [{"e": "pv", "eid": "1", "uid": "u1"}]}
    assert send(f"/in/{key.value}/com.acme/track", json.dumps(tracked).encode())[0] == 200
    assert send(f"/in/{key.value}/com.acme/track", BATCH)[0] == 404
    assert send(f"/in/{key.value}/com/acme/track", json.dumps(tracked).encode())[0] == 404
    spoken = Delivered.objects.order_by("pk").values_list("dialect", "path")
    assert list(spoken) == [
        ("amplitude", "/batch"), ("posthog", "/batch"),
        ("snowplow", "/com.acme/track"),
    ]  # fmt: skip


def test_what_cannot_be_taken_is_said_so_that_nobody_sends_it_again(
    send: Client, key: WriteKey, settings: Any
) -> None:
    assert send("/v1/batch", BATCH)[0] == 401
    assert send("/v1/batch", BATCH, "nobody's")[0] == 401
    status, _, body = send("/v1/batch", BATCH[:-3], key.value)
    assert status == 400
    assert "not JSON" in json.loads(body)["message"]
    assert send("/v1/batch", gzip.compress(BATCH)[:-9], key.value)[0] == 400
    status, _, body = send("/2/httpapi", b'{"api_key": "' + key.value.encode())
    assert (status, "not JSON" in json.loads(body)["error"]) == (400, True), "the key is in it"
    status, _, body = send("/e/?compression=lz64", b"data=N4Ig5gNg9g")
    assert status == 400
    assert b"packed with lz64" in body
    assert b"/in/KEY" in send("/v1/batch", BATCH)[2]
    assert send(f"/in/{key.value}/nowhere", BATCH)[0] == 404
    assert send("/v1/batch", BATCH, key.value, method="PUT")[0] == 405
    settings.DELIVERY_MEGABYTES = 1
    bomb = gzip.compress(b" " * 2_000_000)
    assert len(bomb) < 10_000
    for large in (bomb, b" " * 1_000_001):
        status, _, body = send("/v1/batch", large, key.value)
        assert (status, json.loads(body)["code"]) == (413, 413)
    assert not Delivered.objects.exists()


def test_a_client_hears_its_answer_once_all_of_it_is_read(
    send: Client, key: WriteKey, settings: Any
) -> None:
    settings.DELIVERY_MEGABYTES = 1
    for path, size, status, left in (
        ("/v1/batch", 3_000_000, 413, 0),
        ("/v1/batch", 7_000_000, 413, 2_000_000),
        (f"/in/{key.value}/nowhere", 3_000, 404, 0),
    ):
        sent = io.BytesIO(b" " * size)
        assert (
            send(path, b" ", key.value, CONTENT_LENGTH=str(size), **{"wsgi.input": sent})[0]
            == status
        )  # type: ignore[arg-type]
        assert len(sent.read()) == left, "far more than may come is cut off"


def test_slow_clients_that_are_refused_do_not_hold_up_the_pages(
    send: Client, key: WriteKey
) -> None:
    """However many of them there are, few are heard to their end."""
    ends, heard = threading.Event(), []

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            heard.append(size)
            ends.wait(30)
            return b""

    def slow() -> int:
        stream = {"wsgi.input": Slow()}
        return send(f"/in/{key.value}/nowhere", b" ", CONTENT_LENGTH="9000", **stream)[0]  # type: ignore[arg-type]

    with ThreadPoolExecutor(20) as clients:
        answers = [clients.submit(slow) for _ in range(20)]
        assert {one.result(20) for one in islice(as_completed(answers), 20 - DROPPING)} == {404}
        assert len(heard) == DROPPING
        ends.set()
    assert {one.result() for one in answers} == {404}


def test_any_page_may_send(send: Client, key: WriteKey) -> None:
    origin = {"HTTP_ORIGIN": "https://shop.example"}
    asks = {"HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization,content-type"}
    status, headers, _ = send("/v1/t", b"", method="OPTIONS", **origin, **asks)
    assert status == 204
    assert headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    for body, expected in ((json.dumps(EVENT).encode(), 200), (b"{", 400)):
        status, headers, _ = send("/v1/t", body, key.value, **origin)
        assert (status, headers["Access-Control-Allow-Origin"]) == (expected, origin["HTTP_ORIGIN"])


def test_a_revoked_key_is_refused_and_another_one_still_works(
    send: Client, source: Source, key: WriteKey, now: datetime
) -> None:
    other = actions.create_key(source, "server", by=None, now=now)
    actions.revoke_key(key, by=None, now=now)
    assert send("/v1/batch", BATCH, key.value)[0] == 401
    assert send("/v1/batch", BATCH, other.value)[0] == 200


def test_a_full_inbox_asks_to_come_back(send: Client, key: WriteKey, settings: Any) -> None:
    assert send("/v1/batch", BATCH, key.value)[0] == 200
    settings.INBOX_MEGABYTES = 0
    status, headers, _ = send("/v1/batch", BATCH, key.value)
    assert (status, headers["Retry-After"]) == (429, "30")
    settings.INBOX_MEGABYTES, settings.INBOX_REQUESTS = 1, 0
    status, headers, _ = send("/v1/batch", BATCH, key.value)
    assert (status, headers["Retry-After"]) == (429, "2")
    assert Delivered.objects.count() == 1


def test_deliveries_that_come_together_share_a_commit(
    send: Client, key: WriteKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one commit takes its time, those that come meanwhile make up the next."""
    sizes: list[int] = []
    slow, commit = threading.Event(), inbox.Inbox._commit

    def noted(self: inbox.Inbox, entries: Any) -> None:
        sizes.append(len(entries))
        slow.wait(0.3 if len(sizes) == 1 else 0)
        commit(self, entries)

    monkeypatch.setattr(inbox.Inbox, "_commit", noted)
    threads = [
        threading.Thread(target=send, args=("/v1/batch", BATCH, key.value)) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert Delivered.objects.count() == sum(sizes) == 12
    assert len(sizes) < 6


def test_other_addresses_are_the_pages(send: Client, key: WriteKey) -> None:
    for path in ("/", "/acme/", "/acme/v1/batch", "/v1/", "/api/v1/batch"):
        assert send(path, io.BytesIO(BATCH).read(), key.value) == (200, {}, PAGES)


def test_no_workspace_stands_in_the_way_of_an_sdk(db: Any, now: datetime) -> None:
    words = {word for word in first_words() if word.islower() and "." not in word}
    assert words | {"in"} <= RESERVED | {"2"}
    with pytest.raises(Conflict, match="to which SDKs send"):
        accounts.create_workspace("v1", "V1", now=now)


def test_keys_are_named_and_leave_a_trail(
    source: Source, key: WriteKey, viewer: Member, now: datetime
) -> None:
    actions.rename_key(key, " shop front ", by=None, now=now)
    actions.revoke_key(key, by=None, now=now)
    actions.revoke_key(key, by=None, now=now)
    changes = Change.objects.filter(subject="source:app", what="write key").order_by("pk")
    said = [change.after for change in changes]
    assert said == [f"web ({key.value[:6]}…) made", "shop front", f"{key} revoked"]
    with pytest.raises(DefinitionError, match="needs a name"):
        actions.create_key(source, " ", by=None, now=now)
    with pytest.raises(NotAllowed):
        actions.create_key(source, "x", by=viewer, now=now)
    with pytest.raises(NotAllowed):
        actions.revoke_key(key, by=viewer, now=now)
