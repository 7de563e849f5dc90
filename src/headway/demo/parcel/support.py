"""Tickets, complaints and what people answer when they are asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.demo.parcel.log import Column, Ids, Log, Words, count_by_day, log
from headway.demo.parcel.people import Shops, times, words
from headway.demo.parcel.product import FEATURES
from headway.demo.parcel.tenure import Tenure
from headway.demo.parcel.truth import Floats, Ints, effect
from headway.demo.parcel.world import World

TOPICS = ("delivery", "feature", "billing", "configuration", "registration", "upgrade")
TOPIC_SHARE = (0.36, 0.28, 0.14, 0.12, 0.06, 0.04)
TICKETS_A_DAY = 0.012
"""Per shop at work and day."""
REOPENED, COMPLAINTS = 0.07, 0.16
NEVER_RESOLVED = 0.015
BLANK = 11
"""What the survey tool stores for a question left empty."""
NPS_ANSWERS, REFERRALS, INVITES = 0.009, 0.004, 0.003
SCALES = (
    ("csat_answered", 0.011, (0.03, 0.05, 0.09, 0.40, 0.43)),
    ("ces_answered", 0.006, (0.04, 0.08, 0.20, 0.38, 0.30)),
    ("app_rated", 0.003, (0.05, 0.05, 0.10, 0.30, 0.50)),
    ("feedback_given", 0.004, (0.06, 0.08, 0.16, 0.36, 0.34)),
)
"""Answers a day and shop at work, and the shares of 1 to 5."""
JOBS = ("send_on_time", "know_where_it_is", "take_back_returns", "keep_costs_down")
JOB_IMPORTANCE = np.array([8.9, 8.2, 6.9, 7.8])
JOB_SATISFACTION = np.array([7.4, 7.9, 5.2, 6.1])


@dataclass(frozen=True)
class Tickets:
    """One row a ticket; `again` is when a reopened one was resolved. What never was is infinite."""

    opened: Floats
    resolved: Floats
    reopened: Floats
    again: Floats
    complained: Floats
    topic: Ints
    feature: Ints

    def waiting(self, world: World) -> Ints:
        """How many are open at the end of each day."""
        more = count_by_day(world, self.opened) + count_by_day(world, self.reopened)
        fewer = count_by_day(world, self.resolved) + count_by_day(world, self.again)
        return np.cumsum(more - fewer)


@dataclass(frozen=True)
class Answers:
    at: Floats
    score: Floats


@dataclass(frozen=True)
class Jobs:
    at: Floats
    importance: Floats
    satisfaction: Floats
    price: Floats


@dataclass(frozen=True)
class Surveys:
    """`answers` by the name of their event; referrals by day."""

    answers: dict[str, Answers]
    jobs: Jobs
    referrals: Ints


def support(world: World, shops: Shops, tenure: Tenure) -> tuple[Tickets, list[Log]]:
    rng = world.rng("tickets")
    counts = tenure.counts(rng, TICKETS_A_DAY, effect("tickets", world.days))
    _, shop = tenure.draw(rng, counts)
    opened = times(rng, counts)
    n = len(opened)
    topic = words(rng, n, TOPICS, TOPIC_SHARE)
    feature = np.where(topic.codes == 1, rng.integers(0, 8, n), -1)
    closed = opened + rng.lognormal(-1.0, 1.1, n)
    closed = np.where(rng.random(n) < NEVER_RESOLVED, np.inf, closed)
    reopened = np.where(rng.random(n) < REOPENED, closed + rng.exponential(1.5, n), np.inf)
    again = reopened + rng.lognormal(-0.7, 0.8, n)
    what: dict[str, Column] = {
        **_who(shops, shop), "ticket_id": Ids(np.arange(n), "ticket-"), "topic": topic,
        "feature": Words(feature, FEATURES), "country": shops.country[shop],
    }  # fmt: skip
    complained = np.where(rng.random(n) < COMPLAINTS, opened + 0.001, np.inf)
    return Tickets(opened, closed, reopened, again, complained, topic.codes, feature), [
        log(world, "ticket_opened", opened, **what),
        log(world, "ticket_resolved", closed, **what),
        log(world, "ticket_reopened", reopened, **what),
        log(world, "ticket_resolved", again, **what),
        log(world, "complaint_received", complained, **what),
    ]


def surveys(world: World, shops: Shops, tenure: Tenure) -> tuple[Surveys, list[Log]]:
    rng = world.rng("surveys")
    asked = {"nps_answered": _nps(world, rng, shops, tenure)}
    asked |= {scale[0]: _scores(world, rng, shops, tenure, *scale) for scale in SCALES}
    jobs, rated = _jobs(world, rng, shops, tenure)
    referrals, referred = _plain(world, rng, shops, tenure, "referral_sent", REFERRALS)
    _, invited = _plain(world, rng, shops, tenure, "invite_sent", INVITES)
    answers = {event: found for event, (found, _) in asked.items()}
    logs = [*(answered for _, answered in asked.values()), *rated, referred, invited]
    return Surveys(answers, jobs, referrals), logs


def _nps(
    world: World, rng: np.random.Generator, shops: Shops, tenure: Tenure
) -> tuple[Answers, Log]:
    counts = tenure.counts(rng, NPS_ANSWERS)
    day, shop = tenure.draw(rng, counts)
    promoters = 0.44 + 0.06 * day / world.days + effect("promoters", world.days)[day]
    chance = rng.random(len(day))
    score = np.where(
        chance < promoters, rng.integers(9, 11, len(day)), rng.integers(7, 9, len(day))
    )
    score = np.where(chance > 0.78, rng.integers(0, 7, len(day)), score)
    score = np.where(rng.random(len(day)) < 0.012, BLANK, score)
    return _rated(world, shops, "nps_answered", times(rng, counts), shop, score.astype(float))


def _scores(
    world: World, rng: np.random.Generator, shops: Shops, tenure: Tenure,
    event: str, a_day: float, share: tuple[float, ...],
) -> tuple[Answers, Log]:  # fmt: skip
    """Answers from 1 to 5."""
    counts = tenure.counts(rng, a_day)
    _, shop = tenure.draw(rng, counts)
    score = rng.choice(np.arange(1.0, 6.0), len(shop), p=share)
    return _rated(world, shops, event, times(rng, counts), shop, score)


def _jobs(
    world: World, rng: np.random.Generator, shops: Shops, tenure: Tenure
) -> tuple[Jobs, list[Log]]:
    counts = tenure.counts(rng, 0.003)
    _, shop = tenure.draw(rng, counts)
    n, at = len(shop), times(rng, counts)
    job = rng.integers(0, len(JOBS), n)
    importance = np.clip(rng.normal(JOB_IMPORTANCE[job], 1.4), 0, 10).round()
    satisfaction = np.clip(rng.normal(JOB_SATISFACTION[job], 1.8), 0, 10).round()
    price = rng.lognormal(3.7, 0.5, n).round()
    answers: dict[str, Column] = {"importance": importance, "satisfaction": satisfaction}
    return Jobs(at, importance, satisfaction, price), [
        _answer(world, shops, "job_answered", at, shop, job=Words(job, JOBS), **answers),
        _answer(world, shops, "price_answered", at, shop, amount=price),
    ]


def _plain(
    world: World, rng: np.random.Generator, shops: Shops, tenure: Tenure, event: str, a_day: float
) -> tuple[Ints, Log]:
    counts = tenure.counts(rng, a_day)
    _, shop = tenure.draw(rng, counts)
    return counts, _answer(world, shops, event, times(rng, counts), shop)


def _rated(
    world: World, shops: Shops, event: str, at: Floats, shop: Ints, score: Floats
) -> tuple[Answers, Log]:
    return Answers(at, score), _answer(world, shops, event, at, shop, score=score)


def _answer(
    world: World, shops: Shops, event: str, at: Floats, shop: Ints, **columns: Column
) -> Log:
    country = shops.country[shop]
    return log(world, event, at, **_who(shops, shop), country=country, **columns)


def _who(shops: Shops, shop: Ints) -> dict[str, Ids]:
    return {"user_id": shops.owner(shop), "account_id": shops.account(shop)}
