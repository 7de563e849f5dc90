"""The local store: parts of different shape as one relation, many readers, clear errors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from headway.engine.errors import StoreError
from headway.engine.event import PROPERTY
from headway.engine.kinds import parse
from headway.engine.measure import measure, scope_of
from headway.engine.period import Calendar, Grain
from headway.stores.local import LocalStore
from headway.stores.parts import PartFile, write_parts
from tests.stores.test_parts import DAY, events


def answers(store: LocalStore, **fields: Any) -> list[dict[str, float | None]]:
    """Value by segment, for the whole and for each segmentation."""
    definition = parse({"key": "m", "kind": "count", "event": "seen"} | fields)
    scope = scope_of(
        date(2026, 1, 5), date(2026, 1, 6), Grain.day, calendar=Calendar(), as_of=DAY
    )  # fmt: skip
    found = measure({"m": definition}, store, scope)
    return [{p.segment: p.value for p in a.series.points} for a in found]


def store_of(root: Path, *tables: Any, sources: tuple[str, ...] = ()) -> LocalStore:
    parts: list[PartFile] = []
    for i, table in enumerate(tables):
        source = sources[i] if sources else "shop"
        parts += write_parts(root, table, source, parts).parts
    return LocalStore(root, parts)


def test_no_parts_at_all(tmp_path: Path) -> None:
    store = LocalStore(tmp_path, ())
    assert answers(store) == [{"": 0.0}]
    assert (store.names, store.properties) == ([], [])


def test_parts_without_a_property_have_none_of_it(tmp_path: Path) -> None:
    store = store_of(tmp_path, events("a", plan=["pro"]), events("b"))
    assert answers(store, segments=["plan"]) == [{"": 2.0}, {"pro": 1.0, "(none)": 1.0}]
    assert store.properties == ["plan"]


@pytest.mark.parametrize("sources", [("shop", "shop"), ("shop", "app")])
def test_numbers_in_one_part_and_text_in_another(tmp_path: Path, sources: tuple[str, ...]) -> None:
    store = store_of(
        tmp_path, events("a", "b", n=[5, 6]), events("c", "d", n=["5", "x"]), sources=sources
    )
    assert answers(store, where={"n": 5}) == [{"": 2.0}]
    assert answers(store, where={"n": "5"}) == [{"": 2.0}]
    assert answers(store, kind="sum", property="n") == [{"": 16.0}]
    assert answers(store, segments=["n"])[1] == {"5": 2.0, "6": 1.0, "x": 1.0}


@pytest.mark.parametrize("sources", [("shop", "shop"), ("shop", "app")])
def test_whole_numbers_in_one_part_and_fractions_in_another(
    tmp_path: Path, sources: tuple[str, ...]
) -> None:
    store = store_of(tmp_path, events("a", n=[5]), events("b", n=[2.5]), sources=sources)
    assert answers(store, kind="sum", property="n") == [{"": 7.5}]
    assert answers(store, where={"n": {"gte": 5}}) == [{"": 1.0}]


@pytest.mark.parametrize("sources", [("shop", "shop"), ("shop", "app")])
def test_truth_values_in_one_part_and_text_in_another(
    tmp_path: Path, sources: tuple[str, ...]
) -> None:
    store = store_of(tmp_path, events("a", ok=[True]), events("b", ok=["true"]), sources=sources)
    assert answers(store, where={"ok": True}) == [{"": 2.0}]


def test_a_name_written_in_another_case_in_another_file_is_the_same_property(
    tmp_path: Path,
) -> None:
    store = store_of(tmp_path, events("a", Plan=["big"]), events("b", plan=["small"]))
    assert answers(store, segments=["plan"])[1] == {"small": 1.0, "big": 1.0}


def test_names_that_need_quoting(tmp_path: Path) -> None:
    name = 'it\'s "quoted" ; -- $1'
    store = store_of(tmp_path, events("a", **{name: ["o'x"]}))
    assert answers(store, where={name: "o'x"}, segments=[name]) == [{"": 1.0}, {"o'x": 1.0}]


def test_a_property_cannot_shadow_a_column(tmp_path: Path) -> None:
    store = store_of(tmp_path, events("a", source=["fax"]))
    assert PROPERTY + "source" in store.columns
    assert answers(store, source="shop", segments=["source"]) == [{"": 1.0}, {"fax": 1.0}]


def test_a_metric_of_one_source_reads_only_that(tmp_path: Path) -> None:
    store = store_of(tmp_path, events("a"), events("b", "c"), sources=("shop", "app"))
    assert answers(store, source="app") == [{"": 2.0}]
    assert answers(store) == [{"": 3.0}]


def test_the_most_frequent_names_come_first(tmp_path: Path) -> None:
    store = store_of(
        tmp_path,
        events("a", name="rare"),
        events("b", "c", name="often"),
        events("d", name="$identify"),
    )
    assert store.names == [("often", 2), ("rare", 1)]


def test_many_threads_may_ask_at_once(tmp_path: Path) -> None:
    store = store_of(tmp_path, events("a", "b", plan=["pro", "free"]), events("c"))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: answers(store, segments=["plan"]), range(40)))
    assert found == [[{"": 3.0}, {"free": 1.0, "pro": 1.0, "(none)": 1.0}]] * 40


def test_a_part_that_is_gone_before_the_store_opens(tmp_path: Path) -> None:
    parts = write_parts(tmp_path, events("a"), "shop", ()).parts
    (tmp_path / parts[0].path).unlink()
    with pytest.raises(StoreError) as caught:
        LocalStore(tmp_path, parts)
    assert parts[0].path in str(caught.value)
    assert "backup" in caught.value.fix


def test_a_part_that_is_gone_while_the_store_is_open(tmp_path: Path) -> None:
    parts = write_parts(tmp_path, events("a"), "shop", ()).parts
    store = LocalStore(tmp_path, parts)
    (tmp_path / parts[0].path).unlink()
    with pytest.raises(StoreError, match="The event store could not answer"):
        answers(store)


def test_a_torn_part_is_an_error_not_fewer_events(tmp_path: Path) -> None:
    parts = write_parts(tmp_path, events("a"), "shop", ()).parts
    path = tmp_path / parts[0].path
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(StoreError, match="has 100 bytes instead of"):
        LocalStore(tmp_path, parts)
    path.write_bytes(bytes(parts[0].bytes))
    with pytest.raises(StoreError, match="is no whole Parquet file"):
        LocalStore(tmp_path, parts)
    path.write_bytes(b"PAR1" + bytes(parts[0].bytes - 8) + b"PAR1")
    for ordered_from in (0, 10):
        store = LocalStore(tmp_path, parts, ordered_from)
        with pytest.raises(StoreError):
            answers(store, kind="unique")
