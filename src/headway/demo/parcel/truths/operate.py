"""Running the product: is it there, fast, usable, supported, safe, and what does it cost?"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np

from headway.demo.parcel.generate import Parcel
from headway.demo.parcel.platform import SERVICES, VOLUME_HOLDS, Outages
from headway.demo.parcel.product import FEATURES, TASKS
from headway.demo.parcel.truth import Flags, Floats, Ints
from headway.demo.parcel.truths.reads import (
    Reads,
    count,
    days,
    derived,
    distinct,
    each,
    lasting,
    level,
    mean,
    quantile,
    quotient,
    total,
    waiting,
)
from headway.demo.parcel.truths.work import Work
from headway.demo.parcel.world import World
from headway.engine.period import Calendar

HOUR, DAY = 3_600.0, 86_400.0
OBJECTIVE = 0.999


def operate(parcel: Parcel, work: Work) -> dict[str, Reads]:
    return {
        **_available(parcel),
        **_fast(parcel, work),
        **_usable(parcel.world, work),
        **_supported(parcel, work),
        **_safe(parcel),
        **_cheap(parcel),
    }


def _available(parcel: Parcel) -> dict[str, Reads]:
    notes, requests = parcel.notes, parcel.notes.requests
    free = _free(parcel.world, notes.outages)
    return {
        "availability": quotient(total(notes.passed), total(notes.checked)),
        "availability_by_outages": free,
        "availability_by_requests": mean(parcel.world, requests.at, requests.ok),
        "availability_nines": derived(lambda a: -np.log10(1 - a), free),
        "error_budget_left": derived(lambda a: 1 - (1 - a) / (1 - OBJECTIVE), free),
        "error_rate": mean(parcel.world, requests.at, ~requests.ok),
        "requests_served": count(parcel.world, requests.at),
        "requests_failed": count(parcel.world, requests.at, ~requests.ok),
    }


def _fast(parcel: Parcel, work: Work) -> dict[str, Reads]:
    world, requests, drills = parcel.world, parcel.notes.requests, parcel.notes.drills
    at, latency = requests.at, requests.milliseconds
    page = requests.service == SERVICES.index("web")
    imported = work.done & (work.kind == TASKS.index("import_orders"))
    sent = work.sent.at[work.sent.at < world.days]
    return {
        "latency_p50": quantile(world, at, latency, 0.5),
        "latency_p95": quantile(world, at, latency, 0.95),
        "latency_p99": quantile(world, at, latency, 0.99),
        "page_load_p75": quantile(world, at[page], latency[page], 0.75),
        "throughput": quotient(count(world, at), _seconds(world)),
        "transactions_per_second": quotient(count(world, sent), _seconds(world)),
        "transactions_per_second_peak": _peak(world, sent),
        "import_time_median": quantile(world, work.ended[imported], work.minutes[imported], 0.5),
        "task_time_median": waiting(world, work.began, _when(work.ended, work.done), HOUR, 0.5),
        "recovery_time_p90": quantile(world, drills.at, drills.minutes, 0.9),
        "recovery_point_p90": quantile(world, drills.at, drills.lost, 0.9),
        **_capacity(parcel),
    }


def _free(world: World, outages: Outages) -> Reads:
    """The share of the time in which nothing was down; what overlaps is lost once."""
    begins = world.instants(outages.at) / 1e6
    order = np.argsort(begins)
    begins, ends = begins[order], np.maximum.accumulate((begins + outages.seconds)[order])
    alone = np.maximum(begins, np.append(-np.inf, ends[:-1]))

    def read(edges: Ints) -> Floats:
        at = _instants(world, edges)
        lost = [np.clip(np.minimum(ends, end) - np.maximum(alone, start), 0, None).sum()
                for start, end in pairwise(at)]  # fmt: skip
        return np.asarray(1 - np.array(lost) / np.diff(at))

    return read


def _seconds(world: World) -> Reads:
    """How long a period is: days of daylight saving have an hour more or less."""
    return lambda edges: np.diff(_instants(world, edges))


def _instants(world: World, edges: Ints) -> Floats:
    """In seconds since 1970."""
    calendar = Calendar(world.timezone)
    days_ = (world.start + timedelta(days=int(edge)) for edge in edges)
    return np.array([calendar.instant(day).timestamp() for day in days_])


def _peak(world: World, at: Floats) -> Reads:
    """The busiest minute of the clock, in events per second."""
    minute = world.instants(at) // 60_000_000

    def busiest(rows: Ints) -> float:
        return np.unique(minute[rows], return_counts=True)[1].max() / 60 if len(rows) else 0.0

    return each(days(at), busiest)


def _capacity(parcel: Parcel) -> dict[str, Reads]:
    """Each volume says once a day how full it is."""
    storage = parcel.notes.storage
    used = np.bincount(storage.day, storage.gigabytes)
    installed = np.full(parcel.world.days, VOLUME_HOLDS * (storage.volume.max() + 1))
    in_use, there = level(used), level(installed)
    return {
        "capacity_in_use": in_use,
        "capacity_installed": there,
        "capacity_headroom": derived(lambda a, b: 1 - a / b, in_use, there),
    }


def _usable(world: World, work: Work) -> dict[str, Reads]:
    started, ended = work.began, _when(work.ended, work.done)
    tasks, slips = count(world, started), _spread(world, work)
    arrived, rated = work.ended[work.done], work.rated < world.days
    scores = work.score[rated]
    return {
        "task_completion": mean(world, started, work.done & (work.ended - started < 1 / 24)),
        "tasks_started": tasks,
        "task_errors": slips,
        "errors_per_task": quotient(slips, tasks),
        "time_on_task_mean": lasting(world, started, ended, HOUR),
        "clicks_per_task": mean(world, arrived, work.clicks[work.done].astype(float)),
        "tasks_done": count(world, arrived),
        "task_rating": mean(world, work.rated[rated], scores),
        "task_rating_top_box": mean(world, work.rated[rated], scores >= 4),
    }


def _spread(world: World, work: Work) -> Reads:
    """Slips happen on the day of their task: tasks end before midnight."""
    return total(np.bincount(days(work.began), work.slips, world.days))


def _when(at: Floats, happened: Flags) -> Floats:
    return np.where(happened, at, np.inf)


def _supported(parcel: Parcel, work: Work) -> dict[str, Reads]:
    world, tickets, updates = parcel.world, parcel.notes.tickets, parcel.notes.updates
    opened, reopened = count(world, tickets.opened), count(world, tickets.reopened)
    first, again = count(world, tickets.resolved), count(world, tickets.again)
    resolved = derived(lambda a, b: a + b, first, again)
    labels = FEATURES.index("labels")
    about = count(world, tickets.opened, tickets.feature == labels)
    users = work.uses.only(work.feature == labels)
    used = distinct(users.day, users.user)
    updated = _when(updates.ended, updates.ok)
    return {
        "feature_tickets": about,
        "feature_users": used,
        "feature_tickets_per_1000_users": quotient(about, used, 1000),
        "tickets_opened": opened,
        "tickets_open": level(tickets.waiting(world)),
        "tickets_resolved": resolved,
        "tickets_reopened": reopened,
        "tickets_reopened_rate": quotient(reopened, resolved),
        "time_to_resolution_mean": lasting(world, tickets.opened, tickets.resolved, 30 * DAY),
        "time_to_resolution_median": waiting(
            world, tickets.opened, tickets.resolved, 30 * DAY, 0.5
        ),
        "version_adoption": _adoption(work),
        "time_to_upgrade_median": waiting(world, updates.began, updated, DAY, 0.5),
        "steps_to_upgrade": mean(
            world, updated[updates.ok], updates.steps[updates.ok].astype(float)
        ),
        "updates_succeeded": count(world, updated),
        "updates_ended": count(world, updates.ended),
        "update_success": mean(world, updates.ended, updates.ok),
    }


def _adoption(work: Work) -> Reads:
    """Shops with somebody on the latest version, out of those with anybody."""
    logins = work.logins
    latest = logins.only(work.latest)
    return quotient(distinct(latest.day, latest.shop), distinct(logins.day, logins.shop))


def _safe(parcel: Parcel) -> dict[str, Reads]:
    world, safe = parcel.world, parcel.notes.security
    more, fewer = (np.bincount(days(at[at < world.days]), minlength=world.days)
                   for at in (safe.found, safe.closed))  # fmt: skip
    return {
        "open_findings": level(np.cumsum(more - fewer)),
        "time_to_remediate_median": waiting(world, safe.found, safe.closed, 90 * DAY, 0.5),
        "security_incidents": count(world, safe.incidents),
        "privacy_requests_in_time": mean(world, safe.answered, safe.in_time),
    }


def _cheap(parcel: Parcel) -> dict[str, Reads]:
    market = parcel.notes.market
    costs, hosting = total(market.costs), total(market.hosting)
    return {
        "running_cost": costs,
        "cost_per_customer": quotient(costs, level(parcel.billing.customers)),
        "hosting_cost": hosting,
        "cost_per_gigabyte": quotient(hosting, _capacity(parcel)["capacity_in_use"]),
    }
