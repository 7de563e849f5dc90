"""The commands: what they print and how they exit."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
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


OPEN = """\
workspace: {key: w%s}
teams: [{key: growth}]
cycles: [{key: now, starts: FROM, ends: TO}]
metrics:
  - {key: orders, kind: count, event: order}
  - {key: half, kind: formula, formula: %s / 2}
objectives:
  - key: start
    cycle: now
    team: growth
    title: %s
    key_results: [{key: more, metric: orders, from: 0, to: %s}]
"""
DAYS = {"FROM": timedelta(days=-30), "TO": timedelta(days=30)}
for word, distance in DAYS.items():
    OPEN = OPEN.replace(word, str(date.today() + distance))


def test_plan_refuses_what_apply_refuses_with_file_and_line(headway: Run, tmp_path: Path) -> None:
    file = tmp_path / "w.yml"
    bad = OPEN % (", timezone: Europe/Berln", "orders.dropoff", "' '", 5)
    good = OPEN % ("", "orders", "Start well", 5)
    for wrong in (bad, good, bad):
        file.write_text(wrong)
        if wrong == good:
            assert headway("plan", file, exits=2).endswith("7 to create.\n")
            assert headway("apply", file).endswith("7 created.\n")
            continue
        said = headway("plan", file, exits=1)
        assert headway("apply", file, exits=1) == said
        told = said.splitlines()
        assert told[0].startswith(
            f"{file}:1: workspace.timezone: `Europe/Berln` is not a time zone"
        )
        if len(told) > 2:  # without a workspace nothing else can be tried
            assert told[1].startswith(f"{file}:6: metrics[half]: `orders` has no part `dropoff`.")
            assert told[2].startswith(
                f"{file}:11: objectives[start].title: An objective needs a ti"
            )
    assert told[3:] == ["3 problems; nothing was changed."]


def test_plan_says_what_is_changed_only_with_a_reason(headway: Run, tmp_path: Path) -> None:
    file = tmp_path / "w.yml"
    file.write_text(OPEN % ("", "orders", "Start well", 5))
    headway("apply", file)
    file.write_text(OPEN % ("", "orders", "Start well", 6))
    said = headway("plan", file, exits=2)
    assert "`headway apply` asks for a `--reason`: start/more changes in mid-cycle." in said
    assert f"{file}:12: objectives[start].key_results[more]: The cycle opened" in (
        refused := headway("apply", file, exits=1)
    )
    assert "At the command line it is `--reason`." in refused
    assert headway("apply", file, "--reason", "More shops.").endswith("1 changed.\n")


def test_a_call_that_is_wrong_is_not_taken_for_changes(headway: Run, tmp_path: Path) -> None:
    for words in (["plan"], ["plan", tmp_path / "none"], ["plan", FOLDER, "--adpot"]):
        assert "Usage: headway plan" in headway(*words, exits=1)
    assert "Usage: headway apply" in headway("apply", tmp_path / "none", exits=1)


def test_the_schema_is_printed(headway: Run) -> None:
    assert json.loads(headway("schema"))["title"] == "Headway workspace"
