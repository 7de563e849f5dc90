"""`headway show`: one KPI, objective, key result or output in detail."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli import django, standing
from headway.cli.following import show_number
from headway.cli.named import key_result_named, meant
from headway.cli.output import (
    Row,
    format_option,
    say,
    show,
    show_json,
    terminal_width,
    workspace_option,
)
from headway.cli.points import POINTS, point_row
from headway.cli.shipped import show_output
from headway.cli.tables import Layout
from headway.engine.errors import NotFound
from headway.engine.phrases import sentence

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.goals.models import KeyResult, Objective
    from headway.metrics.evidence import Place
    from headway.metrics.models import Metric

CHECK_INS = Layout(flows=("note",), spare=("by",))


@click.command(name="show", epilog="Example: headway show weekly_active_users --grain month")
@click.argument("key")
@click.option(
    "--grain",
    type=click.Choice(["day", "week", "month", "quarter", "year"]),
    help="[default: the metric's own]",
)
@click.option(
    "--segment", "segment_by", default="", metavar="PROPERTY", help="Split by this, or by `@part`."
)
@click.option(
    "--last", type=click.IntRange(min=1), default=26, show_default=True, help="How many periods."
)
@click.option("--at", metavar="DAY", help="What the number of the period with this day rests on.")
@click.option("--only", default="", metavar="VALUE", help="With --at: of this segment or part.")
@click.option("--sql", is_flag=True, help="With --at: print the queries too.")
@workspace_option
@format_option
def command(
    key: str, grain: str | None, segment_by: str, last: int, at: str | None, only: str, sql: bool,
    workspace: str | None, format: str,
) -> None:  # fmt: skip
    """The points of a KPI, or what is known of an objective, a key result or an output.

    KEY is a metric's key, an objective's, an output's, or `objective/key-result`. With --at, one
    number of a metric is followed down: to its definition, its events and subjects, and what it is
    computed from.
    """
    django.ready()
    home = django.workspace_named(workspace)
    if at:
        show_number(_place(home, key, grain, at, segment_by, only), format, sql=sql)
    elif "/" in key:
        _show_key_result(key_result_named(home, key), home.currency, format)
    elif metric := home.metrics.filter(key=key).first():
        _show_metric(metric, grain, segment_by, last, format)
    elif _is_output(home, key):
        show_output(home, key, format)
    else:
        _show_objective(_objective(home, key), home.currency, format)


def _is_output(workspace: Workspace, key: str) -> bool:
    """Where an objective has the same key, that is meant."""
    named = workspace.outputs.filter(archived_at=None, key=key).exists()
    return named and not workspace.objectives.filter(key=key).exists()


def _place(
    workspace: Workspace, key: str, grain: str | None, at: str, segment_by: str, only: str
) -> Place:
    from headway.engine.period import Grain, written_day
    from headway.metrics.evidence import place_of
    from headway.metrics.reading import grain_of

    metric = workspace.metrics.filter(key=key).first()
    if metric is None:
        known = workspace.metrics.values_list("key", flat=True)
        raise NotFound(f"There is no metric `{key}`.", fix=meant(key, known))
    _check_segment(metric, segment_by)
    if bool(segment_by) != bool(only):
        raise click.UsageError("--segment and --only belong together: `--segment plan --only pro`.")
    chosen = Grain(grain) if grain else grain_of(metric)
    start = workspace.calendar.start_of(written_day(at, "--at"), chosen)
    return place_of(metric, chosen, start, segment_by, only)


def _objective(workspace: Workspace, key: str) -> Objective:
    found = workspace.objectives.filter(key=key).first()
    if found is None:
        known = {*workspace.objectives.values_list("key", flat=True)}
        known |= {*workspace.metrics.values_list("key", flat=True)}
        raise NotFound(f"There is no metric or objective `{key}`.", fix=meant(key, sorted(known)))
    return found


def _head(title: str, *below: str) -> None:
    say(click.style(title, bold=True))
    for line in filter(None, below):
        say("\n".join(textwrap.wrap(line, terminal_width() or len(line))))


def _show_key_result(key_result: KeyResult, currency: str, format: str) -> None:
    """CSV prints the check-ins, JSON the key result and its check-ins."""
    row = standing.key_result_numbers(key_result.objective, key_result)
    made = _check_ins(key_result)
    if format == "json":
        show_json([{**row, "check_ins": made}])
        return
    if format == "table":
        _head(
            str(key_result), _course(key_result, currency), key_result.reason,
            *_outlook(key_result, currency),
        )  # fmt: skip
    empty = "No check-ins yet: `headway check-in` makes the first."
    show(made, format=format, empty=empty, layout=CHECK_INS)


def _outlook(key_result: KeyResult, currency: str) -> tuple[str, ...]:
    """Will it get there? And what is to be said of the owner's confidence."""
    from headway.goals.ahead import words as chance_words
    from headway.goals.ahead.prospects import prospect_of
    from headway.stats.history import CannotTell

    found, last = prospect_of(key_result), key_result.check_ins.first()
    if isinstance(found, CannotTell):
        return (f"The chance cannot be told. {found.reason}",)
    said = chance_words.sentence(key_result, found, currency)
    return said, chance_words.apart(found.chance, last.confidence if last else None)


