"""What customers pay, what it costs, and how recurring revenue moves."""

from __future__ import annotations

import numpy as np

from headway.demo.parcel.billing import CANCELLED, NEW
from headway.demo.parcel.generate import Parcel
from headway.demo.parcel.truths.book import PARTS, Book
from headway.demo.parcel.truths.reads import (
    Reads,
    before,
    conversion,
    count,
    days,
    derived,
    distinct,
    level,
    mean,
    quotient,
    stepwise,
    total,
    waiting,
)
from headway.demo.parcel.truths.work import Work

DAY = 86_400.0


def money(parcel: Parcel, work: Work) -> dict[str, Reads]:
    earned, moved = _earned(parcel, work), _moved(parcel)
    return earned | moved | _worth(parcel, earned | moved) | _sold(parcel)


def _earned(parcel: Parcel, work: Work) -> dict[str, Reads]:
    bills, market, logins = parcel.billing, parcel.notes.market, work.logins
    revenue, mrr, customers = total(bills.revenue), level(bills.mrr), level(bills.customers)
    payers = _payers(parcel)
    each_pays, costs = quotient(revenue, payers), total(market.costs)
    return {
        "revenue": revenue,
        "addon_revenue": total(bills.addon_revenue),
        "addon_purchases": count(parcel.world, bills.carts.paid),
        "average_purchase": mean(parcel.world, bills.carts.paid, bills.carts.amount),
        "mrr": mrr,
        "arr": derived(lambda m: 12 * m, mrr),
        "average_revenue_per_customer": quotient(mrr, customers),
        "average_revenue_per_user": quotient(revenue, distinct(logins.day, logins.user, 28)),
        "paying_customers": payers,
        "revenue_per_paying_customer": each_pays,
        "revenue_from_customers": derived(lambda n, r: n * r, payers, each_pays),
        "direct_costs": total(market.direct),
        "profit": derived(lambda r, c, s: r - c - s, revenue, costs, total(market.spend)),
        "gross_margin": derived(lambda r, c: (r - c) / r, revenue, total(market.direct)),
        "market_size": mean(parcel.world, market.reported, market.size),
        "market_share": quotient(revenue, mean(parcel.world, market.reported, market.size)),
    }


def _payers(parcel: Parcel) -> Reads:
    """Shops that paid for their subscription or for services."""
    paid, carts = parcel.billing.payments, parcel.billing.carts
    at, shop = np.append(paid.at, carts.paid), np.append(paid.shop, carts.shop)
    there = at < parcel.world.days
    return distinct(days(at[there]), shop[there])


def _moved(parcel: Parcel) -> dict[str, Reads]:
    """Movements of recurring revenue and of customers, net for each shop and period."""
    book, bills = Book(parcel), parcel.billing
    moves = {part: book.part(part) for part in PARTS}
    mrr, customers = level(bills.mrr), level(bills.customers)
    return {
        **{f"{part}_mrr": reads for part, reads in moves.items()},
        **{f"mrr_movements.{part}": reads for part, reads in moves.items()},
        **{f"customer_movements.{part}": book.part(part, heads=True) for part in PARTS},
        "mrr_movements.opening": opening(mrr),
        "mrr_movements.closing": mrr,
        "customer_movements.opening": opening(customers),
        "customer_movements.closing": customers,
        **{f"customers {segment}": reads for segment, reads in book.customers()},
        "mrr_movements": derived(lambda now, then: now - then, mrr, opening(mrr)),
        "customer_movements": derived(lambda now, then: now - then, customers, opening(customers)),
        "customers_lost": count(parcel.world, bills.changes.at, bills.changes.kind == CANCELLED),
        "customer_churn": quotient(book.part("churned", heads=True), opening(customers)),
        **_kept(moves, opening(mrr)),
    }


def _kept(moves: dict[str, Reads], start: Reads) -> dict[str, Reads]:
    lost = derived(lambda a, b: a + b, moves["contraction"], moves["churned"])
    back = derived(lambda a, b: a + b, moves["expansion"], moves["reactivated"])
    gross, added = quotient(lost, start), quotient(back, start)
    net = derived(lambda g, a: g - a, gross, added)
    grown = derived(lambda a, b: a + b, moves["new"], back)
    return {
        "gross_revenue_churn": gross,
        "net_revenue_churn": net,
        "gross_revenue_retention": derived(lambda g: 1 - g, gross),
        "net_revenue_retention": derived(lambda n: 1 - n, net),
        "net_revenue_retention_of_cohort": derived(
            lambda g, e: 1 - g + e, gross, quotient(moves["expansion"], start)
        ),
        "quick_ratio": quotient(grown, lost),
    }


def opening(stock: Reads) -> Reads:
    """The stock as a period begins: nothing before the first."""
    return lambda edges: np.nan_to_num(before(stock)(edges))


def _worth(parcel: Parcel, known: dict[str, Reads]) -> dict[str, Reads]:
    market, world = parcel.notes.market, parcel.world
    won = count(world, parcel.billing.changes.at, parcel.billing.changes.kind == NEW)
    cost = quotient(total(market.spend), won)
    lifetime = derived(
        lambda arpa, margin, churn: arpa * margin / churn,
        known["average_revenue_per_customer"], known["gross_margin"], known["customer_churn"],
    )  # fmt: skip
    return {"customer_lifetime_value": lifetime, "ltv_to_cac": quotient(lifetime, cost)}


def _sold(parcel: Parcel) -> dict[str, Reads]:
    world, deals, carts = parcel.world, parcel.notes.sales.deals, parcel.billing.carts
    won, lost = count(world, deals.won), count(world, deals.lost)
    decided = np.minimum(deals.won, deals.lost)
    created = deals.stages[0]
    left = ~np.isfinite(carts.paid)
    return {
        "deals_won": won,
        "deals_lost": lost,
        "average_deal_size": mean(world, deals.won, deals.signed),
        "average_discount": mean(world, deals.won, deals.discount),
        "win_rate": derived(lambda a, b: a / (a + b), won, lost),
        "win_loss_ratio": quotient(won, lost),
        "cart_abandonment": mean(world, carts.at, left),
        "pipeline_conversion": conversion(world, created, deals.won, 120 * DAY),
        **stepwise(world, "pipeline_conversion", [*deals.stages, deals.won], 120 * DAY),
        "pipeline_stage_conversion": conversion(world, deals.stages[2], deals.won, 60 * DAY),
        "length_of_sale_median": waiting(world, created, decided, 180 * DAY, 0.5),
        "purchase_frequency": quotient(count(world, carts.paid), _buyers(parcel)),
    }


def _buyers(parcel: Parcel) -> Reads:
    carts = parcel.billing.carts
    paid = carts.paid < parcel.world.days
    return distinct(days(carts.paid[paid]), carts.shop[paid])
