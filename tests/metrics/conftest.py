"""A workspace with a shop's events."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from headway.accounts.models import Workspace
from headway.ingest import actions
from headway.metrics.actions import save_metric
from headway.metrics.models import Metric

Import = Callable[[list[str]], None]
Save = Callable[..., Metric]

HEAD = "event,happened_at,user_id,amount,plan\n"


@pytest.fixture
def brought(acme: Workspace, tmp_path: Path) -> Import:
    """Imports rows `event,time,user,amount,plan` of the source `shop`."""
    source = actions.save_source(acme, "shop", by=None, now=datetime(2026, 1, 1, tzinfo=UTC))
    numbers = itertools.count()

    def bring(rows: list[str]) -> None:
        path = tmp_path / f"{next(numbers)}.csv"
        path.write_text(HEAD + "\n".join(rows) + "\n")
        actions.import_events(source, path, by=None, now=datetime(2026, 12, 31, tzinfo=UTC))

    return bring


@pytest.fixture
def saved(acme: Workspace) -> Save:
    def save(**document: Any) -> Metric:
        return save_metric(acme, document, by=None, now=datetime(2026, 1, 2, tzinfo=UTC))

    return save


def at(day: str, hour: int = 9) -> datetime:
    found = date.fromisoformat(day)
    return datetime(found.year, found.month, found.day, hour, tzinfo=UTC)


@pytest.fixture
def dollars(acme: Workspace, tmp_path: Path) -> None:
    """10 that name no currency and 100 US dollars, on 5 January."""
    path = tmp_path / "payments.csv"
    path.write_text(
        "event,happened_at,user_id,amount,currency\n"
        "paid,2026-01-05T10:00:00Z,a,10,\npaid,2026-01-05T11:00:00Z,b,100,USD\n"
    )
    source = actions.save_source(acme, "pay", by=None, now=at("2026-01-01"))
    actions.import_events(source, path, by=None, now=at("2026-01-07"))
