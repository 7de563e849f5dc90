"""What a metric says it reads covers what its statistics read, in every golden case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pytest

from headway.engine.ask import Ask
from headway.engine.definition import ANY
from headway.engine.kinds import KINDS, parse
from headway.engine.measure import scope_of
from headway.engine.money import Exchange
from headway.engine.period import Calendar, Grain
from headway.engine.selection import Match
from headway.engine.sql.queries import query
from headway.engine.statistics import Custom, Statistic
from headway.ingest.models import ChangedDays
from headway.metrics.definitions import closure
from headway.metrics.interest import Interest
from headway.stores.local import LocalStore
from tests.engine.test_golden import LATER, Case, cases, instant

CASES: list[Case] = [found.values[0] for found in cases()]


def statistics_of(case: Case) -> Iterator[tuple[list[Interest], Statistic]]:
    """What each metric asks a store that has one event, after what it reads, inputs and all."""
    definitions = {d["key"]: parse(d) for d in case["metrics"]}
    calendar = Calendar.of(case.get("timezone", "UTC"))
    scope = scope_of(
        case["from"], case["to"], Grain(case["grain"]), calendar=calendar, as_of=instant(LATER),
        exchange=Exchange.read(case["currency"], case["rates"]) if "currency" in case else None,
    )  # fmt: skip
    ask = Ask(definitions, LocalStore.of_table(one_event()), scope)
    for key in definitions:
        ask.answer(key)
        behind = [d for d in closure(key, definitions).values() if not d.inputs()]
        interests = [Interest.of(d, within=d.key != key) for d in behind]
        yield from ((interests, statistic) for statistic in ask.used(key))


def one_event() -> pa.Table:
    table = pacsv.read_csv(BytesIO(b"message_id,event,user_id\nm,something,u\n"))
    instants = pa.array([instant("2026-01-05T09:00:00Z")], pa.timestamp("us", "UTC"))
    return table.append_column("happened_at", instants)


def matches_in(value: Any) -> Iterator[Match]:
    if isinstance(value, Match):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from matches_in(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from matches_in(getattr(value, field.name))


def columns_in(statistic: Statistic) -> set[str]:
    text = query(statistic)
    who = statistic.span.who
    found = {f"p:{name}" for name in re.findall(r"PROP\('([^']+)'\)", text)}
    tests = {f"p:{test[0]}" for match in matches_in(statistic) for test in match.tests}
    users = "user_id" in text or (who is not None and who.by == "user")
    accounts = "account_id" in text or (who is not None and who.by == "account")
    ids = {name for name, is_read in (("user_id", users), ("account_id", accounts)) if is_read}
    return found | tests | ids


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_everything_that_is_read_is_of_interest(kind: str) -> None:
    for case in (c for c in CASES if kind in {m["kind"] for m in c["metrics"]}):
        for interests, statistic in statistics_of(case):
            if isinstance(statistic, Custom):
                assert interests == [Interest()]
                continue
            read = {name for match in matches_in(statistic) for name in match.events or (ANY,)}
            assert read <= set().union(*(one.names or () for one in interests)), case["name"]
            columns = set().union(*(one.columns or () for one in interests))
            assert columns_in(statistic) <= columns, case["name"]


def changed(names: list[str] | None = None, columns: list[str] | None = None) -> ChangedDays:
    return ChangedDays(names=names, columns=columns)


def test_whatever_people_do_is_nothing_that_is_said_of_them() -> None:
    everything = Interest.of(parse({"key": "k", "kind": "unique", "event": "any"}))
    assert everything.hears(changed(["$identify", "left"]))
    assert not everything.hears(changed(["$identify", "$alias"]))
    orders = Interest.of(parse({"key": "k", "kind": "count", "event": "ordered", "by": "account"}))
    assert [orders.hears(changed(names)) for names in (["left"], ["left", "ordered"], None)] == [
        False, True, True,
    ]  # fmt: skip
    assert not orders.hears(changed(None, ["user_id", "p:plan"]))


def test_a_sum_does_not_hear_of_joined_ids_but_a_ratio_of_sums_does() -> None:
    document = {"key": "k", "kind": "sum", "event": "ordered", "property": "amount"}
    joined = changed(["ordered"], ["user_id"])
    assert not Interest.of(parse(document)).hears(joined)
    assert Interest.of(parse(document), within=True).hears(joined)
    assert Interest.of(parse(document | {"segments": ["user"]})).hears(joined)
    assert Interest.of(parse(document | {"who": {"did": {"event": "came"}}})).hears(joined)


def test_typed_values_hear_of_no_events_and_queries_of_all() -> None:
    typed = Interest.of(parse({"key": "k", "kind": "manual"}))
    assert not typed.hears(changed())
    sql = "SELECT 1 AS value, '2026-01-05' AS period FROM events"
    own = Interest.of(parse({"key": "k", "kind": "query", "sql": sql}))
    assert own.hears(changed(["left"], ["p:plan"]))
