"""Goals of other tools become ours, and what is wrong with a file is told by row and column."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from headway.accounts.models import Member, Workspace
from headway.engine.errors import DefinitionError, NotAllowed
from headway.files.problems import DocumentError
from headway.goals.models import CheckIn, Objective
from headway.moving.actions import look, move_in
from headway.moving.arrival import lines
from headway.moving.choices import Choices
from headway.moving.opening import File
from tests.moving.book import workbook

NOW = datetime(2026, 8, 10, 12, tzinfo=UTC)

HEADINGS = "Objective;Key Result;Team;Time Period;Owner;Start Value;Target;Current;Unit;Weight;Due"
ROWS = (
    "First delivery feels effortless;Time to value;Growth;Q3 2026;ada@acme.example;30;5;22,5;min;2;"
    "30.09.2026",
    ";Week-one retention;Growth;Q3 2026;ada@acme.example;40 %;50 %;;;;",
    "Customers pay gladly;Monthly revenue;Sales;2026 H2;nobody@acme.example;€1.200.000;€1,5M;;;1;",
)
GOALS = "\n".join((HEADINGS, *ROWS))


def move(workspace: Workspace, *files: File, choices: Choices | None = None):  # type: ignore[no-untyped-def]
    return move_in(workspace, files, choices or Choices(), by=None, now=NOW)


def test_a_table_becomes_goals_once(acme: Workspace) -> None:
    file = File("goals.csv", GOALS.encode())
    arrival = move(acme, file)
    assert arrival.made == {
        "team": 2,
        "cycle": 2,
        "objective": 2,
        "key_result": 3,
        "check_in": 1,
    }
    first = Objective.objects.get(title="First delivery feels effortless")
    assert (str(first.team), str(first.cycle), first.cycle.starts) == (
        "Growth",
        "Q3 2026",
        date(2026, 7, 1),
    )
    value, retention = first.key_results.all()
    assert (value.baseline_typed, value.target, value.unit, value.weight) == (30, 5, "min", 2)
    assert (value.value, value.due, value.check_ins.get().day) == (
        22.5,
        date(2026, 9, 30),
        NOW.date(),
    )
    assert (retention.baseline_typed, retention.target, retention.unit) == (0.4, 0.5, "percent")
    money = Objective.objects.get(title="Customers pay gladly").key_results.get()
    assert (money.baseline_typed, money.target, money.unit) == (1.2e6, 1.5e6, "money")
    assert "`nobody@acme.example` is no member" in "".join(lines(arrival.notices))

    again = move(acme, file)
    assert again.empty
    assert again.kept == {"objective": 2, "key_result": 3, "check_in": 1}
    assert (Objective.objects.count(), CheckIn.objects.count()) == (2, 1)


def test_rows_tell_what_is_wrong_with_them(acme: Workspace, ada: Member) -> None:
    text = """Type,Title,Parent,Team,Period,Owner,Start,Target,Due,Confidence
