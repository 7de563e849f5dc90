"""The commands: what they print and how they exit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings

from headway.cli import main

Run = Callable[..., str]
FOLDER = Path(__file__).parent / "workspace"

pytestmark = pytest.mark.django_db


@pytest.fixture
def headway() -> Run:
    # The tests' database lies in memory; commands look for its file before they open it.
    settings.DATA.mkdir(parents=True)
    (settings.DATA / "headway.sqlite3").touch()

    def run(*words: object, exits: int = 0) -> str:
        done = CliRunner().invoke(main, [*map(str, words)], prog_name="headway")
        assert done.exit_code == exits, done.output
        return done.output

    return run


def test_a_workspace_goes_in_and_comes_out(headway: Run, tmp_path: Path) -> None:
    assert headway("plan", FOLDER, exits=2).endswith("29 to create.\n")
    assert headway("apply", FOLDER).endswith("29 created.\n")
    assert headway("apply", FOLDER) == "Nothing to change: the workspace is as the files say.\n"
    out = tmp_path / "out"
    assert len(headway("export", out).splitlines()) == 4
    assert headway("plan", out) == "Nothing to change: the workspace is as the files say.\n"

    metrics = (out / "metrics.yml").read_text()
    (out / "metrics.yml").write_text(metrics.replace("level: kpi", "level: metric"))
    assert headway("plan", out, exits=2) == (
        "~ metric revenue\n    level: kpi → –\n"
        "~ metric satisfaction\n    level: kpi → –\n"
        "2 to change.\n"
    )
    steps = json.loads(headway("plan", out, "--format", "json", exits=2))
    assert steps[0]["changes"] == [{"field": "level", "before": "kpi", "after": None}]

    (out / "metrics.yml").write_text(metrics.replace("kind: sum", "kind: summ"))
    said = headway("plan", out, exits=1)
    assert "metrics[revenue].kind: `summ` is not a kind of metric. Did you mean `sum`?" in said
    assert headway("apply", out, exits=1) == said


def test_the_schema_is_printed(headway: Run) -> None:
    assert json.loads(headway("schema"))["title"] == "Headway workspace"
