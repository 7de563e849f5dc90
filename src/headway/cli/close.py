"""`headway close`: a team's cycle is over; what was learnt, and what becomes of each goal?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from headway.cli import django
from headway.cli.named import cycle_named, team_named
from headway.cli.output import as_option, format_option, say, show, workspace_option
from headway.engine.errors import DefinitionError

if TYPE_CHECKING:
    from headway.accounts.models import Member
    from headway.goals.models import Close, Cycle


class KeyResult(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """`choice`: carry_over, raise, hand_back or drop."""

    choice: str = ""
    reason: str = ""
    target: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    score: float | None = None
    score_reason: str = ""


class Objective(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    learnt: str = ""
    score: float | None = None
    score_reason: str = ""
    key_results: dict[str, KeyResult] = {}


class Answers(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    learnt: str = ""
    objectives: dict[str, Objective] = {}


@click.command(
    name="close", epilog="Example: headway close 2026-q3 growth answers.yml --next 2026-q4"
)
@click.argument("cycle")
@click.argument("team")
@click.argument("answers", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--next", "into", metavar="CYCLE", help="Make what goes on in this cycle.")
@click.option("--reopen", metavar="REASON", help="Open it again instead; the reason stays.")
@workspace_option
@as_option
@format_option
def command(
    cycle: str,
    team: str,
    answers: Path | None,
    into: str | None,
    reopen: str | None,
    workspace: str | None,
    email: str | None,
    format: str,
) -> None:
    """Close a team's cycle with the answers of a YAML file, once nothing is missing.

    The file says for each objective what was `learnt`, and for each of its `key_results` a
    `choice`: carry_over, raise (to a `target`), hand_back, or drop (with a `reason`). Without a
    file it says what is still missing. Exit code 1 while something is. Running it again changes
    nothing, and makes nothing twice.
    """
    django.ready()
    from headway.goals.close import closing

    home, now = django.workspace_named(workspace), datetime.now(UTC)
    by, whose, which = (
        django.member_named(home, email),
        team_named(home, team),
        cycle_named(home, cycle),
    )
    found = closing.start(whose, which, by=by, now=now)
    if reopen is not None:
        closing.reopen(found, reopen, by=by, now=now)
    elif found.closed_at is None and not _closed(found, answers, by, now, format):
        raise SystemExit(1)
    if into:
        _made(found, cycle_named(home, into), by, now, format)
    else:
        say(f"{found}: {'closed' if found.closed_at else 'open'}.")


def _closed(
    close: Close, answers: Path | None, by: Member | None, now: datetime, format: str
) -> bool:
    from headway.goals.close import closing

    said = _read(answers) if answers else Answers()
    for key, one in said.objectives.items():
        given: Any = msgspec.to_builtins(one)
        closing.answer(close, key, given, by=by, now=now)
    left = closing.left_of(list(closing.objectives_of(close)))
    if left:
        rows = [
            {"objective": m.objective, "key_result": m.key_result, "missing": m.text} for m in left
        ]
        show(rows, format=format)
        return False
    closing.close(close, learnt=said.learnt, by=by, now=now)
    return True


def _made(close: Close, cycle: Cycle, by: Member | None, now: datetime, format: str) -> None:
    from headway.goals.close.succession import save_next

    made = save_next(close, cycle, {}, by=by, now=now)
    rows = [
        {"key_result": f"{k.objective.key}/{k.key}", "title": str(k), "target": k.aim} for k in made
    ]
    show(rows, format=format, empty=f"{cycle} has everything already.")


def _read(path: Path) -> Answers:
    from headway.files.problems import DocumentError
    from headway.files.sheet import load

    sheet = load(path)
    if sheet.problems:
        raise DocumentError(sheet.problems)
    try:
        return msgspec.convert(sheet.values, Answers)
    except msgspec.ValidationError as error:
        raise DefinitionError(
            str(error), where=str(path), fix="`headway close --help` says what it holds."
        ) from error
