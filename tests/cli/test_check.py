"""`headway check`, as far as the coach speaks."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings
from jsonschema import Draft4Validator, FormatChecker

from headway.cli import main
from headway.coach.rules import BY_CODE
from headway.goals import actions
from tests.goals.conftest import FIRST, LAST, make_metric, moment, put

GOALS = """
workspace: {key: shop, name: Shop, clock: 2026-11-20T12:00:00Z}
teams: [{key: growth, name: Growth, members: [ada@shop.example]}]
cycles: [{key: q4, starts: 2026-10-01, ends: 2026-12-31}]
metrics:
  - {key: orders, kind: count, event: order}
  - {key: happy, kind: share, event: survey, where: {happy: true}, unit: percent}
objectives:
  - key: start
    cycle: q4
    team: growth
    title: Shops start without help
    owner: ada@shop.example
    guardrails: [happy]
    key_results:
      - {key: more, metric: orders, to: 500}
      - key: better
        metric: happy
        title: Launch the tour and reach 10 % happy orders
        to: 10 %
"""
FINE = GOALS.replace("Launch the tour and reach 10 % happy orders", "Happy orders")

pytestmark = pytest.mark.django_db


@pytest.fixture
def headway(tmp_path):
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()

    def run(*words: object, exits: int = 0) -> str:
        done = CliRunner().invoke(main, ["check", *map(str, words)], prog_name="headway")
        assert done.exit_code == exits, done.output
        return done.output

    return run


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "goals.yml").write_text(GOALS)
    return tmp_path


def test_good_goals_pass_silently(headway, folder):
    (folder / "goals.yml").write_text(FINE)
    assert headway(folder, "--strict") == "Nothing is wrong.\n"


def test_findings_name_file_line_and_the_way_out(headway, folder):
    said = headway(folder)
    assert said == (
        f"warning  {folder}/goals.yml:19: key result start/better: “Launch the tour” is work, not "
        "what it brings about. Keep “reach 10 % happy orders” as the key result; list “Launch the "
        "tour” among the outputs. [key-result-output]\n1 warning.\n"
    )
    assert headway(folder, "--fail-on", "warning", exits=1) == said
    assert headway(folder, "--strict", exits=1) == said


def test_rules_that_are_off_and_waived_findings_are_silent(headway, folder):
    file = folder / "goals.yml"
    file.write_text(GOALS.replace("key: shop,", "key: shop, coach_off: [key-result-output],"))
    assert headway(folder) == "Nothing is wrong.\n"
    file.write_text(f"{GOALS}        waived: {{key-result-output: We count the launch.}}\n")
    assert headway(folder) == "Nothing is wrong.\n"
    kpi = "metrics:\n  - {key: nps, kind: manual, level: kpi, owner: ada@shop.example%s}\n"
    (folder / "kpis.yml").write_text(
        "teams: [{key: all, members: [ada@shop.example]}]\n" + kpi % ""
    )
    said = headway(folder, "--fail-on", "warning", exits=1)
    assert "[kpi-no-range]" in said
    quiet = kpi % ", waived: {kpi-no-range: No range fits., kpi-loose: It is only watched.}"
    (folder / "kpis.yml").write_text("teams: [{key: all, members: [ada@shop.example]}]\n" + quiet)
    assert headway(folder) == "Nothing is wrong.\n"


def test_errors_fail(headway, folder):
    file = folder / "goals.yml"
    file.write_text(GOALS[: GOALS.index("    key_results")])
    [found] = json.loads(headway(folder, "--format", "json", exits=1))
    assert (found["code"], found["severity"], found["line"]) == ("objective-empty", "error", 9)
    assert found["why"] == BY_CODE["objective-empty"].why


def test_sarif(headway, folder):
    found = json.loads(headway(folder, "--format", "sarif"))
    assert (found["version"], found["$schema"].rpartition("/")[2]) == ("2.1.0", "sarif-2.1.0.json")
    [run] = found["runs"]
    [rule] = run["tool"]["driver"]["rules"]
    assert rule["id"] == "key-result-output"
    assert set(rule) == {
        "id", "shortDescription", "fullDescription", "help", "defaultConfiguration",
    }  # fmt: skip
    [result] = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == (rule["id"], 0, "warning")
    assert "Keep “reach 10 % happy orders”" in result["message"]["text"]
    [location] = result["locations"]
    place = location["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("/goals.yml")
    assert place["region"] == {"startLine": 19}


def test_sarif_is_what_its_schema_asks(headway, folder, acme):
    """The schema of OASIS, as Microsoft publishes it in @microsoft/jest-sarif (MIT)."""
    schema = json.loads((Path(__file__).parent / "sarif-2.1.0.json").read_text("utf-8"))
    valid = Draft4Validator(schema, format_checker=FormatChecker())
    found = json.loads(headway(folder, "--format", "sarif"))
    assert list(valid.iter_errors(found)) == []
    assert list(valid.iter_errors({**found, "version": "2.0.0"})), "it can fail"
    (folder / "goals.yml").write_text(GOALS[: GOALS.index("    key_results")])
    assert not list(valid.iter_errors(json.loads(headway(folder, "--format", "sarif", exits=1))))
    acme.metrics.create(key="nps", name="NPS", level="kpi").definitions.create(
        version=1, body={"kind": "count", "event": "never"}, at=moment(0)
    )
    without_lines = json.loads(headway("-w", "acme", "--format", "sarif"))
    assert without_lines["runs"][0]["results"]
    assert not list(valid.iter_errors(without_lines))
    (folder / "goals.yml").write_text("nothing: here\n")
    assert not list(valid.iter_errors(json.loads(headway(folder, "--format", "sarif", exits=1))))


def test_sarif_of_files_that_cannot_be_read(headway, folder):
    (folder / "goals.yml").write_text(GOALS.replace("metric: happy", "metric: happpy"))
    found = json.loads(headway(folder, "--format", "sarif", exits=1))
    result, *_ = found["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("document", "error")
    assert "Did you mean `happy`?" in result["message"]["text"]
    assert headway(folder, exits=1).endswith("nothing was changed.\n")


def test_a_workspace_is_looked_at_with_its_history(headway, acme, member):
    acme.clock = moment(1)
    acme.save()
    riders = make_metric(acme, "riders", profile={"grain": "day"})
    put(riders, FIRST - timedelta(days=60), [100.0, 101.0] * 30)
    team = acme.teams.create(key="growth", name="Growth")
    cycle = actions.save_cycle(
        acme, key="q1", name="", starts=FIRST, ends=LAST, by=None, now=moment(0)
    )
    objective = actions.save_objective(
        acme, title="Ride", team=team, cycle=cycle, owner=member, by=None, now=moment(0)
    )
    actions.save_key_result(
        objective, shape="reach", metric=riders, target=500.0, by=None, now=moment(0)
    )
    rows = json.loads(headway("-w", "acme", "--format", "json"))
    found = {row["code"]: row for row in rows}
    assert "key-result-out-of-reach" in found
    assert found["key-result-out-of-reach"]["file"] == ""
    assert found["set-no-guardrail"]["severity"] == "information"


def test_a_key_is_told_as_it_is(headway, folder):
    bare = "  - {key: orders_of_all_shops, kind: count, event: order, level: kpi}\nobjectives:"
    (folder / "goals.yml").write_text(FINE.replace("objectives:", bare, 1))
    assert ": metric orders_of_all_shops: " in headway(folder, "--strict", exits=1)
