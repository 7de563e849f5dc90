"""Tables of a warehouse, seen as events: what every store over somebody else's database shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from headway.engine.store import Store


@dataclass(frozen=True)
class MappedTable:
    """A table of a warehouse seen as events. Every name but the first two is one of its columns.

    `table` is named as its engine names it ("shop.orders"); for Spark it may be a path
    ("parquet:/data/events"). The events' name is `event`, the same for all rows, or stands in
    `event_column`. `properties` are (property, column); a mapping given for it becomes that.
    """

    source: str
    table: str
    at: str
    id: str
    event: str = ""
    event_column: str = ""
    user: str = ""
    account: str = ""
    properties: tuple[tuple[str, str], ...] | Mapping[str, str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "properties", tuple(sorted(dict(self.properties).items())))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, each once."""
        named = (self.id, self.at, self.event_column, self.user, self.account)
        return tuple(dict.fromkeys(c for c in (*named, *dict(self.properties).values()) if c))


@dataclass(frozen=True)
class Extent:
    """From when to when there are events, in UTC, and how many."""

    first_at: datetime | None
    last_at: datetime | None
    rows: int


class Warehouse(Store, Protocol):
    """A store over tables that belong to somebody else; it only reads."""

    def problems(self) -> list[str]:
        """What stands in the way, as sentences that say how to mend it; none: it can be read."""

    def fingerprints(self) -> dict[date, str]:
        """UTC day → fingerprint of its rows in whatever order: a day changed iff this did."""

    def extent(self) -> Extent: ...

    @property
    def names(self) -> list[tuple[str, int]]:
        """Event names with their number of rows, most frequent first, as LocalStore has them."""

    def identities(self) -> str:
        """A short digest of which ids are joined ($alias, $identify), at most 64 characters; ""
        where none are. Another one: any day may count other people than before.
        """

    def close(self) -> None: ...
