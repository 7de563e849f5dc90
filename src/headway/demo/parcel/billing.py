"""Trials, subscriptions month by month, add-ons and payments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headway.demo.parcel.log import Column, Ids, Log, Words, always, log, sum_by_day
from headway.demo.parcel.people import Shops, times
from headway.demo.parcel.tenure import Tenure
from headway.demo.parcel.truth import LAUNCHES, Floats, Ints, effect
from headway.demo.parcel.world import World

PLANS = ("starter", "team", "business")
PRICE = np.array([19.0, 49.0, 119.0])
"""Euros a month and seat."""
CHURN = np.array([0.05, 0.028, 0.014])
"""Share of the subscriptions that end each month."""
CHANGES = ("trial", "new", "upgrade", "downgrade", "cancelled", "returned")
TRIAL, NEW, UPGRADE, DOWNGRADE, CANCELLED, RETURNED = range(6)
ADDONS = ("express", "insurance", "returns_portal", "packaging")
ADDON_PRICE = np.array([29.0, 19.0, 49.0, 15.0])
TRIAL_DAYS, MONTH = 14.0, 30.44


@dataclass(frozen=True)
class Changes:
    """The subscriptions' changes in order of time; `plan` is -1 without one, `kind` of CHANGES."""

    at: Floats
    shop: Ints
    plan: Ints
    mrr: Floats
    kind: Ints


@dataclass(frozen=True)
class Payments:
    at: Floats
    shop: Ints
    amount: Floats


@dataclass(frozen=True)
class Carts:
    """`paid` is infinite for those that were left."""

    at: Floats
    shop: Ints
    paid: Floats
    amount: Floats


@dataclass(frozen=True)
class Billing:
    """`trials` holds when each shop's trial began; `mrr` and the like are by day."""

    tenure: Tenure
    logs: list[Log]
    trials: Floats
    changes: Changes
    payments: Payments
    carts: Carts
    mrr: Floats
    customers: Ints
    revenue: Floats
    addon_revenue: Floats


@dataclass
class Book:
    """What the months write down, a batch of shops at a time."""

    changes: list[NDArray[np.float64]]
    payments: list[NDArray[np.float64]]
    stays: list[NDArray[np.float64]]

    def change(self, at: Floats, shop: Ints, plan: Ints, mrr: Floats | float, kind: int) -> None:
        n = len(at)
        self.changes.append(np.array([at, shop, plan, np.broadcast_to(mrr, n), np.full(n, kind)]))


def billing(world: World, shops: Shops) -> Billing:
    rng = world.rng("billing")
    trial = np.where(rng.random(len(shops)) < 0.9, shops.onboarded + 0.02, np.inf)
    tried = np.flatnonzero(np.isfinite(trial))
    chance = np.where(np.isfinite(shops.activated[tried]), 0.58, 0.08)
    pays = tried[rng.random(len(tried)) < chance]
    plan = rng.choice(3, len(shops), p=[0.52, 0.35, 0.13])
    book = Book([], [], [])
    book.change(trial[tried], tried, plan[tried], 0.0, TRIAL)
    first = np.maximum(trial[pays] + TRIAL_DAYS, np.where(
        np.isfinite(shops.activated[pays]), shops.activated[pays] + 0.5, 0))  # fmt: skip
    _months(world, rng, shops, book, pays, plan[pays], first)
    _leave(rng, shops, book, pays)
    trials = log(
        world, "trial_started", trial[tried], **_who(shops, tried),
        plan=Words(plan[tried], PLANS), country=shops.country[tried],
    )  # fmt: skip
    return _close(world, shops, book, trials)


def _leave(rng: np.random.Generator, shops: Shops, book: Book, pays: Ints) -> None:
    """Those who never pay work for a few days; payers, until their first month begins."""
    rest = np.setdiff1d(np.flatnonzero(np.isfinite(shops.activated)), pays)
    since = shops.activated[rest]
    book.stays.append(np.array([rest, since, since + 1 + rng.exponential(7, len(rest))]))
    active = pays[np.isfinite(shops.activated[pays])]
    since = shops.activated[active]
    start = np.full(len(shops), np.inf)
    at, shop, _, _, kind = np.concatenate(book.changes, axis=1)
    new = kind == NEW
    start[shop[new].astype(np.int64)] = at[new]
    book.stays.append(np.array([active, since, start[active]]))


def _months(
    world: World, rng: np.random.Generator, shops: Shops, book: Book,
    shop: Ints, plan: Ints, at: Floats,
) -> None:  # fmt: skip
    """Each round is one month of every subscription that still runs."""
    seats: Floats = shops.seats[shop].astype(np.float64)
    book.change(at, shop, plan, PRICE[plan] * seats, NEW)
    while (runs := at < world.days).any():
        shop, plan, seats, at = shop[runs], plan[runs], seats[runs], at[runs]
        book.payments.append(np.array([at, shop, PRICE[plan] * seats]))
        end = at + MONTH
        chance = rng.random(len(at))
        ends = chance < CHURN[plan]
        book.stays.append(np.array([shop, at, end]))
        book.change(end[ends], shop[ends], np.full(ends.sum(), -1), 0.0, CANCELLED)
        plan, seats = _resize(rng, book, shop, plan, seats, end, ~ends)
        back = rng.random(len(at)) < 0.12
        gap = 20 + rng.exponential(45, len(at))
        at = np.where(ends, np.where(back, end + gap, np.inf), end)
        again = ends & back
        book.change(at[again], shop[again], plan[again], (PRICE[plan] * seats)[again], RETURNED)


