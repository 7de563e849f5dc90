"""A metric's definition: the fields every kind shares, selectors, filters and durations.

The structs are the format itself: YAML files, the API, forms and the JSON Schema use these names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from headway.engine.each import Each, refused
from headway.engine.errors import DefinitionError, nearest
from headway.engine.series import ALL, PART, Answer, Point, Series
from headway.engine.tally import Estimate, Tally
from headway.engine.watching import Watching
from headway.engine.written import grouped

if TYPE_CHECKING:
    from headway.engine.ask import Ask, Scope
    from headway.engine.period import Calendar, Period
    from headway.engine.remnant import Remnant
    from headway.engine.selection import Match
    from headway.engine.worth import Bought, Held

KEY_PATTERN = r"^[a-z][a-z0-9_]*$"
SPAN = r"\d+(\.\d+)? ?(s|sec|seconds?|min|minutes?|h|hours?|d|days?|w|weeks?)"
DURATION_PATTERN = rf"^{SPAN}$"
WITHIN_PATTERN = rf"^(ever|since [a-z0-9][a-z0-9_-]*|{SPAN} before)$"
WITHIN = (
    "`ever`, a span such as `30 days before`, or since a day or a launch: `since 2026-01-31`, "
    "`since new-onboarding`"
)
ANY = "any"
"""As an event name: whatever the subject did."""

Key = Annotated[
    str,
    Meta(
        pattern=KEY_PATTERN,
        max_length=80,
        description="a key of lower case letters, digits and _, such as `weekly_users`",
    ),
]
Duration = Annotated[
    str, Meta(pattern=DURATION_PATTERN, description="a duration, such as `30 minutes` or `7 days`")
]
PEOPLE = ("user", "account")
"""Subjects that every event may have; any other is a property."""

EventName = Annotated[str, Meta(min_length=1)]
EVENTS = "the name of an event, such as `order_placed`, or a list of names"
EventNames = Annotated[
    EventName | Annotated[list[EventName], Meta(min_length=1)], Meta(description=EVENTS)
]
Waived = Annotated[str, Meta(min_length=1, max_length=300)]
WAIVED = Meta(description="Why findings of the coach are waived here: `{code: reason}`.")
Value = str | int | float | bool
LONGEST = timedelta(days=36_500)
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Condition(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Tests on one property; all of them must hold.

    A missing property fails every test except `not_in` and `set: false`.
    """

    in_: list[Value] | None = msgspec.field(default=None, name="in")
    not_in: list[Value] | Value | None = None
    gt: float | str | None = None
    gte: float | str | None = None
    lt: float | str | None = None
    lte: float | str | None = None
    contains: str | None = None
    set: bool | None = None


Where = dict[str, Value | Condition]


