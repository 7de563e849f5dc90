from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.ingest import actions as ingest
from headway.ingest.models import Source
from headway.metrics import actions as metrics
from headway.metrics.refresh import refresh

DOCUMENTS: tuple[dict[str, Any], ...] = (
    {
        "key": "orders",
        "name": "Orders",
        "kind": "count",
        "event": "order_placed",
        "family": "capture/monetization",
        "level": "kpi",
        "healthy": {"at_least": 100},
        "segments": ["plan"],
    },
    {
        "key": "revenue",
        "name": "Revenue",
        "kind": "sum",
        "event": "order_placed",
        "property": "amount",
        "unit": "money",
        "family": "capture/monetization",
        "level": "kpi",
    },
    {
        "key": "order_value",
        "name": "Order value",
        "kind": "formula",
        "formula": "revenue / orders",
        "unit": "money",
        "level": "metric",
    },
    {
        "key": "back",
        "name": "Coming back",
        "kind": "retention",
        "start": {"event": "order_placed"},
        "returns": {"event": "order_placed"},
        "bucket": "week",
        "unit": "percent",
        "level": "kpi",
    },
    {"key": "mood", "name": "Mood", "kind": "manual", "unit": "points", "level": "kpi"},
)


@pytest.fixture
def enter(client: Client) -> Callable[[Member], Client]:
    """Signs a member in."""

    def sign_in(member: Member) -> Client:
        client.force_login(member.person)  # type: ignore[arg-type]
        return client

    return sign_in


@pytest.fixture
def stopped(acme: Workspace, now: datetime) -> Workspace:
    """The workspace with its clock stopped, so that pages show the same on every day."""
    acme.clock = now
    acme.save()
    return acme


@pytest.fixture
def shop(stopped: Workspace, member: Member, now: datetime) -> Workspace:
    """Ten orders a day for six weeks, five metrics over them, and their points."""
    settings.DATA.mkdir(parents=True, exist_ok=True)
    source = ingest.save_source(stopped, "shop", name="Shop", by=member, now=now)
    import_rows(source, member, now)
    for document in DOCUMENTS:
        metrics.save_metric(stopped, document, by=member, now=now)
    refresh(stopped, now=now)
    return stopped


def import_rows(source: Source, by: Member, now: datetime) -> None:
    rows = ["event,happened_at,user_id,amount,plan"]
    for back in range(42):
        at = (now - timedelta(days=back)).replace(hour=8).isoformat()
        rows += [f"order_placed,{at},u{i},{20 + i},{'pro' if i % 2 else 'free'}" for i in range(10)]
    rows.append("order_placed,no time at all,u1,5,pro")
    path: Path = settings.DATA / "orders.csv"
    path.write_text("\n".join(rows))
    ingest.import_events(source, path, by=by, now=now)
