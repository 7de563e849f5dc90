"""The JSON export of Viva Goals → rows of goals.

`TimePeriods`, `Teams`, `Users`, objectives (with `Outcome`, `Alignment` and `Phased Targets`) and
check-ins, in one file or several. Spelling and spaces of the names do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from headway.engine.errors import InputError
from headway.files.problems import Problem
from headway.moving import cells
from headway.moving.cells import Amount, Style
from headway.moving.reading import KEY_RESULT_WORDS, OTHER_WORDS, Found
from headway.moving.rows import (
    CheckInRow,
    CycleRow,
    KeyResultRow,
    ObjectiveRow,
    Place,
    TeamRow,
)
from headway.moving.table import Cell

Read = TypeVar("Read")
Item = dict[str, Any]
SECTIONS = {
    "cycles": ("timeperiods", "timeperiod", "periods"),
    "teams": ("teams",),
    "users": ("users", "people"),
    "goals": ("objectives", "okrs", "goals", "keyresults", "krs"),
    "check_ins": ("checkins", "okrcheckins", "updates"),
}
ID = ("id", "uuid", "objectiveid", "okrid")
TITLE = ("title", "name", "objective", "okr", "displayname")
PARENT = (
    "alignment",
    "alignments",
    "alignedto",
    "parent",
    "parents",
    "parentid",
    "parentobjective",
)
OUTCOME = ("outcome", "metric", "keyresultoutcome")
PHASES = ("phasedtargets", "phasedtarget", "phases")
METRIC_NAME = ("metricname", "name", "metric", "title")
DAY = ("date", "day", "checkindate", "createdat", "createdon", "enddate", "updatedat", "timestamp")
VALUE = ("currentvalue", "current", "value", "newvalue", "metricvalue", "progressvalue")


def is_viva(value: Any) -> bool:
    sections = _sections(value)
    return any(sections.values())


def read_viva(name: str, value: Any, found: Found, *, style: Style | None = None) -> None:
    """Adds what the file holds to `found`."""
    sections = _sections(value)
    told = style or Style(day_first=cells.first_of(_texts(value)))
    _Reader(name, sections, found, told).read()


def _sections(value: Any) -> dict[str, list[Item]]:
    if isinstance(value, list):
        items = [item for item in value if isinstance(item, dict)]
        return {s: items if s == _sort_of(items) else [] for s in SECTIONS}
    named = _flat(value) if isinstance(value, dict) else {}
    return {s: [i for n in names for i in _items(named.get(n))] for s, names in SECTIONS.items()}


def _sort_of(items: list[Item]) -> str:
    """What a bare list holds, from the fields of its first item."""
    first = _flat(items[0]) if items else {}
    if any(n in first for n in (*OUTCOME, "alignment", "timeperiod", "phasedtargets")):
        return "goals"
    if any(n in first for n in VALUE) and any(n in first for n in DAY):
        return "check_ins"
    return "users" if "email" in first else ""


@dataclass
class _Reader:
    name: str
    sections: dict[str, list[Item]]
    found: Found
    style: Style
    people: dict[str, str] = field(default_factory=dict)
    """Id or name → e-mail."""

    def read(self) -> None:
        for user in map(_flat, self.sections["users"]):
            email = _said(user, "email", "emailaddress", "mail", "userprincipalname")
            for known in filter(None, (_said(user, *ID), _said(user, *TITLE), email)):
                self.people[known.casefold()] = email
        for n, item in enumerate(self.sections["cycles"], 1):
            self._cycle(n, _flat(item))
        for n, item in enumerate(self.sections["teams"], 1):
            self._team(n, _flat(item))
        goals = list(self._nested(self.sections["goals"]))
        self.above = {_said(g, *ID) or _said(g, *TITLE): _links(g) for g in goals}
        self.results = {i for g in goals if (i := _said(g, *ID)) and self._is_key_result(g)}
        for n, goal in enumerate(goals, 1):
            self._goal(n, goal)
        for n, item in enumerate(self.sections["check_ins"], 1):
            self._check_in(n, _flat(item), "")

    def _nested(self, items: list[Item], parent: str = "") -> Iterator[Item]:
        """Also key results that stand inside their objective."""
        for item in map(_flat, items):
            if parent and not _links(item):
                item = {**item, "alignment": parent}
            yield item
            inner = [i for n in ("keyresults", "children", "krs") for i in _items(item.get(n))]
            marked = [{"type": "Key Result", **i} if "keyresults" in item else i for i in inner]
            yield from self._nested(marked, _said(item, *ID) or _said(item, *TITLE))

    def _is_key_result(self, goal: Item) -> bool:
        """By its type; without one: it is aligned to something, has a metric and nothing below."""
        word = _said(goal, "type", "okrtype", "goaltype").lower()
        if word:
            return word in KEY_RESULT_WORDS
        me = _said(goal, *ID) or _said(goal, *TITLE)
        below = any(me in links for links in self.above.values())
        return bool(_links(goal)) and bool(_outcome(goal)) and not below

    def _cycle(self, n: int, item: Item) -> None:
        self.found.cycles.append(
            CycleRow(
                Place(self.name, n),
                _said(item, *TITLE),
                _said(item, *ID),
                self._read(n, item, cells.day, "startdate", "start", "starts"),
                self._read(n, item, cells.day, "enddate", "end", "ends"),
            )
        )

    def _team(self, n: int, item: Item) -> None:
        parent = _said(item, "parentteam", "parentteamid", "parent", "parentid")
        place = Place(self.name, n)
        self.found.teams.append(TeamRow(place, _said(item, *TITLE), _said(item, *ID), parent))

    def _goal(self, n: int, goal: Item) -> None:
        title, word = _said(goal, *TITLE), _said(goal, "type", "okrtype", "goaltype").lower()
        if not title:
            self._problem(n, "Title", "It has no title.", "Give it one.")
        elif word in OTHER_WORDS:
            message = f"“{title}” is work and no goal; it is left out."
            self.found.notices.append(Problem(self.name, n, "Type", message))
        elif self._is_key_result(goal):
            self._key_result(n, goal, title, self._objective_of(goal))
        else:
            self._objective(n, goal, title)
            if _outcome(goal):
                named = _said(_outcome(goal), *METRIC_NAME) or title
                self._key_result(n, goal, named, _said(goal, *ID) or title)
        for item in _items(goal.get("checkins")):
            self._check_in(n, _flat(item), _said(goal, *ID) or title)

    def _objective_of(self, goal: Item) -> str:
        """The nearest above that is no key result."""
        seen: set[str] = set()
        links = _links(goal)
        while links and links[0] in self.results and links[0] not in seen:
            seen.add(links[0])
            links = self.above.get(links[0], ())
        return links[0] if links else ""

    def _objective(self, n: int, goal: Item, title: str) -> None:
        self.found.objectives.append(
            ObjectiveRow(
                place=Place(self.name, n),
                title=title,
                id=_said(goal, *ID),
                why=_said(goal, "description", "why", "details"),
                team=_said(goal, "team", "teams", "teamname", "teamid"),
                cycle=_said(goal, "timeperiod", "timeperiodname", "timeperiodid", "cycle"),
                starts=self._read(n, goal, cells.day, "startdate"),
                ends=self._read(n, goal, cells.day, "enddate"),
                owner=self._person(goal),
                parents=_links(goal),
            )
        )

    def _key_result(self, n: int, goal: Item, title: str, objective: str) -> None:
        if not objective:
            self._problem(n, "Alignment", f"“{title}” has no objective.", "Align it to one.")
            return
        outcome = _outcome(goal)
        before = len(self.found.problems)
        made = KeyResultRow(
            place=Place(self.name, n, {"baseline": "Outcome.Start", "target": "Outcome.Target"}),
            title=title,
            objective=objective,
            id=_said(goal, *ID),
            baseline=self._read(n, outcome, cells.amount, "start", "startvalue", "from", "initial"),
            target=self._read(n, outcome, cells.amount, "target", "targetvalue", "to"),
            current=self._read(n, {**goal, **outcome}, cells.amount, "current", "currentvalue"),
            unit=_said(outcome, "unit", "metricunit", "symbol"),
            due=self._read(n, goal, cells.day, "duedate", "enddate"),
            weight=self._read(n, goal, cells.weight, "weight"),
            owner=self._person(goal),
            phases=dict(self._phases(n, goal, outcome)),
        )
        if len(self.found.problems) == before:
            self.found.key_results.append(made)

    def _phases(self, n: int, goal: Item, outcome: Item) -> Iterator[tuple[date, Amount]]:
        given: Any = next((v for one in (goal, outcome) for p in PHASES if (v := one.get(p))), [])
        for phase in map(_flat, _items(given)):
            day = self._read(n, phase, cells.day, *DAY)
            value = self._read(n, phase, cells.amount, "target", "targetvalue", *VALUE)
            if day is not None and value is not None:
                yield day, value

    def _check_in(self, n: int, item: Item, whose: str) -> None:
        before = len(self.found.problems)
        names = ("objectiveid", "okrid", "goalid", "keyresultid", "parentid", "objective", "okr")
        whose = whose or _said(item, *names, "entityid", "goal", "title")
        day = self._read(n, item, cells.day, *DAY)
        value = self._read(n, item, cells.amount, *VALUE)
        if day is None or not whose:
            if len(self.found.problems) == before:
                what = "day" if whose else "goal"
                self._problem(n, "check-in", f"The check-in names no {what}.", f"Give its {what}.")
            return
        self.found.check_ins.append(
            CheckInRow(
                place=Place(self.name, n),
                key_result=whose,
                day=day,
                value=value,
                confidence=self._read(n, item, cells.confidence, "confidence"),
                note=_said(item, "note", "message", "comment", "comments", "description", "text"),
                author=self._person(item),
            )
        )

    def _person(self, item: Item) -> str:
        said = _said(item, "owneremail", "owner", "owners", "user", "author", "checkedinby", "by")
        return self.people.get(said.casefold()) or said

    def _read(
        self, n: int, item: Item, parse: Callable[[Cell, Style], Read | None], *names: str
    ) -> Read | None:
        for name in names:
            value = item.get(name)
            if value in (None, "") or isinstance(value, dict | list):
                continue
            try:
                return parse(value, self.style)
            except InputError as error:
                self._problem(n, name, error.message, error.fix)
                return None
        return None

    def _problem(self, n: int, column: str, message: str, fix: str) -> None:
        self.found.problems.append(Problem(self.name, n, column, message, fix))


def _flat(item: Item) -> Item:
    """With names in small letters and nothing between them: `Metric Name` is `metricname`."""
    return {re.sub(r"[^a-z0-9]", "", str(name).lower()): value for name, value in item.items()}


def _items(value: Any) -> list[Item]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, dict)]


def _said(item: Item, *names: str) -> str:
    """The first of these fields that says something; of a nested one its e-mail, id or name."""
    for name in names:
        if said := _word(item.get(name)):
            return said
    return ""


def _word(value: Any) -> str:
    if isinstance(value, list):
        return next(filter(None, map(_word, value)), "")
    if isinstance(value, dict):
        return _said(_flat(value), "email", "id", "objectiveid", "title", "name")
    return cells.text(value)


def _links(goal: Item) -> tuple[str, ...]:
    given = next((v for name in PARENT if (v := goal.get(name))), None)
    values = given if isinstance(given, list) else [given]
    return tuple(word for word in map(_word, values) if word)


def _outcome(goal: Item) -> Item:
    """Empty where nothing is measured."""
    given: Any = next((v for name in OUTCOME if isinstance(v := goal.get(name), dict | list)), {})
    first = next(iter(_items(given)), {})
    return _flat(first)


def _texts(value: Any) -> Iterator[Cell]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