class Selector(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Which events: a name, several names or `any`, and tests on their properties."""

    event: EventNames
    where: Where = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Event names, sorted; empty means any."""
        return names_of(self.event)


class Who(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A behavioural cohort: who did something often enough by the time of an event.

    `within` is `ever`, a span such as `30 days before`, `since 2026-01-31`, or since a launch that
    a workspace knows by that key.
    """

    did: Selector
    at_least: Annotated[int, Meta(ge=1)] = 1
    within: Annotated[str, Meta(pattern=WITHIN_PATTERN, description=WITHIN)] = "ever"

    @property
    def span(self) -> timedelta | None:
        """How long a deed counts; None: for ever."""
        text = self.within.removesuffix(" before")
        return duration(text) if text != self.within else None

    @property
    def since(self) -> date | None:
        """From which day on deeds count."""
        _, _, day = self.within.partition("since ")
        try:
            return date.fromisoformat(day) if day else None
        except ValueError:
            return None

    @property
    def launch(self) -> str:
        """The key of the launch since which deeds count, until somebody says its day."""
        return "" if self.since else self.within.partition("since ")[2]


class Amount(Selector, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A selector with the property that is added up (for `plus` and `minus`)."""

    property: str | None = None


class Healthy(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """The range in which a KPI is healthy; `floor` and `goal` scale it from 0 to 100."""

    at_least: float | None = None
    at_most: float | None = None
    floor: float | None = None
    goal: float | None = None

    def check(self) -> None:
        """Raises DefinitionError for a range in which no value is, or none can be scaled."""
        least, most = self.at_least, self.at_most
        if least is not None and most is not None and least > most:
            raise DefinitionError(
                f"`at_least` is {least:g}, more than `at_most`, {most:g}.",
                where="healthy",
                fix="Let `at_least` be the smaller one.",
            )
        if self.floor is not None and self.floor == self.goal:
            raise DefinitionError(
                f"`floor` and `goal` are both {self.floor:g}, so that nothing lies between.",
                where="healthy",
                fix="Let `floor` be what is worth 0, and `goal` what is worth 100.",
            )


class Definition(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="kind",
):
    """What every metric has, whatever its kind."""

    additive: ClassVar[bool] = False
    """Whether the value of a week is the sum of the values of its days."""
    measured: ClassVar[bool] = True
    """Whether its numbers come from events, so that a silent source leaves them unknown."""
    personal: ClassVar[bool] = True
    """Whether its value depends on whose the events are, even without a cohort."""
    without: ClassVar[tuple[str, ...]] = ("fill",)
    """Common fields that say nothing about this kind, so that giving them is a mistake."""
    levels: ClassVar[tuple[str, ...]] = ()
    """Parts that say how much there is, where the others say how it changed."""
    limits: ClassVar[tuple[float, float] | None] = None
    """Between which every value lies, where the kind itself says so."""
    summary: ClassVar[str] = ""
    """What the kind measures, in a sentence."""
    instead: ClassVar[str] = "Use a count, a sum, a mean, a share, a ratio or distinct subjects."
    """What to compare the variants of an experiment by, if the kind says nothing of one subject."""

    key: Key
    name: Annotated[str, Meta(max_length=160)] = ""
    description: str = ""
    source: str | None = None
    by: str = "user"
    where: Where = {}
    who: Who | None = None
    segments: list[str] = []
    unit: Annotated[str, Meta(max_length=20)] = ""
    direction: Literal["up", "down", "none"] = "up"
    family: Annotated[str, Meta(max_length=80)] = ""
    product: str = ""
    level: Literal["metric", "kpi"] = "metric"
    outcome: Literal["product", "business", "none"] = "none"
    owner: str = ""
    healthy: Healthy | None = None
    alerts: Watching | None = None
    drives: list[Key] = []
    tree: str = ""
    waived: Annotated[dict[str, Waived], WAIVED] = {}
    grain: Literal["day", "week", "month", "quarter", "year"] | None = None
    grace: Duration | None = None
    fill: float | None = None

    @property
    def title(self) -> str:
        return self.name or self.key.replace("_", " ").capitalize()

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    @property
    def grows(self) -> bool:
        """Whether a period that is still open can only end higher, unless amounts are negative."""
        return self.additive

    def inputs(self) -> tuple[str, ...]:
        """Keys of the metrics this one is computed from."""
        return ()

    def reads(self) -> tuple[str, ...]:
        """What it reads of its inputs: keys, or parts of them such as `onboarding.dropoff`."""
        return self.inputs()

    def made_of(self) -> str:
        """The formula over its drivers; empty for what is measured and has no tree."""
        return self.tree

    def parts(self) -> tuple[str, ...]:
        """The names that the field `part` may have, where the kind has parts."""
        return ()

    @property
    def splits(self) -> tuple[str, ...]:
        """By what its series can be split: its parts, if it shows them all, and its segments."""
        parts = (PART,) if getattr(self, "part", "") == ALL else ()
        return (*parts, *self.segments)

    def of_part(self, part: str) -> Definition:
        """The same metric with that part as its value."""
        if part not in self.parts():
            raise DefinitionError(
                f"`{self.key}` has no part `{part}`.",
                where=f"metric `{self.key}`",
                fix=nearest(part, self.parts()) or self._parts_in_words(),
            )
        return msgspec.structs.replace(self, part=part)

    def _parts_in_words(self) -> str:
        if not self.parts():
            return f"A metric of kind `{self.kind}` has no parts: name the metric alone."
        return f"Its parts are {', '.join(self.parts())}."

    def selections(self) -> dict[str, Match]:
        """The events behind the value, each selection with its name; none for computed metrics."""
        return {}

    def days_of(self, selection: str, period: Period, scope: Scope) -> Period:
        """The days whose events of a selection count in the period's value; it may be longer."""
        return period

    def answer(self, ask: Ask) -> Answer:
        """The series over the question's periods."""
        raise NotImplementedError

    def each(self, ask: Ask) -> Each:
        """What of it belongs to one subject. Raises DefinitionError where nothing does."""
        raise refused(self, self.instead)

    def estimate(self, tally: Tally) -> Estimate:
        """The value of one period from its tally."""
        raise NotImplementedError

    def worth(self, scope: Scope) -> Bought | Held | None:
        """What tells how much its customers are worth; None unless it says for how long ahead."""
        return None

    def without_events(self, ask: Ask, segment: str) -> tuple[Point, ...]:
        """The points of a segment in which nothing happened."""
        nothing, periods = self.estimate(Tally()), range(len(ask.scope.periods))
        return tuple(ask.point(self, segment, i, nothing) for i in periods)

    def words(self) -> str:
        """The definition as a sentence that a person can check."""
        raise NotImplementedError

    def influence(self) -> tuple[int, int | None]:
        """(before, after): a changed day d touches days d−before … d+after; None: all later."""
        return 0, 0

    def remnants(self) -> tuple[Remnant, ...] | None:
        """Events on which values rest although their days are kept no more.

        None: it cannot be said which, so that it needs every event there ever was.
        """
        return () if self.influence()[1] is not None else None

    def days_read(self) -> int:
        """For so many days before the present it takes all events to bring values up to date."""
        before, after = self.influence()
        return max(before, after or 0)

    def rests_from(self, period: Period, calendar: Calendar) -> date:
        """The first day of which all events have to be here for the period's value."""
        return period.start - timedelta(days=self.influence()[1] or 0)

    def matures(self, period: Period, calendar: Calendar) -> datetime:
        """When the period's value can no longer change, late data aside."""
        return calendar.instant(period.end)

    def check(self) -> None:
        """Raises DefinitionError for what the types alone cannot refuse."""

    def reply(self, series: Series, **tables: list[dict[str, Any]]) -> Answer:
        return Answer(self.key, self.kind, self.unit, 1, series, tables)


DESCRIPTIVE = frozenset(
    {
        "key", "name", "description", "unit", "direction", "family", "product", "level", "outcome",
        "owner", "healthy", "alerts", "drives", "tree", "waived", "grain", "lifetime",
    }
)  # fmt: skip
"""Fields that change how a number is read, never the number: no new version."""

CONVERTED = ("unit", "money")
"""The one unit that changes numbers: amounts of money are converted to one currency."""


def names_of(event: EventNames) -> tuple[str, ...]:
    names = [event] if isinstance(event, str) else event
    return () if ANY in names else tuple(sorted(set(names)))


def duration(text: str) -> timedelta:
    """`"7 days"` → 168 hours. Durations are exact spans of time, never calendar days."""
    found = re.match(r"^(\d+(?:\.\d+)?) ?([a-z])", text)
    if found is None or not re.match(DURATION_PATTERN, text):
        raise DefinitionError(
            f"`{text}` is not a duration.", fix="Write for example `30 minutes` or `7 days`."
        )
    seconds = float(found[1]) * UNITS[found[2]]
    if seconds > LONGEST.total_seconds():
        raise DefinitionError(
            f"`{text}` is too long a time.", fix=f"Give at most {grouped(LONGEST.days)} days."
        )
    return timedelta(seconds=seconds)


def whole_days(text: str) -> int:
    """A window in whole days, as trailing windows need it."""
    span = duration(text)
    if span % timedelta(days=1) or not span:
        raise DefinitionError(
            f"`{text}` is not a whole number of days.",
            where="window",
            fix="Write for example `7 days`.",
        )
    return span.days


def computing(document: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a definition that decides its numbers: what versions keep."""
    return {k: v for k, v in document.items() if k not in DESCRIPTIVE or (k, v) == CONVERTED}
