"""A workspace as one document: the format of the files, with the names of the API and the forms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from headway.engine.definition import WAIVED, Duration
from headway.goals.audience import Audience
from headway.goals.experiment.design import Experiment
from headway.ingest.definition import SLUG, Slug, SourceDefinition
from headway.metrics.journey import Stage
from headway.surveys.definition import SurveyDefinition
from headway.uptime.definition import CheckDefinition

SLUG_WORDS = "a key of small letters, digits, - and _"
LongSlug = Annotated[str, Meta(pattern=SLUG, max_length=80, description=SLUG_WORDS)]
Name = Annotated[str, Meta(max_length=120)]
Reason = Annotated[str, Meta(min_length=1, max_length=300)]
Title = Annotated[str, Meta(max_length=200)]
Email = Annotated[
    str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", description="The e-mail address of a person.")
]
Quantity = Annotated[
    str | int | float,
    Meta(description="A number in the metric's unit, or for example `85 %`, `30 min`, `1.5M`."),
]
ChangeText = Annotated[str, Meta(description="`25 %` of the baseline, or `5 points` added to it.")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
GrainName = Literal["day", "week", "month", "quarter", "year"]
Moment = Annotated[datetime, Meta(tz=True, description="With its time zone.")]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=1, le=1000)]
Hour = Annotated[int, Meta(ge=0, le=23)]


Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="Three letters, such as `EUR`.")]
RATES = Meta(
    description="What one unit of a currency is worth in the workspace's, by the first day of each "
    "rate: `{USD: {2026-01-01: 0.92}}`."
)


PERSONAL = Meta(description="Personal properties, hashed or dropped: `{email: hash}`.")
KEPT = Meta(
    description="For how long raw events are kept, such as `90 days` or `13 months`; empty: for "
    "ever. What is removed cannot be had back."
)
OFF = Meta(description="Codes of the coach's rules that are switched off.")
PHASES = Meta(description="What is expected by which day: `{2026-10-31: 250}`.")


class Item(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Something with a key of its own in a document."""


class Workspace(Item, frozen=True, kw_only=True):
    """Settings that are left out stay as they are."""

    key: Slug
    name: Name | UnsetType = UNSET
    notice: str | UnsetType = UNSET
    vision: str | UnsetType = UNSET
    strategy: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    week_starts: Weekday | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    rates: Annotated[dict[Currency, dict[date, Positive]], RATES] | UnsetType = UNSET
    grain: GrainName | UnsetType = UNSET
    cadence_days: Count | UnsetType = UNSET
    mail_day: Weekday | UnsetType = UNSET
    mail_hour: Hour | UnsetType = UNSET
    on_track_within: Fraction | UnsetType = UNSET
    behind_within: Fraction | UnsetType = UNSET
    aspirational_success: Fraction | UnsetType = UNSET
    well_judged_from: Fraction | UnsetType = UNSET
    edit_managed: bool | UnsetType = UNSET
    journey: list[Stage] | UnsetType = UNSET
    coach_off: Annotated[list[str], OFF] | UnsetType = UNSET
    personal: Annotated[dict[str, Literal["hash", "drop"]], PERSONAL] | UnsetType = UNSET
    keep_events: Annotated[str, KEPT] | UnsetType = UNSET
    clock: Moment | UnsetType | None = UNSET


Source = SourceDefinition
Survey = SurveyDefinition
Check = CheckDefinition


class Team(Item, frozen=True, kw_only=True):
    """Naming somebody as a member of a team makes them a member of the workspace."""

    key: Slug
    name: Name = ""
    parent: Slug | None = None
    members: list[Email] = []


class Cycle(Item, frozen=True, kw_only=True):
    """Both days are inclusive, in the workspace's time zone."""

    key: Slug
    name: Annotated[str, Meta(max_length=80)] = ""
    starts: date
    ends: date
    parent: Slug | None = None


class Bounds(Item, frozen=True, kw_only=True):
    """Inclusive."""

    at_least: Quantity | None = None
    at_most: Quantity | None = None


class Span(Item, frozen=True, kw_only=True):
    """Either the mean of the last periods, or a number of trailing days."""

    mean: Count | None = None
    trailing: Duration | None = None


class Grades(Item, frozen=True, kw_only=True):
    """Three values of one metric; progress is 0.3 at commit, 0.7 at target and 1.0 at stretch."""

    commit: Quantity
    target: Quantity
    stretch: Quantity


