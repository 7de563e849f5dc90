"""Somebody who waits gets an answer in time, or a word that there is none."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pyarrow as pa
import pytest

from headway.engine.errors import StoreError
from headway.engine.period import Calendar, day_number
from headway.engine.selection import Match, Span
from headway.engine.statistics import Statistic, Volume
from headway.stores.local import LocalStore
from headway.stores.patient import Patient

MARCH = Span(Calendar(), day_number(date(2026, 3, 1)), day_number(date(2026, 4, 1)))
QUESTION = Volume(MARCH, Match(("a",)), "user")


def store_of(rows: int) -> LocalStore:
    first = datetime(2026, 3, 1, tzinfo=UTC)
    return LocalStore.of_table(
        pa.table(
            {
                "message_id": [f"m{i}" for i in range(rows)],
                "event": ["a"] * rows,
                "happened_at": [first + timedelta(seconds=i) for i in range(rows)],
                "user_id": [f"u{i % 7}" for i in range(rows)],
            }
        )
    )


class Slow:
    """A database that never answers until it is stopped, and then says that it was."""

    def __init__(self) -> None:
        self.stopped = Event()

    def run(self, statistic: Statistic) -> pa.Table:
        self.stopped.wait(30)
        raise StoreError("stopped")

    def sql(self, statistic: Statistic) -> str:
        return "SELECT 1"

    def dialect(self, statistic: Statistic) -> str:
        return "Slow"

    def stop(self) -> None:
        self.stopped.set()


def test_an_answer_in_time_is_the_answer() -> None:
    store = store_of(20)
    with Patient(store.apart(), 30) as patient:
        assert patient.run(QUESTION).to_pylist() == [{"events": 20, "subjects": 7}]
        assert patient.sql(QUESTION) == store.sql(QUESTION)
        assert patient.dialect(QUESTION) == "DuckDB"


def test_an_error_is_the_error() -> None:
    class Broken(Slow):
        def run(self, statistic: Statistic) -> pa.Table:
            raise StoreError("The table is gone.")

    with Patient(Broken(), 30) as patient, pytest.raises(StoreError, match="The table is gone"):
        patient.run(QUESTION)


def test_a_slow_database_is_stopped_and_not_waited_for() -> None:
    slow = Slow()
    began = time.monotonic()
    with Patient(slow, 0.05) as patient:
        with pytest.raises(StoreError, match=r"longer than 0\.05 seconds"):
            patient.run(QUESTION)
        with pytest.raises(StoreError, match=r"longer than 0\.05 seconds"):
            patient.run(QUESTION)
    assert slow.stopped.is_set()
    assert time.monotonic() - began < 10


def test_the_local_store_stops_a_query_that_runs() -> None:
    store = store_of(10)
    many = "SELECT g.* FROM raw AS g, range(400000000)"
    store._database[0].execute(f"CREATE OR REPLACE VIEW events AS {many}")
    mine = store.apart()
    with Patient(mine, 0.3) as patient, pytest.raises(StoreError, match="longer than"):
        patient.run(QUESTION)
    until = time.monotonic() + 20
    while mine._running and time.monotonic() < until:
        time.sleep(0.02)
    assert not mine._running
