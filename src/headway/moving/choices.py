"""What somebody decided about files that are to be moved in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from headway.engine.errors import DefinitionError, nearest
from headway.moving.cells import Style
from headway.moving.table import Table


@dataclass(frozen=True)
class Choices:
    """`columns`: table → field → heading, `sorts`: table → sort of rows, both only where somebody
    changed the guess; the table "" is every one. `team`, `cycle` and `key_result` stand in where
    rows say none; `add_people` makes members of those whom rows name. None: as the file tells."""

    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sorts: Mapping[str, str] = field(default_factory=dict)
    team: str = ""
    cycle: str = ""
    key_result: str = ""
    day_first: bool | None = None
    comma_decimal: bool | None = None
    add_people: bool = False

    def of(self, table: Table) -> tuple[dict[str, str], str]:
        """Columns and sort of one table."""
        shared = {n: h for n, h in self.columns.get("", {}).items() if h in ("", *table.headings)}
        columns = {**shared, **self.columns.get(table.name, {})}
        return columns, self.sorts.get(table.name, "") or self.sorts.get("", "")

    def check(self, tables: Iterable[Table]) -> None:
        """Raises DefinitionError for a heading that none of the tables has."""
        there = [heading for table in tables for heading in table.headings]
        for heading in self.columns.get("", {}).values():
            if heading and heading not in there:
                fix = nearest(heading, there) or f"There are: {', '.join(there[:12])}."
                raise DefinitionError(f"No column is `{heading}`.", where="columns", fix=fix)

    def style(self, told: Style) -> Style:
        day_first = told.day_first if self.day_first is None else self.day_first
        comma = told.comma_decimal if self.comma_decimal is None else self.comma_decimal
        return Style(day_first, comma)


DAYS = {"day-first": True, "month-first": False}
DECIMALS = {"comma": True, "point": False}


def pairs(given: Iterable[str]) -> dict[str, str]:
    """`("target=Goal", …)` → `{"target": "Goal"}`. Raises DefinitionError."""
    found = {}
    for one in given:
        name, sign, heading = one.partition("=")
        if not sign:
            raise DefinitionError(
                f"`{one}` is no column.", where="column", fix="Write for example `target=Goal`."
            )
        found[name.strip().replace("-", "_")] = heading.strip()
    return found
