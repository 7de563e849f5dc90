"""What customers are worth, on its page, over the API and on the command line: the same numbers."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

from headway.accounts import actions as accounts
from headway.accounts.models import Member, Workspace
from headway.cli import main
from headway.files.export import write
from headway.files.plan import plan
from headway.files.reading import read
from headway.ingest import actions as ingest
from headway.metrics.actions import save_metric
from headway.metrics.lifetime import lifetime
from headway.metrics.refresh import refresh

pytestmark = pytest.mark.django_db

REVENUE = {
    "key": "revenue", "name": "Revenue", "kind": "sum", "event": "paid", "property": "amount",
    "unit": "money", "level": "kpi",
}  # fmt: skip


def purchases(path: Path) -> Path:
    """200 customers from January and February on; half of them come back now and then."""
    draw = random.Random(5)  # noqa: S311 - a simulation
    rows = ["event,happened_at,user_id,amount"]
    for who in range(200):
        day = date(2026, 1, 1) + timedelta(days=draw.randrange(59))
        rate, size = draw.gammavariate(0.6, 1 / 20), 160 / draw.gammavariate(8, 1)
        while day < date(2026, 11, 1):
            rows.append(f"paid,{day}T10:00:00Z,u{who},{draw.gammavariate(6, size / 6):.2f}")
            day += timedelta(days=1 + int(draw.expovariate(rate + 1e-6)))
            if draw.random() < 0.04:
                break
    path.write_text("\n".join(rows))
    return path


def test_the_same_everywhere(
    acme: Workspace, admin: Member, enter: Callable[[Member], Client], now: datetime,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    client = enter(admin)
    page = f"/{acme.key}/kpis/revenue/lifetime"
    save_metric(acme, REVENUE, by=admin, now=now)
    assert "Nobody has asked yet" in client.get(page).content.decode()
    assert page in client.get(f"/{acme.key}/kpis/revenue").content.decode()
    metric = save_metric(acme, REVENUE | {"lifetime": "6 months"}, by=admin, now=now)
    assert "The worker has not looked" in client.get(page).content.decode()
    source = ingest.save_source(acme, "shop", by=admin, now=now)
    ingest.import_events(source, purchases(tmp_path / "p.csv"), by=admin, now=now)
    at = datetime(2026, 11, 2, 9, tzinfo=UTC)
    refresh(acme, now=at)
    lifetime.refresh(acme, now=at)

    shown = client.get(page).content.decode()
    assert "200 customers have paid" in shown
    assert "is expected to pay" in shown
    assert "it expected" in shown
    assert '<th scope="col" class="num">12 months</th>' in shown
    assert "…" in shown, "nobody has been a customer for a year"
    rows = list(csv.DictReader(io.StringIO(client.get(f"{page}?format=csv").content.decode())))
    assert [row["cohort"] for row in rows] == ["2026-01-01", "2026-02-01"]
    assert sum(int(row["customers"]) for row in rows) == 200

    _, raw = accounts.create_token(admin, "t", now=now)
    api = f"/api/workspaces/{acme.key}/metrics/revenue"
    headers = {"Authorization": f"Bearer {raw}"}
    told = client.get(f"{api}/lifetime", headers=headers).json()
    assert told["customers"] == 200
    assert told["outlook"]["each"]["low"] < told["outlook"]["each"]["mean"]
    assert [c["so_far"] for c in told["cohorts"]] == [float(row["so_far"]) for row in rows]
    assert client.get(api, headers=headers).json()["lifetime"] == "6 months"

    monkeypatch.setattr("headway.cli.django.ready", lambda **_: None)
    said = CliRunner().invoke(main, ["lifetime", "revenue"])
    assert said.output.splitlines()[0] == told["words"][0]
    found = json.loads(CliRunner().invoke(main, ["lifetime", "revenue", "--format", "json"]).output)
    assert found["cohorts"] == told["cohorts"]

    write(acme, tmp_path / "files")
    assert "lifetime: 6 months" in "".join(
        path.read_text() for path in (tmp_path / "files").rglob("*.y*ml")
    )
    assert plan(acme, read(tmp_path / "files")) == [], "export, then apply, changes nothing"

    form = client.get(f"/{acme.key}/kpis/revenue/edit").content.decode()
    assert 'name="lifetime" value="6 months"' in form
    save_metric(acme, {"key": "n", "kind": "count", "event": "paid"}, by=admin, now=now)
    assert "knows no customers" in client.get(f"/{acme.key}/kpis/n/lifetime").content.decode()
    refused = client.get(f"/api/workspaces/{acme.key}/metrics/n/lifetime", headers=headers)
    assert refused.status_code == 404
    assert "knows no customers" in refused.content.decode()
    none = client.get(f"/{acme.key}/kpis/orders/lifetime")
    assert none.status_code == 404
    metric.refresh_from_db()
    assert metric.version == 1
