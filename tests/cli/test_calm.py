"""The worker looks again when somebody wrote, or after a while."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headway.cli.calm import Calm

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_calm_is_broken_by_whoever_writes_and_by_time(tmp_path: Path) -> None:
    file = tmp_path / "a database.sqlite3"
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE t (x)")
        calm = Calm(file)
        assert calm.broken(NOW), "the first time"
        assert not calm.broken(later(1))
        other.execute("INSERT INTO t VALUES (1)")
        assert not calm.broken(later(2)), "it is not committed"
        other.commit()
        assert calm.broken(later(3))
        assert not calm.broken(later(22))
        assert calm.broken(later(24))
    with closing(sqlite3.connect(file)) as another, another:
        another.execute("INSERT INTO t VALUES (2)")
    assert calm.broken(later(25))


def test_without_a_file_there_is_always_something_to_do() -> None:
    assert Calm(None).broken(NOW)
    assert Calm(None).broken(NOW)
