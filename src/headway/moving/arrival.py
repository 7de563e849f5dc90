"""What would be made in a workspace of what files say, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from headway.accounts.models import Workspace
from headway.engine.shape import Fault, Path
from headway.engine.written import grouped
from headway.files.draft import Draft
from headway.files.plan import Step, plan
from headway.files.problems import Problem
from headway.files.references import References
from headway.files.state import known_in
from headway.goals.past import Past
from headway.moving.rows import Place

Values = dict[str, Any]
COLUMNS = {
    "from": "baseline",
    "to": "target",
    "supports": "parent",
    "key": "title",
    "starts": "cycle",
    "ends": "cycle",
}
"""Fields of a document → those of a mapping, where they are called differently."""


@dataclass(frozen=True)
class Said:
    """A check-in to be added, by the keys of its objective and key result.

    `author` is an e-mail address; "" is who moves it in.
    """

    place: Place
    objective: str
    key_result: str
    past: Past
    author: str = ""


@dataclass
class Arrival:
    """`values` is a document of what is new; `places` where each item of it came from."""

    values: Values = field(default_factory=dict)
    places: dict[Path, Place] = field(default_factory=dict)
    check_ins: list[Said] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    """E-mail addresses of those who become members."""
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)
    """How many of each noun are there already, and stay as they are."""
    steps: list[Step] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not self.made

    @property
    def made(self) -> dict[str, int]:
        """How many of each noun would be made."""
        counts: dict[str, int] = {}
        for step in self.steps:
            counts[step.noun] = counts.get(step.noun, 0) + 1
        if self.check_ins:
            counts["check_in"] = len(self.check_ins)
        if self.people:
            counts["person"] = len(self.people)
        return counts

    def check(self, workspace: Workspace) -> None:
        """Fills `steps`, and `problems` with what the document's own rules find."""
        known = known_in(workspace, managed=True)
        known = replace(known, people={*known.people, *self.people})
        draft = Draft.of(self.values)
        faults = [*draft.faults, *References(draft, known).faults()]
        self.problems += [self._problem(fault) for fault in faults]
        self.problems = sorted(set(self.problems))
        if not faults:
            steps = plan(workspace, draft.document(), known=known)
            self.steps = [s for s in steps if s.action in ("create", "change")]

    def keep(self, noun: str) -> None:
        self.kept[noun] = self.kept.get(noun, 0) + 1

    def _problem(self, fault: Fault) -> Problem:
        path = fault.path
        while path and path not in self.places:
            path = path[:-1]
        place = self.places.get(path, Place("", 1))
        named = next((s for s in reversed(fault.path[len(path) :]) if isinstance(s, str)), "")
        column = place.column(COLUMNS.get(named, named)) if named else ""
        return Problem(place.file, place.row, column, fault.message, fault.fix)


def counted(counts: Mapping[str, int]) -> str:
    """`3 objectives, 1 check-in`."""
    return ", ".join(f"{grouped(n)} {_noun(noun, n)}" for noun, n in counts.items() if n)


def _noun(noun: str, count: int) -> str:
    word = {"person": "new member"}.get(noun, noun.replace("check_in", "check-in"))
    return word.replace("_", " ") + ("" if count == 1 else "s")


def lines(problems: Iterable[Problem]) -> list[str]:
    """As a command prints them: file, row, column, what is wrong, and how to mend it."""
    return [line(p) for p in problems]


def line(problem: Problem) -> str:
    place = f"{problem.file}, row {problem.line}" if problem.file else ""
    column = f"column {problem.field}" if problem.field else ""
    head = ", ".join(filter(None, (place, column)))
    return f"{head}: {problem.message} {problem.fix}".rstrip() if head else problem.message
