"""An output at the command line: what its launch did to the metrics that it should move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli.output import Row, say, show, show_json
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.goals.launch.launches import Launch, Move

LAYOUT = Layout(right=("effect",), cuts=("metric",), flows=("in words",))


def show_output(workspace: Workspace, key: str, format: str) -> None:
    from headway.goals.launch.launches import launches, living

    launch = launches(living(workspace).filter(key=key))[0]
    if format == "json":
        show_json(launch.to_dict())
    elif format == "csv":
        show(launch.to_dict()["moves"], format="csv")
    else:
        _head(launch)
        rows = [_words(move) for move in launch.moves]
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


def _words(move: Move) -> Row:
    words, known = move.words, move.told.known
    return {
        "metric": move.metric.key,
        "verdict": move.verdict,
        "effect": words.effect if known else None,
        "95 % interval": words.interval if known else None,
        "in words": " ".join(filter(None, (words.finding, words.when, *words.notes))),
    }
