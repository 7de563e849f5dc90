"""How Parcel becomes known, and what that and everything else costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.demo.parcel.log import Log, Words, log, sum_by_day
from headway.demo.parcel.people import CHANNELS, times, words
from headway.demo.parcel.tenure import Tenure
from headway.demo.parcel.truth import Flags, Floats, Ints
from headway.demo.parcel.world import World

PAID = ("search", "ads", "social")
SPEND_A_DAY = (55.0, 80.0, 30.0)
COSTS = ("hosting", "support", "development", "couriers")
DIRECT = ("hosting", "support", "couriers")
"""What grows with every parcel."""

COST_A_DAY = (0.06, 0.17, 0.3, 0.11)
"""Euros per shop at work."""


@dataclass(frozen=True)
class Awareness:
    at: Floats
    aided: Flags
    recalled: Flags


@dataclass(frozen=True)
class Market:
    """Counts and sums by day; `reported` and `size` have a row a report."""

    impressions: Floats
    spend: Floats
    searches: Floats
    engagements: Floats
    mentions: Ints
    enquiries: Ints
    leads: Ints
    costs: Floats
    hosting: Floats
    direct: Floats
    answers: Awareness
    reported: Floats
    size: Floats


def market(world: World, tenure: Tenure) -> tuple[Market, list[Log]]:
    rng = world.rng("market")
    interest = world.growth * world.season * world.size
    days, paid = _paid(world, rng, interest)
    searches, searched = _counted(world, rng, "search_volume_counted", 900 * interest)
    engagements, engaged = _counted(world, rng, "social_engagement_counted", 140 * interest)
    mentions, mentioned = _plain(world, rng, "product_mentioned", 1.2 * interest)
    enquiries, enquired = _plain(world, rng, "enquiry_received", 1.6 * interest)
    leads, led = _plain(world, rng, "lead_generated", 3.0 * interest)
    answers, asked = _awareness(world, rng, 1.5 * interest)
    costs, booked = _costs(world, rng, tenure)
    reports, reported = _market_size(world)
    found = Market(
        *days, searches, engagements, mentions, enquiries, leads, *costs, answers, *reports
    )
    return found, [*paid, searched, engaged, mentioned, enquired, led, asked, booked, reported]


def _paid(
    world: World, rng: np.random.Generator, interest: Floats
) -> tuple[tuple[Floats, Floats], list[Log]]:
    """Impressions and spend."""
    days = np.arange(world.days)
    day, channel = (g.ravel() for g in np.meshgrid(days, np.arange(len(PAID)), indexing="ij"))
    noise = rng.lognormal(0, 0.12, len(day))
    spend = (np.array(SPEND_A_DAY)[channel] * interest[day] ** 0.8 * noise).round(2)
    seen = np.floor(spend * 310 * rng.lognormal(0, 0.08, len(day)))
    name = Words(channel, PAID)
    by_day = sum_by_day(world, day, seen), sum_by_day(world, day, spend)
    return by_day, [
        log(world, "impressions_counted", day + 0.95, channel=name, count=seen),
        log(world, "marketing_spend", day + 0.96, channel=name, amount=spend),
    ]


def _counted(
    world: World, rng: np.random.Generator, event: str, mean: Floats
) -> tuple[Floats, Log]:
    """One event a day that stands for many."""
    count = rng.poisson(mean).astype(float)
    return count, log(world, event, np.arange(world.days) + 0.97, count=count)


def _plain(world: World, rng: np.random.Generator, event: str, mean: Floats) -> tuple[Ints, Log]:
    counts = rng.poisson(mean)
    at = times(rng, counts)
    share = (0.3, 0.2, 0.2, 0.15, 0.1, 0.05)
    return counts, log(world, event, at, channel=words(rng, len(at), CHANNELS, share))


def _awareness(world: World, rng: np.random.Generator, mean: Floats) -> tuple[Awareness, Log]:
    at = times(rng, rng.poisson(mean))
    recalled = rng.random(len(at)) < 0.12 + 0.1 * at / world.days
    kind = words(rng, len(at), ("aided", "unaided"), (0.5, 0.5))
    answers = Awareness(at, kind.codes == 0, recalled)
    return answers, log(world, "awareness_answered", at, kind=kind, recalled=recalled)


def _costs(
    world: World, rng: np.random.Generator, tenure: Tenure
) -> tuple[tuple[Floats, Floats, Floats], Log]:
    """All costs, those of hosting alone, and the direct ones."""
    days = np.arange(world.days)
    day, kind = (g.ravel() for g in np.meshgrid(days, np.arange(len(COSTS)), indexing="ij"))
    base = 20 * world.size + tenure.at_work[day]
    amount = (base * np.array(COST_A_DAY)[kind] * rng.lognormal(0, 0.05, len(day))).round(2)
    booked = log(world, "cost_booked", day + 0.98, category=Words(kind, COSTS), amount=amount)
    direct = amount * np.isin(np.array(COSTS), DIRECT)[kind]
    by_day = [sum_by_day(world, day, found) for found in (amount, amount * (kind == 0), direct)]
    return (by_day[0], by_day[1], by_day[2]), booked


def _market_size(world: World) -> tuple[tuple[Floats, Floats], Log]:
    """What all providers sell in a month, as an analyst's report says on its first day."""
    at = np.arange(0.4, world.days, 30.44)
    amount = (2_400_000 * world.size * (1 + 0.0002 * at)).round()
    return (at, amount), log(world, "market_size_reported", at, amount=amount)
