"""Everything in another folder: whole, the next time only what is new, and without the deleted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

EVENTS = """event,happened_at,user_id,amount
order_placed,2026-01-05T09:12:00Z,ada,30
order_placed,2026-01-19T17:40:00Z,bo,45
nonsense,yesterday,cy,1
"""
MORE = """event,happened_at,user_id,amount
order_placed,2026-02-05T09:12:00Z,cy,60
"""
RUN = """
import json, sys
from click.testing import CliRunner
from headway.cli import main
said = [CliRunner().invoke(main, arguments) for arguments in json.loads(sys.argv[1])]
print(json.dumps([[one.exit_code, one.output] for one in said]))
"""
INIT = ["init", "--key", "acme", "--name", "Acme", "--email", "ada@acme.example"]
Said = tuple[int, str]


def headway(data: Path, *commands: Sequence[str | Path]) -> list[Said]:
    """One process, with a database in this folder, that is given these commands in turn."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("HEADWAY_", "DJANGO_"))}
    environ |= {"HEADWAY_DATA": str(data), "HEADWAY_PASSWORD": "three vans and a depot"}
    asked = json.dumps([[str(word) for word in command] for command in commands])
    run = [sys.executable, "-c", RUN, asked]
    said = subprocess.run(run, env=environ, capture_output=True, text=True, timeout=300, check=True)
    return [(code, output) for code, output in json.loads(said.stdout)]


@pytest.mark.slow
def test_a_backup_is_whole_grows_and_forgets(tmp_path: Path) -> None:
    data, there, later, other = (tmp_path / name for name in ("data", "there", "later", "other"))
    (tmp_path / "orders.csv").write_text(EVENTS)
    (tmp_path / "more.csv").write_text(MORE)
    other.mkdir()
    (other / "letter.txt").write_text("Dear Ada")
    _, read, first, _, second, third, inside, foreign, _, _, last = headway(
        data,
        INIT,
        ["import", "events", tmp_path / "orders.csv", "--source", "shop"],
        ["backup", there],
        ["import", "events", tmp_path / "more.csv", "--source", "shop"],
        ["backup", there],
        ["backup", later],
        ["backup", data / "in"],
        ["backup", other],
        ["person", "delete", "ada", "--yes"],
        ["refresh"],
        ["backup", there],
    )
    assert "2 added" in read[1]
    assert "1 rejected" in read[1]
    assert "1 files of events" in first[1]
    assert "1 of them new" in first[1]
    assert "2 files of events" in second[1]
    assert "1 of them new" in second[1]
    assert third[0] == last[0] == 0
    assert inside[0] == foreign[0] == 2
    assert "lie in one another" in inside[1]
    assert "neither empty nor" in foreign[1]
    assert [path.name for path in other.iterdir()] == ["letter.txt"]
    assert (there / "headway.sqlite3").stat().st_mode & 0o077 == 0
    assert list((there / "rejects").rglob("*.*"))

    shutil.rmtree(data)
    (whole, everybody), (_, theirs) = headway(
        later, ["store", "check"], ["person", "export", "ada"]
    )
    assert whole == 0, everybody
    assert '"order_placed"' in theirs
    (whole, _), (_, theirs), (_, gone) = headway(
        there, ["store", "check"], ["person", "export", "cy"], ["person", "export", "ada"]
    )
    assert whole == 0
    assert '"order_placed"' in theirs
    assert '"order_placed"' not in gone
