"""Working days: sessions with logins, features and tasks, drawn a day at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.demo.parcel.billing import PLANS, Billing
from headway.demo.parcel.log import Column, Ids, Log, Words, log
from headway.demo.parcel.people import MINUTE, SEATS, Shops
from headway.demo.parcel.truth import LAUNCHES, Flags, Floats, Ints, effect
from headway.demo.parcel.world import World

FEATURES = (
    "labels", "tracking", "address_book", "returns", "reports", "bulk_import",
    "notifications", "integrations", "insurance", "guided_setup", "route_planner", "invoices",
)  # fmt: skip
POPULARITY = np.array([0.26, 0.2, 0.1, 0.08, 0.07, 0.06, 0.05, 0.04, 0.04, 0.03, 0.05, 0.02])
FEATURES_A_SESSION, TASKS_A_SESSION = 2.1, 0.07
TASKS = ("create_label", "import_orders", "book_pickup", "handle_return")
TASK_MINUTES = np.array([1.8, 4.5, 2.6, 3.4])
CLICKS_A_TASK, ERRORS_A_TASK = 4, 0.16
TASK_SUCCESS, TASK_RATED = 0.87, 0.2
SCORES, TASK_SCORE = np.arange(1.0, 6.0), (0.04, 0.08, 0.15, 0.33, 0.4)
"""Shares of 1 to 5."""
EVENTS_A_TASK = 1 + CLICKS_A_TASK + ERRORS_A_TASK + TASK_SUCCESS * (1 + TASK_RATED)
VERSIONS_EVERY = 28
"""Days from one release to the next."""
VERSIONS = tuple(f"1.{number}" for number in range(40))


@dataclass(frozen=True)
class Usage:
    """How much is done on each day."""

    sessions: Ints
    features: Ints
    tasks: Ints

    @staticmethod
    def plan(world: World, billing: Billing, sessions: float) -> Usage:
        """So many sessions, spread over the days by who is at work, season and incidents."""
        rng = world.rng("usage")
        weight = billing.tenure.at_work * world.season * effect("sessions", world.days)
        by_day = rng.multinomial(round(sessions), weight / weight.sum())
        return Usage(
            by_day, rng.poisson(FEATURES_A_SESSION * by_day), rng.poisson(TASKS_A_SESSION * by_day)
        )


@dataclass(frozen=True)
class Sessions:
    """One day's sessions: when, of which shop, and by which of its people."""

    day: int
    at: Floats
    shop: Ints
    user: Ints
    plan: Ints

    def __len__(self) -> int:
        return len(self.at)

    def some(self, rng: np.random.Generator, n: int) -> Ints:
        return np.asarray(rng.integers(0, len(self), n)) if n else np.empty(0, np.int64)

    def of(self, shops: Shops, rows: Ints) -> dict[str, Column]:
        shop = self.shop[rows]
        return {
            "user_id": Ids(self.user[rows], "user-"),
            "account_id": shops.account(shop),
            "plan": Words(self.plan[rows], PLANS),
            "country": shops.country[shop],
        }


def sessions(
    world: World, shops: Shops, billing: Billing, plan: Ints, day: int, n: int
) -> Sessions:
    """`plan` holds every shop's plan on the day."""
    rng = world.rng("sessions", day)
    shop = billing.tenure.draw_on(rng, day, n)
    seat = np.minimum(rng.integers(0, shops.seats[shop] + 1), shops.seats[shop] - 1)
    user = shop * SEATS + seat
    at = day + 0.3 + 0.5 * _unit(user * 1009 + day * 7919) + rng.exponential(6 * MINUTE, n)
    return Sessions(day, np.minimum(at, day + 0.9), shop, user, plan[shop])


