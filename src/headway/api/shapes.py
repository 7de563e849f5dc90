"""Objects as files write them, going in and coming out, for checks and for the description.

They have one shape everywhere: the structs of `headway.files`. Their schema is put into the
OpenAPI description as it is, and they are checked where files are checked.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

import msgspec
from ninja import Schema
from pydantic import BaseModel, GetJsonSchemaHandler, RootModel
from pydantic_core import core_schema

from headway.engine.kinds import AnyDefinition
from headway.files import document


class Written(RootModel[dict[str, Any]]):
    """What is read has a `state` beside the fields of the file; what is sent may keep it."""

    struct: ClassVar[Any] = None
    state: ClassVar[type[BaseModel]]

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        del schema, handler
        return cls.described()

    @classmethod
    def described(cls) -> dict[str, Any]:
        """As JSON Schema. The key may be left out, as the address has it."""
        state = inlined(cls.state.model_json_schema()) | {"readOnly": True}
        schema_of_file = inlined(msgspec.json.schema(cls.struct))
        return {"title": cls.__name__, **_with_state(schema_of_file, state)}

    @property
    def fields(self) -> dict[str, Any]:
        """Without what the API adds to it when it is read."""
        return {name: value for name, value in self.root.items() if name != "state"}


class State(Schema):
    managed_in_code: bool


class WorkspaceState(Schema):
    """`now` is the workspace's present: its stopped clock, or the time. All raw events are here
    since `events_kept_from`, or were never removed (null).
    """

    now: datetime
    role: str
    events_kept_from: date | None
    events_removed: int


class FetchState(Schema):
    """How far a source that is fetched has come: `reached` in words. It is fetched again at
    `due_at` (null: in the next pass), and was last known in full at `done_at`.
    """

    reached: str
    tried_at: datetime | None
    done_at: datetime | None
    due_at: datetime | None
    added: int
    last_added: int
    refused: int
    failures: int
    problem: str
    note: str


class SourceState(State):
    """After `gap_days` without an event, days are unknown instead of zero.

    `problem` is why the table of a warehouse could not be read at `probed_at`; `fetch` is null
    where nothing is fetched.
    """

    problem: str
    probed_at: datetime | None
    fetch: FetchState | None
    gap_days: int
    rows: int
    rejected: int
    first_event_at: datetime | None
    last_event_at: datetime | None


class MetricState(State):
    """`problem` is why its points could not be computed; `words` is the definition in words."""

    version: int
    words: str
    problem: str
    refreshed_at: datetime | None


class ObjectiveState(State):
    status: str
    reason: str
    progress: float | None
    unknown_key_results: int


class KeyResultState(State):
    """What the last pass of the worker found, in the metric's unit.

    `aim` is the target as a value, `value_through` the last day that the value covers. `share` is
    its part of the objective; those of all its key results sum to 1. `curve` is the share of the
    way that is expected by the end of some days, straight in between; empty: evenly. `chance` is
    that of success by the due date, from 0 to 1, if it goes on like this; its `forecast` says more.
    """

    share: float
    curve: list[tuple[date, float]]
    pace_reason: str
    handed_back_at: datetime | None
    baseline: float | None
    aim: float | None
    value: float | None
    value_through: date | None
    progress: float | None
    expected: float | None
    chance: float | None
    holds: bool | None
    status: str
    reason: str
    definition_version: int | None
    refreshed_at: datetime | None


class Workspace(Written):
    struct = document.Workspace
    state = WorkspaceState


class Source(Written):
    struct = document.Source
    state = SourceState


class SurveyState(State):
    """Of the last 30 days; `score` with its 95 % interval, in the unit of the catalogue's KPI."""

    shown: int
    answered: int
    response_rate: float | None
    score: float | None
    low: float | None
    high: float | None


class CheckState(State):
    """`state` is up, down, unknown or paused; availability is of the time that is known."""

    state: str
    reason: str
    looked_at: datetime | None
    since: datetime | None
    milliseconds: int
    status: int
    availability_day: float | None
    availability_month: float | None


class Survey(Written):
    struct = document.Survey
    state = SurveyState


class Check(Written):
    struct = document.Check
    state = CheckState


class Team(Written):
    struct = document.Team
    state = State


class Cycle(Written):
    struct = document.Cycle
    state = State


class Metric(Written):
    struct = AnyDefinition
    state = MetricState


class KeyResult(Written):
    struct = document.KeyResult
    state = KeyResultState


class Objective(Written):
    """With its key results, which have states of their own."""

    struct = document.Objective
    state = ObjectiveState

    @classmethod
    def described(cls) -> dict[str, Any]:
        schema = super().described()
        items = KeyResult.described() | {"required": ["key"]}
        schema["properties"]["key_results"] |= {"items": items}
        return schema

    @property
    def fields(self) -> dict[str, Any]:
        found = super().fields
        if isinstance(items := found.get("key_results"), list):
            found["key_results"] = [_bare(item) for item in items]
        return found


class Output(Written):
    struct = document.Output
    state = State


class AnnotationState(State):
    """`covers` is `all`, `product` or `metrics`; `output` the key of the output that it is the
    launch of, which says when it was: such a one is changed there. `by` is who wrote it.
    """

    covers: str
    output: str
    by: str


class Annotation(Written):
    struct = document.Annotation
    state = AnnotationState


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema without references, as each stands in a place of its own."""
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


def _with_state(schema: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in schema:
        return {**schema, "anyOf": [_with_state(s, state) for s in schema["anyOf"]]}
    required = [name for name in schema.get("required", []) if name != "key"]
    return {**schema, "properties": {**schema["properties"], "state": state}, "required": required}


def _bare(item: Any) -> Any:
    return {k: v for k, v in item.items() if k != "state"} if isinstance(item, dict) else item
