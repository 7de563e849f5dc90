"""What is to come, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from headway.accounts.models import Workspace
from headway.goals.ahead import prospects
from headway.goals.models import KeyResult
from headway.goals.refresh import refresh
from headway.outlook import refresh as outlook
from tests.api.conftest import NOW, Api

PATH = "/objectives/start/key-results"


def test_forecasts_and_chances_are_read(
    acme: Workspace, goals: Api, viewers: Api, weeks: Callable[..., Any]
) -> None:
    waiting = goals("GET", "/metrics/orders/forecast")
    assert (waiting["grain"], waiting["steps"]) == ("week", [])
    assert waiting["reason"] == "It has not been looked at yet."
    weeks("orders", *[300.0 + 3 * n for n in range(30)])
    refresh(acme, now=NOW)
    prospects.refresh(acme, now=NOW)
    outlook.refresh(acme, now=NOW)
    found = viewers("GET", "/metrics/orders/forecast")
    assert len(found["steps"]) == 12
    first = found["steps"][0]
    assert (first["start"], first["through"]) == ("2026-11-16", "2026-11-22")
    assert first["low"] <= first["middle"] <= first["high"]
    assert found["words"][0].startswith("Week of 16 Nov 2026: most likely 3")
    assert found["rests"].startswith("From 30 periods")
    goals("POST", f"{PATH}/more/check-ins", {"confidence": 9}, status=201)
    told = viewers("GET", f"{PATH}/more/forecast")
    state = viewers("GET", f"{PATH}/more")["state"]
    assert told["chance"] == state["chance"] == KeyResult.objects.get(key="more").chance
    assert told["chance"] < 0.2
    assert told["confidence"] == 9
    assert "points above the forecast" in told["apart"]
    assert told["steps"][-1]["through"] == "2026-12-27"
    assert "The chance to reach 500 is" in told["words"]
    typed = viewers("GET", f"{PATH}/partners/forecast")
    assert (typed["chance"], typed["reason"]) == (None, "No value was typed yet.")
