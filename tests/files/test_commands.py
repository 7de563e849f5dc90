"""The commands, as a shell runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "workspace"


@pytest.fixture
def headway(tmp_path: Path):  # type: ignore[no-untyped-def]
    def run(*words: object, exits: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "headway", *map(str, words)],
            env={**os.environ, "HEADWAY_DATA": str(tmp_path / "data")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == exits, done.stderr
        return done.stdout or done.stderr

    return run


def test_a_workspace_goes_in_and_comes_out(headway, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "create workspace" not in headway("plan", FOLDER, exits=1)
    assert headway("apply", FOLDER).endswith("24 to create.\n")
    assert headway("apply", FOLDER) == "Nothing to change: the workspace is as the files say.\n"
    out = tmp_path / "out"
    assert len(headway("export", out).splitlines()) == 3
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


def test_the_schema_is_printed(headway) -> None:  # type: ignore[no-untyped-def]
    assert json.loads(headway("schema"))["title"] == "Headway workspace"
