"""From the entries of a delivery to events, and to what of it is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from headway.engine.errors import InputError
from headway.ingest.dialects.bodies import FIX
from headway.ingest.dialects.dialect import Parsed, Refused
from headway.ingest.dialects.properties import as_text
from headway.ingest.dialects.saying import Saying, events

Entry = dict[str, Any]
SHOWN = 1_000


def readable(entries: Sequence[Any]) -> None:
    """Raises InputError where none of them can be an event; nothing at all is fine."""
    if entries and not any(isinstance(entry, dict) for entry in entries):
        raise InputError("There is no event in the body.", fix=FIX)


def parsed(
    entries: Sequence[Any], read: Callable[[Entry, str], Iterable[Saying]], received: datetime
) -> Parsed:
    """`read` says what an entry at a place means; what it raises InputError for is refused.

    What it said before that is kept.
    """
    sayings: list[Saying] = []
    refused: list[Refused] = []
    when = received.isoformat()
    for at, entry in enumerate(entries):
        try:
            for saying in read(_object(entry), f"{when}:{at}"):
                sayings.append(saying)
        except InputError as error:
            refused.append(Refused(at, error.message, as_text(entry)[:SHOWN]))
    return Parsed(events(sayings, received), refused)


def _object(entry: Any) -> Entry:
    if not isinstance(entry, dict):
        raise InputError("This is no event.")
    return entry


def unreadable(error: InputError) -> Parsed:
    """Of a delivery that `check` would not have let through."""
    return Parsed((), (Refused(0, error.message, ""),))
