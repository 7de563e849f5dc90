"""`headway annotations`: list, add, archive, and tables in and out."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result
from django.conf import settings

from headway.accounts.models import Member, Workspace
from headway.cli import main
from tests.goals.conftest import make_metric


def run(*words: str) -> Result:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()
    return CliRunner().invoke(main, ["annotations", *words])


def test_from_a_line_to_a_table(acme: Workspace, member: Member, tmp_path: Path) -> None:
    make_metric(acme, "orders")
    assert "Nothing has been annotated" in run("list").stderr
    words = ("add", "launch", "New checkout", "2026-02-03", "--metric", "orders")
    assert run(*words, "--as", "member@acme.example").exit_code == 0
    assert run(*words, "--ends", "2026-02-09").exit_code == 0
    (row,) = acme.annotations.all()
    assert (row.key, str(row.ends), row.by) == (
        "new-checkout-2026-02-03",
        "2026-02-09",
        member.person,
    )
    assert "Did you mean `orders`" in run(*words[:-1], "order").stderr
    assert "before it starts" in run(*words, "--ends", "2026-02-01").stderr

    file = tmp_path / "happened.csv"
    file.write_text(run("export").stdout + ",holiday,Carnival,2026-02-16,,,,,\n,fete,X,,,,,,\n")
    brought = run("import", str(file))
    assert brought.exit_code == 1
    assert f"{file}, line 4, starts: There is no day. Write it as 2026-09-03." in brought.stderr
    assert brought.stderr.endswith("1 made, 1 already there; 1 row not read.\n")

    found = json.loads(run("list", "--format", "json", "--metric", "orders").stdout)
    assert [(one["kind"], one["covers"]) for one in found] == [
        ("holiday", "all metrics"),
        ("launch", "Orders"),
    ]
    assert "archived" in run("archive", row.key).stderr
    assert "Carnival" not in run("list", "--kind", "launch").output
    assert run("archive", row.key, "--restore").exit_code == 0
    assert "New checkout" in run("list", "--kind", "launch").stdout
