"""Events of members count for their account, as if they had named it themselves."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from headway.engine.ask import Ask
from headway.engine.event import GROUP
from headway.engine.kinds import parse
from headway.engine.measure import measure, scope_of
from headway.engine.period import Calendar, Grain
from headway.engine.series import Point
from headway.stores.local import LocalStore
from headway.stores.parts import write_parts
from tests.engine.reference import Happening
from tests.engine.worlds import ANCHORS, LATER, on_disk, table

FIRST = ANCHORS[0]
METRICS: list[dict[str, Any]] = [
    {"kind": "unique", "event": "any", "by": "account"},
    {"kind": "unique", "event": "A", "by": "account", "window": "3 days", "at_least": 2},
    {"kind": "count", "event": "any", "segments": ["account", "plan"]},
    {"kind": "lifecycle", "event": ["A", "B"], "by": "account"},
    {"kind": "funnel", "steps": [{"event": "A"}, {"event": "B"}], "window": "2 days",
     "by": "account"},
    {"kind": "count", "event": "any", "where": {"account_id": "c1"}},
    {"kind": "retention", "start": {"event": "A"}, "returns": {"event": "B"}, "by": "account",
     "horizon": 3},
    {"kind": "stock", "event": "A", "value": "amount", "by": "user", "segments": ["account"]},
    {"kind": "movement", "event": "A", "value": "amount", "by": "user", "customer": "account"},
    {"kind": "count", "event": "B", "by": "account", "who": {"did": {"event": "A"}, "at_least": 2}},
    {"kind": "frequency", "event": "any", "by": "account"},
    {"kind": "session", "event": "any", "by": "account", "gap": "3 h"},
    {"kind": "quantile", "event": "A", "property": "amount", "q": 0.5, "per": "subject",
     "by": "account"},
    {"kind": "query", "sql": "SELECT period, COUNT(DISTINCT account_id) AS value FROM events "
     "GROUP BY period"},
]  # fmt: skip


def world(dice: random.Random) -> list[Happening]:
    rows = []
    for i in range(400):
        name = dice.choice(["A", "A", "B", "B", GROUP])
        account = f"c{dice.randrange(4)}" if name == GROUP or dice.random() < 0.1 else None
        user = (
            dice.choice([f"u{dice.randrange(9)}", None])
            if name != GROUP
            else f"u{dice.randrange(7)}"
        )
        plan = dice.choice(["pro", "free", None])
        at = FIRST + timedelta(minutes=30 * dice.randrange(48 * 10))
        amount = dice.choice([1.0, 2.0, None])
        properties = {"amount": amount} if name != GROUP else {"plan": plan}
        rows.append(Happening(f"m{i:04d}", name, at, user, account, properties))
    return rows


def named(rows: list[Happening]) -> list[Happening]:
    """The same with the account in each event: by plain loops, what the store has to find."""
    groups = sorted((r for r in rows if r.event == GROUP), key=lambda r: (r.at, r.id))

    def account(row: Happening) -> str | None:
        said = [g.account for g in groups if g.user == row.user and g.at <= row.at]
        return row.account or (said[-1] if said else None)

    apart = [replace(r, user=f"nobody {r.id}") if r.event == GROUP else r for r in rows]
    return [r if r.event == GROUP else replace(r, account=account(r)) for r in apart]


def points(store: LocalStore, seed: int) -> list[list[Point]]:
    definitions = {f"m{i}": parse({"key": f"m{i}", **d}) for i, d in enumerate(METRICS)}
    start = FIRST.date()
    scope = scope_of(
        start, start + timedelta(days=11), Grain.day, calendar=Calendar("Europe/Berlin"),
        as_of=LATER, first_day=start - timedelta(days=seed % 2),
    )  # fmt: skip
    answers = measure(definitions, store, scope)
    return [sorted(a.series.points, key=lambda p: (p.segment, p.start)) for a in answers]


@pytest.mark.parametrize("seed", range(3))
def test_members_count_for_their_account(tmp_path: Path, seed: int) -> None:
    rows = world(random.Random(seed))  # noqa: S311
    found = points(on_disk(tmp_path / "said", [rows[:200], rows[200:]]), seed)
    assert found == points(on_disk(tmp_path / "named", [named(rows)]), seed)
    assert found != points(
        on_disk(tmp_path / "alone", [[r for r in rows if r.event != GROUP]]), seed
    )


def test_ledgers_leave_accounts_to_the_question_where_users_belong_to_some(tmp_path: Path) -> None:
    rows = world(random.Random(5))  # noqa: S311
    parts = write_parts(tmp_path, table(rows), "events", ()).parts
    ordered, plain = LocalStore(tmp_path, parts, ordered_from=1), LocalStore(tmp_path, parts)
    assert points(ordered, 0) == points(plain, 0)


def test_nothing_is_joined_where_nobody_belongs_or_nobody_asks(tmp_path: Path) -> None:
    rows = world(random.Random(7))  # noqa: S311
    alone = [r for r in rows if r.event != GROUP]
    by_user = parse({"key": "a", "kind": "unique", "event": "A"})
    by_account = parse({"key": "b", "kind": "unique", "event": "A", "by": "account"})
    start = FIRST.date()
    scope = scope_of(start, start + timedelta(days=3), Grain.day, calendar=Calendar(), as_of=LATER)
    texts = {}
    for name, some in (("said", rows), ("alone", alone)):
        store = on_disk(tmp_path / name, [some])
        for key, one in (("user", by_user), ("account", by_account)):
            ask = Ask({one.key: one}, store, scope)
            ask.answer(one.key)
            texts[name, key] = " ".join(store.sql(s) for s in ask.used(one.key))
    assert [at for at, text in texts.items() if "belonging" in text] == [("said", "account")]
