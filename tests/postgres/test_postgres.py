"""Headway on PostgreSQL as on SQLite: the same numbers, and several writers at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.postgres.conftest import environment_for

HERE = Path(__file__).parent
pytestmark = pytest.mark.slow
COUNT = """
from headway.cli import django
django.ready()
from headway.goals.models import CheckIn, KeyResult
print(CheckIn.objects.count(), KeyResult.objects.get(key="partners").value,
      KeyResult.objects.get(key="orders").value)
"""


def journey(kind: str, folder: Path, request: pytest.FixtureRequest) -> dict[str, Any]:
    environ = environment_for(kind, folder, request)
    command = [sys.executable, HERE / "journey.py", folder / kind]
    said = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300)
    assert said.returncode == 0, said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def test_everything_is_as_on_sqlite(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found = journey("postgres", tmp_path, request)
    assert found["added"] == [69_659, 0, 69_659]
    first, second = found["passes"]
    assert first[0]["points"] > 0
    assert (second[0]["points"], second[0]["flips"], second[0]["problem"]) == (0, 0, "")
    assert found["check_in"] == [7, "Seen “twice” ✓"]
    assert found["steps"] == []
    assert found["page"] == [200, True]
    revenue = [p[5] for p in found["points"] if p[:4] == ["revenue", "month", "", ""]]
    assert sum(revenue) == pytest.approx(2_500_315.63)
    like = journey("sqlite", tmp_path, request)
    assert by_key(like.pop("points")) == pytest.approx(by_key(found.pop("points")), rel=1e-12)
    assert like == found


def by_key(points: list[list[Any]]) -> dict[tuple[Any, ...], Any]:
    """Amounts by metric, grain, segment, day and column; sums may differ in their last digit."""
    columns = ("value", "low", "high", "n")
    return {
        (*point[:5], column): amount
        for point in points
        for column, amount in zip(columns, point[5:], strict=True)
        if amount is not None
    }


def test_a_worker_and_a_writer_lose_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    def start(*arguments: str | Path) -> subprocess.Popen[str]:
        command = [sys.executable, *arguments]
        return subprocess.Popen(command, env=environment, text=True, stderr=subprocess.PIPE)

    writers = HERE / "writers.py"
    prepared = start(writers, "prepare", tmp_path)
    assert prepared.wait(60) == 0, prepared.communicate()
    running = [start(writers, "work", tmp_path), start(writers, "write", tmp_path)]
    running += [start(writers, "write", tmp_path)]
    for process in running:
        _, complaint = process.communicate(timeout=240)
        assert process.returncode == 0, complaint
        assert "locked" not in complaint
    said = subprocess.run(
        [sys.executable, "-c", COUNT], env=environment, check=True, capture_output=True, text=True
    )
    assert said.stdout.split() == ["120", "59.0", "12.0"]
