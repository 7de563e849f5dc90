"""What launches did, when levels changed and what drives what, over HTTP."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from headway.accounts.models import Workspace
from headway.goals.launch.effects import reckon
from headway.metrics.models import Metric, Point
from headway.outlook.refresh import refresh
from tests.api.conftest import NOW, Api

FIRST = date(2025, 6, 2)
WEEKS = 75
WEEK = timedelta(days=7)


def put(metric: Metric, values: np.ndarray) -> None:
    Point.objects.bulk_create(
        Point(
            metric=metric, grain="week", start=FIRST + i * WEEK, end=FIRST + (i + 1) * WEEK,
            value=float(value), numerator=float(value) * 400, denominator=400, n=400, complete=True,
        )
        for i, value in enumerate(values)
    )  # fmt: skip


def test_effects_turns_and_links_over_http(api: Api, acme: Workspace) -> None:
    share = {"kind": "share", "event": "setup", "where": {"ok": True}, "unit": "percent"}
    for key in ("done", "kept"):
        api("PUT", f"/metrics/{key}", {**share, "grain": "week"}, 200)
    api("PUT", "/metrics/done", {**share, "grain": "week", "drives": ["kept"]})
    output = {"name": "Guided setup", "launched": "2026-08-05", "moves": ["done"]}
    api("PUT", "/outputs/guided-setup", {**output, "controls": ["kept"]})
    assert api("GET", "/outputs/guided-setup")["controls"] == ["kept"]
    wrong = api("PUT", "/outputs/guided-setup", {**output, "controls": ["keept"]}, 422)
    assert "keept" in str(wrong)
    api("PUT", "/outputs/guided-setup", output)
    [waiting] = api("GET", "/outputs/guided-setup/effects")
    assert (waiting["verdict"], waiting["effect"]) == ("not judged yet", None)
    rng = np.random.default_rng(5)
    values = 0.5 + rng.normal(0, 0.01, WEEKS)
    values[62:] += 0.08
    put(acme.metrics.get(key="done"), values)
    put(acme.metrics.get(key="kept"), 0.3 + rng.normal(0, 0.01, WEEKS))
    refresh(acme, now=NOW)
    reckon(acme, now=NOW)
    [found] = api("GET", "/outputs/guided-setup/effects")
    assert found["verdict"] == "moved"
    assert found["low"] < 0.08 < found["high"]
    assert found["words"].startswith("Done: ")
    assert (found["held_against"], found["controls"]) == ("past", [])
    assert (found["first"], found["shown_since"] > "2026-08-10") == ("2026-08-10", True)
    assert api("GET", "/launches?since=2026-08-01")[0]["moves"] == [found]
    [turn] = api("GET", "/metrics/done/turns")["turns"]
    assert turn["beside"] == ["Guided setup"]
    assert "“Guided setup”" in turn["words"]
    assert api("GET", "/metrics/done/turns?since=2026-10-01")["turns"] == []
    [link] = api("GET", "/metrics/kept/drives")
    assert (link["cause"], link["result"]) == ("done", "kept")
    assert link["verdict"] in ("no evidence yet", "linked")
    api("PUT", "/outputs/idea", {"name": "Idea", "moves": ["done"]})
    assert api("GET", "/outputs/idea/effects") == []
    assert api("GET", "/outputs/ideo/effects", status=404)["fix"] == "Did you mean `idea`?"
