"""Whose secrets and files a source may name, where workspaces do not trust one another.

Environment variables and folders are the machine's. Whoever may name any of them can have it sent
to an address of their own, so that the operator says which workspace has which.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from django.conf import settings

from headway.accounts.models import Workspace
from headway.engine.errors import DefinitionError
from headway.ingest.definition import SourceDefinition
from headway.ingest.kinds import VARIABLES


def require_allotted(workspace: Workspace, source: SourceDefinition) -> None:
    """Raises DefinitionError for what is another workspace's, or nobody's."""
    if settings.ALLOTTED is None:
        return
    own = settings.ALLOTTED.get(workspace.key, ())
    for field, named in _named(source):
        if not any(_covers(one, named) for one in own):
            raise DefinitionError(
                f"`{named}` is not allotted to {workspace}.",
                where=field,
                fix=f"Whoever runs Headway allots it with HEADWAY_ALLOTTED={workspace.key}:{named}",
            )


def _named(source: SourceDefinition) -> Iterator[tuple[str, str]]:
    for field in VARIABLES:
        if name := getattr(source, field):
            yield field, name
    if source.url and "://" not in source.url:
        yield "url", str(Path(source.url).resolve())
    if source.kind == "spark" and "/" in source.table:
        yield "table", source.table


def _covers(one: str, named: str) -> bool:
    if one.startswith("/"):
        return named.startswith("/") and Path(named).is_relative_to(Path(one).resolve())
    return fnmatchcase(named, one)
