"""Register, install, configure, begin."""

from __future__ import annotations

import numpy as np

from headway.demo.parcel.generate import Parcel
from headway.demo.parcel.support import TOPICS
from headway.demo.parcel.truth import Floats, Ints
from headway.demo.parcel.truths.reads import (
    Reads,
    conversion,
    count,
    dropoff,
    mean,
    quotient,
    stepwise,
    waiting,
)
from headway.demo.parcel.truths.work import Work
from headway.demo.parcel.world import World

DAY = 86_400.0


def create(parcel: Parcel, work: Work) -> dict[str, Reads]:
    return _register(parcel) | _configure(parcel) | _begin(parcel, work)


def _register(parcel: Parcel) -> dict[str, Reads]:
    world, path, tickets = parcel.world, parcel.shops.path, parcel.notes.tickets
    steps = path.registering
    started, completed = steps[0], steps[-1]
    attempted, succeeded = count(world, path.attempted), count(world, path.installed)
    cases = count(world, tickets.opened, tickets.topic == TOPICS.index("registration"))
    return {
        "installs_attempted": attempted,
        "installs_succeeded": succeeded,
        "install_success": quotient(succeeded, attempted),
        "registration_completion": conversion(world, started, completed, DAY),
        "registration_dropoff": dropoff(world, started, completed, DAY),
        **stepwise(world, "registration_dropoff", [*steps[:3], completed], DAY),
        "registration_dropoff_first_step": dropoff(world, started, steps[1], DAY),
        "time_to_register_median": waiting(world, started, completed, DAY, 0.5),
        "time_to_register_p90": waiting(world, started, completed, DAY, 0.9),
        "steps_to_register": _steps(world, steps, path.corrected),
        "signups": count(world, completed),
        "registration_support_cases": cases,
        "registration_support_cases_per_1000": quotient(cases, count(world, completed), 1000),
    }


def _configure(parcel: Parcel) -> dict[str, Reads]:
    world, path, tickets = parcel.world, parcel.shops.path, parcel.notes.tickets
    started, done = path.configuring[0], path.configured
    worked, all_done = count(world, done), count(world, path.configuring[-1])
    return {
        "time_to_configure_median": waiting(world, started, done, 7 * DAY, 0.5),
        "time_to_configure_p90": waiting(world, started, done, 7 * DAY, 0.9),
        "steps_to_configure": _steps(world, [*path.configuring[:-1], done], path.reconfigured),
        "configuration_support_cases": count(
            world, tickets.opened, tickets.topic == TOPICS.index("configuration")
        ),
        "configured_customers": conversion(world, path.downloaded, done, 30 * DAY),
        "configurations_succeeded": worked,
        "configurations_ended": all_done,
        "configuration_success": quotient(worked, all_done),
        "configuration_dropoff": dropoff(world, started, done, 7 * DAY),
        **stepwise(world, "configuration_dropoff", [*path.configuring[:3], done], 7 * DAY),
    }


def _begin(parcel: Parcel, work: Work) -> dict[str, Reads]:
    world, path = parcel.world, parcel.shops.path
    started, done = path.onboarding[0], path.onboarding[-1]
    first = _first_parcel(parcel, work)
    return {
        "onboarding_completion": conversion(world, started, done, 7 * DAY),
        "onboarding_time_median": waiting(world, started, done, 7 * DAY, 0.5),
        "time_to_value_median": waiting(world, done, first, 30 * DAY, 0.5),
        "time_to_value_p90": waiting(world, done, first, 30 * DAY, 0.9),
        "activation_rate": conversion(world, path.registering[-1], first, 7 * DAY),
    }


def _first_parcel(parcel: Parcel, work: Work) -> Floats:
    """When each shop's owner first sent one."""
    first = np.full(len(parcel.shops), np.inf)
    owned = work.sent.only(work.sent.user == parcel.shops.owner(work.sent.shop).numbers)
    np.minimum.at(first, owned.shop, owned.at)
    return first


def _steps(world: World, path: list[Floats], corrected: Ints) -> Reads:
    """What those did who came to the end, between the start and that; by when they did."""
    arrived = path[-1] < world.days
    taken = len(path) - 2 + corrected[arrived]
    return mean(world, path[-1][arrived], taken.astype(float))
