"""Business customers won by people: demos, trials of concept, deals, partners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.demo.parcel.log import Column, Ids, Log, Words, log
from headway.demo.parcel.people import COUNTRIES, COUNTRY_SHARE, times, words
from headway.demo.parcel.truth import Flags, Floats, Ints
from headway.demo.parcel.world import World

STAGES = ("qualified", "proposal", "negotiation", "won", "lost")
PASSES = (0.72, 0.74, 0.58)
"""Chance to leave each open stage forwards."""
STAGE_DAYS = 11.0
LOSSES = ("price", "missing_feature", "competitor", "no_decision")


@dataclass(frozen=True)
class Trials:
    """Of a concept or a beta: `ended` may lie beyond the world."""

    began: Floats
    ended: Floats
    ok: Flags


@dataclass(frozen=True)
class Deals:
    """`stages` holds when each open stage began; what never happened is infinite."""

    stages: list[Floats]
    won: Floats
    lost: Floats
    amount: Floats
    discount: Floats
    signed: Floats


@dataclass(frozen=True)
class Sales:
    """Demos and partners by day."""

    demos: Ints
    partners: Ints
    concepts: Trials
    betas: Trials
    deals: Deals


def sales(world: World) -> tuple[Sales, list[Log]]:
    rng = world.rng("sales")
    interest = world.growth * world.season * world.size
    demos, shown = _plain(world, rng, "demo_booked", 1.0 * interest)
    concepts, proved = _trials_of(world, rng, "poc", 0.25 * interest, 0.64)
    betas, tested = _trials_of(world, rng, "beta", 0.3 * interest, 0.76)
    partners, signed = _plain(world, rng, "partnership_signed", np.full(world.days, 0.035))
    deals, dealt = _deals(world, rng, 0.85 * interest)
    found = Sales(demos, partners, concepts, betas, deals)
    return found, [shown, *proved, *tested, signed, *dealt]


def _plain(world: World, rng: np.random.Generator, event: str, mean: Floats) -> tuple[Ints, Log]:
    counts = rng.poisson(mean)
    at = times(rng, counts)
    country = words(rng, len(at), COUNTRIES, COUNTRY_SHARE)
    return counts, log(world, event, at, country=country)


def _trials_of(
    world: World, rng: np.random.Generator, what: str, mean: Floats, success: float
) -> tuple[Trials, list[Log]]:
    at = times(rng, rng.poisson(mean))
    n = len(at)
    who = {"account_id": Ids(np.arange(n), "prospect-"), "user_id": Ids(np.arange(n), f"{what}-")}
    end = at + rng.gamma(4, 5, n)
    ok = rng.random(n) < success
    return Trials(at, end, ok), [
        log(world, f"{what}_started", at, **who),
        log(world, f"{what}_finished", end, ok=ok, **who),
    ]


def _deals(world: World, rng: np.random.Generator, mean: Floats) -> tuple[Deals, list[Log]]:
    """`deal_stage_changed` carries the amount that is still open: 0 once won or lost."""
    created = times(rng, rng.poisson(mean))
    n = len(created)
    amount = (rng.lognormal(7.6, 0.7, n) / 10).round() * 10
    discount = np.clip(rng.normal(0.09, 0.06, n), 0, 0.3).round(3)
    what: dict[str, Column] = {
        "deal_id": Ids(np.arange(n), "deal-"),
        "country": words(rng, n, COUNTRIES, COUNTRY_SHARE),
    }
    moves, won, lost = _stages(rng, created)
    signed = (amount * (1 - discount)).round(2)
    reason = Words(rng.choice(4, n, p=[0.3, 0.25, 0.2, 0.25]), LOSSES)
    return Deals(moves, won, lost, amount, discount, signed), [
        log(world, "deal_created", created, amount=amount, **what),
        *(
            log(world, "deal_stage_changed", at, stage=Words(np.full(n, stage), STAGES),
                amount=amount * (stage < 3), **what)
            for stage, at in enumerate([*moves, won, lost])
        ),
        log(world, "deal_won", won, amount=signed, discount=discount, **what),
        log(world, "deal_lost", lost, amount=amount, reason=reason, **what),
    ]  # fmt: skip


def _stages(rng: np.random.Generator, created: Floats) -> tuple[list[Floats], Floats, Floats]:
    """When each open stage begins, and when the deal is won or lost."""
    n = len(created)
    at, moves, lost = created, [created], np.full(n, np.inf)
    for chance in PASSES:
        following = at + rng.exponential(STAGE_DAYS, n)
        passes = rng.random(n) < chance
        lost = np.where(passes | ~np.isfinite(at), lost, following)
        at = np.where(passes, following, np.inf)
        moves.append(at)
    return moves[:-1], moves[-1], lost
