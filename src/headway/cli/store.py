"""`headway store`: the files in which events are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.groups import Group
from headway.cli.output import Row, format_option, show, workspace_option
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.ingest.manifest.health import Flaw

LAYOUT = Layout(flows=("what",))


@click.group(cls=Group, name="store", epilog="Example: headway store check")
def command() -> None:
    """Look after the files of events."""


@command.command(name="check", epilog="Example: headway store check --repair")
@click.option("--repair", is_flag=True, help="Mend what can be mended without losing anything.")
@workspace_option
@format_option
def check(repair: bool, workspace: str | None, format: str) -> None:
    """Read every file and compare it with the manifest and its checksum.

    With --repair, files that do not belong there are moved into the folder `aside` beside the
    store, and what is made from events is made again. A damaged file of events is only reported:
    restore it from a backup. Exit code 1 when something is wrong that was not mended.
    """
    django.ready()
    from headway.ingest.manifest.health import flaws

    now = datetime.now(UTC)
    found = [flaw for w in _workspaces(workspace) for flaw in flaws(w, now=now)]
    rows = [_row(flaw, repair) for flaw in found]
    show(rows, format=format, empty="Every file is what was written.", layout=LAYOUT)
    if any(not row["mended"] for row in rows):
        raise SystemExit(1)


def _workspaces(key: str | None) -> Sequence[Workspace]:
    from headway.accounts.models import Workspace

    return [django.workspace_named(key)] if key else list(Workspace.objects.order_by("key"))


def _row(flaw: Flaw, repair: bool) -> Row:
    mended = ""
    if repair and flaw.mend:
        flaw.mend()
        mended = flaw.mended_by
    return {"workspace": flaw.workspace, "file": flaw.path, "what": flaw.words, "mended": mended}
