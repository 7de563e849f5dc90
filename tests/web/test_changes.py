"""What moved a metric, on its page and on that of its key result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
from django.test import Client

from headway.accounts.models import Member, Team, Workspace
from headway.goals import actions
from headway.goals.launch.effects import reckon
from headway.goals.outputs import save_output
from headway.metrics.models import Metric, Point
from headway.outlook.refresh import refresh
from tests.goals.conftest import make_metric

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
DAY = date(2026, 1, 27)
WEEK = timedelta(days=7)
FIRST = date(2024, 12, 30)
Enter = Callable[[Member], Client]


def put(metric: Metric, values: np.ndarray) -> None:
    Point.objects.bulk_create(
        Point(
            metric=metric, grain="week", start=FIRST + i * WEEK, end=FIRST + (i + 1) * WEEK,
            value=float(value), numerator=float(value) * 400, denominator=400, n=400, complete=True,
        )
        for i, value in enumerate(values)
    )  # fmt: skip


def text(client: Client, path: str) -> str:
    found = client.get(path)
    assert found.status_code == 200
    return " ".join(found.content.decode().split())


def test_turns_launches_and_links_stand_on_the_pages(
    acme: Workspace, member: Member, enter: Enter
) -> None:
    acme.clock = NOW
    acme.save()
    rng = np.random.default_rng(5)
    profile = {"grain": "week", "drives": ["kept"]}
    done = make_metric(acme, "done", profile=profile, level="kpi", unit="percent", direction="up")
    kept = make_metric(acme, "kept", profile={"grain": "week"}, unit="percent")
    values = 0.5 + rng.normal(0, 0.01, 65)
    values[57:] += 0.08
    put(done, values)
    put(kept, 0.3 + rng.normal(0, 0.01, 65))
    save_output(acme, name="Guided setup", launched=DAY, moves=[done], by=None, now=NOW)
    days = {"starts": date(2026, 1, 1), "ends": date(2026, 6, 30)}
    cycle = actions.save_cycle(acme, key="h1", name="H1", by=None, now=NOW, **days)
    team = Team.objects.create(workspace=acme, key="growth", name="Growth")
    objective = actions.save_objective(
        acme, key="start", title="Effortless start", team=team, cycle=cycle, by=None, now=NOW
    )
    actions.save_key_result(
        objective, key="done", metric=done, shape="reach", target=0.7, by=None, now=NOW
    )
    client = enter(member)
    assert "It has not been looked at yet." in text(client, "/acme/kpis/done")
    refresh(acme, now=NOW)
    reckon(acme, now=NOW)
    for path in ("/acme/kpis/done", "/acme/objectives/start/done"):
        page = text(client, path)
        assert "The level rose by 9" in page
        assert "“Guided setup”" in page
        assert "higher than it would have been without the launch" in page
    page = text(client, "/acme/kpis/done")
    assert "It is to drive" in page
    assert "no evidence yet" in page
    assert "is to drive it" in text(client, "/acme/kpis/kept")
    assert "Its level held" in text(client, "/acme/kpis/kept")
    assert "level rose" in text(client, "/acme/kpis/done/chart")
