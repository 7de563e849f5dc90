"""What goes in and comes out, for the OpenAPI description.

Objects that can be kept in files have one shape everywhere: the structs of `headway.files`. Their
schema is put into the description as it is, and they are checked where files are checked.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

import msgspec
from ninja import Schema
from pydantic import GetJsonSchemaHandler, RootModel
from pydantic_core import core_schema

from headway.engine.kinds import AnyDefinition
from headway.files import document


class Written(RootModel[dict[str, Any]]):
    """An object as files write it."""

    struct: ClassVar[Any] = None

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        del schema, handler
        return inlined(cls.struct)

    @property
    def fields(self) -> dict[str, Any]:
        """Without what the API adds to it when it is read."""
        return {k: v for k, v in self.root.items() if k != "state"}


class SourceBody(Written):
    struct = document.Source


class TeamBody(Written):
    struct = document.Team


class CycleBody(Written):
    struct = document.Cycle


class MetricBody(Written):
    struct = AnyDefinition


class ObjectiveBody(Written):
    struct = document.Objective


class KeyResultBody(Written):
    struct = document.KeyResult


class CheckInBody(Schema):
    """`value` for key results that are typed by hand; `confidence` from 0 to 10."""

    value: float | None = None
    confidence: int | None = None
    note: str = ""
    day: date | None = None


class EntryBody(Schema):
    day: date
    value: float


class RoleBody(Schema):
    role: str


class InvitationBody(Schema):
    role: str = "member"
    email: str = ""


class TokenBody(Schema):
    name: str


class Problem(Schema):
    """Every error: what was found, where, and how to mend it."""

    message: str
    where: str = ""
    fix: str = ""
    problems: list[str] = []


class TokenOut(Schema):
    id: int
    name: str
    prefix: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def inlined(struct: Any) -> dict[str, Any]:
    """The JSON Schema without references, as each stands in a place of its own."""
    schema = msgspec.json.schema(struct)
    found: dict[str, Any] = _resolved(schema, schema.get("$defs", {}))
    return found


def _resolved(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolved(v, known) for v in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _resolved(known[value["$ref"].rsplit("/", 1)[-1]], known)
    return {k: _resolved(v, known) for k, v in value.items() if k not in ("$defs", "discriminator")}
