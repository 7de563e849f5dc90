"""Stripe's interface over a real socket, up to the numbers of the catalogue's metrics."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from headway.accounts.models import Member, Workspace
from headway.ingest.actions import save_source
from headway.ingest.fetch import fetch
from headway.ingest.fetching.amounts import amount
from headway.ingest.fetching.stripe import words
from headway.ingest.manifest.store import store_for
from headway.ingest.models import ChangedDays, Fetch, Source
from headway.metrics.actions import save_metric
from headway.metrics.catalogue import templates
from headway.metrics.reading import series
from headway.metrics.refresh import refresh
from tests.ingest.fetching.served import Answer, Server, served
from tests.ingest.fetching.till import KEY, Till, happened, invoice, price, seconds, subscription

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NAMES = ("mrr", "new_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr", "customers")


def past() -> Till:
    """Two customers since January, one of whom pays by the year and leaves in February."""
    small, large, yearly = price(1000), price(3000), price(120000, "year")
    january, february, march = (seconds(2026, month, 1, 12) for month in (1, 2, 3))
    ann = subscription("sub_ann", "cus_ann", january, large, 2, latest_invoice="in_ann2")
    bob = subscription(
        "sub_bob", "cus_bob", january, yearly, latest_invoice="in_bob", status="canceled",
        ended_at=seconds(2026, 2, 20),
    )  # fmt: skip
    cy = subscription("sub_cy", "cus_cy", seconds(2026, 2, 10), price(999))
    before = ann | {"items": {"data": [{"price": small, "quantity": 2}]}}
    return Till(
        customers=[{"id": "cus_ann", "created": january, "address": {"country": "NO"}}],
        subscriptions=[cy, bob, ann],
        invoices=[
            invoice("in_bob", bob, january, seconds(2027, 1, 1, 12), 120000),
            invoice("in_ann2", ann, february, march, 2000),
            invoice("in_ann1", ann, january, february, 2000),
        ],
        events=[
            happened("evt_2", "customer.subscription.updated", seconds(2026, 2, 15), ann),
            happened("evt_1", "customer.subscription.updated", seconds(2026, 2, 5), before),
        ],
        largest=2,
    )


@pytest.fixture
def till() -> Till:
    return past()


@pytest.fixture
def stripe(till: Till) -> Iterator[Server]:
    with served(till.answer) as server:
        yield server


@pytest.fixture
def source(
    acme: Workspace, admin: Member, stripe: Server, monkeypatch: pytest.MonkeyPatch
) -> Source:
    monkeypatch.setenv("STRIPE_KEY", KEY)
    return save_source(
        acme, "stripe", by=admin, now=NOW, kind="stripe", secret_env="STRIPE_KEY", url=stripe.url,
        every="1 hour",
    )  # fmt: skip


def numbers(workspace: Workspace, month: int) -> dict[str, float | None]:
    found = {}
    for name in NAMES:
        points = series(workspace.metrics.get(key=name), "month").points
        found[name] = next((p.value for p in points if p.start == date(2026, month, 1)), None)
    return found


def test_what_stripe_has_becomes_recurring_revenue_and_its_movements(
    acme: Workspace, admin: Member, source: Source, stripe: Server, till: Till
) -> None:
    by_key = {one.key: one for one in templates()}
    for name in NAMES:
        save_metric(acme, by_key[name].document, by=admin, now=NOW)
    done = fetch(acme, now=NOW)
    assert not done.problems
    refresh(acme, now=NOW)
    assert numbers(acme, 1) == pytest.approx(
        dict(zip(NAMES, (120.0, 120.0, 0.0, 0.0, 0.0, 2), strict=True))
    )
    assert numbers(acme, 2) == pytest.approx(
        dict(zip(NAMES, (69.99, 9.99, 40.0, 0.0, 100.0, 2), strict=True))
    )
    # Later events come in from where the last fetch was, and only those.
    asked, rows = len(stripe.asked), Source.objects.get().rows
    shrunk = till.subscriptions[0] | {"status": "past_due", "items": {"data": [
        {"price": price(499), "quantity": 1}]}}  # fmt: skip
    later = NOW + timedelta(hours=1)
    till.events.insert(
        0, happened("evt_3", "customer.subscription.updated", int(later.timestamp()) - 60, shrunk)
    )
    assert fetch(acme, now=NOW + timedelta(minutes=59)).added == 0, "it is not due yet"
    assert len(stripe.asked) == asked
    assert fetch(acme, now=later).added == 1
    assert [one.one("ending_before") for one in stripe.asked[asked:]] == ["evt_2"]
    assert Source.objects.get().rows == rows + 1
    refresh(acme, now=later)
    march = numbers(acme, 3)
    assert (march["mrr"], march["contraction_mrr"]) == pytest.approx((64.99, 5.0))


def test_it_goes_on_where_it_was_and_doubles_nothing(
    acme: Workspace, source: Source, stripe: Server, till: Till
) -> None:
    busy = Answer(429, b"", {"Retry-After": "90"})
    broken = Answer.json({"data": till.subscriptions[:2], "has_more": True})
    broken.breaks = True
    # The events; then a server's fault that passes; then one asks to wait.
    stripe.next = [None, Answer(500), None, busy]
    done = fetch(acme, now=NOW)
    state = Fetch.objects.get()
    assert not done.problems
    assert state.cursor["step"] == "subscriptions"
    assert state.due_at == NOW + timedelta(seconds=90)
    assert "asks to wait" in state.note
    assert (state.held_until, state.done_at, state.problem) == (None, None, "")
    # A connection that breaks in the middle of a page, each time it is tried.
    stripe.next = [broken, broken]
    later = NOW + timedelta(seconds=90)
    assert "broke" in fetch(acme, now=later).problems["stripe"]
    state.refresh_from_db()
    assert (state.failures, state.due_at) == (1, later + timedelta(minutes=1))
    assert fetch(acme, now=later).added == 0, "it waits before it tries again"
    fetch(acme, now=later + timedelta(minutes=1))
    state.refresh_from_db()
    assert (state.problem, state.failures, state.cursor["step"]) == ("", 0, "live")
    assert state.done_at == later + timedelta(minutes=1)
    assert "the newest event is of 2026-02-15 00:00 UTC" in words(state.cursor)
    with store_for(acme) as store:
        counted = dict(store.names)
    assert counted == {
        "subscription_changed": 9,
        "subscription_cancelled": 1,
        "subscription_started": 3,
        "payment_received": 3,
    }
    # All of it again: nothing is new.
    ChangedDays.objects.all().delete()
    Fetch.objects.update(cursor={}, due_at=None)
    assert fetch(acme, now=later + timedelta(minutes=1)).added == 0
    assert not ChangedDays.objects.exists()


def test_a_cursor_that_stripe_forgot_reads_the_past_again(
    acme: Workspace, source: Source, till: Till
) -> None:
    fetch(acme, now=NOW)
    rows = Source.objects.get().rows
    ann = till.subscriptions[2]
    late = NOW + timedelta(days=40)
    till.events = [
        happened("evt_9", "customer.subscription.deleted", int(late.timestamp()) - 60, ann)
    ]
    fetch(acme, now=late)
    fetch(acme, now=late)
    assert Source.objects.get().rows > rows
    assert Fetch.objects.get().cursor["newest"] == "evt_9"


def test_a_wrong_key_says_what_to_do_and_is_nowhere_written(
    acme: Workspace, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_KEY", "sk_test_wrong")
    assert "does not let Headway in (HTTP 401)" in fetch(acme, now=NOW).problems["stripe"]
    monkeypatch.delenv("STRIPE_KEY")
    Fetch.objects.update(due_at=None)
    assert "`STRIPE_KEY` is not set" in fetch(acme, now=NOW).problems["stripe"]
    assert "sk_test" not in str(list(Fetch.objects.values()) + list(Source.objects.values()))


def test_without_the_extra_it_is_said_which_to_install(
    acme: Workspace, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dlt.sources.helpers.requests", None)
    problem = fetch(acme, now=NOW).problems["stripe"]
    assert "needs `dlt`, which is not installed" in problem
    assert "pip install 'headway[sources]'" in problem


def test_one_worker_fetches_at_a_time(acme: Workspace, source: Source, stripe: Server) -> None:
    Fetch.objects.create(source=source, held_until=NOW + timedelta(minutes=1))
    assert fetch(acme, now=NOW).added == 0
    assert not stripe.asked
    assert fetch(acme, now=NOW + timedelta(minutes=1)).added > 0, "who held it was killed"


def test_quiet_days_are_zero_while_fetches_succeed_and_unknown_when_they_fail(
    acme: Workspace, admin: Member, source: Source, stripe: Server
) -> None:
    payments = {"key": "payments", "kind": "count", "event": "payment_received"}
    save_metric(acme, payments, by=admin, now=NOW)

    def last(days: int) -> list[float | None]:
        at = NOW + timedelta(days=days)
        fetch(acme, now=at)
        refresh(acme, now=at)
        points = {p.start: p.value for p in series(acme.metrics.get(), "day").points}
        return [points[(at - timedelta(days=back)).date()] for back in (4, 3, 2, 1)]

    assert last(0) == [0, 0, 0, 0]
    assert last(20) == [0, 0, 0, 0], "three weeks without news, and each fetch was good"
    stripe.next = [Answer(401)] * 9
    assert last(21) == [0, 0, 0, 0]
    assert last(24) == [0, None, None, None], "who knows what happened since"
    stripe.next = []
    assert last(25) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("smallest", "currency", "expected"),
    [(1999, "usd", 19.99), (1999, "jpy", 1999), (1999, "KWD", 1.999), (500, "isk", 5)],
)
def test_amounts_have_the_cents_of_their_currency(
    smallest: int, currency: str, expected: float
) -> None:
    assert amount(smallest, currency) == expected