def _foretold(metric: Metric, currency: str) -> tuple[str, ...]:
    from headway.metrics.reading import grain_of
    from headway.outlook.ahead import FORECAST
    from headway.outlook.words import sentences
    from headway.stats.history import CannotTell

    grain = grain_of(metric)
    found = FORECAST.read(metric, grain)
    if isinstance(found, CannotTell):
        return (f"What comes next cannot be told. {found.reason}",)
    return ("If it goes on like this:", *sentences(found, grain, metric.unit, currency))


def _show_metric(
    metric: Metric, grain: str | None, segment_by: str, last: int, format: str
) -> None:
    from headway.engine.series import point_dict
    from headway.metrics.reading import grain_of, series

    _check_segment(metric, segment_by)
    found = series(metric, grain or grain_of(metric), segment_by)
    points = [p for segment in found.segments for p in found.of(segment)[-last:]]
    if format == "table":
        unit, currency = metric.unit, metric.workspace.currency
        said = metric.problem or sentence(metric.definition)
        _head(metric.name, said, *_foretold(metric, currency))
        rows = [
            point_row(p, lambda v: formats.value(v, unit, currency, exact=True)) for p in points
        ]
        show(rows, empty="It has no points yet: `headway refresh` computes them.", layout=POINTS)
    else:
        show([point_dict(p) for p in points], format=format)


def _check_segment(metric: Metric, segment_by: str) -> None:
    known = metric.definition.splits
    if segment_by and segment_by not in known:
        raise NotFound(
            f"`{metric.key}` is not computed by `{segment_by}`.",
            fix=meant(segment_by, known) if known else f"Give it `segments: [{segment_by}]`.",
        )


def _show_objective(objective: Objective, currency: str, format: str) -> None:
    if format != "table":
        show(standing.numbers(objective), format=format)
        return
    where = f"{objective.team}, {objective.cycle}: {standing.status_words(objective.status)}"
    _head(objective.title, objective.why, where)
    rows = standing.words(objective, currency)[1:]
    reasons = [row["reason"] for row in standing.numbers(objective)[1:]]
    detailed = [{**row, "reason": why} for row, why in zip(rows, reasons, strict=True)]
    show(detailed, empty="It has no key results yet.", layout=standing.LAYOUT)


def _course(key_result: KeyResult, currency: str) -> str:
    unit = standing.unit_of(key_result)
    steps = (key_result.baseline, key_result.value, key_result.aim)
    course = " → ".join(formats.value(step, unit, currency) for step in steps if step is not None)
    return " · ".join(filter(None, [course, standing.status_words(key_result.status)]))


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
