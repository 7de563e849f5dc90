"""`headway drivers`: what moved a metric between two periods?"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli import django
from headway.cli.output import Row, format_option, say, show, show_json, workspace_option
from headway.cli.tables import Layout
from headway.engine.errors import NotFound, nearest

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.metrics.drivers.drivers import Moved, Span
    from headway.metrics.drivers.movers import Usual
    from headway.metrics.models import Metric
    from headway.stats.drivers import Split

TURNS_SHOWN = 3
LAYOUT = Layout(right=("before", "after", "made", "by its own value"), cuts=("part",))
PERIOD = "such as 2026-09-14, 2026-09, 2026-q3 or 2026"


@click.command(
    name="drivers", epilog="Example: headway drivers revenue --from 2026-q2 --to 2026-q3"
)
@click.argument("metric")
@click.option(
    "--from", "before", default="", metavar="PERIOD", help=f"{PERIOD} [default: the one before]"
)
@click.option(
    "--to", "after", default="", metavar="PERIOD", help="[default: the last complete period]"
)
@click.option(
    "--grain",
    type=click.Choice(["day", "week", "month", "quarter", "year"]),
    help="[default: the metric's own]",
)
@click.option(
    "--by", "segment_by", default="", metavar="PROPERTY", help="Split among its segments."
)
@workspace_option
@format_option
def command(
    metric: str, before: str, after: str, grain: str | None, segment_by: str,
    workspace: str | None, format: str,
) -> None:  # fmt: skip
    """How much of a metric's change each of its drivers made, or each of its segments.

    The parts sum to the change; each says whether it is within noise. Below stand the last changes
    of its level and what it is to drive. Drivers are what its formula, its ratio or its tree is
    made of; drivers that have drivers themselves are split below, in their own unit.
    """
    django.ready()
    from headway.engine.period import Grain
    from headway.metrics.drivers.drivers import asked, moved, moved_by, to_dict
    from headway.metrics.drivers.movers import of_change

    found = _metric(django.workspace_named(workspace), metric)
    span = asked(found, Grain(grain) if grain else None, before, after)
    split = moved_by(found, span, segment_by) if segment_by else None
    whole = moved(found, span)
    usual = of_change(whole, span, split, segment_by)
    if format == "json":
        noise = {name: mover.verdict for name, mover in usual.parts.items()}
        show_json({**to_dict(whole, span, segment_by, split, noise), "noise": usual.change})
        return
    rows = _rows(whole, split, usual, words=format == "table")
    if format == "table":
        _head(whole, span, split or whole.split)
        if usual.change == "within noise":
            say("The change is within noise: no larger than it usually is.")
    show(rows, format=format, empty="", layout=LAYOUT)
    if format == "table":
        _around(found)


def _around(metric: Metric) -> None:
    """When its level changed, and what it is said to drive or to be driven by."""
    from headway.metrics.happened.happenings import annotations_by
    from headway.metrics.reading import grain_of
    from headway.outlook.links import ties_of
    from headway.outlook.turns import TURNS, seen

    found, rows = TURNS.read(metric, grain_of(metric)), annotations_by([metric])[metric.pk]
    turns = seen(metric, found, rows, date.min, date.max, metric.workspace.currency)
    for turn in turns[:TURNS_SHOWN]:
        say(turn.sentence)
    for tie in ties_of(metric):
        say(f"{tie.cause} is to drive {tie.result}: {tie.words}.")


def _head(whole: Moved, span: Span, shown: Split) -> None:
    from headway.metrics.drivers.drivers import NO_DRIVERS

    metric, currency = whole.metric, whole.metric.workspace.currency
    periods = " → ".join(formats.period(day, str(span.grain)) for day in (span.before, span.after))
    course = " → ".join(
        formats.value(value, metric.unit, currency) for value in (shown.before, shown.after)
    )
    change = "" if shown.change is None else formats.step(shown.change, metric.unit, currency)
    said = f"{course} ({change})" if change else course
    say(f"{click.style(metric.name, bold=True)}, {periods}: {said}")
    if not whole.complete:
        say("One of the periods is not complete yet.")
    if shown.reason or not shown.parts:
        say(shown.reason or NO_DRIVERS)


def _rows(whole: Moved, split: Split | None, usual: Usual, *, words: bool) -> list[Row]:
    from headway.metrics.drivers.lines import lines

    if not words:
        parts = (split or whole.split).largest_first
        return [{**asdict(part), "noise": usual.of(part.name)} for part in parts]
    return [
        {
            "part": "  " * line.depth + line.name,
            "before": line.before,
            "after": line.after,
            "made": line.made,
            "by its own value": line.own,
            "noise": line.noise or None,
        }
        for line in lines(whole, split, whole.metric.workspace.currency, usual=usual)
    ]


def _metric(workspace: Workspace, key: str) -> Metric:
    found = workspace.metrics.filter(archived_at=None, key=key).first()
    if found is None:
        known = workspace.metrics.filter(archived_at=None).values_list("key", flat=True)
        raise NotFound(f"There is no metric `{key}`.", fix=nearest(key, known))
    found.workspace = workspace
    return found
