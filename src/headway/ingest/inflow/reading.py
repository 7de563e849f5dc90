"""What deliveries hold: tables of events, what of them is none, and what nobody can read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import pyarrow as pa

from headway.engine.event import Event
from headway.ingest.dialects import SPOKEN
from headway.ingest.dialects.dialect import Delivery, Refused
from headway.ingest.inflow import quick
from headway.ingest.inflow.breadth import NEEDED, Breadth
from headway.ingest.inflow.quick import Found, Left
from headway.ingest.models import Delivered
from headway.stores.tabled import table_of

log = logging.getLogger(__name__)

LONGEST_PROBLEM = 1_000
DECODE = msgspec.json.Decoder(dict[str, str]).decode

AT_ONCE: Mapping[str, Callable[[Sequence[Delivery]], Found]] = {"segment": quick.read}
"""Dialects of which plain deliveries are read as columns; the others are read one by one."""


@dataclass
class Read:
    """`refused` has the index of the row beside each; `problems` are of rows that are set aside."""

    breadth: Breadth = field(default_factory=Breadth)
    tables: list[pa.Table] = field(default_factory=list)
    refused: list[tuple[int, Refused]] = field(default_factory=list)
    problems: dict[int, str] = field(default_factory=dict)


def read(rows: Sequence[Delivered], known: Collection[str] = ()) -> Read:
    """Asks no database. A dialect's fault with one delivery holds no other up. `known` are the
    properties that their source has.
    """
    found, events = Read(Breadth({*NEEDED, *known})), list[Event]()
    for dialect in dict.fromkeys(row.dialect for row in rows):
        own = {i: _delivery(row) for i, row in enumerate(rows) if row.dialect == dialect}
        for left in _left(dialect, own, found):
            _parse(dialect, left, rows[left.index], found, events)
    found.refused.sort(key=lambda one: one[0])
    if events:
        found.tables.append(table_of(found.breadth.events(events)))
    return found


def _left(dialect: str, own: Mapping[int, Delivery], found: Read) -> Iterable[Left]:
    """What is not read at once, under the index of its row."""
    rows = list(own)
    if dialect not in AT_ONCE:
        return [Left(i, delivery) for i, delivery in own.items()]
    quickly = AT_ONCE[dialect](list(own.values()))
    found.tables += (table for table in quickly.tables if table.num_rows)
    return [replace(left, index=rows[left.index]) for left in quickly.left]


def _parse(dialect: str, left: Left, row: Delivered, found: Read, events: list[Event]) -> None:
    try:
        parsed = SPOKEN[dialect].parse(left.delivery)
    except Exception as error:
        log.exception("Delivery %s of %s cannot be read", row.pk, dialect)
        found.problems[row.pk] = f"{type(error).__name__}: {error}"[:LONGEST_PROBLEM]
        return
    events += parsed.events
    for one in parsed.refused:
        at = left.places[one.at] if left.places else one.at
        found.refused.append((left.index, replace(one, at=at)))


def _delivery(row: Delivered) -> Delivery:
    return Delivery(
        path=row.path,
        body=row.content,
        received_at=row.received_at,
        query=DECODE(row.query),
        headers=DECODE(row.headers),
    )
