"""Customers, subscriptions and invoices of Stripe as events of Headway.

Recurring revenue is before discounts and taxes, in the subscription's own currency; trials, and
what is metered or has no fixed price, bring 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headway.engine.event import GROUP, Event, Scalar
from headway.ingest.fetching.amounts import amount
from headway.ingest.fetching.fetched import at_second

Object = Mapping[str, Any]

MONTHS = {"month": 1.0, "year": 12.0, "week": 12 / 52, "day": 12 / 365}
DAYS_A_MONTH = 365 / 12
SHORTEST_MONTH = 27
PAYING = ("active", "past_due")
BILLED = ("paid", "open", "uncollectible")
TYPES = (
    "customer.created",
    "customer.updated",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "invoice.paid",
)
"""The types of Stripe's own events that say something here."""


@dataclass(frozen=True)
class Reading:
    """`account` names the key of a subscription's metadata that holds the product's own account;
    without one, Stripe's customer is the account.
    """

    account: str = ""

    def happened(self, event: Object) -> Iterator[Event]:
        """Of one of Stripe's events, from a webhook or from its list alike."""
        data, at = event.get("data") or {}, at_second(event["created"])
        one, kind = data.get("object") or {}, str(event.get("type", ""))
        if kind.startswith("customer.subscription."):
            yield self._changed(one, f"{event['id']}", at, self._monthly(one))
            if kind.endswith(".deleted"):
                yield self._about(one, "subscription_cancelled", "ended", at)
            else:
                yield from self._begun(one, at)
        elif kind == "invoice.paid":
            yield from self.paid(one)
        elif kind in TYPES:
            yield from self.customer(one, at, str(event["id"]))

    def customer(self, one: Object, at: datetime, mark: str = "first") -> Iterator[Event]:
        """Where it is; nothing that names a person."""
        country = (one.get("address") or {}).get("country")
        if country and not self.account:
            identity = f"stripe:{one['id']}:{mark}"
            yield Event(identity, GROUP, at, None, str(one["id"]), properties={"country": country})

    def subscription(self, one: Object, seen: datetime) -> Iterator[Event]:
        """As it stands when it was `seen`: how it began, what it is now, how it ended."""
        start = at_second(one["start_date"])
        known = one.get("latest_invoice") or one.get("trial_start")
        if not known and not str(one.get("status")).startswith("incomplete"):
            yield self._changed(one, f"{one['id']}:start", start, _amounts(one))
        yield from self._begun(one, start)
        if one.get("ended_at"):
            ended = at_second(one["ended_at"])
            yield self._changed(one, f"{one['id']}:end", ended, 0.0)
            yield self._about(one, "subscription_cancelled", "ended", ended)
        else:
            yield self._changed(one, f"{one['id']}:seen", seen, self._monthly(one))

    def invoice(self, one: Object) -> Iterator[Event]:
        """What subscriptions brought in the past, and the payment."""
        if one.get("status") in BILLED and not _never_begun(one):
            for (of, begins), lines in _stretches(one).items():
                yield self._billed(one, of, at_second(begins), lines)
        yield from self.paid(one)

    def paid(self, one: Object) -> Iterator[Event]:
        at = (one.get("status_transitions") or {}).get("paid_at")
        if one.get("status") != "paid" or not at or not one.get("amount_paid"):
            return
        currency = str(one["currency"]).upper()
        properties: dict[str, Scalar] = {
            "amount": amount(one["amount_paid"], currency),
            "currency": currency,
            "invoice_id": one["id"],
            "reason": one.get("billing_reason"),
        }
        if of := _subscription_of(one):
            properties["subscription_id"] = of
        yield Event(
            f"stripe:{one['id']}:paid", "payment_received", at_second(at), None,
            self._account(_details(one), one), properties=properties,
        )  # fmt: skip

    def _begun(self, one: Object, at: datetime) -> Iterator[Event]:
        """A trial, and from when it is paid for. Each is said once, however often it is seen."""
        trial, until = one.get("trial_start"), one.get("trial_end")
        if trial:
            yield self._about(one, "trial_started", "trial", at_second(trial))
        paying = one.get("status") in PAYING
        lasted = bool(one.get("ended_at")) and one["ended_at"] > (until or one["start_date"])
        if (paying or lasted) and _amounts(one):
            begins = at_second(
                until if trial and until else one.get("start_date") or at.timestamp()
            )
            yield self._about(one, "subscription_started", "started", begins)

    def _monthly(self, one: Object) -> float:
        """What it brings in a month now."""
        pause = (one.get("pause_collection") or {}).get("behavior")
        unpaid = pause in ("void", "mark_uncollectible")
        return 0.0 if unpaid or one.get("status") not in PAYING else _amounts(one)

    def _changed(self, one: Object, mark: str, at: datetime, mrr: float) -> Event:
        items = _items(one)
        properties: dict[str, Scalar] = {
            **_facts(one),
            "mrr": mrr,
            "status": one.get("status"),
            "quantity": sum(item.get("quantity") or 0 for item in items),
            "cancels": bool(one.get("cancel_at_period_end") or one.get("cancel_at")),
        }
        return Event(
            f"stripe:{mark}", "subscription_changed", at, None, self._account(one, one),
            properties=properties,
        )  # fmt: skip

    def _about(self, one: Object, name: str, mark: str, at: datetime) -> Event:
        identity = f"stripe:{one['id']}:{mark}"
        return Event(identity, name, at, None, self._account(one, one), properties=_facts(one))

    def _billed(self, one: Object, of: str, at: datetime, lines: Sequence[Object]) -> Event:
        currency = str(one["currency"]).upper()
        properties: dict[str, Scalar] = {
            "subscription_id": of,
            "currency": currency,
            "mrr": amount(sum(_line_a_month(line) for line in lines), currency),
        }
        if plan := next((_plan(price) for line in lines if (price := _price(line))), ""):
            properties["plan"] = plan
        return Event(
            f"stripe:{one['id']}:{of}", "subscription_changed", at, None,
            self._account(_details(one), one), properties=properties,
        )  # fmt: skip

    def _account(self, named: Object, one: Object) -> str:
        own = (named.get("metadata") or {}).get(self.account) if self.account else None
        customer = one.get("customer")
        return str(own or (customer.get("id") if isinstance(customer, Mapping) else customer))


