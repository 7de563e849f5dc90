"""What a query of one's own may not do."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headway.engine.errors import DefinitionError, StoreError
from headway.engine.kinds import parse
from headway.engine.period import Calendar, Grain, day_number
from headway.engine.selection import Span
from headway.engine.sql.clickhouse import CLICKHOUSE
from headway.engine.sql.custom import written
from headway.engine.sql.emitter import Emitter
from headway.engine.sql.postgres import POSTGRES
from headway.engine.sql.spark import SPARK
from headway.engine.statistics import Custom
from headway.stores.local import LocalStore
from tests.engine.reference import Happening, Question
from tests.engine.worlds import answer, on_disk, table

RIGHT = "SELECT period, COUNT(*) AS value FROM events GROUP BY period"
VALUE = "SELECT day AS period, {} AS value FROM events"
FROM = "SELECT 1 AS period, 1 AS value FROM {}"
ATTACKS = [
    (FROM.format("read_csv('/etc/passwd')"), "READCSV"),
    (FROM.format("read_parquet('x')"), "READPARQUET"),
    (FROM.format("read_text('/etc/passwd')"), "READ_TEXT"),
    (FROM.format("glob('/*')"), "GLOB"),
    (FROM.format("'file.parquet'"), "There is no table `file.parquet`"),
    (FROM.format('"file.parquet"'), "There is no table `file.parquet`"),
    (FROM.format("query('SELECT 1')"), "QUERY"),
    (FROM.format("duckdb_settings()"), "DUCKDB_SETTINGS"),
    (FROM.format("range(1000000)"), "GENERATESERIES"),
    (FROM.format("raw"), "There is no table `raw`. Read `events`."),
    (FROM.format("pg_class"), "There is no table `pg_class`"),
    (FROM.format("main.events"), "`main.events` is not allowed as a table"),
    (FROM.format("other.main.events"), "not allowed as a table"),
    (FROM.format("events TABLESAMPLE 10 PERCENT"), "TABLESAMPLE"),
    (FROM.format("events PIVOT (COUNT(*) FOR event IN ('a'))"), "PIVOT"),
    (FROM.format("_events"), "`_events` is not a name of yours"),
    (FROM.format("(SELECT * FROM (SELECT * FROM claims) AS a) AS b"), "There is no table `claims`"),
    (FROM.format("events, LATERAL (SELECT 1) AS l"), "LATERAL"),
    (FROM.format("(VALUES (1)) AS v(a)"), "VALUES"),
    (VALUE.format("getenv('HOME')"), "`GETENV` is not allowed"),
    (VALUE.format("current_setting('home_directory')"), "`CURRENT_SETTING` is not allowed"),
    (VALUE.format("version()"), "CURRENTVERSION"),
    (VALUE.format("'/etc/passwd'.read_text()"), "DOT"),
    (VALUE.format("(SELECT MAX(user_id) FROM raw)"), "There is no table `raw`"),
    (VALUE.format("COLUMNS('.*')"), "COLUMNS"),
    (VALUE.format("PROP('x')"), "`PROP` is not allowed"),
    (VALUE.format("random()"), "RAND"),
    (VALUE.format("CAST('x' AS regclass)"), "not allowed"),
    (VALUE.format("$password"), "`$password` is not known. There are `$start`"),
    (VALUE.format("list_transform([1], x -> x)"), "is not allowed"),
    (VALUE.format("(((" * 400 + "1" + ")))" * 400), "The query cannot be read"),
    ("COPY events TO '/tmp/x.csv'", "`COPY` is not allowed"),
    ("ATTACH 'x.db'", "`ATTACH` is not allowed"),
    ("INSTALL httpfs", "`INSTALL` is not allowed"),
    ("LOAD httpfs", "is not allowed"),
    ("SET threads = 1", "`SET` is not allowed"),
    ("PRAGMA database_list", "`PRAGMA` is not allowed"),
    ("CALL pragma_version()", "is not allowed"),
    ("EXPLAIN SELECT 1", "`COMMAND` is not allowed"),
    ("DROP TABLE events", "`DROP` is not allowed"),
    ("INSERT INTO events SELECT 1", "`INSERT` is not allowed"),
    ("UPDATE events SET a = 1", "`UPDATE` is not allowed"),
    ("CREATE TABLE a AS SELECT 1", "`CREATE` is not allowed"),
    ("SELECT 1 AS period, 1 AS value INTO a FROM events", "`INTO` is not allowed"),
    (f"{RIGHT}; {RIGHT}", "There are 2 statements. Write one SELECT."),
    (f"{RIGHT} /* ; */; DROP TABLE events --", "There are 2 statements"),
    ("-- nothing", "There are 0 statements"),
    ("SELEC", "is not allowed"),
    ("SELECT FROM WHERE", "The query cannot be read"),
    (f"WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT * FROM a) {RIGHT}", "not RECURSIVE"),
    (f"WITH raw AS (SELECT * FROM raw) {RIGHT}", "There is no table `raw`"),
    (f"WITH a AS (SELECT * FROM raw), raw AS (SELECT 1) {RIGHT}", "There is no table `raw`"),
    (f"WITH events AS (SELECT 1) {RIGHT}", "`events` is not a name for a query in WITH"),
    (f'WITH "/etc/x.csv" AS (SELECT 1) {RIGHT}', "is not a name for a query in WITH"),
    (
        FROM.format("raw WHERE EXISTS (WITH raw AS (SELECT 1) SELECT 1 FROM raw)"),
        "WITH is allowed once, at the beginning",
    ),
    ("SELECT * FROM events", "The query returns `*`. It has to return `period` and `value`"),
    ("SELECT period FROM events", "The query returns `period`. It has to return"),
    ("SELECT period, 1 AS value, 2 AS numerator FROM events", "It has to return `period` and"),
]


@pytest.mark.parametrize(("sql", "said"), ATTACKS, ids=[a[:40] for a, _ in ATTACKS])
def test_what_is_not_a_plain_query_is_refused(sql: str, said: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse({"key": "q", "kind": "query", "sql": sql})
    assert said.lower() in str(caught.value).lower()
    assert str(caught.value).startswith("metric `q`, field `sql`")


def test_segments_are_the_querys_own() -> None:
    with pytest.raises(DefinitionError, match="Return `segment`, and name here once"):
        parse({"key": "q", "kind": "query", "sql": RIGHT, "segments": ["plan"]})


def test_other_fields_say_nothing_about_a_query() -> None:
    with pytest.raises(DefinitionError, match="makes no use of `where`"):
        parse({"key": "q", "kind": "query", "sql": RIGHT, "where": {"a": 1}})


def test_comments_do_not_reach_the_database() -> None:
    text = written(f"/* a */ {RIGHT} -- b", {})
    assert "a */" not in text
    assert "-- b" not in text


@pytest.mark.parametrize("emitter", [CLICKHOUSE, POSTGRES, SPARK])
def test_a_text_stays_one_text_in_every_dialect(emitter: Emitter) -> None:
    """A backslash is an ordinary character here, and not what hides the end of a text."""
    sql = VALUE.format("COUNT(CASE WHEN event = 'a\\' THEN 1 END)") + " WHERE event <> ' OR 1=1 --'"
    found = emitter.compile(asked(sql), frozenset())
    backslash = "'a\\'" if emitter is POSTGRES else "'a\\\\'"
    assert backslash in found
    assert "' OR 1=1 --'" in found


def asked(sql: str, seconds: float = 30) -> Custom:
    first = day_number(BEGAN.date())
    span = Span(Calendar(), first, first + 10)
    return Custom(span, Grain.day, sql, first, first + 10, seconds)


BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
ROWS = [Happening(f"m{n}", "A", BEGAN + timedelta(minutes=n), "u") for n in range(3000)]


def test_a_query_that_takes_too_long_is_stopped() -> None:
    store = LocalStore.of_table(table(ROWS))
    bomb = (
        "SELECT a.day AS period, COUNT(*) AS value FROM events AS a, events AS b, events AS c, "
        "events AS d WHERE a.user_id || b.message_id <> c.message_id || d.message_id GROUP BY 1"
    )
    began = time.monotonic()
    with pytest.raises(StoreError, match=r"takes longer than 0\.5 seconds"):
        store.run(asked(bomb, 0.5))
    assert time.monotonic() - began < 20
    assert store.run(asked(RIGHT))["value"].to_pylist() == [1440, 1440, 120]


def test_a_store_reads_no_file_but_its_parts(tmp_path: Path) -> None:
    """The second lock, should a query ever pass the first."""
    pq.write_table(pa.table({"a": [1]}), tmp_path / "secret.parquet")
    store = on_disk(tmp_path / "store", [ROWS[:10]])
    assert store.run(asked(RIGHT)).num_rows == 1
    for sql in (
        f"SELECT * FROM '{tmp_path}/secret.parquet'",
        "SELECT * FROM read_text('/etc/hostname')",
        f"SELECT * FROM glob('{tmp_path}/*')",
        "ATTACH 'x.db'",
        "SET enable_external_access = true",
        "SELECT * FROM ROWS",
    ):
        with pytest.raises(StoreError):
            store._rows(sql)


def test_a_query_that_fails_names_its_metric() -> None:
    definition = parse({"key": "q", "kind": "query", "sql": VALUE.format("SUM(user_id)")})
    calendar = Calendar()
    days = calendar.periods(BEGAN.date(), BEGAN.date() + timedelta(days=1), Grain.day)
    asking = Question(ROWS[:3], calendar, days)
    with pytest.raises(StoreError, match=r"metric `q`, field `sql`: .* Mend the query"):
        answer(LocalStore.of_table(table(ROWS[:3])), definition, asking, Grain.day)
