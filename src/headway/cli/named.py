"""Goals, teams and cycles by the keys that commands are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from headway.engine.errors import NotFound, nearest

if TYPE_CHECKING:
    from headway.accounts.models import Team, Workspace
    from headway.goals.models import Cycle, KeyResult, Objective
    from headway.ingest.models import Source
    from headway.metrics.models import Annotation, Metric

Row = TypeVar("Row")
SHOWN = 8


def source_named(workspace: Workspace, key: str) -> Source:
    return _one("source", {source.key: source for source in workspace.sources.all()}, key)


def team_named(workspace: Workspace, key: str) -> Team:
    return _one("team", {team.key: team for team in workspace.teams.all()}, key)


def cycle_named(workspace: Workspace, key: str) -> Cycle:
    return _one("cycle", {cycle.key: cycle for cycle in workspace.cycles.all()}, key)


def metric_named(workspace: Workspace, key: str) -> Metric:
    rows: Iterable[Metric] = workspace.metrics.filter(archived_at=None)
    return _one("metric", {row.key: row for row in rows}, key)


def annotation_named(workspace: Workspace, key: str) -> Annotation:
    """One that people write; also one that is archived."""
    rows: Iterable[Annotation] = workspace.annotations.filter(origin="")
    return _one("annotation", {row.key: row for row in rows}, key)


def objective_named(workspace: Workspace, key: str) -> Objective:
    rows: Iterable[Objective] = workspace.objectives.filter(archived_at=None)
    return _one("objective", {row.key: row for row in rows}, key)


def key_result_named(workspace: Workspace, path: str) -> KeyResult:
    """The key result at `objective/key-result`."""
    from headway.goals.models import KeyResult

    rows = KeyResult.objects.filter(objective__workspace=workspace, archived_at=None)
    found = {
        f"{kr.objective.key}/{kr.key}": kr for kr in rows.select_related("objective", "metric")
    }
    return _one("key result", found, path)


def goal_named(workspace: Workspace, path: str) -> Objective | KeyResult:
    """An objective, or with a slash a key result."""
    named = key_result_named if "/" in path else objective_named
    return named(workspace, path)


def _one(noun: str, known: Mapping[str, Row], key: str) -> Row:
    if key not in known:
        raise NotFound(f"There is no {noun} `{key}`.", fix=meant(key, known))
    return known[key]


def meant(key: str, known: Iterable[str]) -> str:
    """The nearest there is; where nothing is near, some of what there is."""
    keys = list(known)
    shown = ", ".join(f"`{one}`" for one in keys[:SHOWN]) + (", …" if len(keys) > SHOWN else "")
    return nearest(key, keys) or (f"There are: {shown}." if keys else "There are none yet.")
