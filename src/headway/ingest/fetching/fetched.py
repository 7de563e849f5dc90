"""What a fetch brings, step by step, and where the next one goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from headway.engine.errors import StoreError
from headway.ingest.definition import SourceDefinition

Cursor = Mapping[str, Any]
"""How far a source has come, as JSON; {} before its first fetch. Each kind has its own."""


@dataclass(frozen=True)
class Refused:
    """What was no event, and why. `at` is its place in what came with it, counted from 0."""

    at: int
    reason: str
    text: str


@dataclass(frozen=True)
class Fetched:
    """One step: a table of events, kept in one transaction together with `cursor`.

    `rests`: a fetch may be left here and go on later; where not, it would begin again.
    """

    cursor: Cursor
    table: pa.Table | None = None
    refused: Sequence[Refused] = ()
    rests: bool = True


@dataclass(frozen=True)
class Fetcher:
    """`fetch(definition, secret, cursor, now)` ends when there is no more for now.

    The same rows have the same message ids each time, so that nothing comes in twice. It raises
    StoreError with what to do, and Later where the other side asks to wait. `words` says a cursor.
    Of a `complete` one, what it did not bring did not happen; of others, perhaps nobody wrote it.
    """

    fetch: Callable[[SourceDefinition, str, Cursor, datetime], Iterator[Fetched]]
    words: Callable[[Cursor], str]
    complete: bool = False


class Later(StoreError):
    """The other side takes no more for now; it is asked again after so many `seconds`."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message, fix="Headway goes on by itself.")
        self.seconds = seconds


def at_second(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def said(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
