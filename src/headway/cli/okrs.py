"""`headway okrs`: are we on course?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli import django
from headway.cli.output import Row, format_option, show, workspace_option
from headway.engine.errors import NotFound, nearest

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.goals.models import Cycle, KeyResult, Objective


@click.command(name="okrs", epilog="Example: headway okrs --cycle 2026-q4 --team growth")
@click.option("--cycle", "cycle_key", metavar="KEY", help="Only this cycle.")
@click.option("--team", "team_key", metavar="KEY", help="Only this team.")
@workspace_option
@format_option
def command(
    cycle_key: str | None, team_key: str | None, workspace: str | None, format: str
) -> None:
    """Objectives with their key results: from where to where, progress and status."""
    django.ready()
    home = django.workspace_named(workspace)
    objectives = home.objectives.filter(archived_at=None).select_related("cycle", "team")
    if cycle_key:
        objectives = objectives.filter(cycle=_cycle(home, cycle_key))
    if team_key:
        objectives = objectives.filter(team__key=_known_team(home, team_key))
    ordered = objectives.order_by("-cycle__starts", "key").prefetch_related("key_results__metric")
    rows = [row for one in ordered for row in _rows(one, home.currency, format == "table")]
    show(rows, format=format, empty="No objectives.")


def _cycle(workspace: Workspace, key: str) -> Cycle:
    found = {cycle.key: cycle for cycle in workspace.cycles.all()}
    if key not in found:
        raise NotFound(f"There is no cycle `{key}`.", fix=nearest(key, found))
    return found[key]


def _known_team(workspace: Workspace, key: str) -> str:
    known = set(workspace.teams.values_list("key", flat=True))
    if key not in known:
        raise NotFound(f"There is no team `{key}`.", fix=nearest(key, known))
    return key


def _rows(objective: Objective, currency: str, words: bool) -> list[Row]:
    head = {
        "key": objective.key,
        "title": objective.title,
        "cycle": objective.cycle.key,
        "team": objective.team.key,
        **dict.fromkeys(("baseline", "now", "target")),
        "progress": objective.progress,
        "status": objective.status,
        "reason": "",
    }
    active = [kr for kr in objective.key_results.all() if kr.archived_at is None]
    rows: list[Row] = [head, *(_key_result(objective, kr) for kr in active)]
    if not words:
        return rows
    units = ["", *(unit_of(kr) for kr in active)]
    return [_in_words(row, unit, currency) for row, unit in zip(rows, units, strict=True)]


def _key_result(objective: Objective, key_result: KeyResult) -> dict[str, object]:
    return {
        "key": f"{objective.key}/{key_result.key}",
        "title": str(key_result),
        "cycle": key_result.cycle.key,
        "team": objective.team.key,
        "baseline": key_result.baseline,
        "now": key_result.value,
        "target": key_result.aim,
        "progress": key_result.progress,
        "status": key_result.status,
        "reason": key_result.reason,
    }


def unit_of(key_result: KeyResult) -> str:
    return key_result.metric.unit if key_result.metric else key_result.unit


def _in_words(row: Row, unit: str, currency: str) -> Row:
    key = str(row["key"])
    return {
        "key": f"  {key}" if "/" in key else key,
        "title": row["title"],
        **{name: _amount(row[name], unit, currency) for name in ("baseline", "now", "target")},
        "progress": _amount(row["progress"], "percent", currency),
        "status": str(row["status"]).replace("_", " "),
    }


def _amount(value: object, unit: str, currency: str) -> str | None:
    return formats.value(value, unit, currency) if isinstance(value, float) else None
