"""Every error Headway raises on purpose.

HeadwayError
├── DefinitionError   a definition, file or field is wrong
├── InputError        events or values that cannot be read
├── StoreError        the event store cannot answer
├── NotFound          no such object
├── NotAllowed        the person may not do this
└── Conflict          right in itself, but not with what is already there

Each says what was found, where, and how to mend it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar


class HeadwayError(Exception):
    """`where` names the file, line or field; `fix` says what to do.

    `status` is what HTTP calls it.
    """

    status: ClassVar[int] = 500

    def __init__(self, message: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head} {self.fix}".rstrip()


class DefinitionError(HeadwayError):
    status = 422


class InputError(HeadwayError):
    status = 422


class StoreError(HeadwayError):
    status = 503


class NotFound(HeadwayError):
    status = 404


class NotAllowed(HeadwayError):
    status = 403


class Conflict(HeadwayError):
    status = 409


def nearest(word: str, known: Iterable[str]) -> str:
    """A sentence such as "Did you mean `window`?", or "" when nothing is close."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean `{close[0]}`?" if close else ""
