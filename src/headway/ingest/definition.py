"""A source as it is written: in files, the API and forms alike, with the names of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from headway.engine.definition import Duration, duration
from headway.engine.plain import plain
from headway.stores.mapped import MappedTable

SLUG = r"^[a-z0-9][a-z0-9_-]*$"
ENVIRON = r"^([A-Za-z_][A-Za-z0-9_]*)?$"
OWN = ("key", "name", "kind", "usual_gap_days")
"""What every source has; the other fields belong to some kinds."""

Slug = Annotated[
    str, Meta(pattern=SLUG, max_length=50, description="a key of small letters, digits, - and _")
]
Variable = Annotated[
    str, Meta(pattern=ENVIRON, max_length=100, description="the name of an environment variable")
]
Column = Annotated[str, Meta(max_length=200)]
Gap = Annotated[int, Meta(ge=1, le=366)]


class SourceDefinition(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """Events that are sent or imported (`ingest`), fetched from a tool, or read where they are.

    Addresses with passwords, keys and tokens are secrets, so that only the names of the environment
    variables that hold them are written: `dsn_env`, `secret_env`, `webhook_env`.
    """

    key: Slug
    name: Annotated[str, Meta(max_length=120)] = ""
    kind: Literal[
        "ingest", "postgres", "clickhouse", "spark",
        "stripe", "desk", "prometheus", "sql", "file", "sheet",
    ] = "ingest"  # fmt: skip
    usual_gap_days: Gap | None = None
    dsn_env: Variable = ""
    master: Annotated[str, Meta(max_length=200)] = ""
    table: Annotated[str, Meta(max_length=300)] = ""
    event: Annotated[str, Meta(max_length=200)] = ""
    event_column: Column = ""
    id: Column = ""
    at: Column = ""
    user: Column = ""
    account: Column = ""
    properties: list[Column] | dict[str, Column] = []
    timeout: Duration = "30 s"
    every: Duration = "15 minutes"
    url: Annotated[str, Meta(max_length=2000)] = ""
    secret_env: Variable = ""
    webhook_env: Variable = ""
    changed: Column = ""
    since: date | None = None
    query: Annotated[str, Meta(max_length=4000)] = ""
    step: Duration = "1 minute"
    measure: Literal["availability", "latency", "value"] = "value"

    @property
    def columns(self) -> dict[str, str]:
        """Property → column."""
        named = self.properties
        return dict(named) if isinstance(named, dict) else {name: name for name in named}

    @property
    def mapped(self) -> MappedTable:
        return MappedTable(
            source=self.key,
            table=self.table,
            at=self.at,
            id=self.id,
            event=self.event,
            event_column=self.event_column,
            user=self.user,
            account=self.account,
            properties=self.columns,
        )

    @property
    def time_out(self) -> timedelta:
        return duration(self.timeout)

    def written(self) -> dict[str, Any]:
        """In one spelling, so that equal sources are written alike; defaults are left out."""
        found = plain(self)
        if columns := dict(sorted(self.columns.items())):
            alike = all(name == column for name, column in columns.items())
            found["properties"] = list(columns) if alike else columns
        return found

    def body(self) -> dict[str, Any]:
        """What is written beside the fields that every source has."""
        return {name: value for name, value in self.written().items() if name not in OWN}


def read(document: Mapping[str, Any]) -> SourceDefinition:
    """Of a document without faults."""
    return msgspec.convert(dict(document), SourceDefinition)
