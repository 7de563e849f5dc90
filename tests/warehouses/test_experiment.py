"""An experiment over a table says what it says over the same events, imported."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from headway.accounts import actions as accounts
from headway.accounts.models import Workspace
from headway.goals.experiment import experiments
from headway.goals.experiment.told import plan, said
from headway.goals.experiment.view import view
from headway.goals.models import Output
from headway.goals.outputs import save_output
from headway.ingest.actions import import_events, save_source
from headway.metrics.actions import save_metric
from headway.metrics.refresh import refresh
from tests.metrics.conftest import Save
from tests.warehouses.conftest import Connect
from tests.warehouses.shop import Database, Order, PostgresShop, on, written
from tests.warehouses.test_board import NOW

METRICS: tuple[dict[str, Any], ...] = (
    {"key": "buyers", "kind": "unique", "event": "ordered"},
    {"key": "revenue", "kind": "sum", "event": "ordered", "property": "amount"},
    {"key": "orders", "kind": "count", "event": "ordered"},
    {"key": "order_size", "kind": "ratio", "numerator": "revenue", "denominator": "orders"},
    {"key": "bought", "kind": "funnel", "steps": [{"event": "viewed"}, {"event": "ordered"}],
     "window": "2 days"},
    {"key": "back", "kind": "retention", "start": {"event": "viewed"},
     "returns": {"event": "ordered"}},
)  # fmt: skip
TRIAL: dict[str, Any] = {
    "assigned": {"event": "viewed"}, "variant": "plan", "control": "A", "metric": "buyers",
    "starts": "2026-01-05", "ends": "2026-01-14", "effect": "20 points", "adjust": "3 days",
    "enters": {"event": "viewed"},
    "guardrails": [{"metric": key} for key in ("order_size", "bought", "back")],
}  # fmt: skip


def visits() -> list[Order]:
    """Thirty a day, half of them in B, where twice as many order; some sign up in between."""
    dice, rows = random.Random(3), []  # noqa: S311 - repeatable, not secret
    for n in range(480):
        at = on("2025-12-30", 0) + timedelta(days=n // 30, minutes=dice.randrange(20 * 60))
        variant = "B" if n % 2 else "A"
        rows.append(Order(len(rows), "viewed", at, f"u{n}", None, variant))
        who = f"u{n}"
        if n % 9 == 0:
            who = f"known{n}"
            rows.append(Order(len(rows), "$identify", at, who, before=f"u{n}"))
        if dice.random() < (0.6 if variant == "B" else 0.3):
            later = at + timedelta(minutes=dice.randrange(40 * 60))
            rows.append(Order(len(rows), "ordered", later, who, dice.randrange(1, 90) / 2))
    return rows


def trial(workspace: Workspace) -> Output:
    for document in METRICS:
        named = {} if document["kind"] == "ratio" else {"source": "orders"}
        save_metric(workspace, {**document, **named}, by=None, now=NOW)
    return save_output(
        workspace, key="checkout", name="Checkout", experiment=TRIAL, by=None, now=NOW
    )


def test_a_table_says_what_an_import_says(
    acme: Workspace, shop: Database, connect: Connect, tmp_path: Path
) -> None:
    rows = visits()
    shop.add(rows)
    connect(shop)
    there = trial(acme)
    refresh(acme, now=NOW)
    looked = experiments.look(acme, now=NOW)
    assert (looked.read, looked.problems) == (1, ())
    other = accounts.create_workspace("beta", "Beta", now=NOW)
    imported = save_source(other, "orders", by=None, now=NOW)
    import_events(imported, written(rows, tmp_path / "orders.csv"), by=None, now=NOW)
    here = trial(other)
    assert experiments.look(other, now=NOW).problems == ()
    assert there.read_outs.count() == here.read_outs.count() >= 12
    for one, same in zip(there.read_outs.all(), here.read_outs.all(), strict=True):
        assert (one.day, one.sums, one.said) == (same.day, same.sums, same.said)
    found = there.read_outs.last()
    assert found is not None
    assert found.day == date(2026, 1, 16)
    assert said(found.said).subjects == 300
    assert [a.verdict for a in said(found.said).against] == ["better"]
    assert found.sums["order_size"]["A"][1] > 100
    planned = [plan(o.trial.plan) for o in (there, here)]
    assert planned[0] == planned[1]
    assert planned[0] is not None
    assert planned[0].value > 0.3
    assert experiments.look(acme, now=NOW + timedelta(minutes=20)).read == 0


def test_assignments_that_are_not_in_the_table(
    acme: Workspace, postgres: PostgresShop, connect: Connect, saved: Save, tmp_path: Path
) -> None:
    """They came to Headway, and what they should change is in the warehouse: that is said."""
    rows = visits()
    postgres.add([row for row in rows if row.name == "ordered"])
    connect(postgres)
    local = save_source(acme, "web", by=None, now=NOW)
    views = [row for row in rows if row.name != "ordered"]
    import_events(local, written(views, tmp_path / "web.csv"), by=None, now=NOW)
    output = trial(acme)
    refresh(acme, now=NOW)
    assert experiments.look(acme, now=NOW).problems == ()
    shown = view(output, acme, date(2026, 1, 26))
    assert shown is not None
    assert not shown.looks
    assert shown.unseen == (
        "`orders` has no event `viewed`: send or copy the assignments there, where “Back”, "
        "“Bought”, “Buyers” are read.",
    )
