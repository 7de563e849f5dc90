"""`headway apply`: make a workspace as its definitions say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.groups import Judging
from headway.cli.output import as_option, format_option, workspace_option
from headway.cli.plan import adopt_option, folder_argument, located, opened, show_steps

if TYPE_CHECKING:
    from headway.files.plan import Step


@click.command(
    name="apply", cls=Judging, epilog="Example: headway apply definitions/ --as ada@acme.example"
)
@folder_argument
@workspace_option
@adopt_option
@click.option("--reason", default="", help="Why goals of a running cycle change; kept beside them.")
@as_option
@format_option
def command(
    folder: Path,
    workspace: str | None,
    adopt: bool,
    reason: str,
    email: str | None,
    format: str,
) -> None:
    """Do what `headway plan` shows, all of it or nothing.

    DIR is a folder of YAML files, or one file. A workspace that the files name and that does not
    exist is made. Exit code 1 when the definitions are wrong; every mistake is listed.
    """
    django.ready(create=True)
    from headway.files.apply import apply

    found, document = opened(folder, workspace)
    by = django.member_named(found, email) if found else None
    now = datetime.now(UTC)

    def attempt() -> list[Step]:
        return apply(found, document, by=by, now=now, adopt=adopt, reason=reason)

    show_steps(located(folder, attempt), format, done=True)
