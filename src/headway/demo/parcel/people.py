"""Visitors, the shops that sign up, and how far each gets on its first days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.demo.parcel.log import Ids, Log, Words, log
from headway.demo.parcel.truth import Floats, Ints, effect
from headway.demo.parcel.world import World

CHANNELS = ("search", "direct", "ads", "social", "partner", "newsletter")
CHANNEL_SHARE = (0.34, 0.24, 0.18, 0.12, 0.08, 0.04)
PAGES = ("home", "pricing", "features", "docs", "blog")
PAGE_SHARE = (0.42, 0.18, 0.17, 0.13, 0.10)
COUNTRIES = ("DE", "AT", "CH", "NL", "FR", "PL")
COUNTRY_SHARE = (0.46, 0.12, 0.08, 0.13, 0.12, 0.09)
USE_CASES = ("fashion", "food", "books", "crafts", "electronics")
USE_CASE_SHARE = (0.30, 0.22, 0.14, 0.20, 0.14)
SIGNUP_STEPS = ("email_confirmed", "shop_described", "terms_accepted")
SIGNUP_STEP_SHARE = 0.87
ONBOARDING_STEPS = ("profile", "first_address", "courier_chosen", "label_printed")
ONBOARDING_STEP_SHARE = 0.86
CONFIGURATION_STEPS = ("shop_connected", "prices_set", "rules_set")
CONFIGURATION_STEP_SHARE = 0.90
CORRECTIONS = 0.7
SEATS = 3
"""A shop has one to three people."""

MINUTE = 1 / 1440
VISITS_A_DAY = 128.0
"""On an ordinary first day, at a million events in two years."""


@dataclass(frozen=True)
class Path:
    """When each shop came how far: infinite for what never happened.

    `registering`, `onboarding` and `configuring` hold the start and each step after it; `corrected`
    and `reconfigured` how often those who came to the end changed what they had typed.
    """

    registering: list[Floats]
    onboarding: list[Floats]
    configuring: list[Floats]
    configured: Floats
    corrected: Ints
    reconfigured: Ints
    downloaded: Floats
    attempted: Floats
    installed: Floats


@dataclass(frozen=True)
class Visits:
    at: Floats
    visitor: Ints


@dataclass(frozen=True)
class Shops:
    """One row a sign-up that was begun."""

    path: Path
    activated: Floats
    visitor: Ints
    channel: Words
    country: Words
    use_case: Words
    seats: Ints
    activity: Floats
    """How often its people come, about 1."""

    def __len__(self) -> int:
        return len(self.started)

    @property
    def started(self) -> Floats:
        return self.path.registering[0]

    @property
    def completed(self) -> Floats:
        return self.path.registering[-1]

    @property
    def onboarded(self) -> Floats:
        return self.path.onboarding[-1]

    def owner(self, shops: Ints) -> Ids:
        return Ids(shops * SEATS, "user-")

    @staticmethod
    def account(shops: Ints) -> Ids:
        return Ids(shops, "shop-")


def words(
    rng: np.random.Generator, n: int, among: tuple[str, ...], share: tuple[float, ...]
) -> Words:
    edges = np.cumsum(share)[:-1]
    return Words(np.searchsorted(edges, rng.random(n)).astype(np.int8), among)


def times(rng: np.random.Generator, counts: Ints) -> Floats:
    """So many instants on each day, most of them by daylight."""
    day = np.repeat(np.arange(len(counts)), counts)
    return np.asarray(day + np.clip(rng.normal(0.58, 0.15, len(day)), 0.01, 0.99))


def people(world: World) -> tuple[Shops, list[Log], Visits]:
    """The shops, everything before their first working day, and visits."""
    rng = world.rng("people")
    visits = rng.poisson(VISITS_A_DAY * world.size * world.growth * world.season)
    at = times(rng, visits)
    visitor = _visitors(rng, len(at))
    channel = words(rng, len(at), CHANNELS, CHANNEL_SHARE)
    page = words(rng, len(at), PAGES, PAGE_SHARE)
    visit = log(
        world, "page_visit", at, user_id=Ids(visitor, "visitor-"), channel=channel, page=page
    )
    began = _first_of_each(visitor, rng.random(len(at)) < 0.055)
    shops, logs = _sign_up(world, at[began], visitor[began], channel[began])
    return shops, [visit, *logs], Visits(at, visitor)


def _visitors(rng: np.random.Generator, n: int) -> Ints:
    """A new visitor on six visits of ten; else one who came a short while ago."""
    own = np.arange(n)
    back = np.minimum(own, 1 + (rng.exponential(0.01 * max(n, 100), n)).astype(np.int64))
    return np.where(rng.random(n) < 0.6, own, own - back)


def _first_of_each(visitor: Ints, chosen: np.ndarray) -> Ints:
    rows = np.flatnonzero(chosen)
    _, first = np.unique(visitor[rows], return_index=True)
    return np.asarray(rows[np.sort(first)])


def _sign_up(world: World, seen: Floats, visitor: Ints, channel: Words) -> tuple[Shops, list[Log]]:
    rng = world.rng("sign-up")
    n = len(seen)
    country = words(rng, n, COUNTRIES, COUNTRY_SHARE)
    use_case = words(rng, n, USE_CASES, USE_CASE_SHARE)
    traits = {"channel": channel, "country": country, "use_case": use_case}
    ids = {"user_id": Ids(np.arange(n) * SEATS, "user-"), "account_id": Ids(np.arange(n), "shop-")}
    started = seen + 2 * MINUTE
    registering, registered = _register(world, rng, started, visitor, ids, traits)
    onboarding, onboarded = _onboard(world, rng, registering[-1], ids, traits)
    done = onboarding[-1]
    wait = rng.lognormal(np.log(1.6), 0.9, n) * _on(effect("time_to_value", world.days), done)
    activated = np.where(rng.random(n) < 0.88, done + wait, np.inf)
    seats = rng.choice([1, 2, 3], n, p=[0.55, 0.28, 0.17])
    activity = rng.lognormal(-0.35, 0.8, n)
    installing, installed = _install(world, rng, registering[-1], ids, country)
    configuring, configured, tried = _configure(world, rng, done, ids)
    corrected, typing = _correct(world, "signup_field_corrected", registering, ids)
    reconfigured, retyping = _correct(
        world, "configuration_field_corrected", [*configuring[:-1], configured], ids
    )
    path = Path(
        registering, onboarding, configuring, configured, corrected, reconfigured, *installing
    )
    shops = Shops(path, activated, visitor, channel, country, use_case, seats, activity)
    return shops, [*registered, *onboarded, *installed, *tried, typing, retyping]


def _register(
    world: World, rng: np.random.Generator, started: Floats, visitor: Ints,
    ids: dict[str, Ids], traits: dict[str, Words],
) -> tuple[list[Floats], list[Log]]:  # fmt: skip
    """The visitor becomes a user as soon as the form is opened."""
    path, steps = _walk(
        world, rng, "signup_step_completed", started, SIGNUP_STEPS,
        SIGNUP_STEP_SHARE, 2.5 * MINUTE, ids,
    )  # fmt: skip
    user, known_as = ids["user_id"], Ids(visitor, "visitor-")
    return path, [
        log(world, "signup_started", started, user_id=user, **traits),
        log(world, "$identify", started, user_id=user, previous_id=known_as),
        *steps,
        log(world, "signup_completed", path[-1], **ids, **traits),
    ]


def _onboard(
    world: World, rng: np.random.Generator, completed: Floats,
    ids: dict[str, Ids], traits: dict[str, Words],
) -> tuple[list[Floats], list[Log]]:  # fmt: skip
    n = len(completed)
    at = np.where(rng.random(n) < 0.93, completed + rng.exponential(0.4, n), np.inf)
    share = ONBOARDING_STEP_SHARE + _on(effect("onboarding_step_share", world.days), at)
    pace = 25 * MINUTE * _on(effect("time_to_value", world.days), at)
    path, steps = _walk(
        world, rng, "onboarding_step_completed", at, ONBOARDING_STEPS, share, pace, ids
    )
    return path, [
        log(world, "onboarding_started", at, **ids, **traits),
        *steps,
        log(world, "onboarding_completed", path[-1], **ids, **traits),
    ]


def _install(
    world: World, rng: np.random.Generator, completed: Floats, ids: dict[str, Ids], country: Words
) -> tuple[tuple[Floats, Floats, Floats], list[Log]]:
    n = len(completed)
    at = np.where(rng.random(n) < 0.72, completed + rng.exponential(0.3, n), np.inf)
    tried = np.where(rng.random(n) < 0.9, at + 4 * MINUTE, np.inf)
    done = np.where(rng.random(n) < 0.94, tried + 3 * MINUTE, np.inf)
    return (at, tried, done), [
        log(world, "download", at, country=country, **ids),
        log(world, "install_attempted", tried, **ids),
        log(world, "install_succeeded", done, **ids),
    ]


def _configure(
    world: World, rng: np.random.Generator, onboarded: Floats, ids: dict[str, Ids]
) -> tuple[list[Floats], Floats, list[Log]]:
    n = len(onboarded)
    at = np.where(rng.random(n) < 0.85, onboarded + rng.exponential(0.5, n), np.inf)
    path, steps = _walk(
        world, rng, "configuration_step_completed", at, CONFIGURATION_STEPS,
        CONFIGURATION_STEP_SHARE, 12 * MINUTE, ids,
    )  # fmt: skip
    ok = rng.random(n) < 0.95
    configured = np.where(ok, path[-1], np.inf)
    return (
        path,
        configured,
        [
            log(world, "configuration_started", at, **ids),
            *steps,
            log(world, "configuration_completed", configured, **ids),
            log(world, "configuration_failed", np.where(ok, np.inf, path[-1]), **ids),
        ],
    )


def _correct(world: World, event: str, path: list[Floats], ids: dict[str, Ids]) -> tuple[Ints, Log]:
    """On the way from the start to the end."""
    rng = world.rng(event)
    since, until = path[0], path[-1]
    times_ = np.where(np.isfinite(until), rng.poisson(CORRECTIONS, len(since)), 0)
    rows = np.repeat(np.arange(len(since)), times_)
    at = since[rows] + rng.uniform(0.1, 0.9, len(rows)) * (until[rows] - since[rows])
    return times_, log(world, event, at, **{name: column[rows] for name, column in ids.items()})


def _walk(
    world: World,
    rng: np.random.Generator,
    event: str,
    started: Floats,
    steps: tuple[str, ...],
    share: float | Floats,
    pace: float | Floats,
    ids: dict[str, Ids],
) -> tuple[list[Floats], list[Log]]:
    """Steps one after the other, each taken by `share` of those before, `pace` days apart."""
    path, logs = [started], []
    for number in range(len(steps)):
        at, n = path[-1], len(started)
        at = np.where(rng.random(n) < share, at + pace * rng.lognormal(-0.3, 0.8, n), np.inf)
        step = Words(np.full(n, number, np.int8), steps)
        logs.append(log(world, event, at, step=step, **ids))
        path.append(at)
    return path, logs


def _on(by_day: Floats, at: Floats) -> Floats:
    """The day's value at each instant; the last day's for what lies beyond."""
    day = np.minimum(np.nan_to_num(at, posinf=len(by_day) - 1), len(by_day) - 1).astype(np.int64)
    return np.asarray(by_day[day])
