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
    FirstParcels,
    Underway,
    deliver,
    first_parcels,
    send,
    telematics,
)
from headway.demo.parcel.log import Log, count_by_day, merged, to_events
from headway.demo.parcel.people import Shops, Visits, people
from headway.demo.parcel.product import (
    EVENTS_A_TASK,
    FEATURES_A_SESSION,
    TASKS_A_SESSION,
    Sessions,
    Usage,
    Worked,
    sessions,
    work,
)
from headway.demo.parcel.trial import trial
from headway.demo.parcel.truth import Ints, Truth
from headway.demo.parcel.world import World

EVENTS_A_SESSION = 1 + FEATURES_A_SESSION + TASKS_A_SESSION * EVENTS_A_TASK + 2 * PARCELS_A_SESSION
ROWS_A_TABLE = 400_000
PRODUCT, TELEMATICS = "product", "telematics"
"""The sources: the product's own events, and the vans' reports, which have stopped."""


@dataclass(frozen=True)
class Notes:
    """What the simulation decided apart from working days, before it became events."""

    visits: Visits
    checked: Ints
    passed: Ints
    first: FirstParcels
    tickets: support.Tickets
    surveys: support.Surveys
    outages: platform.Outages
    requests: platform.Requests
    updates: platform.Updates
    storage: platform.Storage
    security: platform.Security
    drills: platform.Drills
    market: market.Market
    sales: sales.Sales


@dataclass(frozen=True)
class Workday:
    """A day on which somebody came."""

    sessions: Sessions
    worked: Worked
    parcels: Underway


@dataclass(frozen=True)
class Parcel:
    """A drawn world; the same arguments give the same tables, byte for byte."""

    world: World
    shops: Shops
    billing: Billing
    usage: Usage
    deliveries: Deliveries
    notes: Notes
    logs: list[Log]
    vans: Log
    truth: Truth

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """The events, each table with the source that it comes from, in order of time."""
        step = int(np.clip(ROWS_A_TABLE * self.world.days // self.world.events, 1, 30))
        days = (logs for logs, _ in _days(self))
        for first in range(0, self.world.days, step):
            last = min(first + step, self.world.days)
            busy = merged(log for _ in range(first, last) for log in next(days))
            rare = [log.between(first, last) for log in self.logs]
            yield PRODUCT, to_events(self.world, [*rare, *busy], f"product-{first}-")
        yield TELEMATICS, to_events(self.world, [self.vans], "van-report-")

    def workdays(self) -> Iterator[Workday]:
        """The working days again, as they were decided: the same ones as in `tables`."""
        return (workday for _, workday in _days(self) if workday)


def draw(*, end: date, events: int = 1_000_000, seed: int = 7) -> Parcel:
    """About `events` events in the two years before the day `end`, which is not included."""
    world = World(end=end, events=events, seed=seed)
    shops, first_days, visits = people(world)
    bills = billing(world, shops)
    notes, logs = _notes(world, shops, bills, visits)
    logs = [*first_days, *bills.logs, *logs]
    vans = telematics(world)
    left = events - sum(map(len, logs)) - len(vans)
    usage = Usage.plan(world, bills, max(left, 0) / EVENTS_A_SESSION)
    deliveries = Deliveries.plan(world, usage)
    truth = _truth(world, shops, bills, usage, deliveries, notes)
    logs = [*logs, trial(world, shops, visits)]
    return Parcel(world, shops, bills, usage, deliveries, notes, logs, vans, truth)


def _notes(world: World, shops: Shops, bills: Billing, visits: Visits) -> tuple[Notes, list[Log]]:
    tenure = bills.tenure
    first = first_parcels(world, shops)
    tickets, asked = support.support(world, shops, tenure)
    checks, checked, passed = platform.checks(world)
    surveys, answered = support.surveys(world, shops, tenure)
    outages, down = platform.outages(world)
    requests, served = platform.requests(world, tenure)
    updates, updated = platform.updates(world, shops, tenure)
    storage, measured = platform.storage(world)
    security, guarded = platform.security(world)
    drills, drilled = platform.recovery(world)
    found, spread = market.market(world, tenure)
    sold, dealt = sales.sales(world)
    notes = Notes(
        visits, checked, passed, first, tickets, surveys, outages, requests, updates, storage,
        security, drills, found, sold,
    )  # fmt: skip
    return notes, [
        *first.logs, *asked, checks, down, *answered, served, platform.releases(world), *updated,
        measured, *guarded, drilled, *spread, *dealt,
    ]  # fmt: skip


def _truth(
    world: World, shops: Shops, bills: Billing, usage: Usage, deliveries: Deliveries, notes: Notes
) -> Truth:
    first = notes.first
    return Truth(
        start=world.start, end=world.end,
        visits=count_by_day(world, notes.visits.at),
        signups=count_by_day(world, shops.completed), trials=count_by_day(world, bills.trials),
        mrr=bills.mrr, customers=bills.customers,
        revenue=bills.revenue, addon_revenue=bills.addon_revenue, sessions=usage.sessions,
        parcels=deliveries.parcels + first.sent, deliveries=deliveries.delivered + first.delivered,
        on_time=deliveries.on_time + first.on_time, tickets_open=notes.tickets.waiting(world),
        checks=notes.checked, checks_ok=notes.passed,
    )  # fmt: skip


def _days(parcel: Parcel) -> Iterator[tuple[list[Log], Workday | None]]:
    """Each day's sessions, parcels and deliveries, while parcels and plans are carried along."""
    world, shops, changes = parcel.world, parcel.shops, parcel.billing.changes
    plan = np.full(len(shops), -1)
    underway: dict[int, Underway] = {}
    changed = np.searchsorted(changes.at, np.arange(world.days + 1))
    for day, n in enumerate(parcel.usage.sessions):
        rows = slice(int(changed[day]), int(changed[day + 1]))
        plan[changes.shop[rows]] = changes.plan[rows]
        logs: list[Log] = []
        workday = _workday(parcel, plan, day, int(n)) if n else None
        if workday:
            underway[day] = workday.parcels
            logs = [*workday.worked.logs, workday.parcels.sent]
        underway.pop(day - 3, None)
        if parcel.deliveries.delivered[day]:
            logs.append(deliver(world, shops, parcel.deliveries, underway, day))
        yield logs, workday


def _workday(parcel: Parcel, plan: Ints, day: int, n: int) -> Workday:
    world, shops = parcel.world, parcel.shops
    today = sessions(world, shops, parcel.billing, plan, day, n)
    sent = send(world, shops, today, parcel.deliveries)
    return Workday(today, work(world, shops, today, parcel.usage), sent)
