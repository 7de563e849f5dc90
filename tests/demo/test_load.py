"""`headway demo` from an empty folder: what a visitor finds, and what a second run does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from pytest_django.fixtures import Settings

from headway.accounts.models import Person, Workspace
from headway.demo.calendar import DAY
from headway.demo.load import load
from headway.demo.parcel import Truth, draw
from headway.demo.parcel.billing import ADDON_PRICE
from headway.demo.parcel.people import ONBOARDING_STEP_SHARE, ONBOARDING_STEPS
from headway.demo.parcel.truth import LAUNCHES
from headway.demo.people import SIGN_INS, VISITOR, set_password
from headway.feed.models import Change
from headway.goals.launch.told import read
from headway.goals.models import CheckIn, Effect, KeyResult
from headway.ingest.models import Import
from headway.metrics.models import Point, Table

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
END = date(2026, 3, 2)
EVENTS = 50_000
ADDONS_BEFORE_AND_AFTER = (0.68, 0, 0.18, 0.14), (0.38, 0.3, 0.18, 0.14)
"""Of 100 services bought: before there was an insurance, and since."""

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def value(workspace: str, metric: str, grain: str, start: date) -> float | None:
    return Point.objects.get(
        metric__workspace__key=workspace,
        metric__key=metric,
        grain=grain,
        segment_by="",
        start=start,
    ).value


def truth() -> Truth:
    return draw(end=END, events=EVENTS).truth


def check_cdnow() -> None:
    months = Point.objects.filter(
        metric__workspace__key="cdnow", metric__key="revenue", grain="month", segment_by=""
    )
    assert sum(p.value for p in months) == pytest.approx(2_500_315.63)
    cohorts = Table.objects.get(metric__key="monthly_retention", grain="month", name="cohorts")
    january = next(row for row in cohorts.rows if row["start"] == "1997-01-01")
    assert january["returned"][:4] == [7846, 1157, 964, 810]
    assert january["returned"][17] == 498
    rebuilt = value("cdnow", "revenue_from_customers", "month", date(1998, 6, 1))
    assert rebuilt == pytest.approx(value("cdnow", "revenue", "month", date(1998, 6, 1)))


def check_parcel() -> None:
    """The engine finds in the events what the simulation knows."""
    known = truth()
    for back in (400, 90, 1):
        day = END - timedelta(days=back)
        at = (day - known.start).days
        assert value("parcel", "mrr", "day", day) == pytest.approx(known.mrr[at])
        assert value("parcel", "customers", "day", day) == known.customers[at]
        assert value("parcel", "parcels_sent", "day", day) == known.parcels[at]
        assert value("parcel", "tickets_open", "day", day) == known.tickets_open[at]
        share = known.on_time[at] / known.deliveries[at] if known.deliveries[at] else None
        assert value("parcel", "on_time_delivery", "day", day) == pytest.approx(share)


def check_goals() -> None:
    silent = KeyResult.objects.get(objective__key="on-the-dot", key="shorter-ways")
    assert silent.status == "unknown"
    assert "telematics" in silent.reason
    typed = KeyResult.objects.get(objective__key="beyond-the-label", key="new-services")
    assert typed.value == 13
    found = KeyResult.objects.filter(objective__workspace__key="cdnow", cycle__key="1998-q2")
    assert {"achieved", "missed"} <= set(found.values_list("status", flat=True))
    assert not KeyResult.objects.filter(status="").exists()


def check_effects() -> None:
    """What the pages say the launches did holds what they did, from events to intervals."""
    share, steps = ONBOARDING_STEP_SHARE, len(ONBOARDING_STEPS)
    insurance, setup, planner = (launch.effects for launch in LAUNCHES)
    before, after = (ADDON_PRICE @ np.array(mix) for mix in ADDONS_BEFORE_AND_AFTER)
    true = {
        "addon_revenue": ("relative", insurance[0].size * after / before - 1),
        "onboarding_completion": ("points", (share + setup[0].size) ** steps - share**steps),
        "time_to_value_median": ("relative", setup[1].size - 1),
        "on_time_delivery": ("points", planner[0].size),
    }
    found = {row.metric.key: read(row.found) for row in Effect.objects.select_related("metric")}
    assert set(found) == set(true)
    told = {key: one for key, one in found.items() if one.known}
    assert told, "of so small a company little can be told, but not nothing"
    assert all(one.reason for key, one in found.items() if key not in told)
    for key, one in told.items():
        kind, truth = true[key]
        relative = one.relative_low, one.relative_high
        low, high = relative if kind == "relative" else (one.low, one.high)
        assert low is not None
        assert high is not None
        assert low <= truth <= high, (key, low, truth, high)


def check_people() -> None:
    set_password("three-green-parcels")
    assert Person.objects.get(email=VISITOR).check_password("three-green-parcels")
    parcel = Workspace.objects.get(key="parcel")
    roles = dict(parcel.members.values_list("person__email", "role"))
    assert {account.email: account.role for account in SIGN_INS}.items() <= roles.items()


def test_a_fresh_folder_fills_and_a_second_run_changes_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    settings.DATA, settings.STORE = tmp_path, tmp_path / "events"
    load(now=NOW, events=EVENTS, say=print)
    check_cdnow()
    check_parcel()
    check_goals()
    check_effects()
    check_people()
    kinds = (Change, CheckIn, Import, Point)
    before = [kind.objects.count() for kind in kinds]
    said: list[str] = []
    load(now=NOW + DAY, events=EVENTS, say=said.append)
    assert said == []
    assert [kind.objects.count() for kind in kinds] == before
