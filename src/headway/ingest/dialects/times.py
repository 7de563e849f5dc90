"""When something happened, by the clock of whoever sent it and by ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""A time before 2000, or more than a day after it arrived, is the fault of a clock."""

JITTER = timedelta(seconds=2)
"""Clocks that differ by less are taken to be right: the rest is the way here."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_BELOW, MILLIS_BELOW = 1e11, 1e14


def instant(said: Any) -> datetime | None:
    """In UTC, from ISO 8601 or seconds, milli- or microseconds since 1970; None: it is no time."""
    if isinstance(said, str):
        return _text(said.strip())
    if isinstance(said, int | float) and not isinstance(said, bool):
        return _number(said)
    return None


def _text(said: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
        if found.tzinfo is UTC:
            return found
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    try:
        return _number(float(said)) if len(said) <= 30 else None
    except ValueError:
        return None


def _number(said: float) -> datetime | None:
    scale = 1e6 if said < SECONDS_BELOW else 1e3 if said < MILLIS_BELOW else 1
    try:
        return EPOCH + timedelta(microseconds=round(said * scale))
    except (ValueError, OverflowError):
        return None


def happened(said: datetime | None, sent: datetime | None, received: datetime) -> datetime:
    """By our clock: moved by as much as the sender's clock was off when it sent this.

    What cannot be true, or was not said, happened when it arrived.
    """
    if said is None:
        return received
    try:
        if sent is not None and abs(off := received - sent) > JITTER:
            said += off
    except OverflowError:
        return received
    return said if EARLIEST <= said <= received + AHEAD else received
