"""What the worker's rounds find becomes events, an account of the check, and KPIs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import OperationalError

from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError, NotAllowed
from headway.engine.period import Grain
from headway.feed.models import Change
from headway.ingest.actions import save_source
from headway.ingest.inflow.drain import drain
from headway.ingest.models import Delivered
from headway.metrics.reading import series
from headway.metrics.refresh import refresh
from headway.uptime import actions
from headway.uptime.health import health, outages
from headway.uptime.models import Check
from headway.uptime.rounds import Rounds
from tests.uptime.server import Site, closed_port, serving

NOON = datetime(2026, 3, 2, 12, 0, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as found:
        yield found


@pytest.fixture
def home(acme: Workspace, admin: Member, site: Site, settings: Any) -> Check:
    settings.CHECK_NETWORKS = (ip_network("127.0.0.1"),)
    save_source(acme, "uptime", by=admin, now=NOON)
    return made(acme, admin, "home", url=f"{site.url}/well")


def made(acme: Workspace, admin: Member, key: str, **fields: Any) -> Check:
    fields = {"every": "1 minute", "timeout": "2 s", "source": "uptime"} | fields
    return actions.save_check(acme, key, by=admin, now=NOON, **fields)


def step(rounds: Rounds, now: datetime) -> int:
    """One round, and what it began is waited for."""
    begun = rounds.step(now)
    until = time.monotonic() + 20
    while rounds.busy and time.monotonic() < until:
        time.sleep(0.02)
        begun += rounds.step(now)
    assert not rounds.busy
    return begun


def test_availability_and_latency_come_from_rounds_alone(
    home: Check, acme: Workspace, admin: Member, member: Member, site: Site
) -> None:
    rounds = Rounds()
    for minute in range(10):
        site.down = minute in (4, 5)
        assert step(rounds, NOON + minute * MINUTE) == 1
    assert step(rounds, NOON + 9 * MINUTE) == 0
    drained = drain(acme, now=NOON + 10 * MINUTE)
    assert (drained.added, drained.refused) == (12, 0)
    home.refresh_from_db()
    [found] = health([home], NOON + 10 * MINUTE)
    assert (found.state, found.reason) == ("up", "")
    assert (found.day.good, found.day.bad, found.day.availability) == (480, 120, 0.8)
    assert found.day.milliseconds is not None
    [outage] = outages(home)
    assert (outage.looks, outage.reason) == (2, "It answered 500 instead of 200 to 299.")
    assert (outage.began_at, outage.ended_at) == (NOON + 4 * MINUTE, NOON + 6 * MINUTE)
    flips = Change.objects.filter(subject="check:home", what="status").order_by("pk")
    assert [(c.before, c.after) for c in flips] == [("", "up"), ("up", "down"), ("down", "up")]

    made_ = actions.make_kpis(home, by=member, now=NOON)
    assert actions.make_kpis(home, by=member, now=NOON) == made_
    assert [metric.key for metric in made_] == ["availability_home", "latency_p95_home"]
    refresh(acme, now=NOON + timedelta(days=1))
    values = {}
    for metric in made_:
        points = series(metric, Grain.day).points
        values[metric.key] = next(p.value for p in points if p.start == NOON.date())
    assert values["availability_home"] == 0.8
    assert 0 <= (values["latency_p95_home"] or -1) < 2000


def test_a_worker_that_stood_still_is_unknown_and_no_outage(home: Check, acme: Workspace) -> None:
    rounds = Rounds()
    step(rounds, NOON)
    later = NOON + timedelta(hours=2)
    home.refresh_from_db()
    [found] = health([home], later)
    assert (found.state, found.day.availability) == ("unknown", 1.0)
    assert found.day.unknown == 7200 - 60
    step(rounds, later)
    drain(acme, now=later)
    home.refresh_from_db()
    [found] = health([home], later)
    assert (found.state, found.day.bad, found.day.good) == ("up", 0, 120)
    assert not home.outages.exists()
    assert acme.sources.get().rows == 2


def test_what_nobody_can_say_is_no_event(
    acme: Workspace, home: Check, site: Site, settings: Any
) -> None:
    settings.CHECK_NETWORKS = ()
    step(Rounds(), NOON)
    home.refresh_from_db()
    [found] = health([home], NOON)
    assert found.state == "unknown"
    assert "HEADWAY_CHECK_NETWORKS" in found.reason
    assert (found.day.good, found.day.bad) == (0, 0)
    assert not Delivered.objects.exists()
    assert not site.asked


def test_slow_ones_hold_nobody_up_and_two_workers_look_once(
    acme: Workspace, admin: Member, home: Check, site: Site
) -> None:
    hanging = made(acme, admin, "slow", url=f"{site.url}/hangs")
    paused = made(acme, admin, "off", url=f"{site.url}/well?off", watching=False)
    shut = made(acme, admin, "shut", url=f"http://127.0.0.1:{closed_port()}")
    one, other = Rounds(), Rounds()
    began = time.monotonic()
    one.step(NOON)
    other.step(NOON)
    assert time.monotonic() - began < 1
    step(one, NOON)
    step(other, NOON)
    assert sorted(path for _, path in site.asked) == ["/hangs", "/well"]
    for check in (hanging, paused, shut):
        check.refresh_from_db()
    states = [found.state for found in health([hanging, paused, shut], NOON)]
    assert states == ["down", "paused", "down"]
    assert hanging.reason == "It did not answer within 2 s."


def test_a_second_look_in_the_same_minute_counts_nothing_twice(
    home: Check, acme: Workspace, admin: Member, viewer: Member
) -> None:
    rounds = Rounds()
    step(rounds, NOON)
    actions.look_again(home, by=admin, now=NOON + timedelta(seconds=5))
    step(rounds, NOON + timedelta(seconds=5))
    drain(acme, now=NOON + MINUTE)
    assert acme.sources.get().rows == 1
    assert health([home], NOON + MINUTE)[0].day.good == 60
    with pytest.raises(NotAllowed):
        actions.look_again(home, by=viewer, now=NOON)


def test_checks_are_for_admins_and_leave_a_trail(
    home: Check, acme: Workspace, admin: Member, member: Member
) -> None:
    with pytest.raises(NotAllowed):
        made(acme, member, "other", url="https://example.org")
    with pytest.raises(DefinitionError) as unknown:
        made(acme, admin, "other", url="https://example.org", source="uptme")
    assert "`uptime`" in unknown.value.fix
    with pytest.raises(DefinitionError):
        made(acme, admin, "new", url="https://example.org")
    made(acme, admin, "home", url="https://example.org", every="5 minutes", managed=True)
    changes = Change.objects.filter(subject="check:home").order_by("pk")
    assert [(c.what, c.after) for c in changes][1:] == [
        ("url", "https://example.org"),
        ("every", "5 minutes"),
    ]
    with pytest.raises(Conflict):
        made(acme, admin, "home", url="https://example.org/other")
    with pytest.raises(Conflict):
        actions.archive_check(home.workspace.checks.get(), by=admin, now=NOON)
    actions.archive_check(acme.checks.get(), by=admin, now=NOON, managed=True)
    assert step(Rounds(), NOON + timedelta(hours=1)) == 0


def came() -> bool:
    """Threads of a test share a database in memory, which refuses reading while one writes."""
    try:
        return Delivered.objects.exists()
    except OperationalError:
        return False


@pytest.mark.django_db(transaction=True)
def test_the_rounds_go_on_in_a_thread_of_the_worker(home: Check, acme: Workspace) -> None:
    stop = threading.Event()
    thread = Rounds().start(stop)
    until = time.monotonic() + 15
    while not came() and time.monotonic() < until:
        time.sleep(0.1)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert drain(acme, now=datetime.now(UTC)).added == 1
