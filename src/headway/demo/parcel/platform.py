"""The software itself: checks, requests, releases and updates, storage, security, recovery."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.demo.parcel.log import Column, Ids, Log, Words, log
from headway.demo.parcel.people import Shops, times
from headway.demo.parcel.product import VERSIONS, VERSIONS_EVERY
from headway.demo.parcel.tenure import Tenure
from headway.demo.parcel.truth import Flags, Floats, Ints, effect
from headway.demo.parcel.world import World

SERVICES = ("web", "api", "labels")
OUTAGES_A_DAY = 0.12
AVAILABILITY, ERROR_RATE = 0.9988, 0.004
VOLUME_HOLDS = 800.0
SEVERITIES = ("low", "medium", "high")


@dataclass(frozen=True)
class Outages:
    at: Floats
    seconds: Floats


@dataclass(frozen=True)
class Requests:
    at: Floats
    ok: Flags
    milliseconds: Floats
    service: Ints


@dataclass(frozen=True)
class Updates:
    """`ended` is when an update was done, if it was `ok`, or failed."""

    began: Floats
    ended: Floats
    ok: Flags
    steps: Ints


@dataclass(frozen=True)
class Storage:
    """A row a day and volume."""

    day: Ints
    volume: Ints
    gigabytes: Floats


@dataclass(frozen=True)
class Security:
    found: Floats
    closed: Floats
    incidents: Floats
    asked: Floats
    answered: Floats
    in_time: Flags


@dataclass(frozen=True)
class Drills:
    at: Floats
    minutes: Floats
    lost: Floats
    """Milliseconds of work."""


def checks(world: World) -> tuple[Log, Ints, Ints]:
    """Uptime checks round the clock, with their number and the good ones by day."""
    rng = world.rng("checks")
    a_day = int(np.clip(round(36 * world.size), 6, 288))
    share = np.clip(AVAILABILITY + effect("availability", world.days), 0, 1)
    good = rng.binomial(a_day, share)
    at = np.add.outer(np.arange(world.days), (np.arange(a_day) + 0.5) / a_day).ravel()
    n = len(at)
    ok = (rng.permuted(np.tile(np.arange(a_day), (world.days, 1)), axis=1) < good[:, None]).ravel()
    latency = rng.lognormal(5.4, 0.35, n) * np.repeat(effect("latency", world.days), a_day)
    service = Words(np.arange(n) % len(SERVICES), SERVICES)
    found = log(
        world, "uptime_check", at, service=service, ok=ok, duration_ms=latency.round(1),
        seconds=np.full(n, 86_400 / a_day),
    )  # fmt: skip
    return found, np.full(world.days, a_day), good


def outages(world: World) -> tuple[Outages, Log]:
    """Of single services, some at the same time; each is told when it begins, with its length.

    The database's takes everything along.
    """
    rng = world.rng("outages")
    began = times(rng, rng.poisson(OUTAGES_A_DAY, world.days))
    seconds = rng.lognormal(np.log(480), 1.0, len(began)).round()
    dark = np.flatnonzero(effect("availability", world.days))
    share = -effect("availability", world.days)[dark]
    at = np.concatenate([began, np.repeat(dark + 0.3, len(SERVICES))])
    lasted = np.concatenate([seconds, np.repeat((86_400 * share).round(), len(SERVICES))])
    service = Words(rng.integers(0, len(SERVICES), len(at)), SERVICES)
    return Outages(at, lasted), log(world, "outage", at, service=service, seconds=lasted)


def requests(world: World, tenure: Tenure) -> tuple[Requests, Log]:
    """Sampled requests; each stands for itself."""
    rng = world.rng("requests")
    counts = tenure.counts(rng, 0.055, world.season)
    at = times(rng, counts)
    day = at.astype(np.int64)
    n = len(at)
    ok = rng.random(n) >= ERROR_RATE + effect("error_rate", world.days)[day]
    latency = (rng.lognormal(4.6, 0.6, n) * effect("latency", world.days)[day]).round(1)
    service = rng.integers(0, len(SERVICES), n)
    return Requests(at, ok, latency, service), log(
        world, "api_request", at, service=Words(service, SERVICES), ok=ok, duration_ms=latency
    )


def releases(world: World) -> Log:
    at = np.arange(0.42, world.days, VERSIONS_EVERY)
    number = np.arange(len(at))
    return log(world, "release_deployed", at, version=Words(number, VERSIONS))


def updates(world: World, shops: Shops, tenure: Tenure) -> tuple[Updates, list[Log]]:
    """Shops that update by hand: begun, two steps or more, then done or failed."""
    rng = world.rng("updates")
    counts = tenure.counts(rng, 0.003)
    _, shop = tenure.draw(rng, counts)
    start = times(rng, counts)
    n = len(start)
    end = start + rng.lognormal(-4.6, 0.6, n)
    ok = rng.random(n) < 0.965
    who: dict[str, Column] = {
        "user_id": shops.owner(shop), "account_id": shops.account(shop),
        "update_id": Ids(np.arange(n), "update-"),
    }  # fmt: skip
    steps = 2 + world.rng("update steps").poisson(0.4, n)
    rows = np.repeat(np.arange(n), steps)
    way = 0.2 + 0.6 * world.rng("update pace").random(len(rows))
    at = start[rows] + way * (end - start)[rows]
    return Updates(start, end, ok, steps), [
        log(world, "update_started", start, **who),
        log(world, "update_step_completed", at, **{k: c[rows] for k, c in who.items()}),
        log(world, "update_completed", np.where(ok, end, np.inf), **who),
        log(world, "update_failed", np.where(ok, np.inf, end), **who),
    ]


def storage(world: World) -> tuple[Storage, Log]:
    """Once a day: how full each volume is, with what it can hold as `amount`."""
    rng = world.rng("storage")
    volumes = max(1, round(3 * world.size))
    day, volume = (
        g.ravel() for g in np.meshgrid(np.arange(world.days), np.arange(volumes), indexing="ij")
    )
    used = (120 + 0.55 * day + 15 * volume + rng.normal(0, 1.5, len(day))).round(2)
    return Storage(day, volume, used), log(
        world, "storage_measured", day + 0.04 + 0.001 * volume, volume_id=Ids(volume, "volume-"),
        gigabytes=used, amount=np.full(len(day), VOLUME_HOLDS),
    )  # fmt: skip


def security(world: World) -> tuple[Security, list[Log]]:
    rng = world.rng("security")
    found = times(rng, rng.poisson(0.35, world.days))
    n = len(found)
    what: dict[str, Column] = {
        "finding_id": Ids(np.arange(n), "finding-"),
        "kind": Words(rng.choice(3, n, p=[0.6, 0.3, 0.1]), SEVERITIES),
    }
    asked = times(rng, rng.poisson(0.25, world.days))
    request: dict[str, Column] = {"request_id": Ids(np.arange(len(asked)), "request-")}
    took = rng.gamma(3, 5, len(asked))
    closed = found + rng.exponential(16, n)
    incidents = times(rng, rng.poisson(0.01, world.days))
    return Security(found, closed, incidents, asked, asked + took, took <= 30), [
        log(world, "finding_opened", found, **what),
        log(world, "finding_closed", closed, **what),
        log(world, "security_incident", incidents),
        log(world, "privacy_request_received", asked, **request),
        log(world, "privacy_request_answered", asked + took, on_time=took <= 30, **request),
    ]


def recovery(world: World) -> tuple[Drills, Log]:
    """Two drills a month; `minutes` is the time to recover, `duration_ms` the span of lost data."""
    rng = world.rng("recovery")
    at = np.arange(10.45, world.days, 15.22)
    n = len(at)
    lost = (rng.gamma(2, 40_000, n)).round()
    minutes = rng.gamma(6, 5, n).round(1)
    return Drills(at, minutes, lost), log(
        world, "recovery_drilled", at, minutes=minutes, duration_ms=lost
    )
