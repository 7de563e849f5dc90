"""Do they stay, come back, and speak well of it?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from headway.demo.parcel.generate import Parcel
from headway.demo.parcel.truth import Flags, Floats, Ints
from headway.demo.parcel.truths.reads import (
    Reads,
    count,
    days,
    derived,
    distinct,
    each,
    mean,
    quantile,
    quotient,
    repeating,
    total,
)
from headway.demo.parcel.truths.work import Did, Work


def loyalty(parcel: Parcel, work: Work) -> dict[str, Reads]:
    return {
        **_said(parcel),
        **_jobs(parcel),
        **_returned(parcel, work),
        **_repeated(parcel, work),
    }


def _said(parcel: Parcel) -> dict[str, Reads]:
    world, answers = parcel.world, parcel.notes.surveys.answers
    satisfied = answers["csat_answered"]
    plain = {
        "effort": "ces_answered", "app_rating": "app_rated", "user_feedback_score": "feedback_given"
    }  # fmt: skip
    return {
        "nps": _net_promoters(answers["nps_answered"].at, answers["nps_answered"].score),
        "csat": mean(world, satisfied.at, satisfied.score >= 4),
        **{key: mean(world, answers[e].at, answers[e].score) for key, e in plain.items()},
        "complaints": count(world, parcel.notes.tickets.complained),
    }


def _net_promoters(at: Floats, score: Floats) -> Reads:
    """Blanks are stored as 11 and are no answer."""
    valid = score <= 10
    day, score = days(at[valid]), score[valid]

    def net(rows: Ints) -> float:
        if not len(rows):
            return np.nan
        found = score[rows]
        return 100 * (int((found >= 9).sum()) - int((found <= 6).sum())) / len(rows)

    return each(day, net)


def _jobs(parcel: Parcel) -> dict[str, Reads]:
    world, jobs = parcel.world, parcel.notes.surveys.jobs
    matters, done = mean(world, jobs.at, jobs.importance), mean(world, jobs.at, jobs.satisfaction)
    return {
        "job_importance": matters,
        "job_importance_top_box": mean(world, jobs.at, jobs.importance >= 9),
        "job_satisfaction": done,
        "job_satisfaction_top_box": mean(world, jobs.at, jobs.satisfaction >= 9),
        "job_opportunity": derived(lambda i, s: i + np.maximum(i - s, 0), matters, done),
        "willingness_to_pay_p25": quantile(world, jobs.at, jobs.price, 0.25),
        "willingness_to_pay": quantile(world, jobs.at, jobs.price, 0.5),
        "willingness_to_pay_p75": quantile(world, jobs.at, jobs.price, 0.75),
    }


def _returned(parcel: Parcel, work: Work) -> dict[str, Reads]:
    """Of those that signed up; and of shops, from their first parcel on."""
    signed_up = parcel.shops.completed
    there = np.flatnonzero(signed_up < parcel.world.days)
    start = Did(signed_up[there], parcel.shops.owner(there).numbers, there)
    later = work.logins.and_(_first_days(parcel))
    cohort = Cohort(parcel, start, later, later.user)
    return {
        "retention_day_1": cohort.on(lambda start, day: day == start + 1),
        "retention_day_7": cohort.on(lambda start, day: day == start + 7),
        "retention_day_30": cohort.on(lambda start, day: day == start + 30),
        "retention_week_1": cohort.on(
            lambda start, day: cohort.week(day) == cohort.week(start) + 1
        ),
        "retention_month_1": cohort.on(
            lambda start, day: cohort.month(day) == cohort.month(start) + 1
        ),
        "retention_brackets": cohort.on(lambda start, day: (day - start >= 3) & (day - start < 7)),
        "retention_unbounded": cohort.on(
            lambda start, day: (day - start >= 7) & (day - start <= 60)
        ),
        "retention_rolling": cohort.after(7),
        "week_4_retention": _week_4(parcel, work),
    }


def _first_days(parcel: Parcel) -> Did:
    """When owners began their onboarding and their configuration, and were through with both."""
    path = parcel.shops.path
    at = np.concatenate([
        path.onboarding[0], path.onboarding[-1], path.configuring[0], path.configured
    ])  # fmt: skip
    shop = np.tile(np.arange(len(parcel.shops)), 4)
    there = at < parcel.world.days
    return Did(at[there], parcel.shops.owner(shop[there]).numbers, shop[there])


class Cohort:
    """Starts, one a subject, and what came after; both as days and as instants."""

    def __init__(self, parcel: Parcel, start: Did, later: Did, who: Ints) -> None:
        self.world, self.start, self.later = parcel.world, start, later
        self.row = np.full(max(int(who.max()), int(start.user.max())) + 1, -1)
        self.row[start.user] = np.arange(len(start.user))
        self.of = self.row[who]

    def week(self, day: Ints) -> Ints:
        return (day + self.world.start.weekday()) // 7

    def month(self, day: Ints) -> Ints:
        first = np.datetime64(self.world.start)
        return (first + day).astype("datetime64[M]").astype(np.int64)

    def on(self, returns: Callable[[Ints, Ints], Flags]) -> Reads:
        mine = self.of >= 0
        days_ = self.start.day[self.of[mine]], self.later.day[mine]
        return self._share(self.of[mine][returns(*days_)])

    def after(self, lag: int) -> Reads:
        """So many times 24 hours after the start, in whole ones."""
        mine = self.of >= 0
        began = self.world.instants(self.start.at)[self.of[mine]]
        gone = self.world.instants(self.later.at[mine]) - began
        return self._share(self.of[mine][(gone >= 0) & (gone // 86_400_000_000 == lag)])

    def _share(self, returned: Ints) -> Reads:
        back = np.isin(np.arange(len(self.start.at)), returned)
        return mean(self.world, self.start.at, back)


def _week_4(parcel: Parcel, work: Work) -> Reads:
    """Shops by the week of their first parcel: those that send one in the fourth week after."""
    sent = work.sent
    first = np.full(len(parcel.shops), np.inf)
    np.minimum.at(first, sent.shop, sent.at)
    shop = np.flatnonzero(first < parcel.world.days)
    cohort = Cohort(parcel, Did(first[shop], shop, shop), sent, sent.shop)
    return cohort.on(lambda start, day: cohort.week(day) == cohort.week(start) + 4)


def _repeated(parcel: Parcel, work: Work) -> dict[str, Reads]:
    sent, truth = work.sent, parcel.truth
    again = repeating(sent.day, sent.shop, 2, 28)
    there = distinct(sent.day, sent.shop, 28)
    referrals = total(parcel.notes.surveys.referrals)
    logins = work.logins
    return {
        "parcels_sent": total(truth.parcels),
        "on_time_delivery": quotient(total(truth.on_time), total(truth.deliveries)),
        "repeat_shops": again,
        "sending_shops": there,
        "repeat_rate": quotient(again, there),
        "referrals": referrals,
        "referral_rate": quotient(referrals, distinct(logins.day, logins.user, 28)),
    }
