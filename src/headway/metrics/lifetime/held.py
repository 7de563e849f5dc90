"""What customers are worth who pay until they cancel: from balances at the ends of months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
import pyarrow as pa

from headway.engine.period import Calendar, Grain, day_at
from headway.engine.store import Store
from headway.engine.worth import MONTHS, Held
from headway.metrics.lifetime.told import Ahead, Cell, Cohort, Outlook, Told
from headway.stats.history import CannotTell
from headway.stats.survival import Lifetime, Tenures, lifetime

Change = tuple[float, int]
Changes = Mapping[date, Mapping[date, Change]]
"""By cohort and month: what the balances at its end changed by, and those who hold one."""


def told_of_balances(worth: Held, store: Store, calendar: Calendar, horizon: int) -> Told:
    until = day_at(worth.tenures.span.end)
    table = store.run(worth.tenures)
    changes = _changes(store.run(worth.levels))
    cohorts = tuple(_cohorts(_sizes(table), changes, until, calendar))
    found = lifetime(_tenures(table), horizon) if table.num_rows else CannotTell("No customers.")
    known = isinstance(found, Lifetime)
    return Told(
        "balances", until, horizon, sum(one.size for one in cohorts),
        sum(one.so_far * one.size for one in cohorts), 0.0, cohorts,
        _outlook(found) if isinstance(found, Lifetime) else None,
        "" if known else found.reason,  # type: ignore[union-attr]
    )  # fmt: skip


def _tenures(table: pa.Table) -> Tenures:
    """A row a customer, in an order that is always the same."""
    columns = [table[name].to_numpy() for name in ("k", "ended", "total", "n")]
    order = np.lexsort(columns[2::-1])
    k, ended, total, n = (column[order] for column in columns)
    return Tenures.of(np.repeat(k, n), np.repeat(ended > 0, n), np.repeat(total, n))


def _outlook(found: Lifetime) -> Outlook:
    model = {"revenue_a_month": found.revenue_a_period}
    each = Ahead(found.value, found.low, found.high)
    return Outlook(each, model, found.rests_on, retention=found.retention)


def _sizes(table: pa.Table) -> Mapping[date, int]:
    found: dict[date, int] = defaultdict(int)
    for row in table.to_pylist():
        found[day_at(row["c"])] += row["n"]
    return found


def _changes(table: pa.Table) -> Changes:
    found: dict[date, dict[date, Change]] = defaultdict(dict)
    for row in table.to_pylist():
        found[day_at(row["c"])][day_at(row["p"])] = row["total"], row["held"]
    return found


def _cohorts(
    sizes: Mapping[date, int], changes: Changes, until: date, calendar: Calendar
) -> Iterator[Cohort]:
    for start, size in sorted(sizes.items()):
        levels = list(_levels(start, changes[start], until, calendar))
        paid = np.cumsum([level for level, _ in levels])
        yield Cohort(
            start, size, float(paid[-1]) / size, _cells(paid / size), levels[-1][1] / size
        )  # fmt: skip


def _levels(
    start: date, changes: Mapping[date, Change], until: date, calendar: Calendar
) -> Iterator[Change]:
    """Balances and holders at the end of each month since the first."""
    level, held, month = 0.0, 0, start
    while month < until:
        more, one = changes.get(month, (0.0, 0))
        level, held = level + more, held + one
        yield level, held
        month = calendar.after(month, Grain.month)


def _cells(paid: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[Cell, ...]:
    """The month in which they came is the first one."""
    found, before = [], 0
    for months in MONTHS:
        value = float(paid[min(months, len(paid)) - 1]) if len(paid) > before else None
        found.append(Cell(months, value, len(paid) >= months))
        before = months
    return tuple(found)