def _unit(number: Ints) -> Floats:
    """A number in [0, 1) that is the same each time: a person's hour of the day."""
    mixed = (number.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    return np.asarray(mixed.astype(np.float64) / 2.0**24)


@dataclass(frozen=True)
class Used:
    """Features used on a day: when, of FEATURES, and in which of the day's sessions."""

    at: Floats
    feature: Ints
    rows: Ints


@dataclass(frozen=True)
class Tasks:
    """A day's tasks; `clicks` and `slips` hold each one's number of them, `rated` is infinite for
    those that were not."""

    number: Ints
    kind: Ints
    began: Floats
    ended: Floats
    done: Flags
    clicks: Ints
    slips: Ints
    minutes: Floats
    rated: Floats
    score: Floats
    rows: Ints


@dataclass(frozen=True)
class Worked:
    latest: Flags
    used: Used
    tasks: Tasks
    logs: list[Log]


def work(world: World, shops: Shops, day: Sessions, usage: Usage) -> Worked:
    rng = world.rng("work", day.day)
    rows = day.some(rng, int(usage.features[day.day]))
    feature = _features(world, rng, day.day, len(rows))
    at = day.at[rows] + np.minimum(rng.exponential(9 * MINUTE, len(rows)), 0.06)
    release, latest = _release(rng, day)
    tasks, logs = _tasks(world, rng, shops, day, int(usage.tasks[day.day]))
    everyone, version = np.arange(len(day)), Words(release, VERSIONS)
    return Worked(latest, Used(at, feature, rows), tasks, [
        log(world, "login", day.at, **day.of(shops, everyone), version=version, latest=latest),
        log(world, "feature_used", at, feature=Words(feature, FEATURES), **day.of(shops, rows)),
        *logs,
    ])  # fmt: skip


def _features(world: World, rng: np.random.Generator, day: int, n: int) -> Ints:
    share = POPULARITY.copy()
    for launch in LAUNCHES:
        if day < world.days - launch.before_end:
            share[FEATURES.index(launch.feature)] = 0
    return rng.choice(len(FEATURES), n, p=share / share.sum())


def _release(rng: np.random.Generator, day: Sessions) -> tuple[Ints, Flags]:
    """Each session's version, and whether it is the latest: most update within two weeks."""
    release, age = divmod(day.day, VERSIONS_EVERY)
    latest = rng.random(len(day)) < min(0.25 + 0.05 * age, 0.92)
    latest = latest | (release == 0)
    return release - ~latest, latest


def _tasks(
    world: World, rng: np.random.Generator, shops: Shops, day: Sessions, n: int
) -> tuple[Tasks, list[Log]]:
    rows = day.some(rng, n)
    kind = rng.integers(0, len(TASKS), n)
    minutes = TASK_MINUTES[kind] * rng.lognormal(0, 0.5, n)
    start = day.at[rows] + 2 * MINUTE
    end = start + minutes * MINUTE
    done = rng.random(n) < TASK_SUCCESS
    rated = np.where(done & (rng.random(n) < TASK_RATED), end + MINUTE, np.inf)
    number = day.day * 1_000_000 + np.arange(n)
    who: dict[str, Column] = {
        "task": Words(kind, TASKS), "task_id": Ids(number, "task-"), **day.of(shops, rows)
    }  # fmt: skip
    clicks = rng.integers(2, 2 * CLICKS_A_TASK - 1, n)
    slips = rng.poisson(ERRORS_A_TASK, n)
    clicked = _within(world, rng, "click", start, end, clicks, who)
    slipped = _within(world, rng, "task_error", start, end, slips, who)
    score = rng.choice(SCORES, n, p=TASK_SCORE)
    tasks = Tasks(number, kind, start, end, done, clicks, slips, minutes, rated, score, rows)
    return tasks, [
        log(world, "task_started", start, **who),
        clicked,
        slipped,
        log(world, "task_completed", np.where(done, end, np.inf), **who, minutes=minutes),
        log(world, "task_rated", rated, **who, score=score),
    ]


def _within(
    world: World, rng: np.random.Generator, event: str, start: Floats, end: Floats,
    counts: Ints, who: dict[str, Column],
) -> Log:  # fmt: skip
    """So many events of each row, between its start and its end."""
    rows = np.repeat(np.arange(len(counts)), counts)
    at = start[rows] + rng.random(len(rows)) * (end - start)[rows]
    return log(world, event, at, **{name: column[rows] for name, column in who.items()})
