"""Alerts over the API."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from django.test import Client

from headway.accounts.models import Workspace
from tests.alerting.conftest import TODAY, Pass, fell, fill, kpi, noon, passes
from tests.api.conftest import Api

__all__ = ["passes"]


@pytest.fixture
def shop(goals: Api, passes: Pass) -> Api:
    home = Workspace.objects.get(key="acme")
    home.clock = noon(TODAY)
    home.save()
    fill(kpi(home, "visits", profile={"healthy": {"at_least": 80}}), fell(0.4))
    passes(home)
    return goals


def test_alerts_are_read_and_dealt_with(shop: Api) -> None:
    (found,) = shop("GET", "/alerts")
    schema: Any = Client().get("/api/openapi.json").json()["components"]["schemas"]
    jsonschema.validate(found, {**schema["Alert"], "components": {"schemas": schema}})
    assert (found["state"], found["cause"]) == ("open", "metric:visits")
    assert {sign["kind"] for sign in found["signs"]} == {"unusual", "out of range"}
    at = f"/alerts/{found['id']}"
    taken = shop("POST", f"{at}/acknowledge", {"note": "On it."})
    assert (taken["state"], taken["note"]) == ("acknowledged", "On it.")
    put_off = shop("POST", f"{at}/snooze", {"until": "2026-02-03"})
    assert (put_off["state"], put_off["snoozed_until"]) == ("snoozed", "2026-02-03")
    assert shop("GET", "/alerts") == []
    assert len(shop("GET", "/alerts?state=snoozed")) == 1
    assert len(shop("GET", "/alerts?find=VISITS")) == len(shop("GET", "/alerts?find=on+it")) == 1
    assert shop("GET", "/alerts?find=kangaroo") == []
    assert shop("POST", f"{at}/put-back")["state"] == "open"
    assert shop("PUT", f"{at}/note", {"note": "Over soon."})["note"] == "Over soon."
    assert [a["id"] for a in shop("GET", "/metrics/visits/alerts")] == [found["id"]]
    assert shop("POST", f"{at}/snooze", {}, status=422)["where"] == "until"
    shop("GET", "/alerts/99999", status=404)
    shop("GET", "/alerts?state=strange", status=422)


def test_how_a_metric_is_watched_is_in_its_definition(shop: Api) -> None:
    said = {"sensitivity": "high", "mute": ["silent"], "target": None}
    assert shop("PUT", "/metrics/visits/alerts", said) == said
    assert shop("GET", "/metrics/visits")["alerts"] == {"sensitivity": "high", "mute": ["silent"]}
    shop("PUT", "/metrics/visits/alerts", {"mute": ["loud"]}, status=422)
    shop("PUT", "/metrics/visits/alerts", {"sensitivity": "strange"}, status=422)
    document = shop("GET", "/metrics/visits")
    assert "alerts" in document
