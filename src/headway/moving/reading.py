"""Tables and their mappings → rows of goals, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from headway.engine.errors import InputError, nearest
from headway.files.problems import Problem
from headway.moving import cells
from headway.moving.cells import Amount, Style
from headway.moving.mapping import CHECK_INS, GOALS, Mapping
from headway.moving.rows import (
    CheckInRow,
    CycleRow,
    KeyResultRow,
    ObjectiveRow,
    Place,
    TeamRow,
)
from headway.moving.table import Cell, Row, Table

Read = TypeVar("Read")
OBJECTIVE_WORDS = ("objective", "goal", "o", "obj", "theme", "objectives")
KEY_RESULT_WORDS = ("key result", "kr", "key-result", "keyresult", "measure", "kpi", "key results")
OTHER_WORDS = ("initiative", "project", "task", "action", "activity")
NUMBERS = ("baseline", "target", "current", "value", "progress", "weight")
DAYS = ("starts", "ends", "due", "day")


@dataclass
class Found:
    """What files say. A row with a fault is left out of the lists and stands among `problems`."""

    teams: list[TeamRow] = field(default_factory=list)
    cycles: list[CycleRow] = field(default_factory=list)
    objectives: list[ObjectiveRow] = field(default_factory=list)
    key_results: list[KeyResultRow] = field(default_factory=list)
    check_ins: list[CheckInRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)


def read(table: Table, mapping: Mapping, found: Found, *, style: Style | None = None) -> None:
    """Adds the rows of the table to `found`. `style` None is told from the cells."""
    reader = _Reader(table, mapping, found, style or style_of(table, mapping))
    if mapping.sort == CHECK_INS:
        reader.check_ins()
    elif mapping.sort == GOALS:
        reader.goals()


def style_of(table: Table, mapping: Mapping) -> Style:
    return Style(
        day_first=cells.first_of(_cells(table, mapping, DAYS)),
        comma_decimal=cells.uses_comma(_cells(table, mapping, NUMBERS)),
    )


def _cells(table: Table, mapping: Mapping, names: Iterable[str]) -> Iterator[Cell]:
    for name in names:
        position = table.position(mapping.columns.get(name, ""))
        if position is not None:
            yield from (row.at(position) for row in table.rows)


@dataclass
class _Reader:
    table: Table
    mapping: Mapping
    found: Found
    style: Style
    last: str = ""
    """The objective above, for rows that name none."""

    def __post_init__(self) -> None:
        columns = self.mapping.columns.items()
        self.positions = {
            name: p for name, h in columns if (p := self.table.position(h)) is not None
        }
        self.seen: set[tuple[str, str, str]] = set()

    # One row ------------------------------------------------------------------------------------

    def check_ins(self) -> None:
        if "day" not in self.positions:
            self._problem(None, "day", "No column holds the day.", "Choose the column of the day.")
            return
        for row in self._filled():
            before = len(self.found.problems)
            made = self._check_in(row)
            if made and len(self.found.problems) == before:
                self.found.check_ins.append(made)

    def _check_in(self, row: Row) -> CheckInRow | None:
        whose = self._text(row, "key") or self._text(row, "key_result") or self.mapping.key_result
        day = self._read(row, "day", cells.day)
        value = self._read(row, "value", cells.amount)
        confidence = self._read(row, "confidence", cells.confidence)
        if not whose:
            fix = "Choose the column that names it, or one key result for all rows."
            self._problem(row, "key", "It names no key result.", fix)
            return None
        if day is None:
            self._problem(row, "day", "There is no day.", "Write for example `2026-03-31`.")
            return None
        return CheckInRow(
            place=self._place(row),
            key_result=whose,
            objective=self._text(row, "objective"),
            day=day,
            value=value,
            confidence=confidence,
            note=self._text(row, "note"),
            author=self._text(row, "author"),
        )

    def goals(self) -> None:
        if not {"objective", "title", "key_result"} & self.positions.keys():
            fix = "Choose the column of the objective or of the title."
            self._problem(None, "objective", "No column holds the names of goals.", fix)
            return
        for row in self._filled():
            if "type" in self.positions:
                self._listed(row)
            else:
                self._wide(row)

    def _listed(self, row: Row) -> None:
        """A row of its own for each objective and each key result."""
        word = self._text(row, "type").lower().replace("_", " ")
        title = self._text(row, "title") or self._text(row, "objective")
        title = title or self._text(row, "key_result")
        if not title:
            self._problem(row, "title", "There is no title.", "Say what is to be true.")
        elif word in OBJECTIVE_WORDS:
            self._objective(row, title, self._text(row, "owner"))
            self.last = self._text(row, "id") or title
        elif word in KEY_RESULT_WORDS:
            above = self._text(row, "parent") or self._other(row, title) or self.last
            self._key_result(row, title, above, self._text(row, "owner"))
        elif word in OTHER_WORDS:
            self._notice(row, "type", f"“{title}” is work and no goal; it is left out.")
        else:
            known = (*OBJECTIVE_WORDS, *KEY_RESULT_WORDS, *OTHER_WORDS)
            fix = nearest(word, known) or "Use `objective` or `key result`."
            self._problem(row, "type", f"`{word}` is neither objective nor key result.", fix)

    def _other(self, row: Row, title: str) -> str:
        said = self._text(row, "objective")
        return said if said != title else ""

    def _wide(self, row: Row) -> None:
        """One row for each key result, with its objective beside it or above."""
        title = self._text(row, "objective") or self._text(row, "title")
        key_result = self._text(row, "key_result")
        self.last = title or self.last
        if title:
            self._objective(row, title, self._text(row, "owner"))
        if key_result:
            owner = self._text(row, "key_result_owner") or self._text(row, "owner")
            self._key_result(row, key_result, self.last, owner)

    def _objective(self, row: Row, title: str, owner: str) -> None:
        """Once for each objective, from the first row that names it in its cycle and team."""
        cycle, team = self._text(row, "cycle"), self._text(row, "team")
        same = (title.casefold(), cycle, team)
        if "type" not in self.positions and same in self.seen:
            return
        self.seen.add(same)
        made = self._whole(
            lambda: ObjectiveRow(
                place=self._place(row),
                title=title,
                id=self._text(row, "id") if "type" in self.positions else "",
                why=self._text(row, "why"),
                team=team,
                cycle=cycle,
                starts=self._read(row, "starts", cells.day),
                ends=self._read(row, "ends", cells.day),
                owner=owner,
                parents=tuple(filter(None, [self._text(row, "parent")])),
                ambition=self._ambition(row),
            )
        )
        if made:
            self.found.objectives.append(made)

    def _key_result(self, row: Row, title: str, objective: str, owner: str) -> None:
        if not objective:
            fix = "Name it in the row, or put the row below that of the objective."
            self._problem(row, "objective", f"“{title}” has no objective.", fix)
            return
        made = self._whole(
            lambda: KeyResultRow(
                place=self._place(row),
                title=title,
                objective=objective,
                id=self._text(row, "id"),
                metric=self._text(row, "metric"),
                baseline=self._number(row, "baseline"),
                target=self._number(row, "target"),
                current=self._number(row, "current"),
                progress=self._progress(row),
                unit=self._text(row, "unit"),
                due=self._read(row, "due", cells.day),
                weight=self._read(row, "weight", cells.weight),
                owner=owner,
                updated=self._read(row, "day", cells.day),
                confidence=self._read(row, "confidence", cells.confidence),
                note=self._text(row, "note"),
            )
        )
        if made:
            self.found.key_results.append(made)

    # One cell -----------------------------------------------------------------------------------

    def _number(self, row: Row, name: str) -> Amount | None:
        """A bare number of a spreadsheet may be a share; the unit's column tells."""
        found = self._read(row, name, cells.amount)
        unit = self._text(row, "unit").lower()
        if found is None or found.unit or unit not in ("%", "percent", "percentage"):
            return found
        position = self.positions[name]
        share = self.table.decimal_cells and isinstance(row.at(position), float)
        whole = not share or abs(found.value) > 1
        return Amount(found.value / 100 if whole else found.value, cells.PERCENT)

    def _progress(self, row: Row) -> float | None:
        found = self._read(row, "progress", cells.amount)
        if found is None:
            return None
        share = found.unit == cells.PERCENT or (self.table.decimal_cells and found.value <= 1)
        return found.value if share else found.value / 100

    def _ambition(self, row: Row) -> str:
        said = self._text(row, "ambition").lower()
        if said in ("", "committed", "commit", "yes", "roofshot"):
            return "committed"
        if said in ("aspirational", "aspiration", "stretch", "moonshot", "no"):
            return "aspirational"
        fix = nearest(said, ["committed", "aspirational"]) or "Use committed or aspirational."
        self._problem(row, "ambition", f"`{said}` is no ambition.", fix)
        return ""

    def _text(self, row: Row, name: str) -> str:
        position = self.positions.get(name)
        return "" if position is None else cells.text(row.at(position))

    def _read(
        self, row: Row, name: str, parse: Callable[[Cell, Style], Read | None]
    ) -> Read | None:
        position = self.positions.get(name)
        if position is None:
            return None
        try:
            return parse(row.at(position), self.style)
        except InputError as error:
            self._problem(row, name, error.message, error.fix)
            return None

    def _whole(self, make: Callable[[], Read]) -> Read | None:
        """What was made, if reading its cells found no fault."""
        before = len(self.found.problems)
        made = make()
        return made if len(self.found.problems) == before else None

    def _filled(self) -> Iterator[Row]:
        return (row for row in self.table.rows if any(self._text(row, n) for n in self.positions))

    def _place(self, row: Row) -> Place:
        return Place(self.table.name, row.number, self.mapping.columns)

    def _problem(self, row: Row | None, name: str, message: str, fix: str) -> None:
        number = row.number if row else 1
        column = Place(self.table.name, number, self.mapping.columns).column(name)
        self.found.problems.append(Problem(self.table.name, number, column, message, fix))

    def _notice(self, row: Row, name: str, message: str) -> None:
        column = self._place(row).column(name)
        self.found.notices.append(Problem(self.table.name, row.number, column, message))
