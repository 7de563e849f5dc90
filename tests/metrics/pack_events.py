"""Events as a company would send them that follows a pack's tracking list to the letter."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from headway.metrics.packs import Pack, Tracked

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
DAYS, USERS, PER_ACCOUNT = 140, 80, 2
SKIPPED = 0.15
BETWEEN = timedelta(seconds=20)


def table(pack: Pack) -> pa.Table:
    rows = list(_rows(pack, random.Random(7)))  # noqa: S311 - a fixed world
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def _rows(pack: Pack, chance: random.Random) -> Iterator[dict[str, Any]]:
    alone = [t for t in pack.tracking if t.who == "nobody"]
    people = [t for t in pack.tracking if t.who != "nobody"]
    for day in range(DAYS):
        yield from _round(alone, BEGIN + timedelta(days=day), {}, str(day), chance)
    for user in range(USERS):
        ids = {"user_id": f"u{user}", "account_id": f"a{user // PER_ACCOUNT}"}
        for day in _days(user, chance):
            at = BEGIN + timedelta(days=day, hours=chance.uniform(8, 20))
            yield from _round(people, at, ids, f"{user}-{day}", chance)


def _days(user: int, chance: random.Random) -> Iterator[int]:
    """People begin all through the time, come every few days, and some stop."""
    day = user * DAYS // USERS
    while day < DAYS and chance.random() > 0.06:
        yield day
        day += chance.choice([1, 1, 2, 6, 9])


def _round(
    tracking: list[Tracked], at: datetime, ids: dict[str, str], mark: str, chance: random.Random
) -> Iterator[dict[str, Any]]:
    """Each event once, in order, some of them left out."""
    for number, tracked in enumerate(tracking):
        if chance.random() > SKIPPED:
            own = ids["account_id"] if tracked.who == "account" else mark
            yield {
                "event": tracked.event,
                "happened_at": at + number * BETWEEN,
                **{name: ids[name] for name in tracked.ids},
                **{n: _value(e, own, chance) for n, e in tracked.properties.items()},
            }


def _value(example: Any, mark: str, chance: random.Random) -> Any:
    """One of a list, the last one seldom; a number near the example; an id with its mark."""
    if isinstance(example, list):
        return chance.choices(example, weights=[3] * (len(example) - 1) + [1])[0]
    if isinstance(example, bool):
        return chance.random() < 0.7
    if isinstance(example, str):
        return f"{example}-{mark}" if "-" in example else example
    return example * chance.uniform(0.7, 1.3)
