"""Key results as lists show them: the row, its last check-in, its line of points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from headway.goals.ahead.words import apart
from headway.goals.aims import unit_of
from headway.goals.lines import Mark, lines, paced
from headway.goals.models import CheckIn, KeyResult, Shape
from headway.goals.rhythm import WORST_FIRST, Silence
from headway.goals.shares import whole_percents
from headway.web.context import Here


@dataclass(frozen=True)
class Standing:
    """`last` is the latest check-in; `marks` the line of the cycle, oldest first.

    `share` is how many percent of its objective it is, where that was asked.
    """

    key_result: KeyResult
    here: Here
    last: CheckIn | None = None
    marks: Sequence[Mark] = ()
    share: int | None = None

    def __str__(self) -> str:
        return str(self.key_result)

    @property
    def unit(self) -> str:
        return unit_of(self.key_result)

    @property
    def typed(self) -> bool:
        return self.key_result.shape in (Shape.manual, Shape.milestones)

    @cached_property
    def silence(self) -> Silence:
        """How long nobody has checked in."""
        last = self.last.day if self.last else None
        return Silence(self.key_result, last, self.here.today, self.here.workspace)

    @property
    def due(self) -> bool:
        return self.silence.due

    @property
    def stale(self) -> bool:
        return self.silence.stale

    @property
    def off_pace(self) -> bool:
        return self.key_result.status in WORST_FIRST

    @property
    def gap(self) -> float:
        """How far the progress is behind where it should be; 0 when that cannot be said."""
        expected, progress = self.key_result.expected, self.key_result.progress
        return 0.0 if expected is None or progress is None else expected - progress

    @property
    def apart(self) -> str:
        """What is to be said when the owner and the forecast are far apart, or ""."""
        return apart(self.key_result.chance, self.confidence)

    def to_dict(self) -> dict[str, Any]:
        found = self.key_result
        columns = ("key", "shape", "baseline", "value", "aim", "at_least", "at_most", "progress")
        more = ("commit", "stretch", "expected", "status", "reason", "weight", "chance")
        return {
            "objective": found.objective.key,
            "title": str(found),
            "metric": found.metric.key if found.metric else "",
            "unit": self.unit,
            **{name: getattr(found, name) for name in columns + more},
            "through": found.value_through.isoformat() if found.value_through else None,
            "due": found.due.isoformat(),
            "owner": found.owner.person.email if found.owner else "",
            "confidence": self.confidence,
            "last_check_in": self.last.day.isoformat() if self.last else None,
            "stale": self.stale,
        }

    @property
    def confidence(self) -> int | None:
        return self.last.confidence if self.last else None


SLIM = (
    *("objective", "cycle__starts", "due", "shape", "weight"),
    *("progress", "expected", "status", "created_at", "chance"),
)
"""What a list needs of a key result that it counts and does not name."""


def slim(here: Here) -> QuerySet[KeyResult]:
    """The key results that nobody archived, with the columns of SLIM alone."""
    found = KeyResult.objects.filter(objective__workspace=here.workspace, archived_at=None)
    return found.select_related("cycle").only(*SLIM)


def living(here: Here) -> QuerySet[KeyResult]:
    """The key results that nobody archived, with the rows they are shown with."""
    return KeyResult.objects.filter(
        objective__workspace=here.workspace, archived_at=None
    ).select_related("objective__team", "objective__workspace", "cycle", "metric", "owner__person")


def standings(
    here: Here, key_results: Iterable[KeyResult], *, drawn: bool = False
) -> list[Standing]:
    """One query for the check-ins and, when lines are drawn, two more."""
    rows = list(key_results)
    last = _last_check_ins(rows)
    drawings = lines(here.workspace, rows) if drawn else {}
    return [Standing(r, here, last.get(r.pk), paced(r, drawings.get(r.pk, ()))) for r in rows]


def shared(rows: Sequence[Standing]) -> list[Standing]:
    """Those of one objective, with their shares, which sum to 100."""
    percents = whole_percents([row.key_result.weight for row in rows])
    return [replace(row, share=share) for row, share in zip(rows, percents, strict=True)]


def due(here: Here) -> list[Standing]:
    """What the member has to check in, the soonest due first."""
    return [row for row in own(here) if row.due]


def own(here: Here) -> list[Standing]:
    """The running key results that the member owns or stands in for, the soonest due first."""
    mine = living(here).filter(
        Q(owner=here.member) | Q(delegate=here.member),
        objective__archived_at=None,
        cycle__starts__lte=here.today,
        due__gte=here.today,
    )
    return standings(here, mine.order_by("due", "pk").prefetch_related("milestones"))


def worst_first(rows: Iterable[Standing]) -> list[Standing]:
    """Those off pace, the furthest behind first."""
    off = [row for row in rows if row.off_pace]
    return sorted(off, key=lambda row: (WORST_FIRST.index(row.key_result.status), -row.gap))


def grouped(rows: Iterable[Standing]) -> dict[int, list[Standing]]:
    """By the primary key of the objective."""
    found: dict[int, list[Standing]] = {}
    for row in rows:
        found.setdefault(row.key_result.objective_id, []).append(row)
    return found


def _last_check_ins(rows: Sequence[KeyResult]) -> Mapping[int, CheckIn]:
    """Each is looked up by its key result; asking every check-in whether it is the last is slow."""
    own = CheckIn.objects.filter(key_result=OuterRef("pk")).order_by("-day", "-at", "-pk")
    newest = KeyResult.objects.filter(pk__in=[r.pk for r in rows]).values_list(
        Subquery(own.values("pk")[:1])
    )
    found = CheckIn.objects.filter(pk__in=newest).order_by()
    return {c.key_result_id: c for c in found}
