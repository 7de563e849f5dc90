"""Files and published tables over a real socket and from the disk."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from headway.accounts.models import Member, Workspace
from headway.engine.errors import StoreError
from headway.ingest.actions import save_source
from headway.ingest.fetch import fetch, fetch_source
from headway.ingest.fetching import FETCHERS, place
from headway.ingest.fetching import web as fetching_web
from headway.ingest.fetching.reach import PlainWeb, Reach, SafeWeb, foresee, is_outside
from headway.ingest.manifest.store import local_store
from headway.ingest.models import Fetch, Source
from headway.metrics.actions import save_metric
from headway.metrics.reading import series
from headway.metrics.refresh import refresh
from tests.ingest.fetching.served import Answer, Asked, Server, served

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Shelf:
    """One document with its version, as a server keeps it."""

    def __init__(self) -> None:
        self.body, self.kind = b"", "text/csv"

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/pub":
            return Answer(307, b"", {"Location": "/doc?output=csv"})
        if asked.path == "/away":
            return Answer(302, b"", {"Location": "ftp://127.0.0.1/file.csv"})
        etag = f'"{hash(self.body)}"'
        if asked.headers.get("if-none-match") == etag:
            return Answer(304)
        return Answer(200, self.body, {"ETag": etag, "Content-Type": self.kind})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def web(shelf: Shelf) -> Iterator[Server]:
    with served(shelf.answer) as server:
        yield server


def made(workspace: Workspace, by: Member, key: str, **fields: Any) -> Source:
    return save_source(workspace, key, by=by, now=NOW, every="1 hour", **fields)


def test_a_file_is_fetched_when_it_changed_and_each_row_comes_in_once(
    acme: Workspace, admin: Member, shelf: Shelf, web: Server
) -> None:
    source = made(
        acme, admin, "orders", kind="file", url=f"{web.url}/orders.csv", event="order_placed",
        at="when", user="who", properties={"amount": "eur"},
    )  # fmt: skip
    shelf.body = b"when,who,eur,note\n2026-02-01,u1,5,x\n2026-02-01,u1,5,x\nnever,u2,1,x\n"
    assert fetch(acme, now=NOW).added == 2, "two rows that say the same are two"
    source.refresh_from_db()
    assert (source.rows, source.rejected) == (2, 1)
    assert source.refusals.get().reason
    assert fetch(acme, now=NOW + HOUR).added == 0
    assert [one.headers.get("if-none-match") is None for one in web.asked] == [True, False]
    # Rows are added, and 5 is 5.0 now: only the new one comes in.
    shelf.body += b"2026-02-03,u3,2.5,x\n"
    assert fetch(acme, now=NOW + 2 * HOUR).added == 1
    source.refresh_from_db()
    assert (source.rows, source.rejected) == (3, 1)
    assert local_store(acme).properties == ["amount"]
    assert "4 rows" in FETCHERS["file"].words(source.fetch.cursor)


def test_what_stands_in_the_way_is_said_and_the_next_fetch_brings_it(
    acme: Workspace, admin: Member, shelf: Shelf, web: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(acme, admin, "orders", kind="file", url=f"{web.url}/orders.csv", event="o", at="when")
    shelf.body = b"when,who\n" + b"2026-02-01,u1\n" * 1000

    def problem() -> str:
        Fetch.objects.update(due_at=None)
        return fetch(acme, now=NOW).problems.get("orders", "")

    web.next = [Answer(200, shelf.body, {"Content-Type": "text/csv"}, breaks=True)]
    assert "broke off half-way" in problem()
    web.next = [Answer(404)]
    assert "nothing there (HTTP 404)" in problem()
    monkeypatch.setattr(place, "MOST", 5000)
    assert "more than 0 MB" in problem()
    monkeypatch.setattr(place, "MOST", 1_000_000)
    web.next = [Answer(200, b"<html>Sign in</html>", {"Content-Type": "text/html"})]
    assert "web page" in problem()
    web.next = [Answer(200, b"time,who\n2026-02-01,u1\n", {"Content-Type": "text/csv"})]
    assert "There is no column `when`" in problem()
    web.next = [Answer(429, b"", {"Retry-After": "Mon, 02 Mar 2026 09:40:00 GMT"})]
    assert problem() == ""
    assert Fetch.objects.get().due_at == NOW + timedelta(minutes=10)
    assert Source.objects.get().rows == 0
    assert problem() == ""
    assert Source.objects.get().rows == 1000


def test_a_redirect_leads_to_the_web_only_and_takes_no_secret_along(
    acme: Workspace, admin: Member, shelf: Shelf, web: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELF_TOKEN", "t0ps3cret")
    made(
        acme, admin, "away", kind="file", url=f"{web.url}/away", event="o", at="when",
        secret_env="SHELF_TOKEN",
    )  # fmt: skip
    assert "not the web" in fetch(acme, now=NOW).problems["away"]
    assert web.asked[0].headers["authorization"] == "Bearer t0ps3cret"
    shelf.body = b"when\n2026-02-01\n"
    with served(lambda _: Answer(302, b"", {"Location": f"{web.url}/other"})) as other:
        made(
            acme, admin, "away", kind="file", url=other.url, event="o", at="when",
            secret_env="SHELF_TOKEN",
        )  # fmt: skip
        assert fetch(acme, now=NOW).added == 1
    assert "authorization" not in web.asked[-1].headers


def test_a_file_on_disk_but_none_of_headways_own(
    acme: Workspace, admin: Member, tmp_path: Path
) -> None:
    path = tmp_path / "orders.ndjson"
    path.write_text('{"event": "o", "at": "2026-02-01T10:00:00Z", "user_id": "u1"}\n')
    made(acme, admin, "disk", kind="file", url=str(path), event_column="event", at="at")
    assert fetch(acme, now=NOW).added == 1
    own = settings.DATA / "secret.csv"
    made(acme, admin, "own", kind="file", url=str(own), event="o", at="at")
    assert "Headway keeps its own data" in fetch(acme, now=NOW).problems["own"]
    path.unlink()
    assert "could not be read" in fetch(acme, now=NOW + HOUR).problems["disk"]


def test_what_the_machine_says_of_itself_is_no_file(acme: Workspace, admin: Member) -> None:
    """`/dev/zero` would never end, and the environment is full of secrets."""
    for number, path in enumerate(("/dev/zero", "/proc/self/environ", "/etc")):
        made(acme, admin, f"own-{number}", kind="file", url=path, event="o", at="at")
    problems = fetch(acme, now=NOW).problems
    assert len(problems) == 3
    assert all("is no file of data" in problem for problem in problems.values())


def test_clouds_tell_no_secrets_and_no_redirect_leads_inside(
    acme: Workspace, admin: Member, web: Server, shelf: Shelf
) -> None:
    shelf.body = b"when\n2026-02-01\n"
    for address in ("169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "[fd00:ec2::254]"):
        with pytest.raises(StoreError, match="no address that may be fetched from"):
            foresee(f"http://{address}/latest/meta-data")
        with pytest.raises(StoreError, match="no address that may be fetched from"):
            Reach().met(address.strip("[]"))
    packed = ("64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::169.254.169.254", "168.63.129.16")
    for address in packed:
        with pytest.raises(StoreError, match="no address that may be fetched from"):
            Reach().met(address)
        assert not is_outside(address)
    assert [is_outside(one) for one in ("8.8.8.8", "64:ff9b::808:808", "::1")] == [
        True,
        True,
        False,
    ]
    inner = Reach()
    inner.met("10.0.0.1")
    inner.met("127.0.0.1")
    outer = Reach()
    outer.met("8.8.8.8")
    for address in ("127.0.0.1", "10.0.0.1", "::1", "::ffff:192.168.1.1"):
        with pytest.raises(StoreError, match="inside the own network"):
            outer.met(address)
    # On a real socket, what is spoken to is looked at before anything is said.
    made(acme, admin, "inner", kind="file", url=f"{web.url}/orders.csv", event="o", at="when")
    assert fetch(acme, now=NOW).added == 1
    reach = Reach(began_inside=False)
    opener = urllib.request.build_opener(PlainWeb(reach), SafeWeb(reach))
    said = len(web.asked)
    with pytest.raises(StoreError, match="inside the own network"):
        opener.open(web.url)
    assert len(web.asked) == said


def test_what_drips_is_let_go(
    acme: Workspace, admin: Member, web: Server, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching_web, "LONGEST", -1.0)
    shelf.body = b"when\n2026-02-01\n"
    made(acme, admin, "drip", kind="file", url=f"{web.url}/orders.csv", event="o", at="when")
    assert "not all there after" in fetch(acme, now=NOW).problems["drip"]


def test_a_sheet_is_a_stock_that_grows_changes_and_loses_rows(
    acme: Workspace, admin: Member, shelf: Shelf, web: Server
) -> None:
    made(
        acme, admin, "deals", kind="sheet", url=f"{web.url}/pub", event="deal_changed",
        id="deal_id", account="customer",
    )  # fmt: skip
    stock = {
        "key": "pipeline", "kind": "stock", "event": "deal_changed", "value": "open_amount",
        "by": "deal_id", "source": "deals",
    }  # fmt: skip
    save_metric(acme, stock, by=admin, now=NOW)

    def pipeline(body: bytes, days: int) -> float | None:
        shelf.body = body
        at = NOW + timedelta(days=days)
        assert not fetch(acme, now=at).problems
        refresh(acme, now=at)
        return series(acme.metrics.get(), "day").points[-1].value

    first = b"deal_id,customer,open_amount\nd1,acme,100\nd2,bolt,50\nd2,bolt,70\n"
    assert pipeline(first, 0) == 150
    assert (
        Source.objects.get().refusals.get().reason == "There are two rows `d2`; the first counts."
    )
    assert pipeline(first.replace(b"100", b"130.5"), 1) == 180.5
    assert pipeline(b"deal_id,customer,open_amount\nd1,acme,130.5\n", 2) == 130.5
    assert pipeline(first, 3) == 150, "as it was at first"
    rows = Source.objects.get().rows
    shelf.body = first.replace(b"100", b"1")
    within = NOW + timedelta(days=3, milliseconds=1)
    assert not fetch_source(Source.objects.get(), now=within).problem, "in the same second"
    assert pipeline(first, 4) == 150
    assert Source.objects.get().rows == rows + 2 == 2 + 1 + 1 + 2 + 2, (
        "nothing changed, nothing came in"
    )
    shelf.body = b"deal,customer\n"
    problem = fetch(acme, now=NOW + timedelta(days=5)).problems["deals"]
    assert "no column `deal_id`" in problem
    assert pipeline(b"deal_id,customer,open_amount\n", 6) == 0
