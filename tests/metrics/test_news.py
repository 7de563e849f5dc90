"""What a pass asks of the store: no more than what changed makes it ask, and nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headway.accounts.models import Workspace
from headway.engine.statistics import Cells, Gaps, Statistic, Steps
from headway.ingest import actions
from headway.ingest.manifest.exchange import Exchange
from headway.ingest.manifest.store import store_for
from headway.metrics import refresh as passes
from headway.metrics.models import Metric
from headway.metrics.reading import series
from headway.metrics.refresh import refresh
from tests.metrics.conftest import Save, at
from tests.metrics.test_refresh import everything, from_scratch

HEAD = "event,happened_at,user_id,previous_id,amount,plan\n"
NOW = at("2026-03-02")
Bring = Callable[..., None]

METRICS: list[dict[str, Any]] = [
    {"key": "orders", "kind": "count", "event": "ordered", "segments": ["plan"]},
    {"key": "revenue", "kind": "sum", "event": "ordered", "property": "amount"},
    {"key": "visits", "kind": "count", "event": "visited"},
    {"key": "visitors", "kind": "unique", "event": "visited", "window": "7 days"},
    {"key": "active", "kind": "unique", "event": "any"},
    {"key": "stages", "kind": "lifecycle", "event": "visited"},
    {"key": "pro", "kind": "count", "event": "visited", "where": {"plan": "pro"}},
    {"key": "double", "kind": "formula", "formula": "visits * 2"},
    {"key": "quick", "kind": "funnel", "window": "1 day",
     "steps": [{"event": "visited"}, {"event": "ordered"}]},
]  # fmt: skip


class Counting(Exchange):
    """The workspace's store, which remembers what it was asked."""

    asked: list[Statistic]

    def run(self, statistic: Statistic) -> pa.Table:
        self.asked.append(statistic)
        return super().run(statistic)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Statistic]:
    found: list[Statistic] = []

    def counting(workspace: Workspace) -> Counting:
        store = store_for(workspace)
        own = Counting(lambda: store.local, store.warehouses)
        own.asked = found
        return own

    monkeypatch.setattr(passes, "store_for", counting)
    return found


@pytest.fixture
def bring(acme: Workspace, tmp_path: Path) -> Bring:
    def take(*rows: str, into: str = "shop", now: datetime = NOW) -> None:
        source = actions.save_source(acme, into, by=None, now=now)
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(HEAD + "\n".join(rows) + "\n")
        actions.import_events(source, path, by=None, now=now)

    return take


@pytest.fixture
def known(acme: Workspace, bring: Bring, saved: Save, asked: list[Statistic]) -> list[Statistic]:
    """Two months of visits and orders of ten people, seen by one pass."""
    days = [at("2026-01-01") + timedelta(days=i) for i in range(60)]
    rows = [f"visited,{d:%F}T09:00:00Z,u{i % 10},,,pro" for i, d in enumerate(days)]
    rows += [f"ordered,{d:%F}T10:00:00Z,u{i % 7},,5,pro" for i, d in enumerate(days)]
    bring(*rows)
    for document in METRICS:
        saved(**document)
    refresh(acme, now=NOW)
    asked.clear()
    return asked


def looked_at(workspace: Workspace) -> set[str]:
    return set(refresh(workspace, now=NOW).metrics)


def same_as_from_scratch(workspace: Workspace, now: datetime = NOW) -> bool:
    incremental = everything(workspace)
    return bool(incremental) and incremental == from_scratch(workspace, now)


def test_nothing_is_asked_twice_in_one_pass(
    acme: Workspace, known: list[Statistic], bring: Bring
) -> None:
    bring("visited,2026-03-01T12:00:00Z,u1,,,")
    refresh(acme, now=NOW)
    assert max(Counter(known).values()) == 1
    of_visits = [s for s in known if isinstance(s, Cells) and s.match.events == ("visited",)]
    assert len(of_visits) == 2  # of all visits, and of those with the plan pro; for every grain
    known.clear()
    Metric.objects.update(refreshed_version=0)
    refresh(acme, now=NOW)
    assert max(Counter(known).values()) == 1
    known.clear()
    refresh(acme, now=NOW)
    assert known == []


def test_a_new_event_concerns_those_who_read_it(
    acme: Workspace, known: list[Statistic], bring: Bring
) -> None:
    bring("refunded,2026-03-01T12:00:00Z,u1,,,")
    assert looked_at(acme) == {"active"}
    assert len(known) == len(set(known)) <= 5
    assert same_as_from_scratch(acme)


