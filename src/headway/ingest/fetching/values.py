"""Values as tools and databases give them, as those of an event's properties."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from headway.engine.errors import InputError
from headway.engine.event import Scalar
from headway.ingest.definition import SourceDefinition
from headway.stores.mapping import Mapping as Columns


def scalar(value: Any) -> Scalar:
    """Lists and objects become JSON; what is no number becomes null."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, datetime):
        return instant(value).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date | time):
        return value.isoformat()
    return msgspec.json.encode(value, enc_hook=str).decode()


def instant(value: Any) -> datetime:
    """A time without a zone is in UTC; numbers are seconds since 1970, or milli- or microseconds.
    Raises InputError.
    """
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    try:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return datetime.fromtimestamp(_seconds(float(value)), UTC)
        return instant(datetime.fromisoformat(str(value).strip()))
    except (ValueError, OverflowError, OSError):
        raise InputError(f"`{value}` is not a time.") from None


def _seconds(said: float) -> float:
    return said if said < 1e11 else said / 1e3 if said < 1e14 else said / 1e6


def text_of(value: Any) -> str | None:
    """Ids are text; 42.0 is 42, and what is empty is none."""
    if value is None or (isinstance(value, float | Decimal) and not math.isfinite(value)):
        return None
    if isinstance(value, float | Decimal) and value == int(value):
        value = int(value)
    return str(value).strip() or None


def digest_of(row: Mapping[str, Any]) -> str:
    """The same for the same values, whatever the order of the columns, and whether the 12 was read
    as a number or, for what other rows say there, as text.
    """
    known = sorted((name, _plain(value)) for name, value in row.items() if value is not None)
    return hashlib.sha256(msgspec.json.encode(known)).hexdigest()[:24]


def _plain(value: Any) -> str:
    found = scalar(value)
    return str(int(found) if isinstance(found, float) and found == int(found) else found)


def columns_of(source: SourceDefinition) -> Columns:
    """Without `properties`, all other columns are."""
    chosen = tuple(source.columns.values()) or None
    return Columns(
        event=source.event_column or None,
        name=source.event,
        happened_at=source.at or None,
        user_id=source.user or None,
        account_id=source.account or None,
        message_id=source.id or None,
        properties=chosen,
    )
