"""Properties of a block's events as codes into what different values there are.

Every test, text and number is worked out by the engine's own SQL, once for each different value, so
that filters and segments mean here what they mean everywhere.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
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
from headway.stores.ordered.coding import Coded, Codes, coded
from headway.stores.ordered.ledger import Ledger, mapped

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Properties:
    """Values are converted to what `type_of` says that all parts have them as; None: they are."""

    root: Path
    type_of: Callable[[str], str | None]
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
        held = self.coded(ledger, name, of)
        texts = self._worked_out(t.segment(of), of, held).to_pylist()
        names = sorted(set(texts))
        place = np.array([names.index(text) for text in texts], np.int32)
        return place[held.codes], names

    def numbers(self, ledger: Ledger, name: str, of: str) -> tuple[Codes, npt.NDArray[np.float64]]:
        """Of each row, which of the numbers it has; NaN is none."""
        held = self.coded(ledger, name, of)
        found = self._worked_out(t.real(t.number(of)), of, held)
        return held.codes, found.to_numpy(zero_copy_only=False)

    def coded(self, ledger: Ledger, name: str, of: str) -> Coded:
        found = _kept(ledger, name, of)
        if found is None:
            self.prepare(ledger, {name: {of}})
            found = _kept(ledger, name, of)
        if found is None:  # others have replaced the ledger meanwhile
            (found,) = self._made(ledger, [name], [of]).values()
        return found

    def prepare(self, ledger: Ledger, wanted: Mapping[str, Set[str]]) -> None:
        """Codes what is wanted of names and is not kept yet; the parts are read once for all."""
        missing = [
            (n, of) for n, some in wanted.items() for of in some if not _is_kept(ledger, n, of)
        ]
        if missing:
            names, properties = (sorted(set(column)) for column in zip(*missing, strict=True))
            for (name, of), made in self._made(ledger, names, properties).items():
                with suppress(OSError):
                    _keep(made, _path(ledger, name, of))

    def _made(
        self, ledger: Ledger, names: Sequence[str], properties: Sequence[str]
    ) -> dict[tuple[str, str], Coded]:
        columns = [PROPERTY + of for of in properties]
        if not any(map(self.type_of, columns)):
            read = coded(self.root, ledger, names, columns)
            return {(name, c.removeprefix(PROPERTY)): one for (name, c), one in read.items()}
        table = self._read(ledger, names, properties)
        which = table["which"].to_numpy()
        order = np.argsort(which, kind="stable")
        bounds = np.searchsorted(which[order], np.arange(len(names) + 1))
        found = {}
        for i, of in enumerate(properties):
            whole = table[f"value {i}"].combine_chunks().dictionary_encode()
            codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
            for k, name in enumerate(names):
                block = ledger.block(name)
                assert block is not None
                mine = codes[order[bounds[k] : bounds[k + 1]]]
                found[name, of] = Coded(mine[block.row], whole.dictionary)
        return found

    def _read(self, ledger: Ledger, names: Sequence[str], properties: Sequence[str]) -> pa.Table:
        """Properties of the events of these names, in the order of the parts, and `which` name."""
        files = ", ".join(literal(str(self.root / part)) for part in ledger.parts)
        rows = f"read_parquet([{files}], union_by_name = true)"
        cases = " ".join(f"WHEN {literal(name)} THEN {k}" for k, name in enumerate(names))
        with self._lock:
            there = self._connection.sql(f"SELECT * FROM {rows} LIMIT 0").columns
            values = [self._value(of, there) for of in properties]
            columns = ", ".join(f'{value} AS "value {i}"' for i, value in enumerate(values))
            return self._connection.sql(
                f"SELECT CAST(CASE event {cases} END AS USMALLINT) AS which, {columns} "
                f"FROM {rows} WHERE event IN ({', '.join(map(literal, names))})"
            ).to_arrow_table()

    def _value(self, of: str, there: Sequence[str]) -> str:
        if PROPERTY + of not in there:
            return "NULL::VARCHAR"
        column, kind = (
            f'"{PROPERTY}{of.replace(chr(34), chr(34) * 2)}"',
            self.type_of(PROPERTY + of),
        )
        return column if kind is None else f"CAST({column} AS {kind})"

    def _passed(self, ledger: Ledger, name: str, test: Test) -> Mask:
        held = self.coded(ledger, name, test[0])
        found = self._worked_out(t.passes(test), test[0], held)
        passed: Mask = np.array(found.fill_null(False).to_pylist(), np.bool_)
        return passed[held.codes]

    def _worked_out(self, expression: str, of: str, held: Coded) -> pa.Array:
        """The expression for each value, and last for none."""
        column = PROPERTY + of
        values = pa.chunked_array([held.values, pa.nulls(1, held.values.type)])
        query = DUCKDB.values(expression, frozenset({column}))
        with self._lock:
            self._connection.register("events", pa.table({column: values}))
            try:
                found = self._connection.sql(query).to_arrow_table()
            finally:
                self._connection.unregister("events")
        return found["v"].combine_chunks()


def _path(ledger: Ledger, name: str, of: str) -> Path:
    return ledger.path / hashlib.sha256(f"{name}/{of}".encode()).hexdigest()[:24]


def _is_kept(ledger: Ledger, name: str, of: str) -> bool:
    return _path(ledger, name, of).with_suffix(".codes").exists()


def _kept(ledger: Ledger, name: str, of: str) -> Coded | None:
    path = _path(ledger, name, of)
    try:
        codes = mapped(path.with_suffix(".codes"), np.int32)
        with pa.OSFile(str(path.with_suffix(".values"))) as file:
            return Coded(codes, pa.ipc.open_file(file).read_all()["value"].combine_chunks())
    except FileNotFoundError:
        return None


def _keep(found: Coded, path: Path) -> None:
    """The codes last: they say that all is there."""
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
