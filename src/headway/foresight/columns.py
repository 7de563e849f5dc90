"""Which columns of a table are the days and the values of a series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from headway.engine.errors import InputError, nearest
from headway.engine.period import written_day

DAYS = ("start", "day", "date", "ds", "week", "month", "quarter", "year", "period", "time", "index")
VALUES = ("value", "y")
BESIDE = (
    *("end", "low", "high", "n", "numerator", "denominator", "complete", "reason", "faults"),
    *("key", "segment_by", "segment"),
)
"""What `headway measure --format csv` writes beside the values."""

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a series: where it was read from, its day, and of how many it is a share."""

    where: str
    day: date
    value: float | None
    count: float | None = None


@dataclass(frozen=True)
class Names:
    """Which column is what; those that are empty are found by their names."""

    day: str = ""
    value: str = ""
    count: str = ""
    key: str = ""


def columns_of(table: Any) -> Columns | None:
    """The columns of a table of pandas, polars or pyarrow; None if it is none."""
    if hasattr(table, "to_pydict"):
        return dict(table.to_pydict())
    if not hasattr(table, "columns"):
        return None
    if hasattr(table, "to_dicts"):
        return dict(table.to_dict(as_series=False))
    return {str(name): table[name].tolist() for name in table.columns}


def cells_of(columns: Columns, names: Names, first_row: int = 1) -> list[Cell]:
    """Raises InputError for columns that are not there, and for what is no day or number."""
    day = _named(columns, names.day, "day") or _day_column(columns)
    value = _named(columns, names.value, "value") or _value_column(columns, day)
    counts = _named(columns, names.count, "count") or _beside(columns, "denominator")
    rows = list(zip(columns[day], columns[value], strict=True))
    return [
        replace(_cell(f"row {first_row + i}", *rows[i]), count=count)
        for i in _chosen(columns, names.key)
        for count in [_number(columns[counts][i], f"row {first_row + i}") if counts else None]
    ]


def _cell(where: str, day: Any, value: Any) -> Cell:
    return Cell(where, day_of(day, where), _number(value, where))


def _named(columns: Columns, name: str, what: str) -> str:
    if name and name not in columns:
        fix = nearest(name, columns) or f"There are: {', '.join(columns)}."
        raise InputError(f"There is no column `{name}`.", where=what, fix=fix)
    return name


def _beside(columns: Columns, name: str) -> str:
    return name if name in columns else ""


def _day_column(columns: Columns) -> str:
    lower = {name.strip().lower(): name for name in columns}
    for name in DAYS:
        if name in lower:
            return lower[name]
    found = [name for name, values in columns.items() if values and _is_day(values[0])]
    return _one(found, columns, "day", "days")


def _value_column(columns: Columns, day: str) -> str:
    lower = {name.strip().lower(): name for name in columns}
    for name in VALUES:
        if name in lower:
            return lower[name]
    others = [name for name in columns if name != day and name.lower() not in BESIDE]
    return _one([n for n in others if all(map(_is_number, columns[n]))], columns, "value", "values")


def _one(found: Sequence[str], columns: Columns, what: str, whats: str) -> str:
    if len(found) == 1:
        return found[0]
    said = "Several columns may hold" if found else "No column holds"
    fix = f"Name the one with the {whats}: {', '.join(found or columns)}."
    raise InputError(f"{said} the {whats}.", where=what, fix=fix)


def _chosen(columns: Columns, key: str) -> Iterable[int]:
    """The rows of one metric as a whole, and of complete periods."""
    keys = columns.get("key")
    known = dict.fromkeys(map(str, keys or ()))
    if key and keys is None:
        fix = "Leave it out: the file holds one series."
        raise InputError("There is no column `key`.", where="metric", fix=fix)
    if key and key not in known:
        fix = nearest(key, known) or f"There are: {', '.join(known)}."
        raise InputError(f"There is no metric `{key}`.", where="metric", fix=fix)
    if not key and len(known) > 1:
        fix = f"Choose one metric: {', '.join(known)}."
        raise InputError("Several series.", where="metric", fix=fix)
    rows = len(next(iter(columns.values()), ()))
    return [i for i in range(rows) if _counts(columns, i) and (not key or str(keys[i]) == key)]  # type: ignore[index]


def _counts(columns: Columns, i: int) -> bool:
    part = any(columns[name][i] for name in ("segment_by", "segment") if name in columns)
    open_ = "complete" in columns and str(columns["complete"][i]).lower() in ("false", "0")
    return not part and not open_


def _is_day(value: Any) -> bool:
    try:
        day_of(value, "")
    except InputError:
        return False
    return True


def _is_number(value: Any) -> bool:
    try:
        _number(value, "")
    except InputError:
        return False
    return True


def _number(value: Any, where: str) -> float | None:
    if value is None or value != value or (isinstance(value, str) and not value.strip()):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        fix = "Write it as 1234.5, or leave it empty where nothing is known."
        raise InputError(f"`{value}` is not a number.", where=where, fix=fix) from None


def day_of(day: Any, where: str = "day") -> date:
    """Also of an instant, and of a month written as 2026-03."""
    if isinstance(day, datetime):
        return day.date()
    if isinstance(day, date):
        return day
    text = str(day).strip()
    if len(text) == 7 and text[4] == "-":
        return written_day(f"{text}-01", where)
    return written_day(text[:10] if text[10:11] in ("T", " ") else text, where)