def _resize(
    rng: np.random.Generator, book: Book, shop: Ints, plan: Ints, seats: Floats,
    at: Floats, stays: NDArray[np.bool_],
) -> tuple[Ints, Floats]:  # fmt: skip
    """Some go to the next plan or take another seat; fewer go back."""
    chance = rng.random(len(at))
    up = stays & (chance < 0.022) & (plan < 2)
    down = stays & (chance > 0.992) & (plan > 0)
    more = stays & (chance > 0.5) & (chance < 0.52)
    plan = plan + up - down
    seats = seats + more
    for chosen, kind in ((up | more, UPGRADE), (down, DOWNGRADE)):
        mrr = PRICE[plan[chosen]] * seats[chosen]
        book.change(at[chosen], shop[chosen], plan[chosen], mrr, kind)
    return plan, seats


def _close(world: World, shops: Shops, book: Book, trials: Log) -> Billing:
    at, who, what, mrr, kind = _sorted(np.concatenate(book.changes, axis=1), world.days)
    changes = Changes(at, who.astype(np.int64), what.astype(np.int64), mrr, kind.astype(np.int64))
    stays = np.concatenate(book.stays, axis=1)
    tenure = Tenure.of(world, shops, stays[0].astype(np.int64), stays[1], stays[2])
    paid = np.concatenate(book.payments, axis=1)
    payments = Payments(paid[0], paid[1].astype(np.int64), paid[2])
    carts, addons = _addons(world, shops, tenure)
    bought = sum_by_day(world, carts.paid, carts.amount)
    logs = [
        _subscription_log(world, shops, changes), trials, _payments(world, shops, payments), *addons
    ]  # fmt: skip
    return Billing(
        tenure, logs, trials.at, changes, payments, carts, *_stocks(world, changes),
        sum_by_day(world, payments.at, payments.amount) + bought, bought,
    )  # fmt: skip


def _sorted(rows: NDArray[np.float64], days: int) -> NDArray[np.float64]:
    rows = rows[:, np.argsort(rows[0], kind="stable")]
    return rows[:, rows[0] < days]


def _who(shops: Shops, shop: Ints) -> dict[str, Ids]:
    return {"user_id": shops.owner(shop), "account_id": shops.account(shop)}


def _subscription_log(world: World, shops: Shops, changes: Changes) -> Log:
    shop, n = changes.shop, len(changes.at)
    return log(
        world, "subscription_changed", changes.at, **_who(shops, shop),
        subscription_id=Ids(shop, "subscription-"), customer=Ids(shop, "shop-"), mrr=changes.mrr,
        currency=always("EUR", n), plan=Words(changes.plan, PLANS),
        kind=Words(changes.kind, CHANGES), country=shops.country[shop],
        use_case=shops.use_case[shop],
    )  # fmt: skip


def _stocks(world: World, changes: Changes) -> tuple[Floats, Ints]:
    """MRR and paying customers at the end of each day, from each change to the next."""
    at, shop, mrr = changes.at, changes.shop, changes.mrr
    order = np.lexsort((at, shop))
    before = np.zeros(len(at))
    same = shop[order][1:] == shop[order][:-1]
    before[order[1:]] = np.where(same, mrr[order][:-1], 0.0)
    joined = (mrr > 0).astype(np.int64) - (before > 0)
    money = np.cumsum(sum_by_day(world, at, mrr - before)).round(2)
    return money, np.cumsum(sum_by_day(world, at, joined)).round().astype(np.int64)


def _payments(world: World, shops: Shops, paid: Payments) -> Log:
    return log(
        world, "payment_received", paid.at, **_who(shops, paid.shop), amount=paid.amount,
        kind=always("subscription", len(paid.at)), country=shops.country[paid.shop],
    )  # fmt: skip


def _addons(world: World, shops: Shops, tenure: Tenure) -> tuple[Carts, list[Log]]:
    """Carts of expanded services; two in three are paid for at once."""
    rng = world.rng("add-ons")
    counts = tenure.counts(rng, 0.018, effect("addon_purchases", world.days) * world.season)
    _, shop = tenure.draw(rng, counts)
    n = len(shop)
    at = np.floor(times(rng, counts)) + rng.uniform(0.3, 0.9, n)
    insured_from = world.days - LAUNCHES[0].before_end
    addon = rng.choice(4, n, p=[0.38, 0.3, 0.18, 0.14])
    addon = np.where((addon == 1) & (at < insured_from), 0, addon)
    bought = rng.random(n) < 0.66
    paid = np.where(bought, at + 0.003, np.inf)
    amount = np.zeros(n)
    amount[bought] = ADDON_PRICE[addon[bought]] * rng.integers(1, 4, int(bought.sum()))
    who, country = _who(shops, shop), shops.country[shop]
    what: dict[str, Column] = {"cart_id": Ids(np.arange(n), "cart-"), "kind": Words(addon, ADDONS)}
    logs = [
        log(world, "cart_opened", at, **who, **what),
        log(world, "addon_purchased", paid, **who, **what, amount=amount, country=country),
        log(world, "payment_received", paid, **who, kind=always("addon", n), amount=amount,
            country=country),
    ]  # fmt: skip
    return Carts(at, shop, paid, amount), logs
