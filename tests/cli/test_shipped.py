"""`headway show` of an output."""

from __future__ import annotations

import json
from datetime import date

from click.testing import CliRunner
from django.conf import settings

from headway.accounts.models import Workspace
from headway.cli import main
from headway.goals.launch.effects import reckon
from headway.goals.outputs import save_output
from headway.metrics.models import Point
from tests.goals.conftest import make_metric, moment, put


def test_an_output_and_what_its_launch_did(acme: Workspace) -> None:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()
    orders = make_metric(acme, "orders", profile={"grain": "week"})
    before = [10, 11, 9, 10, 11, 10, 9, 10, 11, 10, 9, 11, 10, 99]
    put(orders, date(2025, 12, 1), [*before, 14, 15, 13], step=7)
    Point.objects.update(numerator=1, denominator=1)
    where = {"where": {"plan": "pro"}}
    save_output(
        acme, name="Guided setup", launched=date(2026, 3, 4), moves=[orders], audience=where,
        description="They order at once.", by=None, now=moment(90),
    )  # fmt: skip
    save_output(acme, name="Idea", by=None, now=moment(90))
    reckon(acme, now=moment(90))

    def said(*words: str) -> str:
        found = CliRunner().invoke(main, ["show", *words])
        assert found.exit_code == 0, found.output
        return found.output

    lines = said("guided-setup").splitlines()
    assert lines[:2] == [
        "Guided setup: launched 4 Mar 2026, for `plan` is pro",
        "They order at once.",
    ]
    assert lines[3].split()[:2] == ["orders", "moved"]
    assert "higher than it would have been without the launch" in lines[3]
    assert "Only some got it" in lines[3]
    assert json.loads(said("guided-setup", "--format", "json"))["moves"][0]["verdict"] == "moved"
    assert "names no metric" in said("idea")
