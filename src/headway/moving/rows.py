"""Goals of another tool as its rows say them, before anything is looked up in a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from headway.moving.cells import Amount
from headway.moving.mapping import FIELDS


@dataclass(frozen=True)
class Place:
    """Where something stands: the heading of each field, so that faults name the column."""

    file: str
    row: int
    columns: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> str:
        known = FIELDS[name].label if name in FIELDS else name.replace("_", " ")
        return self.columns.get(name, known)


@dataclass(frozen=True, kw_only=True)
class ObjectiveRow:
    """`parent` is an id, a key or a title of the objective that this one supports."""

    place: Place
    title: str
    id: str = ""
    why: str = ""
    team: str = ""
    cycle: str = ""
    starts: date | None = None
    ends: date | None = None
    owner: str = ""
    parents: tuple[str, ...] = ()
    ambition: str = ""


@dataclass(frozen=True, kw_only=True)
class KeyResultRow:
    """`objective` is an id, a key or a title. `progress` is a share of the way to the target."""

    place: Place
    title: str
    objective: str
    id: str = ""
    metric: str = ""
    baseline: Amount | None = None
    target: Amount | None = None
    current: Amount | None = None
    progress: float | None = None
    unit: str = ""
    due: date | None = None
    weight: float | None = None
    owner: str = ""
    phases: Mapping[date, Amount] = field(default_factory=dict)
    updated: date | None = None
    confidence: int | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckInRow:
    """`key_result` is an id, a title, or `objective/key-result` by their keys."""

    place: Place
    key_result: str
    objective: str = ""
    day: date
    value: Amount | None = None
    confidence: int | None = None
    note: str = ""
    author: str = ""


@dataclass(frozen=True)
class TeamRow:
    """`parent` is an id or a name."""

    place: Place
    name: str
    id: str = ""
    parent: str = ""


@dataclass(frozen=True)
class CycleRow:
    place: Place
    name: str
    id: str = ""
    starts: date | None = None
    ends: date | None = None
