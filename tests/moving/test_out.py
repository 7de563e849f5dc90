"""Everything goes out, and comes into an empty workspace as it was."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from headway.accounts import actions as accounts
from headway.accounts import links
from headway.accounts.models import Member, Workspace
from headway.files.put import put
from headway.goals import actions as goals
from headway.goals.close import closing
from headway.goals.talk import discussion
from headway.moving.actions import move_in
from headway.moving.choices import Choices
from headway.moving.opening import File
from headway.moving.out import as_csv, as_json, everything

NOW = datetime(2026, 8, 10, 12, tzinfo=UTC)
DOCUMENT: dict[str, Any] = {
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


COMES_BACK = (
    *("sources", "teams", "cycles", "metrics", "objectives", "outputs", "closes"),
    "check_ins",
)


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
    assert {k: back.get(k) for k in COMES_BACK} == {k: document.get(k) for k in COMES_BACK}
    for objective in full.objectives.all():
        twin = other.objectives.get(key=objective.key)
        assert (twin.progress, twin.status) == (objective.progress, objective.status)
    again = move_in(other, [file], Choices(), by=None, now=NOW)
    assert again.empty
    assert again.kept["check_in"] == 2


def test_all_that_surrounds_goals_goes_out_and_closes_come_back(
    full: Workspace, ada: Member
) -> None:
    later = datetime(2026, 10, 5, 12, tzinfo=UTC)
    loved = full.objectives.get(key="loved")
    calls = loved.key_results.get(key="calls")
    discussion.say(loved, "Well done @ada@acme.example", by=ada, now=NOW)
    gone = discussion.say(calls, "A slip.", by=ada, now=NOW)
    discussion.delete(gone, by=ada, now=NOW)
    links.share(full, "objectives/loved", title="Loved", by=ada, now=NOW)
    goals.check_in(loved.key_results.get(key="keep"), note="Gone.", by=ada, now=NOW)
    goals.archive_key_result(loved.key_results.get(key="keep"), by=None, now=NOW)
    goals.archive_objective(full.objectives.get(key="north"), by=None, now=NOW)
    close = closing.start(full.teams.get(key="growth"), calls.cycle, by=None, now=later)
    choices = {k.key: {"choice": "carry_over"} for k in loved.key_results.exclude(key="keep")}
    told: Any = {"learnt": "Calls.", "score": 0.9, "score_reason": "So.", "key_results": choices}
    closing.answer(close, "loved", told, by=None, now=later)
    closing.close(close, learnt="Ask.", by=None, now=later)
    document = everything(full, now=later)
    assert [(c["by"], c["text"]) for c in document["comments"]] == [
        ("ada@acme.example", "Well done @ada@acme.example")
    ]
    assert [(one["page"], one["by"]) for one in document["links"]] == [
        ("objectives/loved", "ada@acme.example")
    ]
    assert [o["key"] for o in document["archived_objectives"]] == ["north"]
    assert [(k["objective"], k["key"]) for k in document["archived_key_results"]] == [
        ("loved", "keep")
    ]
    assert [c["note"] for c in document["archived_check_ins"]] == ["Gone."]
    trail = [(c["subject"], c["what"]) for c in document["changes"]]
    assert {("objective:north", "archived"), ("close:q3/growth", "closed")} <= set(trail)
    assert len(trail) == full.changes.count()
    (objective,) = document["closes"][0]["objectives"]
    assert (objective["score"], objective["score_reason"], objective["learnt"]) == (
        0.9, "So.", "Calls.",
    )  # fmt: skip
    for form, content in (("json", as_json(document)), ("zip", as_csv(document))):
        twin = accounts.create_workspace(f"twin-{form}", "Twin", now=NOW)
        file = File(f"acme.{form}", content)
        arrival = move_in(twin, [file], Choices(add_people=True), by=None, now=later)
        assert arrival.made["close"] == 1
        back = everything(twin, now=later)
        assert {k: back.get(k) for k in COMES_BACK} == {k: document.get(k) for k in COMES_BACK}
        assert move_in(twin, [file], Choices(), by=None, now=later).empty


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
