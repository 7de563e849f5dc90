"""From YAML files to a document, or to everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from headway.files.document import Document
from headway.files.draft import Draft
from headway.files.problems import DocumentError
from headway.files.references import Known, References
from headway.files.sheet import Sheet, load, loads

KnownIn = Callable[[str | None], Known]
"""What the workspace with this key has already; None is the workspace that files leave unnamed."""


def nothing_known(_: str | None) -> Known:
    return Known()


def read(path: Path, known_in: KnownIn = nothing_known) -> Document:
    """Raises DocumentError with all problems, NotFound where there is no file."""
    return checked(load(path), known_in)


def reads(text: str, known_in: KnownIn = nothing_known) -> Document:
    return checked(loads(text), known_in)


def checked(sheet: Sheet, known_in: KnownIn) -> Document:
    if sheet.problems:
        raise DocumentError(sheet.problems)
    draft = Draft.of(sheet.values)
    key = draft.workspace.key if draft.workspace else None
    faults = [*draft.faults, *References(draft, known_in(key)).faults()]
    if faults:
        raise DocumentError(map(sheet.problem, faults))
    return draft.document()
