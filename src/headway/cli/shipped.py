"""An output at the command line: what its metrics did before and after the launch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli.output import Row, say, show, show_json
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.goals.launches import Launch, Move

LAYOUT = Layout(right=("before", "after", "change"), cuts=("metric",), flows=("why",))


def show_output(workspace: Workspace, key: str, format: str) -> None:
    from headway.goals.launches import launches, living

    launch = launches(living(workspace).filter(key=key))[0]
    if format == "json":
        show_json(launch.to_dict())
    elif format == "csv":
        show(launch.to_dict()["moves"], format="csv")
    else:
        _head(launch)
        rows = [_words(move, workspace.currency) for move in launch.moves]
        show(rows, empty="It names no metric that it should move.", layout=LAYOUT)


def _head(launch: Launch) -> None:
    from headway.goals.audience import audience

    output = launch.output
    if output.launched:
        when = f"launched {formats.day(output.launched)}"
    else:
        when = f"planned for {formats.day(output.planned)}" if output.planned else "no day planned"
    status = output.get_status_display().lower()
    whom = audience(output.audience).words
    words = [status] if status != "launched" else []
    say(f"{click.style(output.name, bold=True)}: {', '.join([*words, when, f'for {whom}'])}")
    if output.description:
        say(output.description)


def _words(move: Move, currency: str) -> Row:
    metric = move.metric
    change = formats.change(
        move.mean_after, move.mean_before, metric.unit, metric.direction, currency
    )
    return {
        "metric": metric.key,
        "before": _amount(move.mean_before, metric.unit, currency),
        "after": _amount(move.mean_after, metric.unit, currency),
        "change": change.text if change else None,
        "verdict": move.verdict,
        "why": move.reason,
    }


def _amount(value: float | None, unit: str, currency: str) -> str | None:
    return None if value is None else formats.value(value, unit, currency)
