"""`headway plan`: what applying a folder of definitions would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from headway.cli import django
from headway.cli.groups import Judging
from headway.cli.output import format_option, show, workspace_option
from headway.engine.errors import Conflict

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.files.document import Document
    from headway.files.plan import FieldChange, Step

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
Result = TypeVar("Result")
SIGNS = {"create": "+", "change": "~", "restore": "+", "archive": "-", "release": "-"}
WORDS = {"restore": " (comes back)", "release": " (stays, no longer managed in code)"}


def folder_argument(function: Decorated) -> Decorated:
    path = click.Path(exists=True, path_type=Path)
    return click.argument("folder", type=path, metavar="DIR")(function)


def adopt_option(function: Decorated) -> Decorated:
    return click.option(
        "--adopt",
        is_flag=True,
        help="Also take over what was made in the web and is the same in the files.",
    )(function)


@click.command(name="plan", cls=Judging, epilog="Example: headway plan definitions/")
@folder_argument
@workspace_option
@adopt_option
@format_option
def command(folder: Path, workspace: str | None, adopt: bool, format: str) -> None:
    """Show what `headway apply` would change, and change nothing.

    DIR is a folder of YAML files, or one file. Exit code 0: nothing would change; 2: something
    would; 1: the definitions are wrong, and every mistake is listed.
    """
    django.ready()
    from headway.files.apply import rehearse

    found, document = opened(folder, workspace)
    now = datetime.now(UTC)
    done = located(folder, lambda: rehearse(found, document, now=now, adopt=adopt))
    show_steps(done.steps, format)
    if done.unexplained:
        goals = ", ".join(subject.partition(":")[2] for subject in done.unexplained)
        click.echo(
            f"`headway apply` asks for a `--reason`: {goals} changes in mid-cycle.", err=True
        )
    raise SystemExit(2 if done.steps else 0)


def opened(path: Path, named: str | None) -> tuple[Workspace | None, Document]:
    """The document and its workspace: the option's, the files', or the only one there is."""
    from headway.files.reading import read
    from headway.files.references import Known
    from headway.files.state import known_in

    found: list[Workspace | None] = []

    def known(key: str | None) -> Known:
        found.append(_workspace(key, named))
        return known_in(found[0])

    document = read(path, known)
    return found[0], document


def located(folder: Path, attempt: Callable[[], Result]) -> Result:
    """What verbs refuse is told like every other mistake, with file and line."""
    from headway.files.refusals import Refused
    from headway.files.sheet import load

    try:
        return attempt()
    except Refused as error:
        raise error.located(load(folder)) from None


def show_steps(steps: list[Step], format: str, *, done: bool = False) -> None:
    if format != "table":
        show([_row(step) for step in steps], format=format)
        return
    for step in steps:
        click.echo("\n".join(_lines(step)))
    click.echo(_summary(steps, done))


def _workspace(key: str | None, named: str | None) -> Workspace | None:
    """None where the files name a workspace that is still to be made."""
    from headway.accounts.models import Workspace

    if key is None:
        return django.workspace_named(named)
    if named is not None and named != key:
        raise Conflict(
            f"The files are of the workspace `{key}`, not of `{named}`.",
            fix="Leave `--workspace` out, or give the folder of that workspace.",
        )
    return Workspace.objects.filter(key=key).first()


def _lines(step: Step) -> Iterable[str]:
    adopts = " (taken over from the web)" if step.adopts else ""
    said = WORDS.get(step.action, "") + adopts
    yield f"{SIGNS[step.action]} {step.noun.replace('_', ' ')} {step.key}{said}"
    for change in step.changes:
        yield f"    {change.field}: {_difference(step, change)}"


def _difference(step: Step, change: FieldChange) -> str:
    if step.action == "create":
        return _text(change.after)
    return f"{_text(change.before)} → {_text(change.after)}"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return "–" if value is None else str(value)


def _summary(steps: list[Step], done: bool) -> str:
    if not steps:
        return "Nothing to change: the workspace is as the files say."
    counts = Counter(step.action for step in steps)
    said = (f"{n} {action}d" if done else f"{n} to {action}" for action, n in counts.items())
    return f"{', '.join(said)}."


def _row(step: Step) -> dict[str, Any]:
    changes = [{"field": c.field, "before": c.before, "after": c.after} for c in step.changes]
    return {
        "action": step.action,
        "subject": step.subject,
        "adopts": step.adopts,
        "changes": changes,
    }
