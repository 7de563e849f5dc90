"""Every statistic is written for databases that no test here can run, and can be read again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlglot
from sqlglot import exp

from headway.engine.assignment import Assignment, assigned
from headway.engine.period import Calendar, Grain
from headway.engine.selection import Match
from headway.engine.sql.bigquery import BIGQUERY
from headway.engine.sql.emitter import Emitter
from headway.engine.sql.snowflake import SNOWFLAKE
from headway.engine.sql.trino import TRINO
from headway.engine.statistics import Statistic
from headway.stores.local import LocalStore
from tests.engine.reference import Happening, Question
from tests.engine.test_identities import DEFINITIONS
from tests.engine.worlds import ask, table

OURS = {
    "PROP", "TEXT", "NUMBER", "FLAG", "MICROS", "INTDIV", "PERIOD_START", "MONTH_INDEX",
    "TOTAL_OF", "QUANTILE_AT", "HAS_TEXT",
}  # fmt: skip


@pytest.fixture(scope="module")
def statistics() -> set[Statistic]:
    """All that the kinds ask of a store, at grains of every sort."""
    began = datetime(2026, 3, 27, tzinfo=UTC)
    rows = [
        Happening(f"m{i}", "ABC"[i % 3], began + timedelta(hours=5 * i), f"u{i % 4}", None,
                  {"plan": "pro", "amount": float(i)})
        for i in range(40)
    ]  # fmt: skip
    store, calendar = LocalStore.of_table(table(rows)), Calendar.of("Europe/Berlin", "sunday")
    return set(asked(store, calendar, rows))


def asked(store: LocalStore, calendar: Calendar, rows: list[Happening]) -> Iterator[Statistic]:
    for grain in (Grain.day, Grain.week, Grain.quarter, Grain.all):
        periods = calendar.periods(rows[0].at.date(), rows[-1].at.date(), grain)
        one = ask(store, DEFINITIONS, Question(rows, calendar, periods), grain, segment="plan")
        for key in DEFINITIONS:
            one.answer(key)
        for key, span in (("sum", None), ("unique", timedelta(days=2))):
            start = periods[0].start
            of = Assignment(Match(("A",)), "plan", start, start + timedelta(days=5), "user", span)
            assigned(DEFINITIONS[key], replace(of, before=span), one)
        yield from one._tables


@pytest.mark.parametrize("emitter", [SNOWFLAKE, BIGQUERY, TRINO], ids=lambda e: e.name)
def test_emitted_and_parsed_back(emitter: Emitter, statistics: set[Statistic]) -> None:
    assert len({type(s) for s in statistics}) > 15
    columns = frozenset({"p:plan", "p:amount", "p:ok"})
    for statistic in statistics:
        text = emitter.compile(statistic, columns)
        tree = sqlglot.parse_one(text, read=emitter.name)
        assert tree.sql(dialect=emitter.name, pretty=True) == text
        assert not OURS & {node.name.upper() for node in tree.find_all(exp.Anonymous)}
