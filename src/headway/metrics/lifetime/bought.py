"""What customers are worth who buy again or stay away: from counts of purchases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from headway.engine.period import Calendar, Grain, day_at
from headway.engine.store import Store
from headway.engine.worth import DAYS, MONTHS, Bought
from headway.engine.written import grouped
from headway.metrics.lifetime.told import Ahead, Cell, Check, Cohort, Outlook, Told
from headway.stats.buyers import Customers
from headway.stats.history import CannotTell
from headway.stats.lifetime import Projection, cut_days, expect

WEEKS_A_MONTH = 365.25 / 12 / 7
EPOCH = date(1970, 1, 1).toordinal()

Ages = Mapping[date | None, Mapping[int | None, float]]


def told_of_purchases(worth: Bought, store: Store, calendar: Calendar, horizon: int) -> Told:
    until = day_at(worth.customers.span.end)
    customers = _counted(store.run(worth.customers), until)
    ages = _ages(store.run(worth.spent))
    found = _projected(worth, store, customers, calendar, horizon)
    cohorts = _cohorts(customers, ages, calendar)
    known = isinstance(found, Projection)
    if isinstance(found, Projection):
        ahead = {one.start: Ahead(one.ahead, one.low, one.high) for one in found.cohorts}
        cohorts = tuple(replace(one, ahead=ahead.get(one.start)) for one in cohorts)
    return Told(
        "purchases", until, horizon, len(customers), sum(sum(a.values()) for a in ages.values()),
        sum(ages.get(None, {}).values()), cohorts,
        _outlook(found, len(customers)) if isinstance(found, Projection) else None,
        "" if known else found.reason,  # type: ignore[union-attr]
    )  # fmt: skip


def _counted(table: pa.Table, until: date) -> Customers:
    f, lasts, k, again, n, paid = (
        table[name].to_numpy() for name in ("f", "l", "k", "again", "n", "total")
    )
    order = np.lexsort((again, k, lasts, f))
    return Customers.counted(
        (f + EPOCH)[order], (lasts + EPOCH)[order], k[order], again[order], paid[order], n[order],
        until.toordinal(),
    )  # fmt: skip


def _ages(table: pa.Table) -> Ages:
    found: dict[date | None, dict[int | None, float]] = defaultdict(dict)
    for row in table.to_pylist():
        start = None if row["c"] is None else day_at(row["c"])
        found[start][row["a"]] = row["total"]
    return found


def _projected(
    worth: Bought, store: Store, customers: Customers, calendar: Calendar, horizon: int
) -> Projection | CannotTell:
    """The model is asked on earlier days too, from what was known then."""
    days = map(date.fromordinal, cut_days(customers))
    then = [_counted(store.run(worth.before(day)), day) for day in days]
    return expect(customers, then, horizon * WEEKS_A_MONTH, calendar)


def _outlook(found: Projection, customers: int) -> Outlook:
    often, much, each = found.repeat, found.spend, found.everybody
    seen = (
        f"{grouped(each.size)} of {grouped(customers)} were looked at. "
        if each.size < customers
        else ""
    )
    checks = tuple(Check(c.day, c.expected, c.happened) for c in found.checks)
    return Outlook(
        Ahead(each.ahead, each.low, each.high), asdict(often) | asdict(much),
        f"{seen}{found.rests_on}", alive=found.alive, checks=checks, caution=found.caution,
    )  # fmt: skip


def _cohorts(customers: Customers, ages: Ages, calendar: Calendar) -> tuple[Cohort, ...]:
    sizes: dict[date, int] = defaultdict(int)
    for day, n in zip(*np.unique(customers.firsts, return_counts=True), strict=True):
        sizes[calendar.start_of(date.fromordinal(int(day)), Grain.month)] += int(n)
    until = date.fromordinal(customers.until)
    return tuple(
        Cohort(
            start, n, sum(ages[start].values()) / n, _cells(start, n, ages[start], until, calendar)
        )
        for start, n in sorted(sizes.items())
    )


def _cells(
    start: date, n: int, paid: Mapping[int | None, float], until: date, calendar: Calendar
) -> tuple[Cell, ...]:
    """After so many days since each customer's own first purchase."""
    last = calendar.after(start, Grain.month) - timedelta(days=1)
    found, before = [], 0
    for i, (months, days) in enumerate(zip(MONTHS, DAYS, strict=True)):
        total = sum(paid.get(age, 0.0) for age in range(i + 1))
        begun = start + timedelta(days=before) < until
        complete = last + timedelta(days=days) <= until
        found.append(Cell(months, total / n if begun else None, complete))
        before = days
    return tuple(found)
