"""Stripe: everything once, then what is new, over its REST interface.

First Stripe's events, of which it keeps thirty days, as they say exactly what was when; then
customers, subscriptions and invoices, which tell what was before; from then on the events that came
since. Webhooks bring the same events sooner, with the same message ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from headway.engine.errors import StoreError
from headway.engine.event import Event
from headway.ingest.definition import SourceDefinition
from headway.ingest.fetching.extra import needed
from headway.ingest.fetching.fetched import Cursor, Fetched, Fetcher, Refused, at_second, said
from headway.ingest.fetching.rest import client, pages
from headway.ingest.fetching.subscriptions import TYPES, Object, Reading, unpriced
from headway.stores.tabled import table_of

if TYPE_CHECKING:
    from dlt.sources.helpers.rest_client.client import RESTClient

ADDRESS = "https://api.stripe.com"
VERSION = "2024-06-20"
"""Of the interface, pinned, so that Stripe's next one changes nothing here."""

A_PAGE = 100
BACK = ("events", "customers", "subscriptions", "invoices")
"""What a first fetch reads, in this order; then it is `live`."""

EVERYTHING = "Everything; nothing happened since."
GONE = "No such event"


def fetch(
    definition: SourceDefinition, secret: str, cursor: Cursor, now: datetime
) -> Iterator[Fetched]:
    rest = client(
        definition.url or ADDRESS, secret, {"Stripe-Version": VERSION},
        definition.time_out.total_seconds(),
    )  # fmt: skip
    state, reading = dict(cursor) or _anew(now), Reading(definition.account)
    yield from _back(rest, reading, state, now)
    try:
        yield from _new(rest, reading, state, now)
    except StoreError as error:
        if GONE not in error.message:
            raise
        # It is older than what Stripe keeps: everything again, of which nothing comes in twice.
        state |= _anew(now)
        yield from _back(rest, reading, state, now)


def _anew(now: datetime) -> dict[str, Any]:
    return {"step": BACK[0], "after": "", "newest": "", "began": now.timestamp()}


def words(cursor: Cursor) -> str:
    step = cursor.get("step")
    if not step:
        return "Nothing was fetched yet."
    if step == "live":
        at = cursor.get("newest_at")
        return f"Everything; the newest event is of {said(at_second(at))}." if at else EVERYTHING
    return f"Reading the past: {step}, part {BACK.index(step) + 1} of {len(BACK)}."


def _back(
    rest: RESTClient, reading: Reading, state: dict[str, Any], now: datetime
) -> Iterator[Fetched]:
    """What is left of the past."""
    while state["step"] != "live":
        yield from _list(rest, reading, state, now)


def _list(
    rest: RESTClient, reading: Reading, state: dict[str, Any], now: datetime
) -> Iterator[Fetched]:
    """One list from its newest to its oldest; `state` goes along."""
    step = state["step"]
    since = {"starting_after": state["after"]} if state["after"] else {}
    for page in pages(rest, _path(step), _params(step) | since, _older(), now):
        rows = page.get("data") or []
        if rows:
            state["after"] = rows[-1]["id"]
            if step == "events" and not state["newest"]:
                state |= {"newest": rows[0]["id"], "newest_at": rows[0]["created"]}
        if not page.get("has_more"):
            following = (*BACK, "live")[BACK.index(step) + 1]
            state |= {"step": following, "after": ""}
        yield _fetched(rows, _reader(reading, step, state), state)


def _new(
    rest: RESTClient, reading: Reading, state: dict[str, Any], now: datetime
) -> Iterator[Fetched]:
    """From the event that was newest on."""
    since = {"ending_before": state["newest"]} if state["newest"] else {}
    for page in pages(rest, _path("events"), _params("events") | since, _newer(), now):
        if rows := page.get("data") or []:
            state |= {"newest": rows[0]["id"], "newest_at": rows[0]["created"]}
        yield _fetched(rows, reading.happened, state)


def _fetched(rows: Sequence[Object], read: Any, state: dict[str, Any]) -> Fetched:
    events: list[Event] = []
    refused: list[Refused] = []
    for at, row in enumerate(rows):
        try:
            events += read(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            refused.append(Refused(at, f"It has another shape ({error!r}).", str(row)[:1000]))
            continue
        refused += _doubts(at, row)
    return Fetched(dict(state), table_of(events) if events else None, refused)


def _doubts(at: int, row: Object) -> Iterator[Refused]:
    if row.get("object") == "subscription":
        for price in unpriced(row):
            why = f"Its price {price} comes in tiers, which count as 0."
            yield Refused(at, why, str(row["id"]))
    if (row.get("lines") or {}).get("has_more"):
        yield Refused(at, "It has more lines than Stripe lists with it.", str(row["id"]))


def _reader(reading: Reading, step: str, state: dict[str, Any]) -> Any:
    if step == "events":
        return reading.happened
    if step == "customers":
        return lambda one: reading.customer(one, at_second(one["created"]))
    if step == "subscriptions":
        return lambda one: reading.subscription(one, at_second(state["began"]))
    return reading.invoice


def _path(step: str) -> str:
    return f"/v1/{step}"


def _params(step: str) -> dict[str, Any]:
    more: dict[str, Any] = {"subscriptions": {"status": "all"}, "events": {"types[]": [*TYPES]}}
    return {"limit": A_PAGE, **more.get(step, {})}


def _older() -> Any:
    return _paginator("data[-1].id", "starting_after")


def _newer() -> Any:
    return _paginator("data[0].id", "ending_before")


def _paginator(path: str, parameter: str) -> Any:
    with needed("dlt"):
        from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
    return JSONResponseCursorPaginator(path, parameter, has_more_path="has_more")


STRIPE = Fetcher(fetch, words, complete=True)
