"""Whether a pass of the worker can find anything to do."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

AT_LEAST = timedelta(seconds=20)
"""What only time brings, such as the end of a day, or another database, waits no longer."""


@dataclass
class Calm:
    """Everything that a pass reads is in the database, and so is all that it does.

    SQLite counts what is committed, by whatever process; a connection of its own sees that
    (https://sqlite.org/pragma.html#pragma_data_version). Without a file, as with PostgreSQL,
    nothing is known of that, and there is always something to do.
    """

    database: Path | None
    looked: datetime | None = None
    version: int = 0
    connection: sqlite3.Connection | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.database is not None:
            uri = f"{self.database.as_uri()}?mode=ro"
            self.connection = sqlite3.connect(uri, uri=True, isolation_level=None)

    def broken(self, now: datetime) -> bool:
        """Whether something was written since this was asked last, or it is long ago."""
        if self.connection is None:
            return True
        (version,) = self.connection.execute("PRAGMA data_version").fetchone()
        same = version == self.version and self.looked is not None
        if same and self.looked and now - self.looked < AT_LEAST:
            return False
        self.version, self.looked = version, now
        return True
