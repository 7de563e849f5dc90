"""How often an experiment without an effect is said to have one, by whoever looks every day.

    python -m bench.peeking [--shops 200]

Events of generated shops, read through the store and judged by the end of each day; visitors come
for four weeks, half of them spend, by a lognormal distribution with a heavy tail.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from bench.report import Row, load, machine, markdown
from headway.engine.ask import Ask
from headway.engine.assignment import Assigned, Assignment, assigned
from headway.engine.definition import Definition
from headway.engine.event import PROPERTY
from headway.engine.kinds import parse
from headway.engine.measure import scope_of
from headway.engine.period import Calendar, Grain
from headway.engine.selection import Match
from headway.engine.tally import Tally
from headway.stats.arms import Arm
from headway.stats.experiment import Result, experiment
from headway.stores.local import LocalStore

STARTS, DAYS, A_DAY = date(2026, 3, 2), 28, 80
DAY = timedelta(days=1)
METRICS: dict[str, Definition] = {
    key: parse({"key": key, **document})
    for key, document in {
        "spending": {"kind": "sum", "event": "paid", "property": "amount"},
        "buyers": {"kind": "unique", "event": "paid"},
        "funnel": {
            "kind": "funnel", "window": "2 days", "steps": [{"event": "viewed"}, {"event": "paid"}],
        },
        "retention": {
            "kind": "retention", "start": {"event": "viewed"}, "returns": {"event": "paid"},
        },
    }.items()
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.peeking", description=__doc__)
    parser.add_argument("--shops", type=int, default=200)
    shops = parser.parse_args().shops
    print("\n".join(filter(None, (f"{shops} shops without an effect. {machine()}.", load()))))
    print(f"\n{markdown(table(shops))}")


def table(shops: int) -> list[Row]:
    rng = np.random.default_rng(11)
    wrong = dict.fromkeys(METRICS, 0)
    once = dict.fromkeys(METRICS, 0)
    for _ in range(shops):
        for key, read in _read(_events(rng)):
            looks = list(_looks(read))
            wrong[key] += any(one.verdict in ("better", "worse") for one in looks)
            once[key] += any(one.found is not None and one.found.p < 0.05 for one in looks)
    head: Row = ("metric", "said to differ", "by the interval of one look")
    return [head, *((k, f"{wrong[k] / shops:.1%}", f"{once[k] / shops:.1%}") for k in METRICS)]


def _read(events: pa.Table) -> Iterator[tuple[str, Assigned]]:
    calendar = Calendar.of("UTC", "monday")
    end = STARTS + DAYS * DAY
    scope = scope_of(
        STARTS, end, Grain.all, calendar=calendar, as_of=calendar.instant(end + 2 * DAY)
    )
    ask = Ask(METRICS, LocalStore.of_table(events), scope)
    given = Assignment(Match(("viewed",)), "variant", STARTS, end)
    for key, definition in METRICS.items():
        yield key, assigned(definition, given, ask)


def _looks(read: Assigned) -> Iterator[Result]:
    for n in range(DAYS + 1):
        by = read.by(STARTS + n * DAY)
        arms = [Arm(name, by.get(name, Tally())) for name in "AB"]
        yield experiment(arms, measure=read.measure).results[0]


def _events(rng: np.random.Generator) -> pa.Table:
    visitors = DAYS * A_DAY
    came = np.datetime64(STARTS) + _micros(rng.random(visitors) * DAYS)
    variant = np.where(rng.random(visitors) < 0.5, "B", "A")
    who = np.repeat(np.arange(visitors), rng.poisson(0.5, visitors) * (rng.random(visitors) < 0.5))
    paid = came[who] + _micros(rng.exponential(1.2, len(who)))
    amounts = np.round(rng.lognormal(3, 1.5, len(who)), 2)
    rows, nothing = visitors + len(who), pa.nulls(visitors + len(who), pa.string())
    return pa.table(
        {
            "message_id": pa.array([f"m{i}" for i in range(rows)]),
            "event": pa.array(["viewed"] * visitors + ["paid"] * len(who)),
            "happened_at": pa.array(
                np.concatenate([came, paid]).astype("datetime64[us]"), pa.timestamp("us", "UTC")
            ),
            "user_id": pa.array([f"u{i}" for i in [*range(visitors), *who]]),
            "account_id": nothing,
            "received_at": nothing.cast(pa.timestamp("us", "UTC")),
            f"{PROPERTY}variant": pa.array([*variant.tolist(), *[None] * len(who)]),
            f"{PROPERTY}amount": pa.array([*[None] * visitors, *amounts.tolist()], pa.float64()),
        }
    )


def _micros(days: np.ndarray) -> np.ndarray:
    return (days * 86_400e6).astype("timedelta64[us]")


if __name__ == "__main__":
    main()
