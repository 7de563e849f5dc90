"""JSON objects as columns: flat, in the types of properties, and what is too odd for that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from headway.ingest.dialects.properties import DEEPEST, LARGEST, LONGEST_NAME, LONGEST_TEXT
from headway.stores.columns import BOOL, DOUBLE, INT, TEXT

Odd = npt.NDArray[np.bool_]
"""Rows that need a look one by one."""

SAMPLE = 128
MASKS = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)
ODD_ONE, ODD_TWO = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


def objects(lines: Sequence[bytes]) -> pa.Table:
    """One row for each line. Raises ArrowInvalid where their types differ too much.

    Texts stay texts, also those that look like times. In one thread, which takes least work in all:
    whoever has several cores calls it for several pieces at once.
    """
    content = b"\n".join(lines)
    data = pa.BufferReader(content)
    options = pj.ReadOptions(use_threads=False, block_size=len(content) + 1)
    found = pj.read_json(data, read_options=options)
    if found.schema == (wanted := pa.schema([_plain(field) for field in found.schema])):
        return found
    data.seek(0)
    return pj.read_json(data, options, pj.ParseOptions(explicit_schema=wanted))


def _plain(field: pa.Field) -> pa.Field:
    type_ = field.type
    if pa.types.is_timestamp(type_):
        return field.with_type(TEXT)
    if pa.types.is_struct(type_):
        return field.with_type(pa.struct([_plain(f) for f in type_]))
    if pa.types.is_list(type_):
        return field.with_type(pa.list_(_plain(type_.value_field)))
    return field


def width(lines: Sequence[bytes]) -> float:
    """About how many names there are. Of many lines, some are looked at: as the second half of
    these has names that the first has not, so have all the others.
    """
    some = lines[:: max(1, len(lines) // SAMPLE)]
    half = (len(some) + 1) // 2
    first, second = (_names(b"".join(part) + bytes(8)) for part in (some[:half], some[half:]))
    new = len(np.setdiff1d(second, first))
    return len(np.unique(first)) + new * max(1.0, 2 * len(lines) / len(some) - 1)


def _names(text: bytes) -> npt.NDArray[np.uint64]:
    """A mark of each name: its length, and its first and last eight letters."""
    letters = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(letters[:-8] == ord('"'))
    last = np.flatnonzero(letters[quotes + 1] == ord(":"))
    last = last[last > 0]
    begins, ends = quotes[last - 1] + 1, quotes[last]
    eights: npt.NDArray[np.uint64] = np.ndarray(len(text) - 7, np.uint64, text, strides=(1,))
    mask = MASKS[np.minimum(ends - begins, 8)]
    head, tail = eights[begins] & mask, eights[np.maximum(ends - 8, begins)] & mask
    found: npt.NDArray[np.uint64] = head * ODD_ONE ^ tail * ODD_TWO ^ (ends - begins).astype("u8")
    return found


def member(rows: pa.Array, *path: str) -> pa.Array:
    """A field of structs, null where there is none."""
    for name in path:
        if not pa.types.is_struct(rows.type) or rows.type.get_field_index(name) < 0:
            return pa.nulls(len(rows))
        rows = pc.struct_field(rows, name)
    return rows


def given(values: pa.Array) -> Odd:
    found: Odd = np.asarray(values.is_valid())
    return found


def properties(values: pa.Array, most: int, odd: Odd) -> dict[str, pa.Array]:
    """As `flat` of the dialects does it; rows in which that would be otherwise become odd, and so
    do those that have more than `most`.
    """
    found: dict[str, pa.Array] = {}
    for name, column in _leaves(values, "", 1, odd):
        if name in found or not _is_name(name) or not _settled(column, odd):
            odd |= given(column)
        elif not pa.types.is_null(column.type):
            found[name] = column
    if len(found) > most:
        odd |= sum(given(column).astype(np.int32) for column in found.values()) > most
    return found


def _leaves(rows: pa.Array, prefix: str, depth: int, odd: Odd) -> Iterator[tuple[str, pa.Array]]:
    if not pa.types.is_struct(rows.type):
        odd |= given(rows)
        return
    for field, column in zip(rows.type, rows.flatten(), strict=True):
        if pa.types.is_struct(field.type) and depth < DEEPEST:
            yield from _leaves(column, f"{prefix}{field.name}.", depth + 1, odd)
        else:
            yield prefix + field.name, column


def _is_name(name: str) -> bool:
    return name == name.strip() and 0 < len(name) <= LONGEST_NAME


def _settled(column: pa.Array, odd: Odd) -> bool:
    """Whether the column is of a type that properties have; longer texts are odd."""
    if column.type == TEXT:
        if (pc.max(pc.binary_length(column)).as_py() or 0) > LONGEST_TEXT:
            odd |= np.asarray(pc.fill_null(pc.greater(pc.utf8_length(column), LONGEST_TEXT), False))
        return True
    if column.type == DOUBLE:
        odd |= np.asarray(pc.fill_null(pc.greater_equal(pc.abs(column), float(LARGEST)), False))
        return True
    return column.type in (BOOL, INT) or pa.types.is_null(column.type)
