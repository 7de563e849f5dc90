"""Teams, cycles, people and metrics of a workspace by the words that rows use for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches

from django.utils.text import slugify

from headway.accounts.models import Member, Team, Workspace
from headway.engine.errors import nearest
from headway.files.problems import Problem
from headway.goals.models import Cycle
from headway.moving.arrival import Arrival, Values
from headway.moving.choices import Choices
from headway.moving.reading import Found
from headway.moving.rows import ObjectiveRow, Place, TeamRow
from headway.moving.terms import term


class Register:
    """Teams and cycles that are not there are added to the document of what is new."""

    def __init__(
        self, workspace: Workspace, found: Found, choices: Choices, arrival: Arrival
    ) -> None:
        self.choices, self.arrival = choices, arrival
        self.new: dict[str, list[Values]] = {"teams": [], "cycles": [], "objectives": []}
        self.teams: dict[str, str] = {}
        self.cycles: dict[str, str] = {}
        self.days: dict[str, tuple[date, date]] = {}
        self.people: dict[str, str] = {}
        self._look(workspace)
        self.teams_of_file = {t.id: t for t in found.teams if t.id}
        self.cycles_of_file = {c.name: c for c in found.cycles if c.name}
        self.cycles_of_file |= {c.id: c for c in found.cycles if c.id}
        for row in found.teams:
            if row.name:
                self._team(row.place, row.name, row)

    def _look(self, workspace: Workspace) -> None:
        team: Team
        for team in workspace.teams.all():
            self._name(self.teams, team.key, team.key, team.name)
        cycle: Cycle
        for cycle in workspace.cycles.all():
            self._name(self.cycles, cycle.key, cycle.key, cycle.name)
            self.days[cycle.key] = cycle.starts, cycle.ends
        member: Member
        for member in workspace.members.select_related("person"):
            email = member.person.email
            self._name(self.people, email, email, member.person.name)
        metrics = list(workspace.metrics.filter(archived_at=None))
        self.units = {metric.key: metric.unit for metric in metrics}
        self.metrics = {metric.name.casefold(): metric.key for metric in metrics}

    @staticmethod
    def _name(names: dict[str, str], key: str, *words: str) -> None:
        for word in words:
            if word:
                names.setdefault(word.casefold(), key)

    def _team(self, place: Place, name: str, row: TeamRow | None = None) -> str:
        row = row or self.teams_of_file.get(name)
        name = (row.name if row else "") or name
        if known := self.teams.get(name.casefold()):
            return known
        key = free_key(name, set(self.teams.values()), 50)
        self._name(self.teams, key, name, key)
        item: Values = {"key": key, "name": name[:120]}
        self.add("teams", item, place)
        if row and row.parent and row.parent not in (row.id, row.name):
            item["parent"] = self._team(place, row.parent)
        return key

    def team_of(self, row: ObjectiveRow) -> str:
        name = row.team or self.choices.team
        if name:
            return self._team(row.place, name)
        if len(set(self.teams.values())) == 1:
            return next(iter(self.teams.values()))
        fix = "Choose a team for rows that say none, or the column of the team."
        return self.problem(row.place, "team", "It names no team.", fix)

    def cycle_of(self, row: ObjectiveRow) -> str:
        name = row.cycle or self.choices.cycle
        listed = self.cycles_of_file.get(name)
        starts = row.starts or (listed.starts if listed else None)
        ends = row.ends or (listed.ends if listed else None)
        name = (listed.name if listed else "") or name
        if known := self.cycles.get(name.casefold()) if name else None:
            return known
        told = term(name) if name else None
        if told and not (listed and starts and ends):
            starts, ends = told.starts, told.ends
        if starts is None or ends is None:
            return self._no_cycle(row, name)
        return self._cycle(row.place, name, told.key if told else "", starts, ends)

    def _no_cycle(self, row: ObjectiveRow, name: str) -> str:
        if not name:
            fix = "Choose a cycle for rows that say none, or the column of the cycle."
            return self.problem(row.place, "cycle", "It names no cycle.", fix)
        fix = nearest(name, self.cycles) or (
            "Make the cycle first, choose the columns of its first and last day, or write for "
            "example `Q3 2026`."
        )
        message = f"`{name}` is no cycle here, and its days cannot be told."
        return self.problem(row.place, "cycle", message, fix)

    def _cycle(self, place: Place, name: str, key: str, starts: date, ends: date) -> str:
        same_days = next((k for k, days in self.days.items() if days == (starts, ends)), "")
        if same_days:
            self._name(self.cycles, same_days, name)
            return same_days
        name = name or f"{starts} to {ends}"
        key = key if key and key not in self.days else free_key(key or name, set(self.days), 50)
        self._name(self.cycles, key, name, key)
        self.days[key] = starts, ends
        item = {"key": key, "name": name[:80], "starts": str(starts), "ends": str(ends)}
        self.add("cycles", item, place)
        return key

    # People, metrics, and what there is to say --------------------------------------------------

    def person(self, place: Place, name: str, said: str) -> str:
        """Their e-mail address; "" where they are no member and do not become one."""
        said = next(
            (word.strip() for word in said.replace(";", ",").split(",") if word.strip()), ""
        )
        if not said or (known := self.people.get(said.casefold())):
            return known if said and known else ""
        email = said.lower()
        if "@" in email and self.choices.add_people:
            self.people[email] = email
            self.arrival.people.append(email)
            return email
        close = get_close_matches(said.casefold(), self.people, n=1, cutoff=0.85)
        fix = f"Did you mean `{close[0]}`?" if close else "Invite them first, or let them join."
        self.notice(place, name, f"`{said}` is no member and is left out. {fix}")
        return ""

    def metric(self, place: Place, said: str) -> str:
        """Its key; "" where none is named, or none is there."""
        if said in self.units:
            return said
        if not said or (known := self.metrics.get(said.casefold())):
            return known if said and known else ""
        fix = nearest(said, [*self.units, *self.metrics]) or (
            "Make it under KPIs first, or leave the cell empty: values are then typed by hand."
        )
        return self.problem(place, "metric", f"There is no metric `{said}` here.", fix)

    def add(self, section: str, item: Values, place: Place) -> None:
        self.arrival.places[section, len(self.new[section])] = place
        self.new[section].append(item)

    def problem(self, place: Place, name: str, message: str, fix: str) -> str:
        problem = Problem(place.file, place.row, place.column(name), message, fix)
        self.arrival.problems.append(problem)
        return ""

    def notice(self, place: Place, name: str, message: str) -> None:
        notice = Problem(place.file, place.row, place.column(name), message)
        if notice not in self.arrival.notices:
            self.arrival.notices.append(notice)


def free_key(name: str, taken: Iterable[str], longest: int) -> str:
    stem = slugify(name)[: longest - 4].strip("-_") or "goal"
    known = set(taken)
    return next(k for n in range(1, len(known) + 2) if (k := _nth(stem, n)) not in known)


def _nth(stem: str, n: int) -> str:
    return stem if n == 1 else f"{stem}-{n}"
