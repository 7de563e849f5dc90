"""What Headway itself wrote when somebody moved out: read back exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from headway.accounts.models import Workspace
from headway.engine.errors import InputError
from headway.files.problems import Problem
from headway.files.state import kept
from headway.goals.models import KeyResult
from headway.goals.past import Past, same
from headway.moving.arrival import Arrival, Said, Values
from headway.moving.rows import Place

MARK = "headway"
VERSION = 1
SECTIONS = (
    *("sources", "surveys", "checks", "teams"),
    *("cycles", "metrics", "objectives", "outputs", "annotations", "closes"),
)
PEOPLE = ("owner", "delegate")


def is_own(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get(MARK), dict)


def arrive(
    workspace: Workspace, name: str, value: Mapping[str, Any], *, add_people: bool, today: date
) -> Arrival:
    """What is new of it. What the workspace has by the same key stays as it is."""
    if value[MARK].get("version") != VERSION:
        raise InputError(
            f"It was written by another version of Headway: {value[MARK].get('version')!r}.",
            where=name,
            fix="Update Headway first.",
        )
    arrival = Arrival()
    _Reader(workspace, name, value, arrival, add_people).read(today)
    arrival.check(workspace)
    return arrival


class _Reader:
    def __init__(
        self,
        workspace: Workspace,
        name: str,
        value: Mapping[str, Any],
        arrival: Arrival,
        add_people: bool,
    ) -> None:
        self.workspace, self.name, self.value = workspace, name, value
        self.arrival, self.add_people = arrival, add_people
        self.there = kept(workspace)
        emails = workspace.members.values_list("person__email", flat=True)
        self.members = {email.lower() for email in emails}

    def read(self, today: date) -> None:
        self._tell_settings()
        for section in SECTIONS:
            items = [self._item(section, n, item) for n, item in self._items(section)]
            if fresh := [item for item in items if item is not None]:
                self.arrival.values[section] = fresh
            for n, _ in enumerate(fresh):
                self.arrival.places[section, n] = Place(self.name, n + 1)
        self._check_ins(today)

    def _items(self, section: str) -> list[tuple[int, Any]]:
        found = self.value.get(section, [])
        if not isinstance(found, list):
            raise InputError(f"`{section}` is no list.", where=self.name)
        return list(enumerate(found, 1))

    def _tell_settings(self) -> None:
        theirs = self.value.get("workspace")
        for setting in ("currency", "timezone"):
            here = getattr(self.workspace, setting)
            there = theirs.get(setting, here) if isinstance(theirs, dict) else here
            if there != here:
                self._notice(0, setting, f"It was {there} there and is {here} here.")

    def _item(self, section: str, n: int, item: Any) -> Values | None:
        if not isinstance(item, dict):
            return {"key": item}
        key, noun = _key(section, item), section.removesuffix("s")
        known = self._with_people(n, item)
        if section == "objectives":
            return self._objective(n, key, known)
        if f"{noun}:{key}" in self.there:
            self.arrival.keep(noun)
            return None
        return known

    def _objective(self, n: int, key: str, item: Values) -> Values | None:
        given = item.get("key_results", [])
        inner = [self._with_people(n, one) for one in given if isinstance(one, dict)]
        fresh = [one for one in inner if f"key_result:{key}/{one.get('key')}" not in self.there]
        for _ in range(len(inner) - len(fresh)):
            self.arrival.keep("key_result")
        present = self.there.get(f"objective:{key}")
        if present is None:
            return {**item, "key_results": fresh} if isinstance(given, list) else item
        self.arrival.keep("objective")
        return {**present.fields, "key_results": fresh} if fresh else None

    def _with_people(self, n: int, item: Values) -> Values:
        """Without those who are no members here, unless they become some."""
        item = dict(item)
        for name in PEOPLE:
            said = item.get(name)
            if isinstance(said, str) and said and not self._is_here(said):
                del item[name]
                self._notice(n, name, f"`{said}` is no member and is left out.")
        members = item.get("members")
        if isinstance(members, list):
            here = [m for m in members if isinstance(m, str) and self._is_here(m)]
            for said in members:
                if said not in here:
                    self._notice(n, "members", f"`{said}` is no member and is left out.")
            item["members"] = here
        return item

    def _is_here(self, email: str) -> bool:
        email = email.lower()
        if email not in self.members and self.add_people and "@" in email:
            self.members.add(email)
            self.arrival.people.append(email)
        return email in self.members

    def _check_ins(self, today: date) -> None:
        rows = KeyResult.objects.filter(objective__workspace=self.workspace)
        there = {
            (row.objective.key, row.key): {same(one) for one in row.check_ins.all()}
            for row in rows.select_related("objective").prefetch_related("check_ins")
        }
        named = {
            (o.get("key"), k.get("key"))
            for o in self.arrival.values.get("objectives", [])
            for k in (o.get("key_results") or [])
            if isinstance(k, dict)
        } | there.keys()
        for n, item in self._items("check_ins"):
            said = self._said(n, item, today)
            if said is None:
                continue
            place = said.objective, said.key_result
            if place not in named:
                message = f"There is no key result `{said.objective}/{said.key_result}`."
                self._problem(n, "key_result", message)
            elif same(said.past) in there.get(place, ()):
                self.arrival.keep("check_in")
            else:
                self.arrival.check_ins.append(said)

    def _said(self, n: int, item: Any, today: date) -> Said | None:
        try:
            day = date.fromisoformat(item["day"])
            value, confidence = item.get("value"), item.get("confidence")
            past = Past(
                day,
                None if value is None else float(value),
                None if confidence is None else int(confidence),
                str(item.get("note") or ""),
            )
            author = str(item.get("by") or "")
            place = Place(self.name, n)
            said = Said(place, str(item["objective"]), str(item["key_result"]), past, author)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            self._problem(n, "check_ins", "The check-in cannot be read.")
            return None
        if day > today:
            self._problem(n, "day", f"{day} is in the future; today is {today}.")
            return None
        return said if self._author_is_here(said) else Said(*_without_author(said))

    def _author_is_here(self, said: Said) -> bool:
        return not said.author or self._is_here(said.author)

    def _problem(self, n: int, column: str, message: str) -> None:
        fix = "Send the file as it was written."
        self.arrival.problems.append(Problem(self.name, n, column, message, fix))

    def _notice(self, n: int, column: str, message: str) -> None:
        notice = Problem(self.name, n, column, message)
        if notice not in self.arrival.notices:
            self.arrival.notices.append(notice)


def _key(section: str, item: Mapping[str, Any]) -> str:
    if section == "closes":
        return f"{item.get('cycle')}/{item.get('team')}"
    return str(item.get("key"))


def _without_author(said: Said) -> tuple[Place, str, str, Past]:
    return said.place, said.objective, said.key_result, said.past
