"""Spark's tables and files as events: what is read, what changed, what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headway.engine.errors import StoreError
from headway.engine.period import Calendar, day_number
from headway.engine.selection import Match, Span
from headway.engine.statistics import Cells
from headway.stores.mapped import Extent, MappedTable
from headway.stores.spark import SparkStore
from headway.stores.sparksession import settings_of
from tests.stores.conformance.engines import SMALL

SPAN = Span(Calendar(), day_number(date(2026, 1, 1)), day_number(date(2026, 1, 5)))
Opener = Callable[..., SparkStore]
pytestmark = pytest.mark.slow


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def mapped(table: str, **fields: Any) -> MappedTable:
    return MappedTable(
        **{"source": "shop", "table": table, "at": "at", "id": "id", "event": "seen"} | fields
    )


def orders(folder: Path, name: str = "1", **columns: Sequence[Any]) -> str:
    """A folder of Parquet files, with one more in it."""
    folder.mkdir(exist_ok=True)
    rows = len(next(iter(columns.values())))
    table = {"id": [f"{name}-{i}" for i in range(rows)], "at": [at(i + 1) for i in range(rows)]}
    pq.write_table(pa.table(table | columns), folder / f"{name}.parquet")
    return f"parquet:{folder}"


def amounts(store: SparkStore, value: str = "amount", by: str | None = None) -> Any:
    found = store.run(Cells(SPAN, Match(), value, by)).to_pylist()
    return sorted((r["s"], r["d"] - SPAN.start, r["events"], r["total"]) for r in found)


@pytest.fixture
def opened() -> Iterator[Opener]:
    stores: list[SparkStore] = []

    def open_(*tables: MappedTable, **fields: Any) -> SparkStore:
        stores.append(SparkStore("local[2]", tables, settings=SMALL, **fields))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


def test_files_that_differ_in_columns_and_structs(tmp_path: Path, opened: Opener) -> None:
    orders(tmp_path / "o", "1", amount=[1.5, None], who=["u", "v"])
    path = orders(tmp_path / "o", "2", amount=[1e7], shop=[{"country": "de"}])
    store = opened(
        mapped(path, user="who", properties={"amount": "amount", "country": "shop.country"})
    )
    assert store.problems() == []
    assert amounts(store, by="country") == [
        ("(none)", 0, 1, 1.5), ("(none)", 1, 1, None), ("de", 0, 1, 1e7),
    ]  # fmt: skip
    assert store.extent() == Extent(at(1), at(2), 3)
    assert store.names == [("seen", 3)]


def test_numbers_in_one_table_and_text_in_another(tmp_path: Path, opened: Opener) -> None:
    one = orders(tmp_path / "one", amount=[12345678.5, 1e20])
    two = orders(tmp_path / "two", amount=["7", "x"])
    named = {"properties": {"amount": "amount"}}
    store = opened(mapped(one, **named), mapped(two, **named))
    assert amounts(store, by="amount") == [
        ("12345678.5", 0, 1, 12345678.5), ("1e+20", 1, 1, 1e20),
        ("7", 0, 1, 7.0), ("x", 1, 1, None),
    ]  # fmt: skip


def test_a_table_of_the_catalogue(tmp_path: Path, opened: Opener) -> None:
    path = orders(tmp_path / "o", amount=[1.0, 2.0])
    session = opened(mapped(path))._session
    session.sql("CREATE SCHEMA IF NOT EXISTS shop LOCATION '" + str(tmp_path / "shop") + "'")
    session.sql(f"CREATE TABLE shop.events USING parquet LOCATION '{tmp_path / 'o'}'")
    store = opened(mapped("shop.events", properties={"amount": "amount"}))
    assert store.problems() == []
    assert amounts(store) == [("", 0, 1, 1.0), ("", 1, 1, 2.0)]
    session.sql("DROP SCHEMA shop CASCADE")


def test_small_amounts_beside_large_ones_are_kept(tmp_path: Path, opened: Opener) -> None:
    values = [1e19, 1e16, 0.1, -1e16, -1e19, 1e300, -1e300 * 0]
    path = orders(tmp_path / "o", amount=values, at=[at(1)] * 7)
    found = amounts(opened(mapped(path, properties={"amount": "amount"})))
    assert found == [("", 0, 7, pytest.approx(0.1, rel=1e-12))]


def test_days_whose_rows_change_have_another_fingerprint(tmp_path: Path, opened: Opener) -> None:
    first, last = [at(1), at(2)], [at(2), at(3)]
    path = orders(tmp_path / "o", "1", at=first, amount=[1.0, 2.0])
    table = mapped(path, properties={"amount": "amount"})
    before = opened(table).fingerprints()
    orders(tmp_path / "o", "2", at=last, amount=pa.array([None, None], pa.float64()))
    after = opened(table).fingerprints()
    assert set(before) == {date(2026, 1, 1), date(2026, 1, 2)}
    assert set(after) == {*before, date(2026, 1, 3)}
    assert after[date(2026, 1, 1)] == before[date(2026, 1, 1)]
    assert after[date(2026, 1, 2)] != before[date(2026, 1, 2)]
    (tmp_path / "o" / "2.parquet").unlink()
    orders(tmp_path / "o", "1", at=first, amount=[2.0, 1.0])
    changed = opened(table).fingerprints()
    assert all(changed[day] != before[day] for day in before)


@pytest.mark.parametrize(
    ("columns", "fields", "problem"),
    [
        ({"amount": [1.0]}, {"user": "amont"}, "has no column `amont`. Did you mean `amount`?"),
        ({"at": ["2026-01-01"]}, {}, "of type string, not a time"),
        ({"at": pa.array([at(1)], pa.timestamp("ns", "UTC"))}, {}, "times in microseconds"),
    ],
)
def test_problems_say_how_to_mend_them(
    tmp_path: Path, opened: Opener, columns: Any, fields: Any, problem: str
) -> None:
    path = orders(tmp_path / "o", **columns)
    (found,) = opened(mapped(path, **fields)).problems()
    assert problem in found


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("parquet:/no/such/folder", "every worker must reach it"),
        ("delta:/data/events", "Add io.delta:delta-spark"),
        ("shop.nothing", "no table `shop.nothing`"),
        ("parquet./etc", "no table"),
        ("x; DROP TABLE y", "no table"),
    ],
)
def test_a_table_that_is_not_there(opened: Opener, table: str, problem: str) -> None:
    (found,) = opened(mapped(table)).problems()
    assert problem in found


def test_a_statement_that_takes_too_long_is_ended(tmp_path: Path, opened: Opener) -> None:
    path = orders(tmp_path / "o", amount=[1.0])
    store = opened(mapped(path), timeout=timedelta(seconds=2))
    assert store.extent().rows == 1
    forever = "SELECT COUNT(*) FROM RANGE(100000000) AS a JOIN RANGE(100000) AS b ON a.id <> b.id"
    with pytest.raises(StoreError, match="did not answer within 2 s"):
        store.rows(forever)
    assert store.extent().rows == 1


def test_a_process_has_one_spark(tmp_path: Path, opened: Opener) -> None:
    table = mapped(orders(tmp_path / "o", amount=[1.0]))
    assert opened(table).extent().rows == 1
    (problem,) = SparkStore("local[1]", [table]).problems()
    assert "can only use one Spark" in problem


def test_a_master_that_is_not_there() -> None:
    (problem,) = SparkStore("spark://127.0.0.1:9", [mapped("x")]).problems()
    assert "No Spark master answers there" in problem


def test_a_store_that_was_closed_connects_again(tmp_path: Path, opened: Opener) -> None:
    path = orders(tmp_path / "o", "1", amount=[1.0])
    store = opened(mapped(path))
    assert store.extent().rows == 1
    store.close()
    orders(tmp_path / "o", "2", amount=[1.0])
    assert store.extent().rows == 2


def test_settings_are_pairs() -> None:
    assert settings_of("spark.a=1  spark.b=x=y\n") == {"spark.a": "1", "spark.b": "x=y"}
    with pytest.raises(StoreError, match="is no setting of Spark"):
        settings_of("spark.a")
