"""What the engine asks of a store, whichever database it is."""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa

from headway.engine.statistics import Statistic


class Store(Protocol):
    def run(self, statistic: Statistic) -> pa.Table:
        """The statistic's table, with the columns its docstring names.

        Raises StoreError when the store cannot answer.
        """

    def sql(self, statistic: Statistic) -> str:
        """The query that `run` sends, for people to read."""

    def dialect(self, statistic: Statistic) -> str:
        """The name of the database whose SQL that is, such as `DuckDB`."""
