"""Properties of a block's events as codes into what different values there are.

Every test, text and number is worked out by the engine's own SQL, once for each different value, so
that filters and segments mean here what they mean everywhere.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.ipc

from headway.engine.event import PROPERTY
from headway.engine.selection import Match, Test
from headway.engine.sql import text as t
from headway.engine.sql.duckdb import DUCKDB
from headway.engine.sql.text import literal
from headway.stores.ordered.ledger import Ledger, mapped

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Coded:
    """Of each row the place of its value in `values`; −1, the last place, is null."""

    codes: Codes
    values: pa.Array


@dataclass(frozen=True)
class Properties:
    """`types` are those of the whole store, to which the values of each part are converted."""

    root: Path
    types: Mapping[str, str]
    _connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    _lock: Any = field(default_factory=Lock)

    def mask(self, ledger: Ledger, name: str, match: Match) -> Mask | None:
        """Which rows of the block pass the match's tests; None: all of them."""
        if not match.tests and not match.without:
            return None
        held = [self._passed(ledger, name, test) for test in match.tests]
        for group in match.without:
            inside = np.logical_and.reduce([self._passed(ledger, name, test) for test in group])
            held.append(~inside)
        found: Mask = np.logical_and.reduce(held)
        return found

    def texts(self, ledger: Ledger, name: str, of: str) -> tuple[Codes, list[str]]:
        """Of each row, which of the texts it has as its segment."""
        coded = self.coded(ledger, name, of)
        texts = self._worked_out(t.segment(of), of, coded).to_pylist()
        names = sorted(set(texts))
        place = np.array([names.index(text) for text in texts], np.int32)
        return place[coded.codes], names

    def numbers(self, ledger: Ledger, name: str, of: str) -> tuple[Codes, npt.NDArray[np.float64]]:
        """Of each row, which of the numbers it has; NaN is none."""
        coded = self.coded(ledger, name, of)
        found = self._worked_out(t.real(t.number(of)), of, coded)
        return coded.codes, found.to_numpy(zero_copy_only=False)

    def coded(self, ledger: Ledger, name: str, of: str) -> Coded:
        path = ledger.path / f"{hashlib.sha256(f'{name}/{of}'.encode()).hexdigest()[:24]}"
        try:
            codes = mapped(path.with_suffix(".codes"), np.int32)
            with pa.OSFile(str(path.with_suffix(".values"))) as file:
                values = pa.ipc.open_file(file).read_all()["value"].combine_chunks()
        except FileNotFoundError:
            return self._made(ledger, name, of, path)
        return Coded(codes, values)

    def _made(self, ledger: Ledger, name: str, of: str, path: Path) -> Coded:
        values = self._read(ledger, name, of).combine_chunks().dictionary_encode()
        block = ledger.block(name)
        assert block is not None
        codes = values.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        found = Coded(codes[block.row], values.dictionary)
        with suppress(OSError):  # a ledger that others have replaced meanwhile
            _keep(found, path)
        return found

    def _read(self, ledger: Ledger, name: str, of: str) -> pa.ChunkedArray:
        """The property of the name's events, in the order of the parts."""
        files = ", ".join(literal(str(self.root / part)) for part in ledger.parts)
        column = f'"{PROPERTY}{of.replace(chr(34), chr(34) * 2)}"'
        kind = self.types.get(PROPERTY + of, "VARCHAR")
        with self._lock:
            there = self._connection.sql(
                f"SELECT * FROM read_parquet([{files}], union_by_name = true) LIMIT 0"
            ).columns
            value = f"CAST({column} AS {kind})" if PROPERTY + of in there else f"NULL::{kind}"
            return self._connection.sql(
                f"SELECT {value} AS value FROM read_parquet([{files}], union_by_name = true) "
                f"WHERE event = {literal(name)}"
            ).to_arrow_table()["value"]

    def _passed(self, ledger: Ledger, name: str, test: Test) -> Mask:
        coded = self.coded(ledger, name, test[0])
        found = self._worked_out(t.passes(test), test[0], coded)
        passed: Mask = np.array(found.fill_null(False).to_pylist(), np.bool_)
        return passed[coded.codes]

    def _worked_out(self, expression: str, of: str, coded: Coded) -> pa.Array:
        """The expression for each value, and last for none."""
        column = PROPERTY + of
        values = pa.chunked_array([coded.values, pa.nulls(1, coded.values.type)])
        query = DUCKDB.values(expression, frozenset({column}))
        with self._lock:
            self._connection.register("events", pa.table({column: values}))
            try:
                found = self._connection.sql(query).to_arrow_table()
            finally:
                self._connection.unregister("events")
        return found["v"].combine_chunks()


def _keep(found: Coded, path: Path) -> None:
    draft = path.with_name(f"{path.name}-{os.getpid()}")
    table = pa.table({"value": found.values})
    with pa.OSFile(str(draft), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    draft.replace(path.with_suffix(".values"))
    found.codes.tofile(draft)
    draft.replace(path.with_suffix(".codes"))


def named(match: Match) -> Iterable[str]:
    """The properties that a match tests."""
    yield from (name for name, _, _ in match.tests)
    yield from (name for group in match.without for name, _, _ in group)
