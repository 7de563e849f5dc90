"""Annotations as a table: read from CSV row by row, and written so that reading changes nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.errors import DefinitionError, HeadwayError, InputError, nearest
from headway.metrics.happened.annotations import save_annotation, usual_key
from headway.metrics.models import Annotation, Metric

COLUMNS = (
    *("key", "kind", "title", "starts", "ends"),
    *("product", "metrics", "link", "description"),
)
NEEDED = ("kind", "title", "starts")
OTHER = {
    **dict.fromkeys(("day", "date", "start", "from", "first day"), "starts"),
    **dict.fromkeys(("end", "to", "last", "last day", "until"), "ends"),
    **dict.fromkeys(("name", "summary"), "title"),
    **dict.fromkeys(("type",), "kind"),
    **dict.fromkeys(("metric",), "metrics"),
    **dict.fromkeys(("url",), "link"),
    **dict.fromkeys(("text", "notes"), "description"),
}
"""What else columns are called."""

MOST = 5000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BETWEEN = re.compile(r"[\s,;|]+")

Cells = Mapping[str, str]


@dataclass(frozen=True)
class Bad:
    """A row that was not read: its line in the file, and what is wrong with it."""

    line: int
    cells: Cells
    message: str
    where: str
    fix: str


@dataclass
class Brought:
    made: int = 0
    changed: int = 0
    same: int = 0
    bad: list[Bad] = field(default_factory=list)

    @property
    def rest(self) -> str:
        """The rows that were not read, to be mended and sent again."""
        return _csv(bad.cells for bad in self.bad) if self.bad else ""

    @property
    def words(self) -> str:
        counts = {"made": self.made, "changed": self.changed, "already there": self.same}
        parts = [f"{n} {word}" for word, n in counts.items() if n]
        found = ", ".join(parts) or "Nothing was brought in"
        many = len(self.bad)
        return f"{found}; {many} row{'s' * (many != 1)} not read." if many else f"{found}."


@transaction.atomic
def bring(workspace: Workspace, text: str, *, by: Member | None, now: datetime) -> Brought:
    """Saves each row that is right; bringing the same file again changes nothing.

    A row without a key is known by its title and first day. Raises InputError for what is no
    such table.
    """
    gate.require(by, "write", workspace)
    brought, seen = Brought(), dict[str, int]()
    rows = workspace.annotations.filter(origin="").prefetch_related("metrics")
    there = {row.key: row for row in rows}
    metrics = {metric.key: metric for metric in workspace.metrics.filter(archived_at=None)}
    for line, cells in _read(text):
        try:
            fields = _fields(cells, metrics)
            key = cells["key"] or usual_key(fields["title"], fields["starts"])
            _refuse_twice(key, seen, line)
            if _is_as(there.get(key), fields):
                brought.same += 1
                continue
            save_annotation(workspace, key=key, by=by, now=now, **fields)
        except HeadwayError as error:
            brought.bad.append(Bad(line, cells, error.message, error.where, error.fix))
        else:
            brought.made += key not in there
            brought.changed += key in there
    return brought


def sheet(rows: Iterable[Annotation]) -> str:
    """As CSV; `rows` have their metrics. Launches of outputs are left out: outputs have them."""
    return _csv(_cells(row) for row in rows if not row.origin)


def _is_as(row: Annotation | None, fields: Mapping[str, Any]) -> bool:
    if row is None or row.archived_at is not None:
        return False
    there = {**{name: getattr(row, name) for name in fields}, "metrics": set(row.metrics.all())}
    return there == {**fields, "metrics": set(fields["metrics"])}


def _refuse_twice(key: str, seen: dict[str, int], line: int) -> None:
    if key in seen:
        raise DefinitionError(
            f"It has the same key, or the same title and day, as line {seen[key]}.",
            where="key",
            fix="Give each a key of its own, or take one out.",
        )
    seen[key] = line


def _read(text: str) -> list[tuple[int, Cells]]:
    try:
        return list(_rows(text.lstrip("\ufeff").replace("\x00", "")))
    except csv.Error as error:
        raise InputError(f"This is no CSV: {error}.", fix="Save it as CSV in UTF-8.") from error


def _rows(text: str) -> Iterator[tuple[int, Cells]]:
    """The lines that hold something, each with every column."""
    if not text.strip():
        raise InputError("The table is empty.", fix=f"Its columns are {', '.join(COLUMNS)}.")
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text))
    names = [_column(name) for name in next(reader)]
    if missing := [name for name in NEEDED if name not in names]:
        raise InputError(
            f"There is no column {' and no '.join(f'`{name}`' for name in missing)}.",
            where="line 1",
            fix=f"The first line names the columns: {', '.join(COLUMNS)}.",
        )
    line, many = reader.line_num + 1, 0
    for values in reader:
        if any(value.strip() for value in values):
            many += 1
            _refuse_many(many)
            yield line, _row(names, values)
        line = reader.line_num + 1


def _row(names: list[str], values: list[str]) -> Cells:
    given = dict(zip(names, values, strict=False))
    return {name: _plain(given.get(name, "").strip()) for name in COLUMNS}


def _plain(value: str) -> str:
    """Without the quote that keeps a spreadsheet from running it."""
    return value[1:] if value[:1] == "'" and value[1:].startswith(FORMULA_STARTS) else value


def _refuse_many(many: int) -> None:
    if many > MOST:
        raise InputError(f"The table has more than {MOST} rows.", fix="Bring it in parts.")


def _delimiter(text: str) -> str:
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def _column(name: str) -> str:
    word = name.strip().lower().replace("_", " ")
    found = OTHER.get(word, word)
    if found and found not in COLUMNS:
        raise InputError(
            f"`{name.strip()}` is no column of annotations.",
            where="line 1",
            fix=nearest(word, COLUMNS) or f"Columns are {', '.join(COLUMNS)}.",
        )
    return found


def _fields(cells: Cells, metrics: Mapping[str, Metric]) -> dict[str, Any]:
    words = {name: cells[name] for name in ("title", "product", "link", "description")}
    named = [key for key in BETWEEN.split(cells["metrics"]) if key]
    return {
        **words,
        "kind": cells["kind"].lower(),
        "starts": _day(cells, "starts"),
        "ends": _day(cells, "ends") if cells["ends"] else None,
        "metrics": [_metric(key, metrics) for key in named],
    }


def _day(cells: Cells, name: str) -> date:
    try:
        return date.fromisoformat(cells[name])
    except ValueError as error:
        said = f"`{cells[name]}` is no day." if cells[name] else "There is no day."
        raise DefinitionError(said, where=name, fix="Write it as 2026-09-03.") from error


def _metric(key: str, metrics: Mapping[str, Metric]) -> Metric:
    if key not in metrics:
        raise DefinitionError(
            f"There is no metric `{key}`.",
            where="metrics",
            fix=nearest(key, metrics) or "Name metrics by their keys, with spaces in between.",
        )
    return metrics[key]


def _cells(row: Annotation) -> Cells:
    metrics = sorted(m.key for m in row.metrics.all() if m.archived_at is None)
    given = {name: getattr(row, name) for name in COLUMNS if name != "metrics"}
    return {name: str(value or "") for name, value in given.items()} | {
        "metrics": " ".join(metrics)
    }


def _csv(rows: Iterable[Cells]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: _quoted(v) for k, v in row.items()} for row in rows)
    return text.getvalue()


def _quoted(value: str) -> str:
    """Text that a spreadsheet would run as a formula is quoted."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
