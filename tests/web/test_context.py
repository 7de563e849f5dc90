"""Which cycle a page shows when its address names none."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import RequestFactory

from headway.accounts.models import Member
from headway.goals.actions import save_cycle
from headway.web.context import Here

CYCLES = {
    "2026": ("2026-01-01", "2026-12-31"),
    "q1": ("2026-01-01", "2026-03-31"),
    "q2": ("2026-04-01", "2026-06-30"),
}


@pytest.mark.parametrize(
    ("today", "cycles", "shown"),
    [
        ("2026-02-10", ["2026", "q1"], "q1"),
        ("2026-04-01", ["2026", "q1", "q2"], "q2"),
        ("2026-04-10", ["2026", "q1"], "q1"),
        ("2026-04-20", ["2026", "q1"], "2026"),
        ("2027-06-01", ["2026", "q1", "q2"], "q2"),
    ],
    ids=["running", "next has begun", "just ended", "long ended", "all ended: the latest to start"],
)
def test_the_shortest_cycle_of_the_present(
    admin: Member, now: datetime, today: str, cycles: list[str], shown: str
) -> None:
    for key in cycles:
        starts, ends = map(date.fromisoformat, CYCLES[key])
        save_cycle(admin.workspace, key=key, name=key, starts=starts, ends=ends, by=admin, now=now)
    there = datetime.fromisoformat(f"{today}T12:00:00+00:00")
    here = Here(RequestFactory().get("/"), admin, there)
    assert here.cycle is not None
    assert here.cycle.key == shown