Objective,Feels effortless,,Growth,Q3 2026,ada@acme.exmple,,,,
Key Reslt,Time to value,Feels effortless,,,,30,5,,
Key Result,Retention,Feels effortless,,,,fourty,50 %,,
Key Result,Support,Feels effortless,,,,30,10,03/04/2026,
Key Result,Late,Feels effortless,,,,30,10,2026-12-24,
Objective,Sails,,Growth,Sprint 12,,,,,
Project,Rewrite it,Feels effortless,,,,,,,
Key Result,Sure,Feels effortless,,,,1,2,,hgh
"""
    with pytest.raises(DocumentError) as caught:
        move(acme, File("okrs.csv", text.encode()))
    said = lines(caught.value.problems)
    expected = [
        "okrs.csv, row 3, column Type: `key reslt` is neither objective nor key result. "
        "Did you mean `key result`?",
        "okrs.csv, row 4, column Start: `fourty` is not a number.",
        "okrs.csv, row 5, column Due: `03/04/2026` may be 3 April or 4 March.",
        "okrs.csv, row 6, column Due: 2026-12-24 is outside the cycle `2026-q3`",
        "okrs.csv, row 7, column Period: `Sprint 12` is no cycle here",
        "okrs.csv, row 9, column Confidence: `hgh` is not a confidence. Did you mean `high`?",
    ]
    assert len(said) == len(expected)
    for line, start in zip(said, expected, strict=True):
        assert line.startswith(start), line
    assert not Objective.objects.exists()
    assert not acme.teams.exists()
    seen = look(acme, [File("okrs.csv", text.encode())], Choices(day_first=True), now=NOW)
    assert [p.line for p in seen.arrival.problems] == [3, 4, 5, 6, 7, 9]
    assert "outside the cycle" in seen.arrival.problems[2].message
    notices = "".join(lines(seen.arrival.notices))
    assert "Did you mean `ada@acme.example`?" in notices
    assert "“Rewrite it” is work and no goal" in notices


def test_columns_and_what_rows_leave_out_can_be_chosen(acme: Workspace) -> None:
    file = File("plan.csv", b"Ziel,Messung,Soll\nBesser,Anrufe,7\n")
    assert look(acme, [file], Choices(), now=NOW).arrival.empty
    columns = {"plan.csv": {"objective": "Ziel", "key_result": "Messung", "target": "Soll"}}
    choices = Choices(columns, {"plan.csv": "goals"}, team="Care", cycle="2026")
    move(acme, file, choices=choices)
    objective = Objective.objects.get()
    assert (str(objective.team), str(objective.cycle)) == ("Care", "2026")
    assert objective.key_results.get().target == 7
    wrong = Choices({"plan.csv": {"target": "Sol"}}, {"plan.csv": "goals"})
    with pytest.raises(DefinitionError, match="Did you mean `Soll`"):
        look(acme, [file], wrong, now=NOW)


def test_measurements_of_a_tracker_become_check_ins(acme: Workspace, ada: Member) -> None:
    move(acme, File("goals.csv", GOALS.encode()))
    file = File("m.csv", b"Date,Value,Comment\n2026-07-06,28,start\n2026-07-13,25.5,\n")
    assert (
        "names no key result" in look(acme, [file], Choices(), now=NOW).arrival.problems[0].message
    )
    choices = Choices(key_result="time-to-value")
    assert move(acme, file, choices=choices).made == {"check_in": 2}
    assert move(acme, file, choices=choices).kept == {"check_in": 2}
    value = Objective.objects.get(title__startswith="First").key_results.get(key="time-to-value")
    said = value.check_ins.order_by("day").values_list("day", "value", "note")
    assert list(said)[:2] == [(date(2026, 7, 6), 28, "start"), (date(2026, 7, 13), 25.5, "")]
    assert value.value == 22.5
    measured = File(
        "m.csv", b"Date,Key result,Value,By\n2026-07-08,Time to value,27,ada@acme.example\n"
    )
    move(acme, measured)
    assert value.check_ins.get(day=date(2026, 7, 8)).by == ada.person


def test_a_spreadsheet_is_read_with_its_days_and_shares(acme: Workspace) -> None:
    rows = [
        ["Objective", "Key result", "Team", "Cycle", "From", "To", "Unit", "Due"],
        ["Loved", "Retention", "Growth", "Q3 2026", 0.4, 0.5, "%", date(2026, 9, 1)],
        ["Loved", "Calls", "Growth", "Q3 2026", 12, 7, "", "=1+1"],
    ]
    book = workbook({"Goals": rows, "Empty": []})
    seen = look(acme, [File("goals.xlsx", book)], Choices(), now=NOW)
    assert lines(seen.arrival.problems) == [
        "goals.xlsx, row 3, column Due: `=1+1` is not a day. "
        "Write for example `2026-03-31` or `31 Mar 2026`."
    ]
    move(acme, File("goals.xlsx", workbook({"Goals": rows[:2]})))
    row = Objective.objects.get().key_results.get()
    assert (row.baseline_typed, row.target, row.due) == (0.4, 0.5, date(2026, 9, 1))


def test_the_export_of_viva_goals(acme: Workspace, ada: Member) -> None:
    document = {
        "TimePeriods": [
            {"ID": 7, "Name": "FY27 Q1", "Start Date": "2026-07-01", "End Date": "2026-09-30"}
        ],
        "Teams": [
            {"ID": 1, "Name": "Acme Inc."},
            {"ID": 2, "Name": "Growth", "Parent Team": "Acme Inc."},
        ],
        "Users": [{"ID": 31, "Name": "Ada L.", "Email": "ada@acme.example"}],
        "Objectives": [
            {"ID": 100, "Title": "Lead the market", "Team": "Acme Inc.", "Time Period": "FY27 Q1"},
            {
                "ID": 101,
                "Title": "Customers stay",
                "Type": "Objective",
                "Owner": 31,
                "Team": {"ID": 2},
                "Time Period": 7,
                "Alignment": [{"ID": 100}],
            },
            {
                "ID": 102,
                "Title": "More active customers",
                "Type": "Key Result",
                "Owner": "Ada L.",
                "Alignment": "101",
                "Outcome": {"Metric Name": "Actives", "Start": "12,500", "Target": "20,000"},
                "Phased Targets": [{"Date": "2026-08-01", "Target": "15,000"}],
            },
            {
                "ID": 103,
                "Title": "Sell",
                "Team": "Growth",
                "Time Period": "FY27 Q1",
                "Outcome": {
                    "Metric Name": "Revenue",
                    "Start": 0,
                    "Target": "1,000,000",
                    "Unit": "$",
                },
            },
            {"ID": 104, "Title": "Build a portal", "Type": "Project", "Alignment": "101"},
        ],
        "checkins": [
            {"Objective ID": 102, "Date": "2026-07-20", "Current Value": "13,250", "Note": "Up"},
            {"Objective ID": 103, "Date": "2026-07-21", "Current Value": "90,000.50"},
        ],
    }
    file = File("viva.json", json.dumps(document).encode())
    arrival = move(acme, file)
    assert arrival.made == {
        "team": 2,
        "cycle": 1,
        "objective": 3,
        "key_result": 2,
        "check_in": 2,
    }
    stay = Objective.objects.get(key="customers-stay")
    assert [str(o) for o in stay.supports.all()] == ["Lead the market"]
    assert (str(stay.team.parent), stay.owner, str(stay.cycle)) == ("Acme Inc.", ada, "FY27 Q1")
    actives = stay.key_results.get()
    assert (actives.baseline_typed, actives.target, actives.value) == (12500, 20000, 13250)
    assert (actives.pace, actives.phases, actives.owner) == ("phased", {"2026-08-01": 15000}, ada)
    revenue = Objective.objects.get(key="sell").key_results.get()
    assert (revenue.title, revenue.unit, revenue.value) == ("Revenue", "USD", 90000.5)
    assert move(acme, file).empty
    torn = {"Objectives": [{"Title": "Lost", "Outcome": {"Start": "many"}, "Alignment": "9"}]}
    problems = look(acme, [File("v.json", json.dumps(torn).encode())], Choices(), now=NOW).arrival
    assert "`many` is not a number" in str(problems.problems[0])


def test_who_is_named_may_become_a_member(acme: Workspace) -> None:
    arrival = move(acme, File("g.csv", GOALS.encode()), choices=Choices(add_people=True))
    assert arrival.people == ["ada@acme.example", "nobody@acme.example"]
    assert Objective.objects.get(title__startswith="Cust").owner is not None
    member = acme.members.get(person__email="ada@acme.example")
    other = File("h.csv", GOALS.replace("nobody@", "third@").replace("gladly", "well").encode())
    with pytest.raises(NotAllowed):
        move_in(acme, [other], Choices(add_people=True), by=member, now=NOW)
    assert not Objective.objects.filter(title="Customers pay well").exists()
