"""What every table of events passes on its way into the store.

Names are those of the tracking plan, what is personal is hashed or left out, and so are people
whose events are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from headway.accounts.models import Workspace
from headway.engine.event import PROPERTY
from headway.ingest.personal import NONE, Discretion, digest, mapped

PERSON = "person"
IDS = ("user_id", f"{PROPERTY}previous_id")


@dataclass
class Sieve:
    """`names`: what an event is called → what it is read as. `kept_out` counts events."""

    names: Mapping[str, str] = field(default_factory=dict)
    discretion: Discretion = NONE
    blocked: frozenset[str] = frozenset()
    kept_out: int = 0

    @staticmethod
    def of(workspace: Workspace) -> Sieve:
        planned = workspace.events.exclude(also=[]).values_list("key", "also")
        return Sieve(
            {other: key for key, also in planned for other in also},
            Discretion(workspace.personal),
            frozenset(workspace.blocked.values_list("digest", flat=True)),
        )

    def __call__(self, table: pa.Table) -> pa.Table:
        if self.blocked:
            table = self._without(table)
        return renamed(self.discretion.table(table), self.names)

    def _without(self, table: pa.Table) -> pa.Table:
        keep = pa.repeat(pa.scalar(True), table.num_rows)
        for column in IDS:
            if column in table.column_names and table.num_rows:
                keep = pc.and_(keep, pc.invert(self._is_blocked(table[column])))
        found = table.filter(keep)
        self.kept_out += table.num_rows - found.num_rows
        return found

    def _is_blocked(self, ids: pa.ChunkedArray) -> pa.Array:
        coded = ids.combine_chunks().cast(pa.string()).dictionary_encode()
        hit = [digest(one, purpose=PERSON) in self.blocked for one in coded.dictionary.to_pylist()]
        return pc.fill_null(pa.array(hit, pa.bool_()).take(coded.indices), False)


def renamed(table: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """The same table where none of its events has another name."""
    hits = pa.array(list(names), pa.string())
    if not names or not pc.any(pc.is_in(table["event"], value_set=hits)).as_py():
        return table
    column = mapped(table["event"], lambda name: names.get(name, name))
    return table.set_column(table.column_names.index("event"), "event", column)
