"""`headway show`: one KPI, objective or key result in detail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli import django
from headway.cli.okrs import unit_of
from headway.cli.output import Row, format_option, workspace_option
from headway.cli.output import show as print_rows
from headway.engine.errors import NotFound, nearest

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.goals.models import KeyResult, Objective
    from headway.metrics.models import Metric


@click.command(name="show", epilog="Example: headway show weekly_active_users --grain month")
@click.argument("key")
@click.option(
    "--grain",
    type=click.Choice(["day", "week", "month", "quarter", "year"]),
    help="[default: the metric's own]",
)
@click.option("--segment", "segment_by", default="", metavar="PROPERTY", help="Split by this.")
@click.option("--last", default=26, show_default=True, help="How many periods.")
@workspace_option
@format_option
def command(
    key: str, grain: str | None, segment_by: str, last: int, workspace: str | None, format: str
) -> None:
    """The points of a KPI, or what is known of an objective or a key result.

    KEY is a metric's key, an objective's, or `objective/key-result`.
    """
    django.ready()
    home = django.workspace_named(workspace)
    if "/" in key:
        found = key_result_named(home, key)
        _head(format, str(found), _course(found, home.currency))
        rows = _check_ins(found)
    elif metric := home.metrics.filter(key=key).first():
        _head(format, metric.name, metric.problem or metric.definition.words())
        rows = _points(metric, grain, segment_by, last)
    else:
        objective = _objective(home, key)
        _head(format, objective.title, objective.why)
        rows = _key_results(objective)
    print_rows(rows, format=format, empty="Nothing is known of it yet.")


def key_result_named(workspace: Workspace, path: str) -> KeyResult:
    """The key result at `objective/key-result`."""
    from headway.goals.models import KeyResult

    rows = KeyResult.objects.filter(objective__workspace=workspace, archived_at=None)
    found = {
        f"{kr.objective.key}/{kr.key}": kr for kr in rows.select_related("objective", "metric")
    }
    if path not in found:
        raise NotFound(f"There is no key result `{path}`.", fix=nearest(path, found))
    return found[path]


def _objective(workspace: Workspace, key: str) -> Objective:
    found = workspace.objectives.filter(key=key).first()
    if found is None:
        known = {*workspace.objectives.values_list("key", flat=True)}
        known |= {*workspace.metrics.values_list("key", flat=True)}
        raise NotFound(f"There is no metric or objective `{key}`.", fix=nearest(key, known))
    return found


def _head(format: str, title: str, below: str) -> None:
    if format == "table":
        click.echo(click.style(title, bold=True))
        click.echo(below)


def _course(key_result: KeyResult, currency: str) -> str:
    unit = unit_of(key_result)
    steps = (key_result.baseline, key_result.value, key_result.aim)
    course = " → ".join(formats.value(step, unit, currency) for step in steps)
    status = key_result.status.replace("_", " ")
    return " · ".join(filter(None, [course, status, key_result.reason]))


def _points(metric: Metric, grain: str | None, segment_by: str, last: int) -> list[Row]:
    from headway.engine.series import point_dict
    from headway.metrics.reading import grain_of, series

    found = series(metric, grain or grain_of(metric), segment_by)
    shown = (p for segment in found.segments for p in found.of(segment)[-last:])
    return [point_dict(p) for p in shown]


def _check_ins(key_result: KeyResult) -> list[Row]:
    return [
        {
            "day": made.day,
            "value": made.value,
            "confidence": made.confidence,
            "by": str(made.by or ""),
            "note": made.note,
        }
        for made in key_result.check_ins.select_related("by")
    ]


def _key_results(objective: Objective) -> list[Row]:
    return [
        {
            "key": f"{objective.key}/{kr.key}",
            "title": str(kr),
            "baseline": kr.baseline,
            "now": kr.value,
            "target": kr.aim,
            "progress": kr.progress,
            "status": kr.status,
            "reason": kr.reason,
        }
        for kr in objective.key_results.filter(archived_at=None).select_related("metric")
    ]
