"""ClickHouse inside this process (chDB), asked in two ways that keep their data differently.

People are 64-bit numbers in both, as texts would only slow them down.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import pyarrow as pa

from bench import funnels
from bench.board import BOARD, LAGS, LIMIT_DAYS, MONTH, MOVES, STEPS, WEEK, Answers, code_of, spread
from bench.clock import Clock
from bench.data import Data
from bench.events import FIRST

FOLLOW = LAGS - 1
ZERO = f"toInt64(toUnixTimestamp(toDateTime('{FIRST} 00:00:00', 'UTC'))) * 1000000"
DAY = f"toInt32(toDate(happened_at, 'UTC') - toDate('{FIRST}'))"
PERSON = "reinterpretAsUInt64(unhex(substring(user_id, 2)))"
MICROS = f"toUnixTimestamp64Micro(happened_at) - {ZERO}"
TYPES = """happened_at DateTime64(6, 'UTC'), person UInt64, event LowCardinality(String),
    plan LowCardinality(String), country LowCardinality(String), device LowCardinality(String),
    amount Nullable(Int64), mrr Nullable(Int64), score Nullable(Int64)"""
COLUMNS = f"""happened_at, {PERSON} AS person, event, `p:plan`, `p:country`, `p:device`, `p:amount`,
    `p:mrr`, `p:score`"""
STEP = " ".join(f"WHEN '{name}' THEN {k}" for k, name in enumerate(STEPS, 1))
IN_STEPS = ", ".join(f"'{name}'" for name in STEPS)
IN_MOVES = ", ".join(f"'{name}'" for name in MOVES)
ALL = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"


class Form(ABC):
    """A way to keep the events and a query for each question."""

    def __init__(self, data: Data) -> None:
        from chdb.session import Session

        self.days = data.days
        self._session = Session(str(data.folder / "clickhouse"))
        self.files = str(data.root / "*" / "*.parquet")

    @abstractmethod
    def load(self) -> None: ...

    @abstractmethod
    def query(self, name: str) -> str: ...

    def ask(self, sql: str) -> pa.Table:
        found = self._session.query(sql, "ArrowStream")
        return pa.ipc.open_stream(found.bytes()).read_all()

    def send(self, sql: str) -> None:
        self._session.query(sql)

    def close(self) -> None:
        self._session.close()


def product(data: Data, clock: Clock) -> Answers:
    return _run(Product(data), data, clock)


def best(data: Data, clock: Clock) -> Answers:
    return _run(Best(data), data, clock)


def _run(form: Form, data: Data, clock: Clock) -> Answers:
    with clock.lap("build", "load"):
        form.load()
    found = {}
    for name in BOARD:
        with clock.lap("board", name):
            table = form.ask(form.query(name))
        columns = [np.asarray(column.to_pylist(), float) for column in table.columns]
        found[name] = spread(name, columns, data.days)
    form.close()
    return found


SHARED = {
    "revenue": "SELECT d, sum(amount) FROM e WHERE event = 'purchase' GROUP BY d",
    "nps": """SELECT d, countIf(score >= 9), countIf(score <= 6), count() FROM e
        WHERE event = 'nps' GROUP BY d""",
    "mrr": f"""WITH last AS (SELECT person, d, argMax(assumeNotNull(mrr), happened_at) AS now
            FROM e WHERE event IN ({IN_MOVES}) GROUP BY person, d)
        SELECT d, sum(now - before) FROM (SELECT d, now, lagInFrame(now, 1, toInt64(0)) OVER
            (PARTITION BY person ORDER BY d {ALL}) AS before FROM last) GROUP BY d""",
    "time to value": f"""SELECT d, took[intDiv(length(took) + 1, 2)] AS p50,
            took[intDiv(length(took) * 9 + 9, 10)] AS p90
        FROM (SELECT d, arraySort(groupArray(x)) AS took FROM (
            SELECT person, intDiv(start, {funnels.A_DAY}) AS d,
                minIf(t, event = 'signup') AS start,
                if(countIf(event = 'activate') > 0, minIf(t, event = 'activate') - start, -1) AS w,
                if(w >= 0 AND w <= {LIMIT_DAYS * funnels.A_DAY}, w / 1e6, nan) AS x
            FROM (SELECT person, event, {MICROS} AS t FROM e
                WHERE event IN ('signup', 'activate'))
            GROUP BY person HAVING countIf(event = 'signup') > 0) GROUP BY d)""",
}
"""What both ask alike. `nan` sorts behind every number: those who were not done in time."""


class Product(Form):
    """As tools of product analytics keep and ask it: people of a day are joined to the days."""

    def load(self) -> None:
        self.send(
            f"""CREATE TABLE events ({TYPES}) ENGINE = MergeTree PARTITION BY toYYYYMM(happened_at)
            ORDER BY (toDate(happened_at), event, cityHash64(person))"""
        )
        self.send(f"INSERT INTO events SELECT {COLUMNS} FROM file('{self.files}', Parquet)")
        self.send(f"CREATE VIEW e AS SELECT *, {DAY} AS d FROM events")

    def query(self, name: str) -> str:
        queries = SHARED | {
            "dau": "SELECT d, count(DISTINCT person) FROM e GROUP BY d",
            "wau": self._trailing(WEEK),
            "mau": self._trailing(MONTH),
            "adoption": self._adoption(),
            "lifecycle": LIFECYCLE,
            "retention": self._returns("days[1]"),
            "recurring retention": self._returns("arrayJoin(days)"),
            "rolling retention": ROLLING,
            "funnel": self._funnel(),
        }
        return queries[name]

    def _trailing(self, days: int) -> str:
        return f"""SELECT x.d, count(DISTINCT a.person)
            FROM (SELECT d, person FROM e GROUP BY d, person) AS a
            CROSS JOIN (SELECT toInt32(number) AS d FROM numbers({self.days})) AS x
            WHERE a.d <= x.d AND a.d > x.d - {days} GROUP BY x.d"""

    def _adoption(self) -> str:
        return f"""SELECT x.d, {code_of("a.event")}, count(DISTINCT a.person)
            FROM (SELECT event, d, person FROM e GROUP BY event, d, person) AS a
            CROSS JOIN (SELECT toInt32(number) AS d FROM numbers({self.days})) AS x
            WHERE a.d <= x.d AND a.d > x.d - {MONTH} GROUP BY a.event, x.d"""

    def _returns(self, start: str) -> str:
        lags = f"arrayFilter(x -> x >= 0 AND x <= {FOLLOW}, arrayMap(x -> x - f, days))"
        return f"""SELECT f, k, count(DISTINCT person) FROM (
            SELECT person, arraySort(groupUniqArray(d)) AS days, {start} AS f,
                arrayJoin({lags}) AS k
            FROM e GROUP BY person) GROUP BY f, k"""

    def _funnel(self) -> str:
        source = f"""(SELECT person AS u, {MICROS} AS t, CASE event {STEP} END AS e
            FROM events WHERE event IN ({IN_STEPS}))"""
        return funnels.nested(source, f"intDiv(t, {funnels.A_DAY})")


LIFECYCLE = """SELECT at, s, count(DISTINCT person) FROM (
    SELECT person, arraySort(groupUniqArray(d)) AS days,
        arrayPopBack(arrayPushFront(days, days[1])) AS before,
        arrayPopFront(arrayPushBack(days, -100)) AS after,
        arrayMap((p, x, i) -> if(i = 1, 0, if(p = x - 1, 1, 2)),
            before, days, arrayEnumerate(days)) AS came,
        arrayMap(x -> x + 1, arrayFilter((x, n) -> n != x + 1, days, after)) AS went,
        arrayJoin(arrayConcat(arrayZip(days, came),
            arrayMap(x -> (x, toUInt8(3)), went))) AS pair, pair.1 AS at, pair.2 AS s
    FROM e GROUP BY person) GROUP BY at, s"""

ROLLING = f"""SELECT f, n, count() FROM (
    SELECT person, groupUniqArray(d) AS days, arrayMin(days) AS f,
        arrayMax(arrayFilter(x -> x <= f + {FOLLOW}, days)) AS l FROM e GROUP BY person)
    ARRAY JOIN range(toUInt32(l - f + 1)) AS n GROUP BY f, n"""


class Best(Form):
    """The best we can write by hand: sorted by person, active days kept, gaps instead of joins."""

    def load(self) -> None:
        tables = {
            "events": (f"{TYPES}, d Int32", "(person, happened_at)"),
            "features": ("person UInt64, code UInt8, d Int32", "(person, code, d)"),
            "active": ("person UInt64, d Int32", "(person, d)"),
        }
        for name, (columns, order) in tables.items():
            self.send(f"CREATE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY {order}")
        self.send(f"INSERT INTO events SELECT {COLUMNS}, {DAY} FROM file('{self.files}', Parquet)")
        self.send(f"INSERT INTO features SELECT DISTINCT person, {code_of('event')}, d FROM events")
        self.send("INSERT INTO active SELECT DISTINCT person, d FROM features")
        self.send("CREATE VIEW e AS SELECT * FROM events")
        self.send(f"CREATE TABLE gaps ENGINE = Memory AS {GAPS}")

    def query(self, name: str) -> str:
        queries = SHARED | {
            "dau": "SELECT d, sum(n) FROM gaps GROUP BY d",
            "wau": self._trailing(WEEK),
            "mau": self._trailing(MONTH),
            "adoption": self._adoption(),
            "lifecycle": """SELECT d, s, sum(n) FROM (
                SELECT d, 0 AS s, n FROM gaps WHERE first
                UNION ALL SELECT nx AS d, if(nx = gaps.d + 1, 1, 2) AS s, n FROM gaps
                UNION ALL SELECT gaps.d + 1 AS d, 3 AS s, n FROM gaps WHERE nx != gaps.d + 1)
                GROUP BY d, s""",
            "retention": f"""SELECT f, d - f AS k, count() FROM ({FOLLOWED}) GROUP BY f, k""",
            "rolling retention": f"""SELECT f, n, count() FROM (
                SELECT person, any(f) AS f, max(d) AS l FROM ({FOLLOWED}) GROUP BY person)
                ARRAY JOIN range(toUInt32(l - f + 1)) AS n GROUP BY f, n""",
            "recurring retention": f"""SELECT a, b - a AS k, count() FROM (
                SELECT arrayJoin(days) AS a,
                    arrayJoin(arrayFilter(x -> x >= a AND x <= a + {FOLLOW}, days)) AS b
                FROM (SELECT groupArray(d) AS days FROM active GROUP BY person)) GROUP BY a, k""",
            "funnel": self._funnel(),
        }
        return queries[name]

    def _trailing(self, days: int) -> str:
        return f"""SELECT x, sum(n) FROM gaps
            ARRAY JOIN range(toUInt32(d), toUInt32(least(d + {days}, nx, {self.days}))) AS x
            GROUP BY x"""

    def _adoption(self) -> str:
        return f"""SELECT x, code, sum(n) FROM (SELECT code, d, nx, count() AS n FROM (
                SELECT code, d, leadInFrame(d, 1, toInt32(10000)) OVER
                    (PARTITION BY person, code ORDER BY d {ALL}) AS nx FROM features)
                GROUP BY code, d, nx)
            ARRAY JOIN range(toUInt32(d), toUInt32(least(d + {MONTH}, nx, {self.days}))) AS x
            GROUP BY x, code"""

    def _funnel(self) -> str:
        source = f"""(SELECT person AS u, {MICROS} AS t, CASE event {STEP} END AS e
            FROM events WHERE event IN ({IN_STEPS}))"""
        return funnels.chained(source, f"intDiv(t, {funnels.A_DAY})")


GAPS = f"""SELECT d, nx, p = -1 AS first, count() AS n FROM (
    SELECT d, leadInFrame(d, 1, toInt32(10000)) OVER w AS nx,
        lagInFrame(d, 1, toInt32(-1)) OVER w AS p
    FROM active WINDOW w AS (PARTITION BY person ORDER BY d {ALL})) GROUP BY d, nx, first"""

FOLLOWED = f"""SELECT person, f, d FROM (
    SELECT person, d, min(d) OVER (PARTITION BY person) AS f FROM active) WHERE d - f <= {FOLLOW}"""
