"""Which columns of a file or table are what in an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from zoneinfo import available_timezones

from headway.engine.errors import DefinitionError, InputError, nearest

OPTIONAL = ("user_id", "account_id", "message_id", "received_at")


@dataclass(frozen=True)
class Mapping:
    """Column names; None means the column called like the field, where there is one.

    `name` is the event's name for every row, in place of a column. `properties` None takes all
    other columns. `time_format` holds strptime codes; a time without a zone is in `timezone`.
    """

    event: str | None = None
    name: str = ""
    happened_at: str | None = None
    time_format: str = ""
    timezone: str = "UTC"
    user_id: str | None = None
    account_id: str | None = None
    message_id: str | None = None
    received_at: str | None = None
    properties: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.timezone not in available_timezones():
            raise DefinitionError(
                f"`{self.timezone}` is not a time zone.",
                where="timezone",
                fix=nearest(self.timezone, available_timezones()),
            )
        if self.event and self.name:
            raise DefinitionError(
                "Both a column and a constant name of the event are given.",
                where="event",
                fix="Give one of the two.",
            )

    @property
    def named(self) -> frozenset[str]:
        """Columns that have a part in the event itself: never properties, never numbers."""
        return frozenset(
            getattr(self, f.name) or f.name
            for f in fields(self)
            if f.name in ("event", "happened_at", *OPTIONAL)
        )

    def column(self, field: str, columns: Sequence[str]) -> str | None:
        """The column that holds `field`, None when the file has none.

        Raises InputError when a column was named, or is needed, and is missing.
        """
        asked = getattr(self, field)
        name = asked or field
        if name in columns:
            return str(name)
        if asked is None and (field in OPTIONAL or (field == "event" and self.name)):
            return None
        raise InputError(
            f"There is no column `{name}` for {WORDS[field]}; the columns are {_listed(columns)}.",
            where=field,
            fix=nearest(name, columns) or f"Say which column it is with {FLAGS[field]}.",
        )

    def property_columns(self, columns: Sequence[str]) -> list[str]:
        if self.properties is None:
            return [name for name in columns if name not in self._used(columns)]
        for name in self.properties:
            if name not in columns:
                raise InputError(
                    f"There is no column `{name}`; the columns are {_listed(columns)}.",
                    where="properties",
                    fix=nearest(name, columns),
                )
        return list(self.properties)

    def _used(self, columns: Sequence[str]) -> set[str | None]:
        event = () if self.name else ("event",)
        return {self.column(field, columns) for field in (*event, "happened_at", *OPTIONAL)}


WORDS = {
    "event": "the event's name",
    "happened_at": "the time",
    "user_id": "the user",
    "account_id": "the account",
    "message_id": "the event's identity",
    "received_at": "the time of receipt",
}
FLAGS = {
    "event": "`--event-column`, or name all events with `--event-name`",
    "happened_at": "`--time-column`",
    "user_id": "`--user-column`",
    "account_id": "`--account-column`",
    "message_id": "`--id-column`",
    "received_at": "a mapping file",
}


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in columns[:20])
    return f"{shown} and {len(columns) - 20} more" if len(columns) > 20 else shown
