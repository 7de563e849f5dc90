"""Goals as the coach sees them. None is what is not known or was not given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of what is said to drive something: whether changes come `lag` weeks later in the other.

    `other` is its name, `business` says whether it is a business outcome; `weeks` of both were
    compared.
    """

    other: str
    linked: bool
    lag: int = 0
    weeks: int = 0
    business: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric.

    `selects` and `population` say in one spelling what is counted, and of what a share is a share.
    `computes` is the same for two KPIs that compute the same. `stale` says since when there is
    no news, and `health` whether the last value lies within the healthy range. `leads` tells of
    what it is said to drive, `led_by` of what is said to drive it.
    """

    key: str
    name: str = ""
    unit: str = ""
    direction: str = "none"
    kind: str = ""
    family: str = ""
    level: str = "metric"
    outcome: str = "none"
    owner: str = ""
    teams: tuple[str, ...] = ()
    healthy: bool = False
    drives: tuple[str, ...] = ()
    selects: str = ""
    population: str = ""
    computes: str = ""
    stale: str = ""
    health: str = ""
    leads: tuple[Evidence, ...] = ()
    led_by: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Days:
    """Both days are inclusive."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class History:
    """Readings of complete periods as the key result is read, oldest first.

    `at_start` is the last reading before the cycle opens; `pending` says that it may still come.
    `ahead` is how many periods lie between the last reading and the due date.
    """

    values: tuple[float, ...] = ()
    at_start: float | None = None
    ahead: float = 0.0
    pending: bool = False
    grain: str = "period"


@dataclass(frozen=True, slots=True)
class KeyResult:
    """`change` is a factor, or an amount when `change_in` is points; `title` may be empty."""

    subject: str
    title: str = ""
    metric: Measure | None = None
    shape: str = "reach"
    baseline: float | None = None
    target: float | None = None
    change: float | None = None
    change_in: str = "percent"
    at_least: float | None = None
    at_most: float | None = None
    over: str = "latest"
    unit: str = ""
    due: date | None = None
    cycle: Days | None = None
    history: History = field(default_factory=History)
    weeks_left: float | None = None

    @property
    def text(self) -> str:
        return self.title or (self.metric.name if self.metric else "")

    @property
    def counts_in(self) -> str:
        """The unit of its values."""
        return self.metric.unit if self.metric else self.unit

    @property
    def start(self) -> float | None:
        """Where it starts from: as typed, else as measured."""
        if self.baseline is not None:
            return self.baseline
        return 0.0 if self.over == "cycle_to_date" else self.history.at_start

    @property
    def aim(self) -> float | None:
        if self.shape != "relative":
            return self.target
        if self.change is None or self.start is None:
            return None
        if self.change_in == "points":
            return self.start + self.change
        return self.start + abs(self.start) * self.change


@dataclass(frozen=True, slots=True)
class Objective:
    """`company`: of a team that has teams below it and none above; `nested`: of one below others.

    `supports` and `supported` count objectives. `team` and `owner` are empty when nobody is named.
    """

    subject: str
    title: str
    why: str = ""
    owner: str = ""
    team: str = ""
    cycle: str = ""
    company: bool = False
    nested: bool = False
    supports: int = 0
    supported: int = 0
    key_results: tuple[KeyResult, ...] = ()
    guardrails: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamCycle:
    """What a team set itself for a cycle. `past` has the scores of its closed cycles, last first.

    `kpis` are all metrics of the workspace.
    """

    subject: str
    team: str
    cycle: str
    objectives: tuple[Objective, ...] = ()
    past: tuple[tuple[float, ...], ...] = ()
    kpis: tuple[Measure, ...] = ()

    @property
    def key_results(self) -> tuple[KeyResult, ...]:
        return tuple(k for o in self.objectives for k in o.key_results)


@dataclass(frozen=True, slots=True)
class Kpi:
    """`used`: by a key result or as a guardrail. `twins` are KPIs that compute the same."""

    subject: str
    measure: Measure
    used: bool = False
    business: bool = False
    twins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """The KPIs that the people of a team own."""

    subject: str
    team: str
    kpis: tuple[str, ...] = ()