def test_a_late_day_concerns_those_who_read_its_events(
    acme: Workspace, known: list[Statistic], bring: Bring
) -> None:
    bring("ordered,2026-01-12T12:00:00Z,u1,,9,free")
    assert looked_at(acme) == {"orders", "revenue", "active", "quick"}
    assert max(Counter(known).values()) == 1
    assert same_as_from_scratch(acme)


def test_an_alias_concerns_the_days_of_the_one_who_goes(
    acme: Workspace, known: list[Statistic], bring: Bring
) -> None:
    bring("visited,2026-02-10T12:00:00Z,zoe,,,")
    refresh(acme, now=NOW)
    known.clear()
    bring("$alias,2026-02-27T12:00:00Z,u1,zoe,,")
    assert looked_at(acme) == {
        "visitors", "active", "stages", "double", "quick",
    }  # fmt: skip
    assert Counter(type(s) for s in known) == {Cells: 1, Gaps: 2, Steps: 5}
    assert same_as_from_scratch(acme)


def test_an_alias_reaches_the_events_of_other_sources(
    acme: Workspace, known: list[Statistic], bring: Bring, saved: Save
) -> None:
    actions.save_source(acme, "app", by=None, now=NOW)
    saved(key="app_users", kind="unique", event="any", source="app")
    bring("opened,2026-02-10T12:00:00Z,zoe,,,", "opened,2026-02-10T12:00:00Z,u1,,,", into="app")
    refresh(acme, now=NOW)
    bring("$alias,2026-02-27T12:00:00Z,u1,zoe,,")
    assert "app_users" in looked_at(acme)
    assert same_as_from_scratch(acme)


def test_deeds_in_one_source_make_a_cohort_in_another(
    acme: Workspace, known: list[Statistic], bring: Bring, saved: Save
) -> None:
    bring("opened,2026-03-01T12:00:00Z,zoe,,,", into="app")
    did = {"did": {"event": "ordered"}}
    saved(key="app_buyers", kind="count", event="opened", source="app", who=did)
    refresh(acme, now=NOW)
    bring("ordered,2026-02-01T12:00:00Z,zoe,,,")
    assert "app_buyers" in looked_at(acme)
    assert same_as_from_scratch(acme)
    assert series(Metric.objects.get(key="app_buyers"), "year").of()[-1].value == 1


def test_traits_concern_those_who_read_them(
    acme: Workspace, known: list[Statistic], bring: Bring
) -> None:
    bring("visited,2026-02-26T12:00:00Z,u1,,,")
    refresh(acme, now=NOW)
    bring("$identify,2026-02-20T12:00:00Z,u1,,,pro")
    assert looked_at(acme) == {"orders", "pro"}
    assert same_as_from_scratch(acme)


def test_another_definition_concerns_itself_and_what_is_computed_from_it(
    acme: Workspace, known: list[Statistic], saved: Save
) -> None:
    saved(key="visits", kind="count", event=["visited", "opened"])
    assert looked_at(acme) == {"visits", "double"}
    assert len(known) == 1
    assert same_as_from_scratch(acme)


def test_another_type_is_read_in_every_event(acme: Workspace, bring: Bring, saved: Save) -> None:
    saved(key="sizes", kind="count", event="ordered", segments=["amount"])
    saved(key="orders", kind="count", event="ordered")
    bring("ordered,2026-01-05T12:00:00Z,u1,,1,", "ordered,2026-01-09T12:00:00Z,u1,,2,")
    refresh(acme, now=NOW)
    bring("left,2026-01-09T12:00:00Z,u1,,2.5,")
    assert looked_at(acme) == {"sizes"}
    assert same_as_from_scratch(acme)


def test_silence_is_heard_by_those_who_read_nothing_new(
    acme: Workspace, known: list[Statistic], bring: Bring
) -> None:
    later = at("2026-03-09")
    refresh(acme, now=later)
    bring("refunded,2026-03-08T12:00:00Z,u1,,,", now=later)
    refresh(acme, now=later)
    assert same_as_from_scratch(acme, later)
    actions.save_source(acme, "shop", usual_gap_days=30, by=None, now=later)
    refresh(acme, now=at("2026-03-20"))
    actions.save_source(acme, "shop", usual_gap_days=3, by=None, now=later)
    refresh(acme, now=at("2026-03-20"))
    assert same_as_from_scratch(acme, at("2026-03-20"))
