"""Columns in the four types that a property can have: bool, int64, double and text."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

BOOL, INT, DOUBLE, TEXT = pa.bool_(), pa.int64(), pa.float64(), pa.string()
PATTERNS = {
    BOOL: r"^(?i:true|false)$",
    INT: r"^(0|-?[1-9]\d{0,17})$",
    DOUBLE: r"^-?(0|[1-9]\d{0,14})(\.\d+)?([eE][+-]?\d{1,3})?$",
}
"""How a type is written. `00012` and numbers of twenty digits are names, not amounts."""

WIDER = {None: (BOOL, INT, DOUBLE), BOOL: (BOOL,), INT: (INT, DOUBLE), DOUBLE: (DOUBLE,), TEXT: ()}
"""What a column can still be, narrowest first."""


def narrowed(texts: pa.ChunkedArray, so_far: pa.DataType | None) -> pa.DataType | None:
    """The narrowest type that holds what was seen so far and these texts; None: nothing yet."""
    if so_far == TEXT or texts.null_count == len(texts):
        return so_far
    fits = (t for t in WIDER[so_far] if _all_match(texts, PATTERNS[t]))
    return next(fits, TEXT)


def _all_match(texts: pa.ChunkedArray, pattern: str) -> bool:
    head = pc.match_substring_regex(texts.slice(0, 100), pattern)
    if pc.all(head).as_py() is False:
        return False
    return pc.all(pc.match_substring_regex(texts, pattern)).as_py() is not False


def retyped(texts: pa.ChunkedArray, type_: pa.DataType | None) -> pa.ChunkedArray:
    if type_ == BOOL:
        return pc.equal(pc.utf8_lower(texts), "true")
    return texts.cast(type_ or TEXT)


def typed(values: list[Any]) -> pa.Array:
    """A column of JSON values. Values of several types become text, lists their JSON."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {bool}:
        return pa.array(values, BOOL)
    if kinds == {int} and all(value is None or -(2**63) <= value < 2**63 for value in values):
        return pa.array(values, INT)
    if kinds and kinds <= {int, float}:
        return pa.array([None if v is None else float(v) for v in values], DOUBLE)
    return pa.array([_text(value) for value in values], TEXT)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def one_spelling(table: pa.Table) -> pa.Table:
    """Columns whose names differ only in case are one: to databases they have the same name.

    The first spelling has the values of all; values of several types become text.
    """
    alike: dict[str, list[str]] = {}
    for name in table.column_names:
        alike.setdefault(name.lower(), []).append(name)
    if len(alike) == table.num_columns:
        return table
    return pa.table({n[0]: _merged([table[name] for name in n]) for n in alike.values()})


def _merged(columns: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    kinds = {column.type for column in columns}
    if len(kinds) > 1:
        wider = DOUBLE if kinds <= {INT, DOUBLE} else TEXT
        columns = [column.cast(wider) for column in columns]
    return pc.coalesce(*columns)


def plain(table: pa.Table) -> pa.Table:
    """A Parquet file's columns in the four types, times as they are; structs as dotted columns."""
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return pa.table([_plain(column) for column in table.columns], names=table.column_names)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    type_ = column.type
    if pa.types.is_dictionary(type_):
        return _plain(column.cast(type_.value_type))
    if pa.types.is_nested(type_):
        return pa.chunked_array([pa.array([_text(v) for v in column.to_pylist()], TEXT)])
    if pa.types.is_temporal(type_) or pa.types.is_boolean(type_):
        return column
    if pa.types.is_integer(type_) and type_ != pa.uint64():
        return column.cast(INT)
    if pa.types.is_floating(type_) or pa.types.is_decimal(type_) or type_ == pa.uint64():
        return column.cast(DOUBLE, safe=False)
    return column.cast(TEXT)
