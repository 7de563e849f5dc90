"""Whether what is said to drive a metric moves before it: how much earlier, and how strongly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db.models import QuerySet

from headway.accounts.models import Workspace
from headway.charts import formats
from headway.engine.period import Grain
from headway.metrics.models import Metric
from headway.outlook.method import Matter, Method
from headway.outlook.models import Study
from headway.stats.history import CannotTell, History

Verdict = Literal["linked", "no evidence yet"]

WEAK, STRONG = 0.3, 0.5
"""Of how the changes go together, from 0 to 1."""
ENOUGH = 78
"""Weeks in which both are known, after which a link that shows nothing is worth a word."""


@dataclass(frozen=True)
class Link:
    """`lag` is in weeks; `slope` how much of a change comes through, with its 95 % interval.

    In per cent for one per cent where `relative`. `strength` goes from −1 to 1, `weeks` are those
    that were compared. `p` says how often chance alone shows as much.
    """

    verdict: Verdict
    lag: int
    strength: float
    slope: float
    low: float
    high: float
    relative: bool
    p: float
    weeks: int
    caution: str = ""

    @property
    def linked(self) -> bool:
        return self.verdict == "linked"

    @property
    def force(self) -> str:
        size = abs(self.strength)
        return "weak" if size < WEAK else "moderate" if size < STRONG else "strong"

    @property
    def words(self) -> str:
        """Of the one that is said to drive: `moves about 3 weeks earlier; weak`."""
        if not self.linked:
            return "no evidence yet"
        way = "" if self.strength > 0 else " the other way"
        if not self.lag:
            return f"moves{way} in the same week; {self.force}"
        weeks = f"{self.lag} week{'s' * (self.lag != 1)}"
        return f"moves{way} about {weeks} earlier; {self.force}"

    @property
    def rests(self) -> str:
        """What comes through, or what was looked at in vain."""
        if not self.linked:
            return f"In {self.weeks} weeks their changes do not go together beyond chance."
        sides = sorted((self.low, self.high))
        if self.relative:
            low, high = (_plain(side) for side in sides)
            said = f"1 % more goes with {_plain(self.slope)} % (between {low} and {high} %)"
        else:
            said = f"strength {_plain(self.strength)} of 1"
        return f"{said}, from {self.weeks} weeks. {self.caution}".strip()


@dataclass(frozen=True)
class Tie:
    """A link between two metrics, as far as it is known."""

    cause: Metric
    result: Metric
    found: Link | CannotTell

    @property
    def link(self) -> Link | None:
        return self.found if isinstance(self.found, Link) else None

    @property
    def words(self) -> str:
        return self.link.words if self.link else "cannot be told yet"

    @property
    def rests(self) -> str:
        return self.link.rests if self.link else getattr(self.found, "reason", "")


def ties(workspace: Workspace) -> list[Tie]:
    """All that are kept, in one query."""
    return _read(Study.objects.filter(metric__workspace=workspace))


def ties_of(metric: Metric) -> list[Tie]:
    """What it is said to drive, and what is said to drive it."""
    own = Study.objects.filter(metric=metric) | Study.objects.filter(beside=metric)
    return _read(own)


def linked(histories: Sequence[History]) -> Link | CannotTell:
    from headway.stats.links import link  # it takes long to load

    cause, result = histories
    found = link(cause, result)
    if isinstance(found, CannotTell):
        return found
    pairs = max(tie.pairs for tie in found.ties)
    return Link(
        found.verdict, found.lag, found.strength, found.slope, found.low, found.high,
        found.relative, found.p, pairs, found.caution,
    )  # fmt: skip


def _read(rows: QuerySet[Study]) -> list[Tie]:
    studies = rows.filter(name=LINKS.name, beside__isnull=False)
    studies = studies.select_related("metric", "beside")
    found = [Tie(row.metric, row.beside, LINKS.told(row)) for row in studies if row.beside]
    return sorted(found, key=lambda tie: (tie.cause.name.lower(), tie.result.name.lower()))


def _matters(metrics: Sequence[Metric]) -> Iterator[Matter]:
    """Weeks: what lies months behind would take many years to tell."""
    known: Mapping[str, Metric] = {metric.key: metric for metric in metrics}
    for metric in metrics:
        for key in metric.profile.get("drives") or ():
            if key in known and key != metric.key:
                yield Matter(metric, Grain.week, known[key])


def _plain(size: float) -> str:
    return formats.number(round(size, 2))


LINKS = Method("links", 1, Link, _matters, linked)
