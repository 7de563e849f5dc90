"""A workspace whose clock stands on day 50 of a cycle of 101 days, and people who look at it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from headway.accounts.models import Member, Team, Workspace
from headway.goals import actions
from headway.goals.models import Cycle, KeyResult, Objective
from headway.metrics.models import Metric
from tests.goals.conftest import FIRST, LAST, make_metric, moment, put

TODAY = FIRST + timedelta(days=50)
BEFORE = FIRST - timedelta(days=10)


@pytest.fixture
def acme(acme: Workspace) -> Workspace:
    acme.clock = moment(50)
    acme.save()
    return acme


@pytest.fixture
def cycle(acme: Workspace) -> Cycle:
    return actions.save_cycle(
        acme, key="2026-q1", name="Q1", starts=FIRST, ends=LAST, by=None, now=moment(0)
    )


@pytest.fixture
def team(acme: Workspace) -> Team:
    return Team.objects.create(workspace=acme, key="growth", name="Growth")


@pytest.fixture
def new_objective(
    acme: Workspace, team: Team, cycle: Cycle, member: Member
) -> Callable[..., Objective]:
    def made(title: str, **fields: Any) -> Objective:
        given = {"team": team, "cycle": cycle, "owner": member, **fields}
        return actions.save_objective(acme, title=title, by=None, now=moment(0), **given)

    return made


@pytest.fixture
def objective(new_objective: Callable[..., Objective]) -> Objective:
    return new_objective("Effortless start", why="Shops leave when it is hard.")


@pytest.fixture
def new_key_result(member: Member) -> Callable[..., KeyResult]:
    def made(objective: Objective, **fields: Any) -> KeyResult:
        given = {"owner": member, **fields}
        return actions.save_key_result(objective, by=None, now=moment(0), **given)

    return made


@pytest.fixture
def orders(acme: Workspace) -> Metric:
    """Ten a day before the cycle, then one more each day; the last day is not complete."""
    metric = make_metric(acme, "orders", profile={"grain": "day"}, level="kpi")
    put(metric, BEFORE, [10.0] * 10 + [10.0 + n for n in range(50)])
    put(metric, TODAY, [3.0])
    metric.points.filter(start=TODAY).update(complete=False)
    return metric


@pytest.fixture
def share(acme: Workspace) -> Metric:
    """A percentage of 40 %, day after day."""
    metric = make_metric(acme, "share", profile={"grain": "day"}, unit="percent")
    put(metric, BEFORE, [0.4] * 60)
    return metric


def browser(member: Member) -> Client:
    client = Client()
    client.force_login(member.person)
    return client


@pytest.fixture
def as_member(member: Member) -> Client:
    return browser(member)


@pytest.fixture
def as_viewer(viewer: Member) -> Client:
    return browser(viewer)


def page(client: Client, path: str, **query: str) -> str:
    response = client.get(path, query)
    assert response.status_code == 200, response.content.decode()[:500]
    return response.content.decode()


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as found:
        page(client, path)
    return len(found)


def days_ago(count: int) -> date:
    return TODAY - timedelta(days=count)
