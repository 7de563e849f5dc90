"""Parcel's two years, drawn in two passes.

First everything that is rare or decides about the rest: people, subscriptions, tickets, money, and
how much happens on each day. That is small, and gives the truth. Then working days one after the
other, so that a table of fifty million events is never held at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from headway.demo.parcel import market, platform, sales, support
from headway.demo.parcel.billing import Billing, billing
from headway.demo.parcel.delivery import (
    PARCELS_A_SESSION,
    Deliveries,
    Underway,
    deliver,
    first_parcels,
    send,
    telematics,
)
from headway.demo.parcel.log import Log, count_by_day, merged, to_events
from headway.demo.parcel.people import Shops, people
from headway.demo.parcel.product import (
    EVENTS_A_TASK,
    FEATURES_A_SESSION,
    TASKS_A_SESSION,
    Usage,
    sessions,
    work,
)
from headway.demo.parcel.truth import Truth
from headway.demo.parcel.world import World

EVENTS_A_SESSION = 1 + FEATURES_A_SESSION + TASKS_A_SESSION * EVENTS_A_TASK + 2 * PARCELS_A_SESSION
ROWS_A_TABLE = 400_000
PRODUCT, TELEMATICS = "product", "telematics"
"""The sources: the product's own events, and the vans' reports, which have stopped."""


@dataclass(frozen=True)
class Parcel:
    """A drawn world; the same arguments give the same tables, byte for byte."""

    world: World
    shops: Shops
    billing: Billing
    usage: Usage
    deliveries: Deliveries
    logs: list[Log]
    vans: Log
    truth: Truth

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """The events, each table with the source that it comes from, in order of time."""
        step = int(np.clip(ROWS_A_TABLE * self.world.days // self.world.events, 1, 30))
        days = _working_days(self)
        for first in range(0, self.world.days, step):
            last = min(first + step, self.world.days)
            busy = merged(log for _ in range(first, last) for log in next(days))
            rare = [log.between(first, last) for log in self.logs]
            yield PRODUCT, to_events(self.world, [*rare, *busy], f"product-{first}-")
        yield TELEMATICS, to_events(self.world, [self.vans], "van-report-")


def draw(*, end: date, events: int = 1_000_000, seed: int = 7) -> Parcel:
    """About `events` events in the two years before the day `end`, which is not included."""
    world = World(end=end, events=events, seed=seed)
    shops, first_days, visits = people(world)
    bills = billing(world, shops)
    tickets, tickets_open = support.support(world, shops, bills.tenure)
    checks, checked, good = platform.checks(world)
    first = first_parcels(world, shops)
    logs = [*first_days, *first.logs, *bills.logs, *tickets, checks, *_others(world, shops, bills)]
    vans = telematics(world)
    left = events - sum(map(len, logs)) - len(vans)
    usage = Usage.plan(world, bills, max(left, 0) / EVENTS_A_SESSION)
    deliveries = Deliveries.plan(world, usage)
    truth = Truth(
        start=world.start, end=world.end,
        visits=visits, signups=count_by_day(world, shops.completed), trials=bills.trials,
        mrr=bills.mrr, customers=bills.customers,
        revenue=bills.revenue, addon_revenue=bills.addon_revenue, sessions=usage.sessions,
        parcels=deliveries.parcels + first.sent, deliveries=deliveries.delivered + first.delivered,
        on_time=deliveries.on_time + first.on_time, tickets_open=tickets_open,
        checks=checked, checks_ok=good,
    )  # fmt: skip
    return Parcel(world, shops, bills, usage, deliveries, logs, vans, truth)


def _others(world: World, shops: Shops, bills: Billing) -> list[Log]:
    return [
        *support.surveys(world, shops, bills.tenure),
        platform.requests(world, bills.tenure),
        platform.releases(world),
        *platform.updates(world, shops, bills.tenure),
        platform.storage(world),
        *platform.security(world),
        platform.recovery(world),
        *market.market(world, bills.tenure),
        *sales.sales(world),
    ]


def _working_days(parcel: Parcel) -> Iterator[list[Log]]:
    """Each day's sessions, parcels and deliveries, while parcels and plans are carried along."""
    world, shops, bills = parcel.world, parcel.shops, parcel.billing
    plan = np.full(len(shops), -1)
    underway: dict[int, Underway] = {}
    changed = np.searchsorted(bills.changed_at, np.arange(world.days + 1))
    for day, n in enumerate(parcel.usage.sessions):
        rows = slice(int(changed[day]), int(changed[day + 1]))
        plan[bills.changed_shop[rows]] = bills.changed_plan[rows]
        logs: list[Log] = []
        if n:
            today = sessions(world, shops, bills, plan, day, int(n))
            underway[day] = send(world, shops, today, parcel.deliveries)
            logs = [*work(world, shops, today, parcel.usage), underway[day].sent]
        underway.pop(day - 3, None)
        if parcel.deliveries.delivered[day]:
            logs.append(deliver(world, shops, parcel.deliveries, underway, day))
        yield logs
