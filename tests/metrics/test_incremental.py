"""Incremental = from scratch, in whatever order events arrive: late, doubled, aliased."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from headway.accounts.models import Workspace
from headway.engine.kinds import KINDS
from headway.ingest import actions
from headway.ingest.models import ChangedDays
from headway.metrics.models import Metric, Point, Table
from headway.metrics.refresh import refresh
from tests.metrics.conftest import Save

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FIRST = datetime(2026, 3, 20, tzinfo=UTC)
DAYS = 24
"""Over the night in which summer time begins."""

HEAD = "message_id,event,happened_at,user_id,account_id,previous_id,amount,score,plan,thing,ok\n"
CAME, PAID = {"event": "came"}, {"event": "paid"}

METRICS: list[dict[str, Any]] = [
    {"kind": "count", "event": "any", "segments": ["plan"]},
    {"kind": "sum", "event": "paid", "property": "amount", "by": "account"},
    {"kind": "mean", "event": "paid", "property": "amount"},
    {"kind": "min", "event": "paid", "property": "amount"},
    {"kind": "max", "event": "paid", "property": "amount"},
    {"kind": "quantile", "event": "paid", "property": "amount", "q": 0.9, "per": "subject"},
    {"kind": "unique", "event": "any", "window": "7 days"},
    {"kind": "unique", "event": "came", "at_least": 2},
    {"kind": "share", "event": "came", "where": {"plan": "pro"}, "count": "subjects"},
    {"kind": "ratio", "numerator": "sum_1", "denominator": "count_0"},
    {"kind": "lifecycle", "event": "any"},
    {"kind": "frequency", "event": "came", "of": "all"},
    {"kind": "funnel", "steps": [CAME, PAID], "window": "3 days", "segments": ["plan"]},
    {"kind": "funnel", "steps": [CAME, PAID], "window": "2 days", "count": "attempts"},
    {"kind": "funnel", "steps": [CAME, PAID], "window": "30 h", "entry": "any", "order": "strict"},
    {"kind": "retention", "start": CAME, "returns": PAID, "bucket": "week", "horizon": 2},
    {"kind": "retention", "start": CAME, "returns": CAME, "clock": "rolling", "cohort": "each",
     "horizon": 5},
    {"kind": "elapsed", "from": CAME, "to": PAID, "limit": "4 days", "stat": "median"},
    {"kind": "elapsed", "from": CAME, "to": PAID, "limit": "4 days", "by": "thing"},
    {"kind": "steps", "from": CAME, "to": PAID},
    {"kind": "session", "event": "any", "gap": "3 h", "stat": "mean"},
    {"kind": "stock", "event": "paid", "value": "amount", "by": "account", "segments": ["plan"]},
    {"kind": "movement", "event": "paid", "value": "amount", "by": "thing"},
    {"kind": "nps", "event": "rated", "property": "score"},
    {"kind": "csat", "event": "rated", "property": "score", "top": [9, 10]},
    {"kind": "uptime", "event": "checked", "ok": "ok", "segments": ["plan"]},
    {"kind": "rate", "event": "came", "stat": "peak"},
    {"kind": "query", "sql": "SELECT CAST(happened_at AS DATE) AS period, COUNT(*) AS numerator, "
     "1 AS denominator FROM events GROUP BY 1"},
    {"kind": "formula", "formula": "lifecycle_10.new / unique_6 + lag(count_0, 1)"},
    {"kind": "count", "event": "paid", "who": {"did": CAME, "within": "3 days before"}},
    {"kind": "unique", "event": "paid", "who": {"did": CAME, "at_least": 2}},
    {"kind": "rate", "event": "came", "segments": ["plan"]},
    {"kind": "uptime", "event": "paid", "incidents": "amount", "maintenance": {"ok": True}},
    {"kind": "movement", "event": "paid", "value": "amount", "segments": ["plan"]},
]  # fmt: skip


def key_of(i: int, document: dict[str, Any]) -> str:
    return f"{document['kind']}_{i}"


def world(dice: random.Random) -> list[str]:
    """Rows in order of time."""
    rows = []
    for i in range(420):
        at = FIRST + timedelta(minutes=dice.randrange(DAYS * 24 * 60))
        event = dice.choice(
            ["came"] * 5 + ["paid"] * 4 + ["rated", "checked", "$identify", "$group"]
        )
        amount, score = dice.choice(["", "0", "5", "12.5"]), dice.choice(["", "3", "9", "10", "11"])
        plan = dice.choice(["", "", "free", "pro"])
        user = dice.choice([f"u{dice.randrange(14)}", f"anon{dice.randrange(6)}"])
        previous = ""
        if event == "$identify":
            user, previous = f"u{dice.randrange(14)}", dice.choice(["", f"anon{dice.randrange(6)}"])
        rows.append(
            (
                at,
                f"{i},{event},{at.isoformat()},{user},c{dice.randrange(5)},{previous},"
                f"{amount},{score},{plan},t{dice.randrange(9)},{dice.choice(['true', 'false'])}",
            )
        )
    late = FIRST + timedelta(days=DAYS)
    rows.append((late, f"x,$alias,{late.isoformat()},u1,,u2,,,,,"))
    return [row for _, row in sorted(rows)]


Bring = Callable[[list[str], datetime], None]


@pytest.fixture
def bring(acme: Workspace, tmp_path: Path) -> Bring:
    source = actions.save_source(acme, "app", by=None, now=FIRST)

    def take(rows: list[str], now: datetime) -> None:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(HEAD + "\n".join(rows) + "\n")
        actions.import_events(source, path, by=None, now=now)

    return take


def everything(workspace: Workspace) -> dict[Any, Any]:
    names = ["metric__key", "grain", "segment_by", "segment", "start"]
    other = ["end", "complete", "n", "faults", "reason"]
    numbers = ["value", "numerator", "denominator", "low", "high"]
    points = Point.objects.filter(metric__workspace=workspace).values_list(*names, *other, *numbers)
    tables = Table.objects.filter(metric__workspace=workspace)
    rounded = {tuple(p[:5]): (p[5:10], [None if v is None else round(v, 8) for v in p[10:]])
               for p in points}  # fmt: skip
    return rounded | {(t.metric.key, t.grain, t.name): t.rows for t in tables}


def from_scratch(workspace: Workspace, now: datetime) -> dict[Any, Any]:
    Point.objects.all().delete()
    Table.objects.all().delete()
    Metric.objects.update(refreshed_version=0)
    refresh(workspace, now=now)
    return everything(workspace)


def test_points_do_not_depend_on_the_order_of_arrival(
    acme: Workspace, saved: Save, bring: Bring
) -> None:
    """Who is who arrives last: until then only changed days are computed."""
    acme.timezone = "Europe/Berlin"
    acme.save()
    for i, document in enumerate(METRICS):
        saved(**document, key=key_of(i, document))
    dice = random.Random(1)  # noqa: S311
    rows, middle = world(dice), FIRST + timedelta(days=DAYS - 5)
    plain, who = [r for r in rows if ",$" not in r], [r for r in rows if ",$" in r]
    early = [r for r in plain if r.split(",")[2] < middle.isoformat() and dice.random() < 0.9]
    dice.shuffle(early)
    bring(early, middle)
    assert refresh(acme, now=middle).problems == {}
    end = FIRST + timedelta(days=DAYS, hours=9)
    bring([r for r in plain if r not in early] + early[:50], end)
    refresh(acme, now=end)
    quiet = end + timedelta(days=6)
    refresh(acme, now=quiet)
    incremental = everything(acme)
    assert_same(incremental, from_scratch(acme, quiet))
    bring(who + plain[:50], quiet)
    refresh(acme, now=quiet)
    merged = everything(acme)
    assert merged != incremental
    assert_same(merged, from_scratch(acme, quiet))


def assert_same(incremental: dict[Any, Any], fresh: dict[Any, Any]) -> None:
    assert len(fresh) > 2000
    assert {k: (incremental.get(k), v) for k, v in fresh.items() if incremental.get(k) != v} == {}
    assert incremental.keys() == fresh.keys()
    assert not ChangedDays.objects.exists()


def test_every_measured_kind_takes_part() -> None:
    assert {d["kind"] for d in METRICS} == set(KINDS) - {"manual"}


def test_the_world_is_over_a_change_of_the_clock() -> None:
    assert FIRST.date() < date(2026, 3, 29) < (FIRST + timedelta(days=DAYS)).date()
