"""A shop whose visitors see one of two checkouts: events with a difference that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Shop:
    """`a_day` visitors come for the first time on each day; those from `starts` on get a variant.

    A visitor pays with the chance `paying`, plus `effect` in B, within two days; `slow` is the
    chance to complain, plus `harm` in B. `share` of the visitors get B.
    """

    first: date = date(2026, 2, 2)
    starts: date = date(2026, 3, 2)
    ends: date = date(2026, 3, 15)
    a_day: int = 150
    paying: float = 0.3
    effect: float = 0.0
    slow: float = 0.2
    harm: float = 0.0
    share: float = 0.5
    both: int = 0
    seed: int = 1

    def write(self, path: Path) -> Path:
        chance = np.random.default_rng(self.seed)
        days = (self.ends - self.first).days + 1
        n = days * self.a_day
        day = np.repeat(np.arange(days), self.a_day)
        at = np.array([np.datetime64(self.first) + d for d in day], "datetime64[us]")
        at = at + (chance.random(n) * 20 * 3_600_000_000).astype("timedelta64[us]")
        user = np.array([f"u{i:06d}" for i in range(n)])
        assigned = day >= (self.starts - self.first).days
        b = chance.random(n) < self.share
        pays = chance.random(n) < self.paying + self.effect * (b & assigned)
        slow = chance.random(n) < self.slow + self.harm * (b & assigned)
        later = (chance.random(n) * 40 * 3_600_000_000).astype("timedelta64[us]")
        amount = np.round(chance.gamma(4, 10, n), 2)
        rows = [
            (at, np.ones(n, bool), "visited", None, None),
            (at, assigned, "viewed", np.where(b, "B", "A"), None),
            (at + later, pays, "paid", None, amount),
            (at + later, slow, "complained", None, None),
        ]
        if self.both:
            extra = assigned & (np.cumsum(assigned) <= self.both)
            rows.append((at + np.timedelta64(1, "h"), extra, "viewed", np.where(b, "A", "B"), None))
        pq.write_table(pa.concat_tables([_table(user, *row) for row in rows]), path)
        return path


def _table(
    user: np.ndarray, at: np.ndarray, which: np.ndarray, event: str,
    variant: np.ndarray | None, amount: np.ndarray | None,
) -> pa.Table:  # fmt: skip
    count = int(which.sum())
    nothing = pa.nulls(count)
    return pa.table(
        {
            "event": pa.array([event] * count),
            "happened_at": pa.array(at[which], pa.timestamp("us", "UTC")),
            "user_id": pa.array(user[which]),
            "variant": nothing.cast(pa.string()) if variant is None else pa.array(variant[which]),
            "amount": nothing.cast(pa.float64()) if amount is None else pa.array(amount[which]),
        }
    )


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
