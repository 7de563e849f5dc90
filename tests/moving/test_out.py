"""Everything goes out, and comes into an empty workspace as it was."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime

import pytest

from headway.accounts import actions as accounts
from headway.accounts.models import Member, Workspace
from headway.files.put import put
from headway.goals import actions as goals
from headway.moving.actions import move_in
from headway.moving.choices import Choices
from headway.moving.opening import File
from headway.moving.out import as_csv, as_json, everything

NOW = datetime(2026, 8, 10, 12, tzinfo=UTC)
DOCUMENT = {
    "sources": [{"key": "shop", "name": "Shop"}],
    "teams": [
        {"key": "company", "name": "Company"},
        {"key": "growth", "name": "=Growth", "parent": "company", "members": ["ada@acme.example"]},
    ],
    "cycles": [
        {"key": "2026", "name": "2026", "starts": "2026-01-01", "ends": "2026-12-31"},
        {"key": "q3", "starts": "2026-07-01", "ends": "2026-09-30", "parent": "2026"},
    ],
    "metrics": [
        {"key": "orders", "kind": "count", "event": "order_placed", "source": "shop"},
        {"key": "share", "kind": "manual", "unit": "percent", "drives": ["orders"]},
    ],
    "objectives": [
        {"key": "north", "cycle": "2026", "team": "company", "title": "Known everywhere"},
        {
            "key": "loved",
            "cycle": "q3",
            "team": "growth",
            "title": "'Loved' by “all”",
            "why": "Two lines,\nand a comma.",
            "ambition": "aspirational",
            "owner": "ada@acme.example",
            "supports": ["north"],
            "guardrails": ["share"],
            "waived": {"objective.length": "It is short."},
            "key_results": [
                {"key": "reach", "metric": "orders", "from": 10, "to": 25, "over": {"mean": 4}},
                {"key": "more", "metric": "orders", "increase_by": "25 %", "from": 100},
                {"key": "keep", "metric": "share", "keep": {"at_least": "40 %"}, "weight": 2.5},
                {
                    "key": "grades",
                    "metric": "orders",
                    "from": 1,
                    "grades": {"commit": 10, "target": 20, "stretch": 30},
                    "teams": ["company"],
                    "delegate": "ada@acme.example",
                },
                {
                    "key": "steps",
                    "title": "2026",
                    "milestones": [
                        {"name": "Beta", "weight": 2, "due": "2026-08-01", "done": "2026-08-02"},
                        {"name": "Live"},
                    ],
                },
                {
                    "key": "calls",
                    "title": "Calls answered",
                    "from": 10,
                    "to": 90,
                    "unit": "calls",
                    "phases": {"2026-08-01": 30},
                    "due": "2026-09-15",
                },
            ],
        },
    ],
    "outputs": [{"key": "app", "name": "App", "moves": ["orders"], "launched": "2026-07-20"}],
}


@pytest.fixture
def full(acme: Workspace, ada: Member) -> Workspace:
    document = {**DOCUMENT, "objectives": [_known(o) for o in DOCUMENT["objectives"]]}
    put(acme, document, by=None, now=NOW)
    calls = acme.objectives.get(key="loved").key_results.get(key="calls")
    goals.check_in(calls, value=20.25, note="-1 line", by=ada, now=NOW)
    goals.check_in(calls, value=31, confidence=7, by=None, now=NOW)
    return acme


def _known(objective: dict) -> dict:  # type: ignore[type-arg]
    return {k: v for k, v in objective.items() if k != "waived"}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_what_was_written_comes_back_the_same(full: Workspace, form: str) -> None:
    document = everything(full, now=NOW)
    content = as_json(document) if form == "json" else as_csv(document)
    other = accounts.create_workspace("other", "Other", now=NOW)
    file = File(f"acme.{form}", content)
    arrival = move_in(other, [file], Choices(add_people=True), by=None, now=NOW)
    assert arrival.made["key_result"] == 6
    assert arrival.notices == []
    back = everything(other, now=NOW)
    assert {k: v for k, v in back.items() if k not in ("workspace", "headway")} == {
        k: v for k, v in document.items() if k not in ("workspace", "headway")
    }
    for objective in full.objectives.all():
        twin = other.objectives.get(key=objective.key)
        assert (twin.progress, twin.status) == (objective.progress, objective.status)
    again = move_in(other, [file], Choices(), by=None, now=NOW)
    assert again.empty
    assert again.kept["check_in"] == 2


def test_the_tables_are_for_people_too(full: Workspace) -> None:
    with zipfile.ZipFile(io.BytesIO(as_csv(everything(full, now=NOW)))) as archive:
        tables = {n: archive.read(n).decode() for n in archive.namelist()}
    assert tables.keys() >= {"objectives.csv", "key_results.csv", "check_ins.csv", "metrics.csv"}
    rows = list(csv.DictReader(io.StringIO(tables["key_results.csv"])))
    calls = next(row for row in rows if row["key"] == "calls")
    assert (calls["objective"], calls["from"], calls["to"]) == ("loved", "10", "90")
    teams = list(csv.DictReader(io.StringIO(tables["teams.csv"])))
    assert teams[1]["name"] == "'=Growth"


def test_people_who_are_no_members_are_left_out_and_said(full: Workspace) -> None:
    other = accounts.create_workspace("other", "Other", now=NOW)
    file = File("acme.json", as_json(everything(full, now=NOW)))
    arrival = move_in(other, [file], Choices(), by=None, now=NOW)
    assert {n.field for n in arrival.notices} >= {"owner", "delegate", "members"}
    assert other.members.count() == 0
    assert other.objectives.get(key="loved").owner is None
