"""`headway move-in` and `headway move-out`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings

from headway.accounts.models import Workspace
from headway.cli import main

pytestmark = pytest.mark.django_db
GOALS = "Objective,KR,Group,Cycle,From,To\nLoved,Calls,Care,Q4 2026,10,50\n"


def headway(*words: object, exits: int = 0) -> str:
    done = CliRunner().invoke(main, [*map(str, words)], prog_name="headway")
    assert done.exit_code == exits, done.output
    return done.output


def test_goals_come_in_and_go_out(acme: Workspace, tmp_path: Path) -> None:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()
    file = tmp_path / "okrs.csv"
    file.write_text(GOALS.replace("50", "fifty"))
    said = headway("move-in", file, exits=1)
    assert "Problem: okrs.csv, row 2, column To: `fifty` is not a number." in said

    file.write_text(GOALS)
    said = headway("move-in", file)
    assert "Group → Team" in said
    assert "Would be made: 1 team, 1 cycle, 1 objective, 1 key result. Add --do" in said
    assert not acme.objectives.exists()
    assert "Made: 1 team" in headway("move-in", file, "--do")
    assert acme.objectives.get().team.name == "Care"
    again = json.loads(headway("move-in", file, "--do", "--format", "json"))
    assert (again["made"], again["there_already"]) == ({}, {"objective": 1, "key_result": 1})

    out = tmp_path / "acme.json"
    assert headway("move-out", out).strip() == str(out)
    assert json.loads(out.read_text())["objectives"][0]["title"] == "Loved"
    assert "is there already" in headway("move-out", out, exits=2)
    assert headway("move-out", tmp_path / "acme.zip")
    assert (tmp_path / "acme.zip").read_bytes()[:2] == b"PK"
