"""Few parts from many: the same events, in files that are worth opening."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from headway.stores.parts import PartFile, rewritten

FAN = 8
"""So many parts of about one size become one: an event is written again log₈(rows) times."""


LARGEST = 1_000_000
"""Rows of a part that is put together; memory holds them all for a moment."""


def worth_merging(parts: Iterable[PartFile]) -> Iterator[list[PartFile]]:
    """Groups of one source, each of which would be one part.

    Parts are of a size when they have as many digits to the base 8. Only those are put together
    that have a column in one type, so that nobody sees another type afterwards.
    """
    sizes: dict[int, list[PartFile]] = defaultdict(list)
    for part in parts:
        if part.rows <= LARGEST // FAN:
            sizes[_digits(part.rows)].append(part)
    for size in sorted(sizes, reverse=True):
        if len(sizes[size]) >= FAN:
            smaller = chain.from_iterable(found for s, found in sizes.items() if s <= size)
            yield from (group for group in _alike(smaller) if len(group) >= FAN)
            return


def merged(root: Path, parts: Sequence[PartFile]) -> list[PartFile]:
    """Writes their events as new parts. All are of one source, and share no event."""
    tables = [pq.read_table(root / part.path) for part in parts]
    table = pa.concat_tables(tables, promote_options="default")
    return rewritten(root, table, parts[0].source)


def _digits(rows: int) -> int:
    found = 0
    while rows >= FAN:
        rows //= FAN
        found += 1
    return found


def _alike(parts: Iterable[PartFile]) -> list[list[PartFile]]:
    """In order of time; the largest of them as many rows together as a part may have."""
    groups: list[tuple[dict[str, str], list[PartFile]]] = []
    for part in sorted(parts, key=lambda p: (p.first_at, p.path)):
        for types, group in groups:
            if _agree(types, part.columns) and _rows(group) + part.rows <= LARGEST:
                types.update(part.columns)
                group.append(part)
                break
        else:
            groups.append((dict(part.columns), [part]))
    return [group for _, group in groups]


def _agree(types: dict[str, str], columns: dict[str, str]) -> bool:
    return all(types.get(name, type_) == type_ for name, type_ in columns.items())


def _rows(parts: Iterable[PartFile]) -> int:
    return sum(part.rows for part in parts)
