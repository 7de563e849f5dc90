"""Stripe as Headway meets it: lists with cursors, newest first, and a key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.ingest.fetching.served import Answer, Asked

KEY = "sk_test_of_nobody"
Object = dict[str, Any]


def seconds(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


def price(amount: int | None, every: str = "month", **more: Any) -> Object:
    name = f"price_{amount}_{every}"
    recurring = {"interval": every, "interval_count": 1, "usage_type": "licensed"}
    found = {"id": name, "nickname": None, "currency": "eur", "unit_amount": amount}
    return found | {"recurring": recurring} | more


def subscription(
    name: str, customer: str, start: int, cost: Object, quantity: int = 1, **more: Any
) -> Object:
    return {
        "id": name,
        "object": "subscription",
        "customer": customer,
        "currency": cost["currency"],
        "start_date": start,
        "status": "active",
        "metadata": {},
        "items": {"data": [{"price": cost, "quantity": quantity}]},
        "latest_invoice": None,
        **more,
    }


def invoice(name: str, of: Object, first: int, last: int, amount: int, **more: Any) -> Object:
    line = {
        "type": "subscription",
        "amount": amount,
        "proration": False,
        "subscription": of["id"],
        "period": {"start": first, "end": last},
    }
    return {
        "id": name,
        "object": "invoice",
        "customer": of["customer"],
        "currency": of["currency"],
        "status": "paid",
        "subscription": of["id"],
        "amount_paid": amount,
        "billing_reason": "subscription_cycle",
        "status_transitions": {"paid_at": first},
        "lines": {"data": [line], "has_more": False},
        **more,
    }


def happened(name: str, kind: str, at: int, one: Object) -> Object:
    return {"id": name, "object": "event", "type": kind, "created": at, "data": {"object": one}}


@dataclass
class Till:
    """Lists are held newest first."""

    customers: list[Object] = field(default_factory=list)
    subscriptions: list[Object] = field(default_factory=list)
    invoices: list[Object] = field(default_factory=list)
    events: list[Object] = field(default_factory=list)
    largest: int = 100

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return Answer.json({"error": {"message": "Invalid API Key provided"}}, 401)
        name = asked.path.removeprefix("/v1/")
        rows: list[Object] = getattr(self, name)
        if name == "events":
            rows = [row for row in rows if row["type"] in asked.query["types[]"]]
        limit = min(int(asked.one("limit", "10")), self.largest)
        ids = [row["id"] for row in rows]
        for word in ("starting_after", "ending_before"):
            if (mark := asked.one(word)) and mark not in ids:
                return Answer.json({"error": {"message": f"No such {name[:-1]}: '{mark}'"}}, 400)
        if after := asked.one("starting_after"):
            rest = rows[ids.index(after) + 1 :]
            return _page(rest[:limit], len(rest) > limit)
        if before := asked.one("ending_before"):
            rest = rows[: ids.index(before)]
            return _page(rest[-limit:], len(rest) > limit)
        return _page(rows[:limit], len(rows) > limit)


def _page(rows: list[Object], more: bool) -> Answer:
    return Answer.json({"object": "list", "data": rows, "has_more": more})
