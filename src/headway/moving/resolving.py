"""Rows of another tool → what is new of them in a workspace.

Teams, cycles, people, parents and metrics are looked up by their keys and names; teams and cycles
that are not there are made. What is there already stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from headway.accounts.models import Workspace
from headway.engine.errors import nearest
from headway.files.amounts import format_amount
from headway.files.state import kept
from headway.goals.checks import RESERVED
from headway.goals.models import KeyResult, Objective, Shape
from headway.goals.past import Past, same
from headway.moving.arrival import Arrival, Said, Values
from headway.moving.cells import PERCENT, Amount, currency
from headway.moving.choices import Choices
from headway.moving.reading import Found
from headway.moving.register import Register, free_key
from headway.moving.rows import CheckInRow, KeyResultRow, ObjectiveRow, Place


@dataclass(frozen=True)
class Result:
    """A key result by its key, and the unit of its values; `row` if it is there already."""

    key: str
    unit: str
    row: KeyResult | None = None


@dataclass(frozen=True)
class Goal:
    """An objective by its key, its item of the document, and its key results by title."""

    key: str
    item: Values
    results: dict[str, Result]


def resolve(workspace: Workspace, found: Found, choices: Choices, *, today: date) -> Arrival:
    arrival = Arrival(problems=list(found.problems), notices=list(found.notices))
    register = Register(workspace, found, choices, arrival)
    goals = _Goals(workspace, register, today)
    goals.objectives(found.objectives)
    for key_result in found.key_results:
        goals.key_result(key_result)
    for check_in in found.check_ins:
        goals.check_in(check_in)
    arrival.values = {name: items for name, items in register.new.items() if items}
    arrival.check(workspace)
    return arrival


class _Goals:
    def __init__(self, workspace: Workspace, register: Register, today: date) -> None:
        self.workspace, self.register, self.today = workspace, register, today
        self.arrival = register.arrival
        self.goals: dict[str, Goal] = {}
        self.by_name: dict[str, list[str]] = {}
        self.ids: dict[str, tuple[str, str]] = {}
        """Id of a row → keys of its objective and key result; the latter may be empty."""
        self._look(workspace)
        self.taken = {*self.goals, *RESERVED}

    def _look(self, workspace: Workspace) -> None:
        fields = kept(workspace, "objective")
        results: dict[str, list[KeyResult]] = {}
        rows = KeyResult.objects.filter(objective__workspace=workspace)
        for row in rows.select_related("objective", "metric").prefetch_related("check_ins"):
            results.setdefault(row.objective.key, []).append(row)
        objective: Objective
        for objective in workspace.objectives.order_by("key"):
            item = {**fields[f"objective:{objective.key}"].fields, "key_results": []}
            known = {
                str(row).casefold(): Result(row.key, _unit_of(row), row)
                for row in results.get(objective.key, [])
            }
            self.goals[objective.key] = Goal(objective.key, item, known)
            self._call(objective.key, objective.key, objective.title)

    def _call(self, key: str, *words: str) -> None:
        for word in filter(None, words):
            keys = self.by_name.setdefault(word.casefold(), [])
            if key not in keys:
                keys.append(key)

    # Objectives ---------------------------------------------------------------------------------

    def objectives(self, rows: list[ObjectiveRow]) -> None:
        for row, goal in [(row, self._objective(row)) for row in rows]:
            if goal is not None:
                self._support(row, goal)

    def _objective(self, row: ObjectiveRow) -> Goal | None:
        """None for one that was there already, or that has a fault."""
        before = len(self.arrival.problems)
        team, cycle = self.register.team_of(row), self.register.cycle_of(row)
        if len(self.arrival.problems) > before:
            return None
        known = self._known(row.title, cycle, team)
        goal = self.goals[known] if known else self._make(row, team, cycle)
        self._call(goal.key, row.id, row.title)
        if row.id:
            self.ids.setdefault(row.id.casefold(), (goal.key, ""))
        if known:
            self.arrival.keep("objective")
        return None if known else goal

    def _make(self, row: ObjectiveRow, team: str, cycle: str) -> Goal:
        key = free_key(row.title, self.taken, 80)
        self.taken.add(key)
        item = _filled(
            key=key,
            cycle=cycle,
            team=team,
            title=row.title,
            why=row.why,
            ambition=row.ambition if row.ambition != "committed" else "",
            owner=self.register.person(row.place, "owner", row.owner),
            key_results=[],
        )
        self.goals[key] = Goal(key, item, {})
        self.register.add("objectives", item, row.place)
        return self.goals[key]

    def _known(self, title: str, cycle: str, team: str) -> str:
        for key in self.by_name.get(title.casefold(), []):
            item = self.goals[key].item
            if (item.get("cycle"), item.get("team")) == (cycle, team):
                return key
        return ""

    def _support(self, row: ObjectiveRow, goal: Goal) -> None:
        above = set()
        for parent in row.parents:
            key = self._named(parent)
            if key and key != goal.key:
                above.add(key)
            elif not key:
                fix = nearest(parent, self._titles())
                message = (
                    f"There is no objective `{parent}` to support; the link is left out. {fix}"
                )
                self.register.notice(row.place, "parent", message.strip())
        if above:
            goal.item["supports"] = sorted(above)

    def _named(self, word: str) -> str:
        """The objective of that id, key or title; the latest one when several have the title."""
        found = self.ids.get(word.casefold())
        keys = self.by_name.get(word.casefold(), [])
        return found[0] if found else (keys[-1] if keys else "")

    def _titles(self) -> list[str]:
        return [goal.item["title"] for goal in self.goals.values()]

    # Key results --------------------------------------------------------------------------------

    def key_result(self, row: KeyResultRow) -> None:
        objective = self._named(row.objective)
        if not objective:
            self._no_objective(row)
            return
        goal = self.goals[objective]
        result = goal.results.get(row.title.casefold())
        if result:
            self.arrival.keep("key_result")
        else:
            result = self._add(goal, row)
        if row.id:
            self.ids[row.id.casefold()] = goal.key, result.key
        self._present_value(row, goal, result)

    def _no_objective(self, row: KeyResultRow) -> None:
        """Told only where its own row is not what is wrong."""
        if self.arrival.problems:
            fix = nearest(row.objective, self._titles()) or "Mend the row of the objective first."
        else:
            fix = nearest(row.objective, self._titles()) or "Give the objective a row, too."
        message = f"“{row.title}” belongs to `{row.objective}`, which is not there."
        self.register.problem(row.place, "objective", message, fix)

    def _add(self, goal: Goal, row: KeyResultRow) -> Result:
        metric = self.register.metric(row.place, row.metric)
        unit = self.register.units[metric] if metric else self._unit(row)
        key = free_key(row.title, {*RESERVED, *(r.key for r in goal.results.values())}, 50)
        item = _filled(
            key=key,
            title=row.title,
            metric=metric,
            unit="" if metric else unit,
            due=str(row.due) if row.due else "",
            weight=row.weight,
            owner=self.register.person(row.place, "owner", row.owner),
            phases={str(d): _written(a, unit) for d, a in sorted(row.phases.items())},
            **self._course(row, unit),
        )
        self._place(goal, item, row.place)
        goal.results[row.title.casefold()] = Result(key, unit)
        return goal.results[row.title.casefold()]

    def _place(self, goal: Goal, item: Values, place: Place) -> None:
        objectives = self.register.new["objectives"]
        if not any(one is goal.item for one in objectives):
            self.register.add("objectives", goal.item, place)
        goal.item.setdefault("key_results", []).append(item)
        position = next(n for n, one in enumerate(objectives) if one is goal.item)
        path = ("objectives", position, "key_results", len(goal.item["key_results"]) - 1)
        self.arrival.places[path] = place

    def _course(self, row: KeyResultRow, unit: str) -> Values:
        """From where to where. What has no target goes from 0 to 100 %."""
        if row.target is None and not row.metric:
            message = f"“{row.title}” has no target: it goes from 0 to 100 %."
            self.register.notice(row.place, "target", message)
            return {"from": "0 %", "to": "100 %"}
        target = {"to": _written(row.target, unit)} if row.target else {}
        if row.baseline is not None:
            return {"from": _written(row.baseline, unit), **target}
        return target if row.metric else {**self._start(row, unit), **target}

    def _start(self, row: KeyResultRow, unit: str) -> Values:
        if row.target is not None and row.target.value == 0:
            fix = "Choose the column of the first value, or write it in the row."
            self.register.problem(row.place, "baseline", "It goes to 0, but from where?", fix)
        else:
            message = f"“{row.title}” says no first value: it starts at 0."
            self.register.notice(row.place, "baseline", message)
        return {"from": _written(Amount(0.0), unit)}

    def _unit(self, row: KeyResultRow) -> str:
        if row.target is None:
            return PERCENT
        said = (row.unit, *(a.unit for a in (row.target, row.baseline, row.current) if a))
        unit = next(filter(None, said), "")
        if unit.lower() in ("%", "percent", "percentage"):
            return PERCENT
        if code := currency(unit):
            return "money" if code == self.workspace.currency else code
        return "" if unit.lower() in ("number", "numeric", "#", "count") else unit[:20]

    def _present_value(self, row: KeyResultRow, goal: Goal, result: Result) -> None:
        """What a row says of the present is its latest check-in, unless that was said already."""
        measured = bool(row.metric) or (result.row is not None and result.row.shape != Shape.manual)
        value = None if measured else _now(row, result.unit)
        if value is None and row.confidence is None and not row.note:
            return
        latest = next(iter(result.row.check_ins.all()), None) if result.row else None
        past = Past(row.updated or self.today, value, row.confidence, row.note)
        if latest and same(latest)[1:] == same(past)[1:]:
            self.arrival.keep("check_in")
        else:
            self._say(Said(row.place, goal.key, result.key, past), result)

    # Check-ins ----------------------------------------------------------------------------------

    def check_in(self, row: CheckInRow) -> None:
        found = self._whose(row)
        if found is None:
            return
        goal, result = found
        value = None if row.value is None else _number(row.value, result.unit)
        author = self.register.person(row.place, "author", row.author)
        past = Past(row.day, value, row.confidence, row.note)
        self._say(Said(row.place, goal.key, result.key, past, author), result)

    def _whose(self, row: CheckInRow) -> tuple[Goal, Result] | None:
        word = row.key_result.casefold()
        inside = self._named(row.objective) if row.objective else ""
        goals = [self.goals[inside]] if inside else list(self.goals.values())
        if found := self.ids.get(word):
            goal = self.goals[found[0]]
            held = [r for r in goal.results.values() if not found[1] or r.key == found[1]]
            places = [(goal, result) for result in held]
        else:
            places = [
                (goal, result)
                for goal in goals
                for title, result in goal.results.items()
                if word in (title, result.key, f"{goal.key}/{result.key}")
            ]
        if len(places) == 1:
            return places[0]
        self._not_one(row, places)
        return None

    def _not_one(self, row: CheckInRow, places: list[tuple[Goal, Result]]) -> None:
        if places:
            message = f"`{row.key_result}` may be {len(places)} key results."
            fix = f"Write one of {', '.join(f'`{g.key}/{r.key}`' for g, r in places[:4])}."
        else:
            titles = [title for goal in self.goals.values() for title in goal.results]
            message = f"There is no key result `{row.key_result}`."
            fix = nearest(row.key_result.casefold(), titles)
            fix = fix or "Name one of the files or of the workspace."
        self.register.problem(row.place, "key", message, fix)

    def _say(self, said: Said, result: Result) -> None:
        past, there = said.past, result.row
        if past.day > self.today:
            message = f"{past.day} is in the future; today is {self.today}."
            self.register.problem(said.place, "day", message, "Give a day that has passed.")
        elif past.value is None and past.confidence is None and not past.note:
            fix = "Give a value, a confidence or a note."
            self.register.problem(said.place, "note", "The check-in says nothing.", fix)
        elif there and same(past) in {same(one) for one in there.check_ins.all()}:
            self.arrival.keep("check_in")
        elif there and there.shape != Shape.manual and past.value is not None:
            message = f"“{there}” is measured; its value cannot be typed."
            self.register.problem(said.place, "value", message, "Leave the value out.")
        else:
            self.arrival.check_ins.append(said)


def _now(row: KeyResultRow, unit: str) -> float | None:
    if row.current is not None:
        return _number(row.current, unit)
    if row.progress is None or row.target is None:
        return row.progress
    start = _number(row.baseline or Amount(0.0), unit)
    return start + row.progress * (_number(row.target, unit) - start)


def _filled(**fields: Any) -> Values:
    return {name: v for name, v in fields.items() if v not in (None, "", {})}


def _number(amount: Amount, unit: str) -> float:
    """In the unit of the key result: bare numbers of a percentage are percents."""
    return amount.value / 100 if unit == PERCENT and amount.unit != PERCENT else amount.value


def _written(amount: Amount | None, unit: str) -> str | float | None:
    return None if amount is None else format_amount(_number(amount, unit), unit)


def _unit_of(row: KeyResult) -> str:
    return row.metric.unit if row.metric else row.unit
