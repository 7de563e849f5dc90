"""Parcels, from the counter to the door, and the vans that report how they drove."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.demo.parcel.log import Column, Ids, Log, Words, count_by_day, log
from headway.demo.parcel.people import MINUTE, Shops
from headway.demo.parcel.product import Sessions, Usage
from headway.demo.parcel.truth import Floats, Ints, effect
from headway.demo.parcel.world import World

PARCELS_A_SESSION = 0.85
COURIERS = ("swift", "northline", "cityvelo", "postwise")
COURIER_SHARE = (0.4, 0.28, 0.14, 0.18)
DELAY = (0.22, 0.55, 0.22, 0.01)
"""Shares delivered on the same day, the next day, the one after, and never."""
ON_TIME = 0.905
TELEMATICS_SILENT = 26
"""Days before the end since which no van has reported."""


@dataclass(frozen=True)
class Deliveries:
    """By day: parcels handed in, how many of each day's arrive after 0, 1, 2 days or never, and
    how many deliveries are made in time."""

    parcels: Ints
    delays: Ints
    delivered: Ints
    on_time: Ints

    @staticmethod
    def plan(world: World, usage: Usage) -> Deliveries:
        rng = world.rng("deliveries")
        per_session = PARCELS_A_SESSION * effect("parcels_per_session", world.days)
        parcels = rng.poisson(per_session * usage.sessions)
        delays = rng.multinomial(parcels, DELAY)
        delivered = delays[:, 0].copy()
        for days in (1, 2):
            delivered[days:] += delays[:-days, days]
        share = np.clip(ON_TIME + effect("on_time_share", world.days), 0, 1)
        return Deliveries(parcels, delays, delivered, rng.binomial(delivered, share))

    @property
    def first(self) -> Ints:
        """The number of each day's first parcel."""
        return np.asarray(np.cumsum(self.parcels) - self.parcels)


@dataclass(frozen=True)
class Underway:
    """One day's parcels, in the order in which they arrive."""

    sent: Log
    shop: Ints
    user: Ints
    courier: Ints
    at: Floats
    number: Ints


def send(world: World, shops: Shops, day: Sessions, plan: Deliveries) -> Underway:
    rng = world.rng("parcels", day.day)
    n = int(plan.parcels[day.day])
    rows = day.some(rng, n)
    at = np.minimum(day.at[rows] + rng.exponential(7 * MINUTE, n), day.day + 0.92)
    number = plan.first[day.day] + np.arange(n)
    courier = rng.choice(len(COURIERS), n, p=COURIER_SHARE)
    sent = log(
        world, "parcel_sent", at, parcel_id=Ids(number, "parcel-"),
        courier=Words(courier, COURIERS), amount=rng.lognormal(1.9, 0.4, n).round(2),
        **day.of(shops, rows),
    )  # fmt: skip
    return Underway(sent, day.shop[rows], day.user[rows], courier, at, number)


def deliver(
    world: World, shops: Shops, plan: Deliveries, underway: dict[int, Underway], day: int
) -> Log:
    """The day's deliveries: of today's parcels, yesterday's and those of the day before."""
    rng = world.rng("doors", day)
    arriving = [_arriving(u, plan.delays[day - back], back) for back in range(3)
                if (u := underway.get(day - back))]  # fmt: skip
    shop, user, courier, sent, number = (np.concatenate(c) for c in zip(*arriving, strict=True))
    n = len(shop)
    at = np.where(sent >= day, sent + 60 * MINUTE * rng.random(n), day + rng.uniform(0.35, 0.8, n))
    on_time = np.zeros(n, bool)
    on_time[rng.permutation(n)[: plan.on_time[day]]] = True
    late = np.where(on_time, 0.0, rng.exponential(55, n).round(1) + 1)
    return log(
        world, "delivery_completed", at, user_id=Ids(user, "user-"), account_id=shops.account(shop),
        parcel_id=Ids(number, "parcel-"), courier=Words(courier, COURIERS),
        country=shops.country[shop], on_time=on_time, minutes_late=late,
    )  # fmt: skip


def _arriving(parcels: Underway, delays: Ints, back: int) -> tuple[Ints, Ints, Ints, Floats, Ints]:
    edges = np.concatenate([[0], np.cumsum(delays)])
    rows = slice(int(edges[back]), int(edges[back + 1]))
    return (
        parcels.shop[rows], parcels.user[rows], parcels.courier[rows],
        parcels.at[rows], parcels.number[rows],
    )  # fmt: skip


@dataclass(frozen=True)
class FirstParcels:
    """Each shop's first parcel, sent before its working days begin; tallies by day."""

    logs: list[Log]
    sent: Ints
    delivered: Ints
    on_time: Ints


def first_parcels(world: World, shops: Shops) -> FirstParcels:
    rng = world.rng("first parcels")
    n = len(shops)
    sent = shops.activated
    arrived = np.floor(np.minimum(sent, 1e6)) + 1 + rng.uniform(0.35, 0.8, n)
    arrived = np.where(np.isfinite(sent), arrived, np.inf)
    on_time = rng.random(n) < ON_TIME
    shop = np.arange(n)
    what: dict[str, Column] = {
        "user_id": shops.owner(shop), "account_id": shops.account(shop), "country": shops.country,
        "parcel_id": Ids(shop, "first-parcel-"), "courier": Words(shop % len(COURIERS), COURIERS),
    }  # fmt: skip
    late = np.where(on_time, 0.0, 20.0)
    logs = [
        log(world, "parcel_sent", sent, amount=rng.lognormal(1.9, 0.4, n).round(2), **what),
        log(world, "delivery_completed", arrived, on_time=on_time, minutes_late=late, **what),
    ]
    by_day = [count_by_day(world, at) for at in (sent, arrived, arrived[on_time])]
    return FirstParcels(logs, *by_day)


def telematics(world: World) -> Log:
    """What vans report each evening, until the boxes fell silent."""
    rng = world.rng("telematics")
    vans = max(2, round(12 * world.size**0.5))
    days = np.arange(world.days - TELEMATICS_SILENT)
    day, van = (grid.ravel() for grid in np.meshgrid(days, np.arange(vans), indexing="ij"))
    parcels = rng.poisson(38 * world.season[day] * (1 + 0.15 * day / world.days))
    kilometres = (42 + 1.05 * parcels + rng.normal(0, 6, len(day))).round(1)
    return log(
        world, "van_reported", day + rng.uniform(0.78, 0.86, len(day)), van_id=Ids(van, "van-"),
        kilometres=kilometres, parcels=parcels.astype(float),
        courier=Words(van % len(COURIERS), COURIERS),
    )  # fmt: skip
