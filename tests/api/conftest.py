"""Calls over HTTP with real tokens, in a workspace whose clock stands on 20 November 2026."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from headway.accounts import actions
from headway.accounts.models import Member, Workspace
from headway.engine.period import Grain
from headway.metrics.models import Metric, Point

NOW = datetime(2026, 11, 20, 11, tzinfo=UTC)


@dataclass
class Api:
    """Addresses are relative to the workspace."""

    token: str
    workspace: str = "acme"

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> HttpResponse:
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        address = f"/api/workspaces/{self.workspace}{path}"
        # Unexpected errors are answered, not raised here, as on a server.
        client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        headers = {"Authorization": f"Bearer {self.token}"}
        return client.generic(method, address, headers=headers, **encoded(sent), **more)

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        found = self.ask(method, path, body)
        assert found.status_code == status, found.content.decode()
        return found.json() if found.content else None

    def upload(
        self, path: str, filename: str, content: str, /, field: str = "file", **columns: str
    ) -> HttpResponse:
        from django.core.files.uploadedfile import SimpleUploadedFile

        file = SimpleUploadedFile(filename, content.encode(), content_type="text/csv")
        headers = {"Authorization": f"Bearer {self.token}"}
        address = f"/api/workspaces/{self.workspace}{path}"
        return Client().post(address, {field: file, **columns}, headers=headers)


def encoded(sent: dict[str, Any]) -> dict[str, Any]:
    import json

    if sent and not isinstance(sent["data"], str):
        sent["data"] = json.dumps(sent["data"])
    return sent


def api_of(member: Member) -> Api:
    return Api(actions.create_token(member, "tests", now=NOW)[1], member.workspace.key)


@pytest.fixture
def acme(acme: Workspace) -> Workspace:
    acme.clock = NOW
    acme.save()
    return acme


@pytest.fixture
def api(member: Member) -> Api:
    return api_of(member)


@pytest.fixture
def admins(admin: Member) -> Api:
    return api_of(admin)


@pytest.fixture
def viewers(viewer: Member) -> Api:
    return api_of(viewer)


OBJECTIVE = {
    "cycle": "q4",
    "team": "growth",
    "title": "Start well",
    "key_results": [
        {"key": "more", "metric": "orders", "from": 100, "to": 500},
        {"key": "partners", "title": "Win partners", "unit": "partners", "from": 0, "to": 20},
    ],
}


@pytest.fixture
def goals(api: Api) -> Api:
    """A team, a cycle, a metric, and an objective with a measured and a typed key result."""
    api("PUT", "/teams/growth", {"name": "Growth"})
    api("PUT", "/cycles/q4", {"starts": "2026-10-01", "ends": "2026-12-31"})
    api("PUT", "/metrics/orders", {"kind": "count", "event": "order", "segments": ["plan"]})
    api("PUT", "/objectives/start", OBJECTIVE)
    return api


@pytest.fixture
def weeks(acme: Workspace) -> Callable[..., None]:
    """Stores complete weekly points that end with the one before 16 November 2026."""

    def store(key: str, *values: float, segment_by: str = "", segment: str = "") -> None:
        metric = Metric.objects.get(workspace=acme, key=key)
        for back, value in enumerate(reversed(values), start=1):
            start = date.fromordinal(date(2026, 11, 16).toordinal() - 7 * back)
            Point.objects.create(
                metric=metric,
                grain=Grain.week,
                segment_by=segment_by,
                segment=segment,
                start=start,
                end=date.fromordinal(start.toordinal() + 7),
                value=value,
                complete=True,
            )

    return store
