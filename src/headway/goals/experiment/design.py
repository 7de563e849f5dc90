"""An output as an A/B test: who gets which variant, and what that should and must not change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from headway.engine.assignment import Assignment
from headway.engine.definition import Duration, Key, Selector, duration
from headway.engine.errors import DefinitionError, InputError
from headway.engine.selection import Match

DAY = timedelta(days=1)
CHANGE = re.compile(r"^(?P<number>\d+(?:\.\d+)?) ?(?P<word>%|percent|points?)?$")
Positive = Annotated[float, Meta(gt=0)]
Amount = Annotated[float, Meta(ge=0)]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
WORSE = Meta(
    pattern=CHANGE.pattern,
    description="`2 %` of the control's value, `2 points` of a share, or an amount.",
)
LEAST = Meta(
    pattern=CHANGE.pattern,
    description="`2 points` of a share, `5 %` of the control's value, or an amount.",
)
SPLIT = Meta(description="How many of each variant to one of another: `{A: 9, B: 1}`.")


class Guard(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A metric that must not get worse by more than a share of its value, or an amount."""

    metric: Key
    worse_by: Annotated[str, WORSE] | Amount = "2 %"

    @property
    def tolerance(self) -> float:
        """As a share of the control's value."""
        return amount_of(self.worse_by, 1)

    @property
    def margin(self) -> float | None:
        """In the metric's own unit; None where it is a share of the control's value."""
        share = str(self.worse_by).endswith(("%", "percent"))
        return None if share else self.tolerance


class Experiment(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Subjects are assigned by their first event of `assigned` that has the property `variant`,
    from the day `starts` until the last day `ends`. Without a `split` every variant that is seen
    counts, in equal parts.

    `effect` is the smallest difference that is worth seeing. With `within`, what somebody does
    counts for so long after the assignment, and only of those for whom that is over. With `adjust`,
    differences that were there before the assignment, for so long, are taken out. `enters` is what
    those do who will be assigned: before the start, it tells how many they are.
    """

    assigned: Selector
    variant: Name
    control: Name
    metric: Key
    starts: date
    ends: date | None = None
    split: Annotated[dict[Name, Positive], SPLIT] = {}
    by: str = "user"
    effect: Annotated[str, LEAST] | Positive | None = None
    within: Duration | None = None
    adjust: Duration | None = None
    guardrails: list[Guard] = []
    enters: Selector | None = None

    @property
    def metrics(self) -> tuple[str, ...]:
        """What it changes first, then what it must not harm."""
        return (self.metric, *(guard.metric for guard in self.guardrails))

    @property
    def waits(self) -> timedelta | None:
        return duration(self.within) if self.within else None

    @property
    def looks_back(self) -> timedelta | None:
        return duration(self.adjust) if self.adjust else None

    def last(self, open: timedelta) -> date | None:
        """The last day of which a read-out changes anything, where metrics are `open` so long."""
        return None if self.ends is None else self.ends + (self.waits or timedelta()) + open

    def assignment(self, today: date) -> Assignment:
        end = today if self.ends is None else min(self.ends + DAY, today)
        return Assignment(
            Match.of(self.assigned), self.variant, self.starts, max(end, self.starts + DAY),
            self.by, self.waits, self.looks_back,
        )  # fmt: skip

    def least(self, control: float) -> float | None:
        """The smallest difference worth seeing, in the unit of the value."""
        return None if self.effect is None else amount_of(self.effect, control)

    def check(self) -> None:
        """Raises DefinitionError for what the types alone cannot refuse."""
        if self.ends is not None and self.ends < self.starts:
            raise _wrong("ends", f"It ends on {self.ends}, before it starts on {self.starts}.")
        if self.split and self.control not in self.split:
            raise _wrong("split", f"The control `{self.control}` has no part.", "Give it one.")
        if self.split and len(self.split) < 2:
            raise _wrong("split", "An experiment has a control and at least one other variant.")
        if len(set(self.metrics)) < len(self.metrics):
            raise _wrong("guardrails", "A metric stands here twice.", "Name each once.")
        if self.effect and amount_of(self.effect, 1) == 0:
            raise _wrong("effect", "A difference of nothing is never seen.", "Give more than 0.")
        for name, span in (("within", self.waits), ("adjust", self.looks_back)):
            if span is not None and not timedelta() < span <= timedelta(days=366):
                raise _wrong(name, "It has to be above 0, and at most a year.")


def amount_of(text: str | float, control: float) -> float:
    """`2 points` is 0.02, `5 %` a twentieth of the control's value."""
    if not isinstance(text, str):
        return text
    found = CHANGE.match(text)
    if found is None:
        raise InputError(f"`{text}` is no difference.", fix="Write `2 points`, `5 %` or an amount.")
    number, word = float(found["number"]), found["word"] or ""
    if word in ("%", "percent"):
        return abs(control) * number / 100
    return number / 100 if word else number


def experiment(given: Mapping[str, Any]) -> Experiment | None:
    """None where nothing is given. Raises DefinitionError for what is no experiment."""
    if not given:
        return None
    try:
        found = msgspec.convert(given, Experiment)
    except msgspec.ValidationError as error:
        raise DefinitionError(
            f"The experiment cannot be read: {error}.",
            where="experiment",
            fix="It needs `assigned`, `variant`, `control`, `metric` and `starts`.",
        ) from None
    found.check()
    return found


def _wrong(field: str, message: str, fix: str = "") -> DefinitionError:
    return DefinitionError(message, where=f"experiment.{field}", fix=fix)
