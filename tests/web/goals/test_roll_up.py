"""A company's number is what its teams counted, rolled up; measured from events."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from headway.accounts.models import Member, Team, Workspace
from headway.goals import actions as goals
from headway.goals.breaking.roll_up import roll_up
from headway.ingest import actions as ingest
from headway.metrics.actions import save_metric
from headway.metrics.refresh import refresh
from tests.goals.conftest import moment
from tests.web.goals.conftest import page

ASKED = {
    "happy": {
        "kind": "share",
        "event": "answered",
        "where": {"score": {"gte": 4}},
        "unit": "percent",
    },
    "people": {"kind": "unique", "event": "answered"},
}


def test_numerators_and_denominators_are_summed_and_people_counted_once(
    acme: Workspace, team: Team, member: Member, as_member: Client, tmp_path: Path
) -> None:
    """North: 9 of 10 happy. South: 10 of 90. Ten people answer in both, in the same week."""
    rows = ["event,happened_at,user_id,score,team"]
    for n in range(10):
        rows.append(f"answered,2026-02-11T10:{n:02}:00Z,u{n},{5 if n < 9 else 1},north")
    for n in range(90):
        at = f"2026-02-12T10:{n % 60:02}:{n // 60:02}Z"
        rows.append(f"answered,{at},u{n},{5 if n < 10 else 1},south")
    rows += [f"answered,2026-02-{day}T10:00:00Z,u1,5,north" for day in range(16, 21)]
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(rows) + "\n")
    source = ingest.save_source(acme, "survey", by=None, now=moment(0))
    ingest.import_events(source, path, by=None, now=moment(50))
    cycle = goals.save_cycle(
        acme,
        key="q1",
        name="",
        starts=date(2026, 1, 1),
        ends=date(2026, 3, 31),
        by=None,
        now=moment(0),
    )
    objective = goals.save_objective(
        acme, key="glad", title="Glad", team=team, cycle=cycle, by=None, now=moment(0)
    )
    for key, fields in ASKED.items():
        save_metric(acme, {"key": key, "segments": ["team"], **fields}, by=None, now=moment(0))
    refresh(acme, now=moment(50))
    found = {
        key: goals.save_key_result(
            objective,
            key=key,
            metric=acme.metrics.get(key=key),
            shape="reach",
            baseline_typed=0.01,
            target=0.99,
            grain="week",
            by=None,
            now=moment(50),
        )
        for key in ASKED
    }
    assert found["happy"].value == pytest.approx(19 / 100), "not (0.9 + 0.11) / 2"
    assert found["people"].value == 90, "not 10 + 90"
    made = roll_up(found["happy"])
    assert made is not None
    assert [(p.segment, p.numerator, p.denominator) for p in made.parts] == [
        ("north", 9, 10),
        ("south", 10, 90),
    ]
    assert sum(p.numerator or 0 for p in made.parts) == made.whole.numerator
    assert sum(p.denominator or 0 for p in made.parts) == made.whole.denominator
    said = page(as_member, "/acme/objectives/glad/happy").replace("\u202f", " ")
    assert "19 of 100 in all. The mean of the parts&#x27; own values would be 50.6 %" in said
    assert "9 of 10" in said
    said = page(as_member, "/acme/objectives/glad/people").replace("\u202f", " ")
    assert "Each is counted once: 90 in all, though the parts sum to 100" in said
