"""Who uses the product, how often and for how long."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from headway.demo.parcel.billing import TRIAL
from headway.demo.parcel.generate import Parcel
from headway.demo.parcel.product import FEATURES
from headway.demo.parcel.truth import Flags, Floats, Ints
from headway.demo.parcel.truths.reads import (
    Reads,
    before,
    conversion,
    count,
    days,
    derived,
    distinct,
    each,
    level,
    quotient,
)
from headway.demo.parcel.truths.work import Did, Work

DAY = 86_400.0
GAP = 30 * 60_000_000
"""Microseconds after which a session is over."""

TRIAL_DAYS = 14


def engage(parcel: Parcel, work: Work) -> dict[str, Reads]:
    return {
        **_active(parcel, work),
        **_adopted(parcel, work),
        **_often(parcel, work),
        **_long(parcel, work),
        **_grown(work),
        **_trying(parcel, work),
    }


def _active(parcel: Parcel, work: Work) -> dict[str, Reads]:
    logins, customers = work.logins, level(parcel.billing.customers)
    worked = work.sent.and_(work.uses)
    daily, monthly = (distinct(logins.day, logins.user, back) for back in (1, 28))
    paid = worked.only(_paid_before(parcel, worked))
    paying = distinct(paid.day, paid.shop, 28)
    return {
        "active_users": distinct(logins.day, logins.user),
        "daily_active_users": daily,
        "weekly_active_users": distinct(logins.day, logins.user, 7),
        "monthly_active_users": monthly,
        "stickiness": quotient(daily, monthly),
        "active_shops": distinct(worked.day, worked.shop, 28),
        "active_customers": paying,
        "active_share": quotient(paying, customers),
        "inactive_customers": derived(lambda c, s: np.maximum(c - s, 0), customers, paying),
        "shelfware": derived(lambda c, s: np.maximum(1 - s / c, 0), customers, paying),
        "daily_users_change": derived(lambda now, then: now / then - 1, daily, before(daily)),
    }


def _paid_before(parcel: Parcel, did: Did) -> Flags:
    """What was done by shops that had paid in the 31 days before."""
    world, paid, carts = parcel.world, parcel.billing.payments, parcel.billing.carts
    at, shop = np.append(paid.at, carts.paid), np.append(paid.shop, carts.shop)
    there = at < world.days
    order = np.lexsort((at[there], shop[there]))
    payer, instant = shop[there][order], world.instants(at[there])[order]
    span, now = int(world.midnights[-1]) + 1, world.instants(did.at)
    last = np.searchsorted(payer * span + instant, did.shop * span + now, side="right") - 1
    mine = (last >= 0) & (payer[last] == did.shop)
    return np.asarray(mine & (now - instant[last] <= 31 * DAY * 1e6))


def _adopted(parcel: Parcel, work: Work) -> dict[str, Reads]:
    """Features by shop; labels and reports by new users; the planner since its launch."""
    uses, planner = work.uses, work.uses.only(work.feature == FEATURES.index("route_planner"))
    shops = distinct(uses.day, uses.shop)
    reports = work.feature == FEATURES.index("reports")
    return {
        "route_planner_adoption": quotient(distinct(planner.day, planner.shop), shops),
        "planner_shops_60_days": distinct(planner.day, planner.shop, 60),
        "feature_shops_60_days": distinct(uses.day, uses.shop, 60),
        "adoption_since_launch": quotient(
            distinct(planner.day, planner.shop, 60), distinct(uses.day, uses.shop, 60)
        ),
        "adoption_by_new_users": conversion(
            parcel.world, parcel.shops.completed, _first_by_owner(parcel, work, reports), 14 * DAY
        ),
    }


def _first_by_owner(parcel: Parcel, work: Work, chosen: Flags) -> Floats:
    first = np.full(len(parcel.shops), np.inf)
    uses = work.uses.only(chosen & (work.uses.user == parcel.shops.owner(work.uses.shop).numbers))
    np.minimum.at(first, uses.shop, uses.at)
    return first


def _often(parcel: Parcel, work: Work) -> dict[str, Reads]:
    logins, visits = work.logins, parcel.notes.visits
    seen = distinct(days(visits.at), visits.visitor)
    often = _days_each(logins)
    return {
        "login_frequency": often,
        "login_frequency_change": derived(lambda a, b: a / b - 1, often, before(often)),
        "uses_per_user": quotient(
            count(parcel.world, work.uses.at), distinct(work.uses.day, work.uses.user)
        ),
        "visit_frequency": quotient(count(parcel.world, visits.at), seen),
    }


def _days_each(did: Did) -> Reads:
    """On how many days those were there who were there at all."""
    there = np.unique(np.column_stack([did.day, did.user]), axis=0)
    user = there[:, 1]
    return each(
        there[:, 0],
        lambda rows: len(rows) / len(np.unique(user[rows])) if len(rows) else np.nan,
    )


def _long(parcel: Parcel, work: Work) -> dict[str, Reads]:
    everything = work.logins.and_(work.uses).and_(work.sent)
    start, length = _sessions(parcel, everything)
    adopters = _adopters(work, everything)
    first, lasted = _sessions(parcel, everything.only(adopters))
    return {
        "sessions": each(start, len),
        "session_length_mean": _mean(start, length),
        "session_length_median": each(
            start, lambda rows: float(np.median(length[rows])) if len(rows) else np.nan
        ),
        "engagement_of_adopters": _mean(first, lasted),
    }


def _adopters(work: Work, did: Did) -> Flags:
    """What was done by users who had planned a route by then."""
    planner = work.uses.only(work.feature == FEATURES.index("route_planner"))
    first = np.full(max(did.user.max(), 0) + 1, np.inf)
    np.minimum.at(first, planner.user, planner.at)
    return did.at >= first[did.user]


def _sessions(parcel: Parcel, did: Did) -> tuple[Ints, Floats]:
    """The day on which each began, and its seconds from the first deed to the last."""
    did = did.only(did.at < parcel.world.days)
    at = parcel.world.instants(did.at)
    order = np.lexsort((at, did.user))
    at, user, day = at[order], did.user[order], did.day[order]
    fresh = np.ones(len(at), bool)
    fresh[1:] = (user[1:] != user[:-1]) | (np.diff(at) > GAP)
    firsts = np.flatnonzero(fresh)
    lasts = np.append(firsts[1:], len(at)) - 1
    return day[firsts], (at[lasts] - at[firsts]) / 1e6


def _mean(day: Ints, value: Floats) -> Reads:
    return each(day, lambda rows: float(value[rows].mean()) if len(rows) else np.nan)


def _grown(work: Work) -> dict[str, Reads]:
    """Growth accounting, from who was there in each period."""
    names = ("new", "returning", "resurrected", "dormant")
    parts = {name: _part(work.logins, number) for number, name in enumerate(names)}
    return {
        "growth_accounting": distinct(work.logins.day, work.logins.user),
        **{f"growth_accounting.{name}": reads for name, reads in parts.items()},
        **{f"{name}_users": reads for name, reads in parts.items()},
    }


def _part(did: Did, number: int) -> Reads:
    day, user = did.day, did.user

    def read(edges: Ints) -> Floats:
        seen: set[int] = set(user[day < edges[0]].tolist())
        last: set[int] = set()
        found = []
        for start, end in pairwise(edges):
            now = set(user[(day >= start) & (day < end)].tolist())
            parts = (now - seen, now & last, (now & seen) - last, last - now)
            found.append(float(len(parts[number])))
            seen, last = seen | now, now
        return np.array(found)

    return read


def _trying(parcel: Parcel, work: Work) -> dict[str, Reads]:
    """Who came within two weeks of the start of a trial."""
    changes, logins = parcel.billing.changes, work.logins
    world = parcel.world
    began = np.full(len(parcel.shops), np.iinfo(np.int64).max)
    trial = changes.kind == TRIAL
    began[changes.shop[trial]] = world.instants(changes.at[trial])
    owner = logins.user == parcel.shops.owner(logins.shop).numbers
    since = world.instants(logins.at).astype(float) - began[logins.shop]
    trying = logins.only(owner & (since >= 0) & (since <= TRIAL_DAYS * DAY * 1e6))
    users = distinct(trying.day, trying.user)
    return {
        "trial_users": users,
        "trial_engagement_growth": derived(lambda a, b: a / b - 1, users, before(users)),
    }
