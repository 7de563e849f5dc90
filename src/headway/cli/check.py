"""`headway check`: can everything that is defined be measured, and are the goals good ones?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headway.cli import django
from headway.cli.groups import Judging
from headway.cli.output import FORMATS, marked, say, show, show_json, workspace_option
from headway.cli.plan import opened
from headway.coach.finding import Severity
from headway.engine.errors import NotFound
from headway.files.problems import DocumentError

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.files.document import Document

Row = dict[str, Any]
LOOKS = {
    "error": ("problem", "✗", "red"),
    "warning": ("warning", "!", "yellow"),
    "information": ("notice", "·", "blue"),
}


@click.command(
    name="check",
    cls=Judging,
    epilog="Examples: headway check; headway check definitions/ --fail-on warning; "
    "headway check definitions/ --format sarif > headway.sarif",
)
@click.argument(
    "folder", type=click.Path(exists=True, path_type=Path), metavar="[DIR]", required=False
)
@workspace_option
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.error.value,
    show_default=True,
    help="The least severity that makes the exit code 1.",
)
@click.option("--strict", is_flag=True, help="The same as --fail-on information.")
@click.option(
    "--format",
    type=click.Choice([*FORMATS, "sarif"]),
    default="table",
    show_default=True,
    help="How to print the result; sarif is for code hosts and editors.",
)
def command(
    folder: Path | None, workspace: str | None, fail_on: str, strict: bool, format: str
) -> None:
    """Check definitions and the tables they read, and let the coach look at the goals.

    DIR is a folder of YAML files, or one file; without it, what the workspace has is checked. Each
    table of a warehouse is connected to. The coach looks at goals of present and coming cycles and
    at KPIs, with what the workspace has measured.

    An error cannot be measured or scored, a warning is likely to mislead, information is worth a
    thought. Exit code 0: nothing as grave as --fail-on; 1: something is, or the files are wrong;
    each finding says how to mend it.
    """
    rows = _found(folder, workspace, format)
    _print(rows, format)
    least = Severity.information if strict else Severity(fail_on)
    raise SystemExit(1 if any(Severity(r["severity"]).rank >= least.rank for r in rows) else 0)


def _found(folder: Path | None, workspace: str | None, format: str) -> list[Row]:
    """With --format sarif, files that cannot be read are findings, too."""

    def asked() -> Any:
        try:
            return _asked(folder, workspace)
        except DocumentError as error:
            if format != "sarif":
                raise
            return error

    found = asked()
    if isinstance(found, DocumentError):
        return _unreadable(found)
    held, document = found
    return [*_measured(held, document), *_coached(held, document, folder)]


def _asked(folder: Path | None, named: str | None) -> tuple[Workspace | None, Document | None]:
    """Files alone can be checked where there is no Headway yet, as in a pipeline."""
    try:
        django.ready()
    except NotFound:
        if folder is None:
            raise
        from headway.files.reading import read

        return None, read(folder)
    return opened(folder, named) if folder else (django.workspace_named(named), None)


def _measured(workspace: Workspace | None, document: Document | None) -> list[Row]:
    from headway.files.check import check

    findings = check(workspace, document)
    return [
        _row(
            "unmeasurable" if f.problem else "unseen",
            Severity.error if f.problem else Severity.information,
            f.subject,
            f.message,
        )
        for f in findings
    ]


def _coached(
    workspace: Workspace | None, document: Document | None, folder: Path | None
) -> list[Row]:
    from headway.files import coaching
    from headway.goals.advice.coaching import coached

    now = datetime.now(UTC)
    if folder is not None and document is not None:
        said, places = coaching.coached(document, workspace, now=now), coaching.places(folder)
    elif workspace is not None:
        said, places = coached(workspace, now=now), {}
    return [
        _row(f.code, f.severity, f.where, f.saw, f.fix, f.why, *coaching.place(places, f))
        for f in said.findings
    ]


def _unreadable(error: DocumentError) -> list[Row]:
    return [
        _row("document", Severity.error, p.field, p.message, p.fix, "", p.file, p.line)
        for p in error.problems
    ]


def _row(
    code: str,
    severity: Severity,
    subject: str,
    message: str,
    fix: str = "",
    why: str = "",
    file: str = "",
    line: int = 0,
) -> Row:
    return {
        "code": code,
        "severity": severity.value,
        "subject": subject,
        "message": message,
        "why": why,
        "fix": fix,
        "file": file,
        "line": line or None,
    }


def _print(rows: Sequence[Row], format: str) -> None:
    if format == "sarif":
        from headway.cli.sarif import sarif

        show_json(sarif(rows))
    elif format == "table":
        for row in rows:
            say(_line(row))
        click.echo(_summary(rows))
    else:
        show(rows, format=format)


def _line(row: Row) -> str:
    word, symbol, color = LOOKS[row["severity"]]
    place = f"{row['file']}:{row['line']}: " if row["file"] else ""
    noun, _, key = row["subject"].partition(":")
    subject = f"{noun.replace('_', ' ')} {key}"
    said = " ".join(filter(None, (row["message"], row["fix"])))
    code = f" [{row['code']}]" if row["why"] else ""
    return f"{marked(f'{word:7}', symbol, color)}  {place}{subject}: {said}{code}"


def _summary(rows: Sequence[Row]) -> str:
    counts = Counter(row["severity"] for row in rows)
    said = [_count(counts[name], look[0]) for name, look in LOOKS.items()]
    return f"{', '.join(filter(None, said)) or 'Nothing is wrong'}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}" if number else ""