def unpriced(one: Object) -> Iterator[str]:
    """Prices of a subscription whose amount Stripe does not say here."""
    for item in _items(one):
        price = _price(item)
        if not _metered(price) and _unit(price) is None:
            yield str(price.get("id"))


def _facts(one: Object) -> dict[str, Scalar]:
    items = _items(one)
    currency = one.get("currency") or (_price(items[0]).get("currency") if items else "")
    found: dict[str, Scalar] = {
        "subscription_id": one["id"],
        "currency": str(currency or "").upper() or None,
    }
    if items:
        found["plan"] = _plan(_price(items[0]))
    return found


def _items(one: Object) -> Sequence[Object]:
    return (one.get("items") or {}).get("data") or ()


def _price(item: Object) -> Object:
    """`plan` is how older versions of the interface call it."""
    found = item.get("price") or item.get("plan") or {}
    return found if isinstance(found, Mapping) else {}


def _plan(price: Object) -> str:
    return str(price.get("lookup_key") or price.get("nickname") or price.get("id") or "")


def _metered(price: Object) -> bool:
    return (price.get("recurring") or price).get("usage_type") == "metered"


def _unit(price: Object) -> float | None:
    """In the smallest unit of the currency, with its fractions; None where it comes in tiers."""
    text = price.get("unit_amount_decimal", price.get("amount_decimal"))
    if text is not None:
        return float(text)
    found = price.get("unit_amount", price.get("amount"))
    return None if found is None else float(found)


def _amounts(one: Object) -> float:
    """A month of all items, whatever the status."""
    total = sum(_item_a_month(item) for item in _items(one))
    return amount(total, str(_facts(one)["currency"]))


def _item_a_month(item: Object) -> float:
    price = _price(item)
    every = price.get("recurring") or price
    if _metered(price) or every.get("interval") not in MONTHS:
        return 0.0
    quantity = item.get("quantity")
    months = MONTHS[every["interval"]] * (every.get("interval_count") or 1)
    return (_unit(price) or 0.0) * (1 if quantity is None else quantity) / months


def _never_begun(one: Object) -> bool:
    """A first invoice that nobody has paid yet."""
    return one.get("status") != "paid" and one.get("billing_reason") == "subscription_create"


def _stretches(one: Object) -> dict[tuple[str, int], list[Object]]:
    """Lines for the regular price, by subscription and the begin of what they are for."""
    found: dict[tuple[str, int], list[Object]] = defaultdict(list)
    for line in (one.get("lines") or {}).get("data") or ():
        of = _subscription_of(line)
        regular = line.get("type", "subscription") == "subscription" and not _proration(line)
        if of and regular and not _metered(_price(line)):
            found[of, line["period"]["start"]].append(line)
    return found


def _details(one: Object) -> Object:
    """What an invoice says of its subscription, in the newer and the older place."""
    parent = one.get("parent") or {}
    return parent.get("subscription_details") or one.get("subscription_details") or {}


def _subscription_of(one: Object) -> str:
    """Of an invoice or a line of one."""
    parent = one.get("parent") or {}
    item = parent.get("subscription_item_details") or parent.get("subscription_details") or {}
    return str(one.get("subscription") or item.get("subscription") or "")


def _proration(line: Object) -> bool:
    parent = line.get("parent") or {}
    item = parent.get("subscription_item_details") or {}
    other = parent.get("type") not in (None, "subscription_item_details")
    return bool(line.get("proration") or item.get("proration") or other)


def _line_a_month(line: Object) -> float:
    """By the length of what it is for; months have between 28 and 31 days."""
    days = (line["period"]["end"] - line["period"]["start"]) / 86_400
    if days <= 0:
        return 0.0
    months = round(days / DAYS_A_MONTH) if days >= SHORTEST_MONTH else days / DAYS_A_MONTH
    return float(line["amount"] / months)
