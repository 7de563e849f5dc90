"""What becomes of the events of a part when it is written again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headway.engine.event import PROPERTY
from headway.ingest.inflow.sieve import PERSON, renamed
from headway.ingest.people import person
from headway.ingest.people.person import Person
from headway.ingest.personal import DROP, HASHED, NONE, Discretion
from headway.stores.parts import PartFile


@dataclass(frozen=True)
class Revision:
    """`leaves` goes, `names` are other names, `discretion` says what is personal."""

    leaves: Person | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    discretion: Discretion = NONE

    def touches(self, root: Path, part: PartFile) -> bool:
        """Whether it would be another part; reads few of its columns."""
        if self.leaves:
            return self.leaves.has_some(root, part)
        if self.names:
            column = pq.read_table(root / part.path, columns=["event"])["event"]
            return bool(pc.any(pc.is_in(column, value_set=pa.array(list(self.names)))).as_py())
        return any(self._shows(root, part, name) for name in self.columns(part.columns))

    def columns(self, there: Mapping[str, str]) -> list[str]:
        """The columns of personal properties."""
        named = (c for c in there if c.startswith(PROPERTY))
        return [c for c in named if self.discretion.mark(c.removeprefix(PROPERTY))]

    def of(self, table: pa.Table) -> tuple[pa.Table, pa.Table]:
        """What the events are afterwards, and those that went, as they were."""
        gone = table.slice(0, 0)
        if self.leaves:
            mask = self.leaves.mask(table)
            gone, table = table.filter(mask), table.filter(pc.invert(mask))
        return renamed(self.discretion.table(table), self.names), gone

    def _shows(self, root: Path, part: PartFile, column: str) -> bool:
        """Whether something of it is not hashed yet, or has to go."""
        if self.discretion.mark(column.removeprefix(PROPERTY)) == DROP:
            return True
        values = pq.read_table(root / part.path, columns=[column])[column].drop_null()
        if not len(values):
            return False
        texts = values.cast(pa.string())
        return pc.all(pc.match_substring_regex(texts, f"^{HASHED.pattern}$")).as_py() is not True


def revision(kind: str, what: Mapping[str, Any]) -> Revision:
    if kind == PERSON:
        return Revision(leaves=person.read(what["claims"]))
    return Revision(names=what.get("names", {}), discretion=Discretion(what.get("marks", {})))
