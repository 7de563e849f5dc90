"""What a subscription brings in a month, in the shapes that Stripe has given it over the years."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from headway.engine.event import Event
from headway.ingest.fetching.subscriptions import Reading, unpriced
from tests.ingest.fetching.till import happened, invoice, price, seconds, subscription

AT = seconds(2026, 2, 1)
SEEN = datetime(2026, 3, 1, tzinfo=UTC)
READING = Reading()


def told(kind: str, **of: Any) -> list[Event]:
    one = subscription("sub_1", "cus_1", AT, of.pop("cost", price(1000)), **of)
    return [*READING.happened(happened("evt_1", f"customer.subscription.{kind}", AT, one))]


def mrr(**of: Any) -> Any:
    return told("updated", **of)[0].properties["mrr"]


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ({"cost": price(1999), "quantity": 3}, 59.97),
        ({"cost": price(12000, "year")}, 10),
        ({"cost": price(1200, "week")}, 52),
        ({"cost": price(3000, recurring={"interval": "month", "interval_count": 3})}, 10),
        ({"cost": price(None, unit_amount_decimal="12.5"), "quantity": 100}, 12.5),
        ({"cost": price(1000, currency="jpy")}, 1000),
        ({"cost": price(1000, recurring={"interval": "month", "usage_type": "metered"})}, 0),
        ({"items": {"data": [{"plan": {"amount": 900, "interval": "month"}}]}}, 9),
        ({"discounts": [{"coupon": {"percent_off": 50}}]}, 10),
        ({"cancel_at_period_end": True}, 10),
        ({"status": "past_due"}, 10),
        ({"status": "trialing"}, 0),
        ({"status": "unpaid"}, 0),
        ({"pause_collection": {"behavior": "void"}}, 0),
        ({"pause_collection": {"behavior": "keep_as_draft"}}, 10),
    ],
)  # fmt: skip
def test_a_month_of_it(of: dict[str, Any], expected: float) -> None:
    assert mrr(**of) == pytest.approx(expected)


def test_tiers_have_no_amount_of_their_own() -> None:
    one = subscription("sub_1", "cus_1", AT, price(None, billing_scheme="tiered"))
    assert list(unpriced(one)) == ["price_None_month"]
    assert not list(unpriced(subscription("sub_2", "cus_1", AT, price(0))))


def test_a_trial_is_paid_for_when_it_ends() -> None:
    until = seconds(2026, 2, 15)
    trial = {"trial_start": AT, "trial_end": until}
    begun = told("created", status="trialing", **trial)
    assert [event.event for event in begun] == ["subscription_changed", "trial_started"]
    paid = told("updated", **trial)
    assert [event.event for event in paid[1:]] == ["trial_started", "subscription_started"]
    assert paid[2].happened_at == datetime(2026, 2, 15, tzinfo=UTC)
    assert begun[1].message_id == paid[1].message_id, "it is said once"
    gone = told("deleted", status="canceled", **trial)
    assert (gone[0].properties["mrr"], gone[1].event) == (0, "subscription_cancelled")
    left = subscription(
        "sub_1", "cus_1", AT, price(1000), status="canceled", ended_at=until, **trial
    )
    assert "subscription_started" not in {e.event for e in READING.subscription(left, SEEN)}


def test_invoices_tell_the_past_without_credits_in_the_newer_shape() -> None:
    of = subscription("sub_1", "cus_1", AT, price(3000))
    item = {"subscription": "sub_1", "proration": False}
    period = {"start": AT, "end": seconds(2026, 3, 1)}
    lines = [
        {"amount": 3000, "period": period, "parent": {
            "type": "subscription_item_details", "subscription_item_details": item}},
        {"amount": -700, "period": period, "parent": {
            "type": "subscription_item_details",
            "subscription_item_details": {**item, "proration": True}}},
        {"amount": 9900, "period": period, "parent": {
            "type": "invoice_item_details", "invoice_item_details": {"proration": False}}},
    ]  # fmt: skip
    details = {"subscription": "sub_1", "metadata": {"tenant": "t-7"}}
    one = invoice("in_1", of, AT, seconds(2026, 3, 1), 2300, lines={"data": lines})
    del one["subscription"]
    one["parent"] = {"type": "subscription_details", "subscription_details": details}
    changed, paid = Reading("tenant").invoice(one)
    assert (changed.event, changed.properties["mrr"], changed.account_id) == (
        "subscription_changed", 30, "t-7",
    )  # fmt: skip
    assert (paid.properties["amount"], paid.properties["subscription_id"]) == (23, "sub_1")
    assert not [*READING.invoice({**one, "status": "draft"})]
    first = {**one, "status": "open", "billing_reason": "subscription_create"}
    assert not [*READING.invoice(first)], "nobody has paid yet"
