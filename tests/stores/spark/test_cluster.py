"""Parcel's board on a real cluster that loses a worker half-way: the local store's points."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from math import isclose
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pytest

from headway.engine.series import Point
from headway.engine.statistics import Statistic
from headway.engine.store import Store
from headway.stores.spark import SparkStore
from tests.stores.spark.board import Board
from tests.stores.spark.standalone import kill, standalone

EVENTS = 60_000
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.executor.memory": "600m",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.locality.wait": "0s",
}
NUMBERS = ("value", "numerator", "denominator", "n", "low", "high")


class Counted:
    """A store that counts its questions; `at` one of them, it begins to do something else too."""

    def __init__(self, store: Store, at: int = 0, do: Callable[[], None] | None = None) -> None:
        self.store = store
        self.at = at
        self.asked = 0
        self.meanwhile = Thread(target=do)

    def run(self, statistic: Statistic) -> pa.Table:
        self.asked += 1
        if self.asked == self.at:
            self.meanwhile.start()
        return self.store.run(statistic)

    def sql(self, statistic: Statistic) -> str:
        return self.store.sql(statistic)

    def dialect(self, statistic: Statistic) -> str:
        return self.store.dialect(statistic)


@pytest.mark.slow
def test_the_board_is_the_same_although_a_worker_dies(tmp_path: Path) -> None:
    board = Board.drawn(tmp_path / "events", date(2026, 3, 2), EVENTS)
    local = Counted(board.local(tmp_path / "store"))
    wanted = board.points(local)
    with standalone(tmp_path / "cluster") as cluster:
        store = SparkStore(
            cluster.master, board.tables, timeout=timedelta(minutes=3), settings=SETTINGS
        )
        try:
            half = Counted(store, local.asked // 2, lambda: kill(cluster.workers[0]))
            found = board.points(half)
            half.meanwhile.join()
            assert cluster.workers[0].poll() == -9
            assert half.asked == local.asked
            _wait_until(lambda: cluster.alive() == 1)
        finally:
            store.close()
    assert found.keys() == wanted.keys()
    assert sum(point.value is not None for points in wanted.values() for point in points) > 1000
    for key, points in wanted.items():
        differing = [
            (ours.start, _of(ours), _of(theirs))
            for ours, theirs in zip(found[key], points, strict=True)
            if not _same(ours, theirs)
        ]
        assert not differing, key


def _of(point: Point) -> tuple[float | None, ...]:
    return tuple(getattr(point, name) for name in NUMBERS)


def _same(one: Point, other: Point) -> bool:
    rest = (one.start, one.end, one.segment, one.reason, one.complete)
    return rest == (other.start, other.end, other.segment, other.reason, other.complete) and all(
        a == b if a is None or b is None else isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
        for a, b in zip(_of(one), _of(other), strict=True)
    )


def _wait_until(holds: Callable[[], bool], seconds: float = 90) -> None:
    """The master gives a worker a minute to report, unless its connection breaks."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.5)
