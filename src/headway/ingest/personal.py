"""What of people is never written down as it came: personal properties, hashed or left out."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
from django.conf import settings

from headway.engine.event import PROPERTY, Event, Scalar
from headway.ingest.dialects.dialect import Parsed

HASH, DROP = "hash", "drop"
SUGGESTED = {"email": HASH, "phone": HASH, "name": DROP, "ip": DROP, "address": DROP}
"""What is usually personal, and how little of it numbers need."""

BEGINS = "hash:"
DIGITS = 32
HASHED = re.compile(rf"{BEGINS}[0-9a-f]{{{DIGITS}}}")
CONTEXT = "context."
"""Names below it are those of SDKs: `context.os.name` is nobody's name."""

NOT_KEPT = "It is not kept: this workspace has personal properties."


def digest(text: str, *, purpose: str) -> str:
    """Keyed with the installation's secret: nobody else can tell what it was by trying."""
    key = f"headway:{purpose}:{settings.SECRET_KEY}".encode()
    return hmac.digest(key, text.encode(), "sha256").hex()[:DIGITS]


def hashed(value: Scalar) -> Scalar:
    """The same text for the same value, however it is written; what is hashed stays as it is."""
    if value is None or (isinstance(value, str) and HASHED.fullmatch(value)):
        return value
    return BEGINS + digest(str(value).strip().lower(), purpose="property")


@dataclass(frozen=True)
class Discretion:
    """`marks`: name of a property → `hash` or `drop`."""

    marks: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.marks)

    def mark(self, name: str) -> str:
        """`user.email` and `$email` are marked as `email` is, and all that is in `address`."""
        if name in self.marks:
            return self.marks[name]
        if name.startswith(CONTEXT):
            return ""
        words = (word.lstrip("$").lower() for word in name.split("."))
        return next((self.marks[word] for word in words if word in self.marks), "")

    def parsed(self, found: Parsed) -> Parsed:
        refused = [replace(one, text=NOT_KEPT) for one in found.refused]
        return Parsed([self.event(one) for one in found.events], refused)

    def event(self, event: Event) -> Event:
        kept: dict[str, Scalar] = {}
        for name, value in event.properties.items():
            mark = self.mark(name)
            if mark != DROP:
                kept[name] = hashed(value) if mark == HASH else value
        return replace(event, properties=kept)

    def table(self, table: pa.Table) -> pa.Table:
        """In the store's columns; the same table where nothing of it is personal."""
        for column in [c for c in table.column_names if c.startswith(PROPERTY)]:
            mark = self.mark(column.removeprefix(PROPERTY))
            if mark == DROP:
                table = table.drop_columns([column])
            elif mark == HASH:
                place = table.column_names.index(column)
                table = table.set_column(place, column, mapped(table[column], hashed))
        return table


NONE = Discretion()


def mapped(column: pa.ChunkedArray, change: Callable[[Any], Scalar]) -> pa.Array:
    """As text, with each value looked at once."""
    coded = column.combine_chunks().dictionary_encode()
    values = pa.array([change(value) for value in coded.dictionary.to_pylist()], pa.string())
    return values.take(coded.indices)
