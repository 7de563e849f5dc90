"""`headway check`: can everything that is defined be measured?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.output import format_option, marked, say, show, workspace_option
from headway.cli.plan import opened, with_problems
from headway.engine.errors import NotFound

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.files.check import Finding
    from headway.files.document import Document


@click.command(name="check", epilog="Examples: headway check; headway check definitions/ --strict")
@click.argument(
    "folder", type=click.Path(exists=True, path_type=Path), metavar="[DIR]", required=False
)
@workspace_option
@click.option("--strict", is_flag=True, help="Let notices fail the check, too.")
@format_option
def command(folder: Path | None, workspace: str | None, strict: bool, format: str) -> None:
    """Check definitions, the tables they read, and whether their events have been seen.

    DIR is a folder of YAML files, or one file; without it, what the workspace has is checked. Each
    table of a warehouse is connected to. A notice is an event or property that no source has shown
    yet. Exit code 0: no problems; 1: there are some, and each says how to mend it.
    """
    found, document = with_problems(lambda: _asked(folder, workspace))
    from headway.files.check import check, summary

    findings: list[Finding] = with_problems(lambda: check(found, document))
    if format == "table":
        for finding in findings:
            say(_line(finding))
        click.echo(summary(findings))
    else:
        show([_row(finding) for finding in findings], format=format)
    raise SystemExit(1 if any(f.problem or strict for f in findings) else 0)


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


def _line(finding: Finding) -> str:
    level = marked("problem", "✗", "red") if finding.problem else marked("notice ", "!", "yellow")
    return f"{level}  {finding.subject.replace(':', ' ')}: {finding.message}"


def _row(finding: Finding) -> dict[str, object]:
    level = "problem" if finding.problem else "notice"
    return {"level": level, "subject": finding.subject, "message": finding.message}
