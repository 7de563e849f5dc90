"""The description of the API, as data and as the page on which people try it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from django.test import Client
from playwright.sync_api import Browser

from tests.api.conftest import Api


def description() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/api/openapi.json").json()
    return found


def test_every_call_is_described() -> None:
    calls = [call for path in description()["paths"].values() for call in path.values()]
    assert len({call["operationId"] for call in calls}) == len(calls) > 40
    for call in calls:
        assert call["summary"]
        assert any(int(status) < 300 for status in call["responses"] if status != "default")
        assert "default" in call["responses"]
        assert call["security"]


def test_every_parameter_of_an_address_is_described() -> None:
    for path, calls in description()["paths"].items():
        for call in calls.values():
            named = {p["name"] for p in call["parameters"] if p["in"] == "path"}
            assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_its_schemas_are_schemas() -> None:
    schemas = description()["components"]["schemas"]
    assert {"Metric", "Objective", "KeyResult", "Problem"} <= schemas.keys()
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_what_comes_out_is_as_described(goals: Api) -> None:
    schemas = description()["components"]["schemas"]
    goals("PUT", "/outputs/setup", {"launched": "2026-10-20", "moves": ["orders"]})
    for path, name in (
        ("/objectives/start", "Objective"),
        ("/objectives/start/key-results/partners", "KeyResult"),
        ("/metrics/orders", "Metric"),
        ("/teams/growth", "Team"),
        ("/cycles/q4", "Cycle"),
        ("/outputs/setup", "Output"),
        ("", "Workspace"),
    ):
        jsonschema.validate(goals("GET", path), schemas[name])


@pytest.mark.browser
def test_the_page_works_by_itself(live_server: Any, chromium: Browser) -> None:
    """With our policy, without an error, and without asking another host."""
    page = chromium.new_page()
    errors: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.on("request", lambda r: hosts.add(r.url.split("/")[2]) if "://" in r.url else None)
    page.goto(f"{live_server.url}/api/docs")
    page.get_by_text("Make or change an objective").first.wait_for(timeout=20_000)
    page.get_by_text("Make or change a team").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_placeholder("workspace").fill("acme")
    page.get_by_placeholder("key").fill("growth")
    page.close()
    assert errors == []
    assert hosts == {live_server.url.split("/")[2]}
