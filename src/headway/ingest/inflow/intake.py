"""Events on their way into the store, and what of a file was refused."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from headway.ingest.inflow.breadth import Breadth
from headway.ingest.inflow.sieve import Sieve
from headway.ingest.seen import Counting
from headway.stores.parts import PartFile, Written, without, write_parts
from headway.stores.reading import Reject

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
SAMPLE = 50
ROWS_A_PART = 1_000_000
BYTES_A_PART = 512 << 20
"""A part is written when either is reached: the memory of an import is a few times as much."""

Progress = Callable[[int, float], None]
"""Called with the rows read so far and the share of the file read, 0 to 1."""


class RejectFile:
    """The refused rows as CSV: line, reason, text. Appears only when there is one, and whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.sample: list[dict[str, object]] = []
        self._draft = path.with_suffix(f".{secrets.token_hex(4)}")

    def __enter__(self) -> RejectFile:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._draft.open("w", newline="", encoding="utf-8")
        self._rows = csv.writer(self._file)
        self._rows.writerow(["line", "reason", "text"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None and self.count:
            self._draft.replace(self.path)
        else:
            self._draft.unlink()

    def add(self, rejects: Iterable[Reject]) -> None:
        for reject in rejects:
            self.count += 1
            # Whoever opens it in a spreadsheet runs no formula that somebody sent.
            text = f"'{reject.text}" if reject.text.startswith(FORMULA_STARTS) else reject.text
            self._rows.writerow([reject.line, reject.reason, text])
            if len(self.sample) < SAMPLE:
                row = {"line": reject.line, "reason": reject.reason, "text": reject.text[:300]}
                self.sample.append(row)


@dataclass
class Intake:
    """Writes tables of events as parts that no manifest names yet: until then nobody reads them.

    Gathers them until they are worth a part; `finish` writes what is left. `taken` events are
    `added` ones, and `known` ones that the store had already; `seen` counts the former by name.
    """

    root: Path
    source: str
    known_parts: list[PartFile]
    seen: Counting = field(default_factory=Counting)
    sieve: Sieve = field(default_factory=Sieve)
    parts: list[PartFile] = field(default_factory=list)
    taken: int = 0
    added: int = 0
    known: int = 0
    breadth: Breadth = field(init=False)
    _held: list[pa.Table] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.breadth = Breadth.of(part.columns for part in self.known_parts)

    def take(self, table: pa.Table) -> None:
        self.taken += table.num_rows
        self._held.append(self.breadth.table(self.sieve(table)))
        if _rows(self._held) >= ROWS_A_PART or _bytes(self._held) >= BYTES_A_PART:
            self.finish()

    def finish(self) -> None:
        for table in _joined(self._held):
            known = [*self.known_parts, *self.parts]
            self._count(write_parts(self.root, table, self.source, known))
        self._held = []

    def leave_out(self, parts: list[PartFile]) -> None:
        """The events that somebody else brought meanwhile."""
        own, self.parts = self.parts, []
        self.added = 0
        self.seen.entries.clear()
        for part in own:
            self._count(without(self.root, part, parts))
        self.known_parts = [*self.known_parts, *parts]

    def _count(self, written: Written) -> None:
        self.parts += written.parts
        self.added += written.added
        self.known += written.known
        self.seen.take(written.table)


def _joined(tables: list[pa.Table]) -> list[pa.Table]:
    """One table where the columns' types allow it; a column that a table lacks is null there."""
    filled = [table for table in tables if table.num_rows]
    try:
        return [pa.concat_tables(filled, promote_options="default")] if filled else []
    except pa.ArrowInvalid:
        return filled


def _rows(tables: list[pa.Table]) -> int:
    return sum(table.num_rows for table in tables)


def _bytes(tables: list[pa.Table]) -> int:
    return sum(table.nbytes for table in tables)