class Milestone(Item, frozen=True, kw_only=True):
    """`done` is the day on which it was reached; left out, what was ticked stays ticked."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    weight: Positive = 1.0
    due: date | None = None
    done: date | None = None


class KeyResult(Item, frozen=True, kw_only=True):
    """Has exactly one of `to`, `increase_by`, `reduce_by`, `keep`, `grades` and `milestones`.

    Without a metric it is typed by hand at each check-in, in its own `unit`, or a list of
    milestones. `from` is the baseline; when it is left out the baseline is measured. `phases` are
    the values expected by certain days; `teams` share it beside the objective's own.
    """

    key: Slug
    title: Title = ""
    metric: str | None = None
    from_: Quantity | None = field(default=None, name="from")
    to: Quantity | None = None
    increase_by: ChangeText | None = None
    reduce_by: ChangeText | None = None
    keep: Bounds | None = None
    grades: Grades | None = None
    milestones: list[Milestone] = []
    pace: Literal["linear", "phased", "seasonal"] = "linear"
    phases: Annotated[dict[str, Quantity], PHASES] = {}
    over: Literal["latest", "cycle_to_date"] | Span = "latest"
    cycle: Slug | None = None
    unit: Annotated[str, Meta(max_length=20)] = ""
    grain: GrainName | None = None
    due: date | None = None
    weight: Positive = 1.0
    owner: Email | None = None
    delegate: Email | None = None
    teams: list[Slug] = []
    waived: Annotated[dict[str, Reason], WAIVED] = {}


class Objective(Item, frozen=True, kw_only=True):
    key: LongSlug
    cycle: Slug
    team: Slug
    title: Title
    why: str = ""
    ambition: Literal["committed", "aspirational"] = "committed"
    owner: Email | None = None
    supports: list[str] = []
    guardrails: list[str] = []
    waived: Annotated[dict[str, Reason], WAIVED] = {}
    key_results: list[KeyResult] = []


class Output(Item, frozen=True, kw_only=True):
    """Something shipped. Without a status: launched if it has a launch day, otherwise planned.

    `moves` names the metrics that it should change, `description` what success looks like.
    `controls` are metrics that it does not touch, to hold its effect against. With an `experiment`
    it is an A/B test.
    """

    key: LongSlug
    name: Annotated[str, Meta(max_length=160)] = ""
    description: str = ""
    status: Literal["planned", "building", "launched", "stopped"] | None = None
    planned: date | None = None
    launched: date | None = None
    team: Slug | None = None
    owner: Email | None = None
    moves: str | list[str] = []
    controls: list[str] = []
    audience: Audience = Audience()
    experiment: Experiment | None = None

    @property
    def metrics(self) -> list[str]:
        return [self.moves] if isinstance(self.moves, str) else self.moves


class Annotation(Item, frozen=True, kw_only=True):
    """What happened on a day, or from `starts` through `ends`.

    Without a product and metrics it covers all metrics. The launch of an output is one by itself.
    """

    key: LongSlug
    kind: Literal["launch", "incident", "campaign", "holiday", "note"]
    title: Annotated[str, Meta(min_length=1, max_length=160)]
    starts: date
    ends: date | None = None
    description: str = ""
    product: Annotated[str, Meta(max_length=80)] = ""
    metrics: str | list[str] = []
    link: Annotated[str, Meta(max_length=500, pattern=r"^(https?://[^\s/]+\S*)?$")] = ""

    @property
    def covered(self) -> list[str]:
        return [self.metrics] if isinstance(self.metrics, str) else self.metrics


class Frozen(Item, frozen=True, kw_only=True):
    """What a goal came to when its cycle was closed; `score` is the computed one."""

    score: float | None = None
    status: str = ""
    baseline: float | None = None
    target: float | None = None
    value: float | None = None
    value_through: date | None = None
    progress: float | None = None
    reason: Annotated[str, Meta(max_length=300)] = ""
    definition: Annotated[int, Meta(ge=1)] | None = None
    as_of: Moment | None = None
    provisional_until: date | None = None
    unknown: Annotated[int, Meta(ge=0, le=1000)] = 0
    aspirational: bool = False


class ClosedKeyResult(Item, frozen=True, kw_only=True):
    """What follows, and why; amounts in the metric's unit. `score` is set by somebody."""

    key: Slug
    choice: Literal["", "carry_over", "raise", "hand_back", "drop"] = ""
    reason: Annotated[str, Meta(max_length=300)] = ""
    target: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    score: Fraction | None = None
    score_reason: Annotated[str, Meta(max_length=300)] = ""
    frozen: Frozen | None = None


class ClosedObjective(Item, frozen=True, kw_only=True):
    key: LongSlug
    learnt: str = ""
    score: Fraction | None = None
    score_reason: Annotated[str, Meta(max_length=300)] = ""
    key_results: list[ClosedKeyResult] = []
    frozen: Frozen | None = None


class Close(Item, frozen=True, kw_only=True):
    """A team's look back at a cycle; without `closed` its answers are still a draft."""

    team: Slug
    cycle: Slug
    learnt: str = ""
    closed: Moment | None = None
    by: Email | None = None
    objectives: list[ClosedObjective] = []

    @property
    def key(self) -> str:
        return f"{self.cycle}/{self.team}"


class PlannedProperty(Item, frozen=True, kw_only=True):
    """Without a type, any is right; `required`: each event must have it."""

    type: Literal["text", "number", "boolean", "time"] | None = None
    required: bool = False


class PlannedEvent(Item, frozen=True, kw_only=True):
    """An event of the tracking plan; what comes in under the names of `also` is read as it."""

    event: Annotated[str, Meta(min_length=1, max_length=150)]
    description: str = ""
    also: list[str] = []
    properties: dict[str, PlannedProperty] = {}

    @property
    def key(self) -> str:
        return self.event


class Document(Item, frozen=True, kw_only=True):
    workspace: Workspace | None = None
    sources: list[Source] = []
    tracking: list[PlannedEvent] = []
    surveys: list[Survey] = []
    checks: list[Check] = []
    teams: list[Team] = []
    metrics: list[Any] = []
    cycles: list[Cycle] = []
    objectives: list[Objective] = []
    outputs: list[Output] = []
    annotations: list[Annotation] = []
    closes: list[Close] = []

    @property
    def launches(self) -> dict[str, date]:
        """First days of what a cohort may be counted since."""
        happened = {a.key: a.starts for a in self.annotations}
        return happened | {o.key: o.launched for o in self.outputs if o.launched}
