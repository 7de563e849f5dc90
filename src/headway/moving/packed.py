"""Headway's own goals as tables: written to a ZIP of CSV files, and read back from one."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from headway.engine.errors import InputError
from headway.moving.cells import text
from headway.moving.opening import Document, Opened
from headway.moving.table import Row, Table

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
QUOTE = "'"
PLAIN = ("value", "confidence", "weight")
"""Columns of numbers."""


def sheets(document: Mapping[str, Any]) -> dict[str, str]:
    """File name → CSV. What holds more than one value is written as JSON in its cell."""
    tables = {n: v for n, v in document.items() if isinstance(v, list) and n != "objectives"}
    tables |= {n: [document[n]] for n in ("headway", "workspace") if n in document}
    objectives = document.get("objectives", [])
    tables["objectives"] = [_less(o, "key_results") for o in objectives]
    tables["key_results"] = [
        {"objective": o["key"], **k} for o in objectives for k in o.get("key_results", [])
    ]
    return {f"{name}.csv": _csv(rows) for name, rows in tables.items() if rows}


def together(contents: Sequence[Opened]) -> list[Opened]:
    """The tables of such a ZIP as the one document they were; others as they came."""
    tables = {PurePosixPath(c.name).name: c for c in contents if isinstance(c, Table)}
    if "headway.csv" not in tables or len(tables) != len(contents):
        return list(contents)
    found: dict[str, Any] = {
        name.removesuffix(".csv"): _items(table) for name, table in tables.items()
    }
    for name in ("headway", "workspace"):
        found[name] = (found.get(name) or [{}])[0]
    results: dict[str, list[Any]] = {}
    for item in found.pop("key_results", []):
        results.setdefault(str(item.pop("objective", "")), []).append(item)
    for objective in found.get("objectives", []):
        if inner := results.get(objective.get("key", "")):
            objective["key_results"] = inner
    return [Document(contents[0].name, found)]


def _csv(rows: Iterable[Mapping[str, Any]]) -> str:
    given = list(rows)
    columns = list(dict.fromkeys(name for row in given for name in row))
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in given)
    return stream.getvalue()


def _cell(value: Any) -> str:
    """Text that a spreadsheet would run as a formula, or that looks like JSON, is quoted."""
    if value is None:
        return ""
    if isinstance(value, str):
        looks = value.startswith((*FORMULA_STARTS, QUOTE)) or _is_json(value)
        return f"{QUOTE}{value}" if looks else value
    return json.dumps(value, ensure_ascii=False)


def _is_json(said: str) -> bool:
    try:
        json.loads(said)
    except ValueError:
        return said == ""
    return True


def _items(table: Table) -> list[dict[str, Any]]:
    return [_item(table, row) for row in table.rows]


def _item(table: Table, row: Row) -> dict[str, Any]:
    cells = zip(table.headings, row.cells, strict=False)
    return {name: _value(str(cell)) for name, cell in cells if cell not in (None, "")}


def _value(said: str) -> Any:
    if said.startswith(QUOTE):
        return said[1:]
    try:
        return json.loads(said, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return said


def _refuse(word: str) -> None:
    raise InputError(f"{text(word)} is no number.")


def _less(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {n: v for n, v in item.items() if n != name}
