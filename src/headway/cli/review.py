"""`headway review`: what did we learn?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.named import cycle_named, team_named
from headway.cli.output import format_option, show, show_json, workspace_option
from headway.cli.tables import Layout
from headway.engine.errors import InputError

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.goals.review.review import Review

LAYOUT = Layout(right=("score",), flows=("calibration",))


@click.command(name="review", epilog="Example: headway review 2026-q3 growth -o review.pdf")
@click.argument("cycle", required=False)
@click.argument("team", required=False)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it to this file: .pdf or .md.",
)
@workspace_option
@format_option
def command(
    cycle: str | None, team: str | None, output: Path | None, workspace: str | None, format: str
) -> None:
    """The review of a team's cycle as Markdown, JSON or a file; without a cycle, all closes.

    It has the scores, what moved and why, what was learnt and what becomes of each key result.
    """
    django.ready()
    from headway.goals.review.markdown import markdown
    from headway.goals.review.review import review

    home = django.workspace_named(workspace)
    if not cycle:
        _list(home, format)
        return
    if not team:
        raise InputError("It does not say of which team.", fix="Name the team after the cycle.")
    found = review(team_named(home, team), cycle_named(home, cycle), now=datetime.now(UTC))
    if output:
        _write(found, output)
    elif format == "json":
        show_json(found.to_dict())
    else:
        click.echo(markdown(found), nl=False)


def _list(home: Workspace, format: str) -> None:
    from headway.goals.close.calibration import calibration
    from headway.goals.review.review import of_workspace
    from headway.goals.review.words import advice_of

    advice = {c.team.pk: advice_of(c) for c in calibration(home)}
    rows = []
    for close in of_workspace(home):
        known = [s for row in close.objectives.all() if (s := row.counts) is not None]
        closed = close.closed_at is not None
        rows.append(
            {
                "cycle": close.cycle.key,
                "team": close.team.key,
                "closed": close.closed_on if closed else "not yet",
                "score": round(sum(known) / len(known), 4) if known and closed else None,
                "calibration": advice.get(close.team_id, ""),
            }
        )
    show(rows, format=format, empty="No cycle was closed yet.", layout=LAYOUT)


def _write(found: Review, path: Path) -> None:
    from headway.goals.review.markdown import markdown
    from headway.goals.review.printing import pdf

    if path.suffix not in (".pdf", ".md"):
        raise InputError(f"`{path.suffix}` is no format of a review.", fix="Use .pdf or .md.")
    path.write_bytes(pdf(found) if path.suffix == ".pdf" else markdown(found).encode())
    click.echo(f"Written to {path}.", err=True)
