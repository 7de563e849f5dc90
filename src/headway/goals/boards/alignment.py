"""What supports what, across teams and cycles, and what stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Q

from headway.accounts.models import Workspace
from headway.goals.models import Cycle, Objective

Alone = Literal["nobody supports it", "supports nothing"]

WORDS: Mapping[Alone, str] = {
    "nobody supports it": "A company objective that nobody supports.",
    "supports nothing": "Supports nothing above.",
}

Links = Mapping[int, tuple[int, ...]]


@dataclass(frozen=True)
class Placed:
    """An objective, how far below the top it stands, and what is above and below it."""

    objective: Objective
    depth: int
    above: tuple[int, ...]
    below: tuple[int, ...]
    alone: Alone | None = None

    @property
    def warning(self) -> str:
        return WORDS[self.alone] if self.alone else ""


@dataclass(frozen=True)
class Branch:
    """A place in the tree; what supports several objectives stands under each of them."""

    placed: Placed
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Alignment:
    placed: Mapping[int, Placed]

    @property
    def alone(self) -> list[Placed]:
        return [one for one in self.placed.values() if one.alone]

    @property
    def links(self) -> Iterator[tuple[int, int]]:
        """From what is supported to what supports it."""
        for pk, one in self.placed.items():
            yield from ((pk, below) for below in one.below)

    def levels(self) -> list[list[Placed]]:
        """By depth, each near what it supports, so that few lines cross."""
        found: list[list[Placed]] = []
        for depth in range(max((one.depth for one in self.placed.values()), default=-1) + 1):
            row = [one for one in self.placed.values() if one.depth == depth]
            places = {one.objective.pk: i for i, one in enumerate(found[-1])} if found else {}
            found.append(sorted(row, key=lambda one: _near(one, places)))
        return found

    def tree(self) -> list[Branch]:
        """From the top; what stands alone comes last."""
        roots = [one for one in self.placed.values() if not one.above]
        ordered = sorted(roots, key=lambda one: (one.alone == "supports nothing", one.depth))
        return [self._branch(one) for one in ordered]

    def rows(self) -> Iterator[dict[str, Any]]:
        for one in self.placed.values():
            objective = one.objective
            yield {
                "key": objective.key,
                "title": objective.title,
                "team": objective.team.key,
                "cycle": objective.cycle.key,
                "status": objective.status,
                "progress": objective.progress,
                "level": one.depth,
                "supports": [self.placed[pk].objective.key for pk in one.above],
                "supported_by": [self.placed[pk].objective.key for pk in one.below],
                "alone": one.warning,
            }

    def _branch(self, one: Placed) -> Branch:
        return Branch(one, tuple(self._branch(self.placed[pk]) for pk in one.below))


def alignment(
    workspace: Workspace, cycle: Cycle | None = None, teams: AbstractSet[int] = frozenset()
) -> Alignment:
    """Of cycles that run beside the given one, with all that these objectives support in turn.

    `teams`: only of these, by primary key, with what is above and below. Three queries.
    """
    rows = workspace.objectives.filter(archived_at=None).select_related(
        "team", "cycle", "owner__person"
    )
    objectives = {o.pk: o for o in rows.order_by("created_at", "pk")}
    above = _links(workspace, objectives)
    chosen = {pk for pk, o in objectives.items() if cycle is None or _beside(o.cycle, cycle)}
    chosen |= _reached(chosen, above)
    if teams:
        ours = {pk for pk in chosen if objectives[pk].team_id in teams}
        chosen &= ours | _reached(ours, above) | _reached(ours, _turned(above))
    nested = workspace.teams.filter(parent__isnull=False).exists()
    return _placed({pk: o for pk, o in objectives.items() if pk in chosen}, above, nested)


def loop(objective: Objective, above: Iterable[Objective]) -> list[Objective]:
    """The way from the objective through those above it back to itself; empty: there is none."""
    waiting = [[objective, parent] for parent in above]
    seen: set[int] = set()
    while waiting:
        path = waiting.pop(0)
        if path[-1].pk == objective.pk:
            return path
        if path[-1].pk not in seen:
            seen.add(path[-1].pk)
            waiting += [[*path, parent] for parent in path[-1].supports.all()]
    return []


def _links(workspace: Workspace, known: Mapping[int, Objective]) -> Links:
    through = Objective.supports.through.objects
    pairs = through.filter(Q(from_objective__workspace=workspace)).values_list(
        "from_objective", "to_objective"
    )
    found: dict[int, tuple[int, ...]] = dict.fromkeys(known, ())
    for one, other in pairs.order_by("pk"):
        if one in known and other in known:
            found[one] = (*found[one], other)
    return found


def _placed(objectives: Mapping[int, Objective], links: Links, nested: bool) -> Alignment:
    above = {pk: tuple(p for p in links[pk] if p in objectives) for pk in objectives}
    below = _turned(above)
    depths: dict[int, int] = {}
    for pk in objectives:
        _depth(pk, above, objectives, nested, depths)
    found = {
        pk: Placed(o, depths[pk], above[pk], below.get(pk, ()), _alone(o, above, below, nested))
        for pk, o in objectives.items()
    }
    return Alignment(found)


def _depth(
    pk: int, above: Links, objectives: Mapping[int, Objective], nested: bool, depths: dict[int, int]
) -> int:
    """The longest way to the top; a team's objective that supports nothing stands below it."""
    if pk not in depths:
        depths[pk] = 0 if _of_company(objectives[pk]) or not nested else 1
        ways = [_depth(p, above, objectives, nested, depths) + 1 for p in above[pk]]
        depths[pk] = max(ways, default=depths[pk])
    return depths[pk]


def _alone(objective: Objective, above: Links, below: Links, nested: bool) -> Alone | None:
    if not nested:
        return None
    if _of_company(objective):
        return None if below.get(objective.pk) else "nobody supports it"
    return None if above[objective.pk] else "supports nothing"


def _of_company(objective: Objective) -> bool:
    return objective.team.parent_id is None


def _beside(one: Cycle, other: Cycle) -> bool:
    return one.starts <= other.ends and other.starts <= one.ends


def _reached(chosen: Iterable[int], links: Links) -> set[int]:
    waiting, seen = list(chosen), set()
    while waiting:
        for other in links.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen


def _turned(links: Links) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for one, others in links.items():
        for other in others:
            found[other] = (*found.get(other, ()), one)
    return found


def _near(one: Placed, places: Mapping[int, int]) -> tuple[float, Sequence[str]]:
    beside = [places[pk] for pk in one.above if pk in places]
    return (sum(beside) / len(beside) if beside else len(places), [one.objective.title])
