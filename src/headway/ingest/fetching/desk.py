"""A support desk: its tickets over the incremental, cursor-based export of Zendesk's interface."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from headway.engine.errors import InputError, StoreError
from headway.engine.event import Event, Scalar
from headway.ingest.definition import SourceDefinition
from headway.ingest.fetching.fetched import Cursor, Fetched, Fetcher, Refused, at_second, said
from headway.ingest.fetching.rest import client, page
from headway.ingest.fetching.values import instant
from headway.stores.tabled import table_of

PATH = "/api/v2/incremental/tickets/cursor.json"
A_PAGE = 1_000
LONG_AGO = datetime(2005, 1, 1, tzinfo=UTC)
DONE = ("solved", "closed")
Ticket = Mapping[str, Any]


def fetch(
    definition: SourceDefinition, secret: str, cursor: Cursor, now: datetime
) -> Iterator[Fetched]:
    rest = client(definition.url, _auth(secret), {}, definition.time_out.total_seconds())
    params = {"per_page": A_PAGE, "include": "metric_sets"}
    state, since = dict(cursor), _since(definition, cursor)
    while True:
        found = page(rest, PATH, {**params, **since}, now)
        yield _fetched(found, state)
        if found.get("end_of_stream", True) or state["after"] in ("", since.get("cursor")):
            return
        since = {"cursor": state["after"]}


def words(cursor: Cursor) -> str:
    if "after" not in cursor:
        return "No ticket was fetched yet."
    until = cursor.get("until")
    return f"All changes of tickets until {said(at_second(until))}." if until else "No ticket yet."


def _auth(secret: str) -> tuple[str, str] | str:
    """`agent@example.com/token:KEY` as Zendesk writes it, or a token for OAuth."""
    name, colon, password = secret.partition(":")
    return (name, password) if colon else secret


def _since(definition: SourceDefinition, cursor: Cursor) -> dict[str, Any]:
    if "after" in cursor:
        return {"cursor": cursor["after"]}
    day = definition.since
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else LONG_AGO
    return {"start_time": int(begins.timestamp())}


def _fetched(page: Mapping[str, Any], state: dict[str, Any]) -> Fetched:
    tickets = page.get("tickets")
    if not isinstance(tickets, list):
        raise StoreError("The answer has no tickets.", fix="See whether the address is the desk's.")
    metrics = {one.get("ticket_id"): one for one in page.get("metric_sets") or ()}
    events: list[Event] = []
    refused: list[Refused] = []
    for at, ticket in enumerate(tickets):
        try:
            events += _events(ticket, ticket.get("metric_set") or metrics.get(ticket["id"]) or {})
            state["until"] = max(state.get("until", 0), instant(ticket["updated_at"]).timestamp())
        except (KeyError, TypeError, AttributeError, OverflowError, InputError) as error:
            refused.append(Refused(at, f"It has another shape ({error!r}).", str(ticket)[:1000]))
    state["after"] = page.get("after_cursor") or state.get("after", "")
    return Fetched(dict(state), table_of(events) if events else None, refused)


def _events(ticket: Ticket, metrics: Ticket) -> Iterator[Event]:
    """A ticket is seen again with each change: what it said before is known by its message id."""
    if ticket.get("status") == "deleted":
        return
    opened, reopened = instant(ticket["created_at"]), metrics.get("reopens") or 0
    yield _event(ticket, "ticket_opened", "opened", opened)
    minutes = (metrics.get("reply_time_in_minutes") or {}).get("calendar")
    if minutes is not None:
        replied = opened + timedelta(minutes=minutes)
        yield _event(ticket, "ticket_replied", "replied", replied, minutes=minutes)
    for time in range(1, reopened + 1):
        # Only when it was last seen to change is known of when.
        yield _event(ticket, "ticket_reopened", f"reopened:{time}", instant(ticket["updated_at"]))
    if ticket.get("status") in DONE:
        at = instant(metrics.get("solved_at") or ticket["updated_at"])
        yield _event(ticket, "ticket_solved", f"solved:{reopened}", at)


def _event(ticket: Ticket, name: str, mark: str, at: datetime, **more: Scalar) -> Event:
    """No words of the ticket: people write anything there."""
    tags = [re.sub(r"^topic[_:-]", "", t) for t in ticket.get("tags") or () if t[:5] == "topic"]
    properties: dict[str, Scalar] = {
        "ticket_id": str(ticket["id"]),
        "priority": ticket.get("priority"),
        "type": ticket.get("type"),
        "channel": (ticket.get("via") or {}).get("channel"),
        "topic": (tags or ticket.get("tags") or [None])[0],
        **more,
    }
    return Event(
        f"ticket:{ticket['id']}:{mark}", name, at, _id(ticket.get("requester_id")),
        _id(ticket.get("organization_id")), properties=properties,
    )  # fmt: skip


def _id(value: Any) -> str | None:
    return None if value is None else str(value)


DESK = Fetcher(fetch, words, complete=True)
