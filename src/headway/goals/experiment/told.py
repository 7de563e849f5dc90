"""What an experiment says by the end of a day, as it is kept and as pages read it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct

from headway.engine.each import Compared

Verdict = Literal["better", "worse", "no clear difference", "cannot tell", "not comparable"]
Safety = Literal["safe", "harmed", "cannot tell"]


class Variant(Struct, frozen=True, omit_defaults=True):
    """`expected` subjects would have come by the split; `value` is None while there is none."""

    name: str
    subjects: int
    expected: float
    value: float | None = None


class Against(Struct, frozen=True, omit_defaults=True):
    """A variant against the control, with the interval that decides. Unknown while it cannot tell.

    `relative` is a share of the control's value, at one look.
    """

    name: str
    verdict: Verdict
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    relative: float | None = None
    p: float | None = None
    reason: str = ""
    note: str = ""


class Guarded(Struct, frozen=True, omit_defaults=True):
    """A guardrail under one variant; `worse_by` is the share by which it may be worse, or `margin`
    the amount.
    """

    metric: str
    name: str
    verdict: Safety
    compared: Compared
    worse_by: float
    control: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""
    margin: float | None = None


class Said(Struct, frozen=True, omit_defaults=True):
    """The control is the first variant. `uneven` says why nothing can be read; `mixed` were seen in
    several variants, `others` in variants that are none; `needed` subjects in all show the effect
    that is looked for, which `days_left` bring. `open` days after it was assigned it is known of a
    subject what it did.
    """

    compared: Compared
    adjusted: bool
    variants: list[Variant]
    against: list[Against]
    guardrails: list[Guarded]
    rests_on: str
    uneven: str = ""
    chance: float | None = None
    mixed: int = 0
    others: dict[str, int] = {}
    least: float | None = None
    needed: int | None = None
    days_left: int | None = None
    open: int = 0

    @property
    def subjects(self) -> int:
        return sum(variant.subjects for variant in self.variants)

    @property
    def winners(self) -> list[str]:
        """Better than the control, with no guardrail harmed."""
        harmed = {one.name for one in self.guardrails if one.verdict == "harmed"}
        return [a.name for a in self.against if a.verdict == "better" and a.name not in harmed]


class Plan(Struct, frozen=True, omit_defaults=True):
    """What the last weeks tell before the start: how many would come, and what they would show.

    `coming` are subjects by the end of each day, of whom none is known on the first `lag` days, as
    what they did is not over; `least` is the difference looked for in the unit
    of the value, `detectable` the one that the planned days show.
    """

    compared: Compared
    adjusted: bool
    value: float
    deviation: float
    arms: int
    coming: list[int]
    days: int | None = None
    detectable: float | None = None
    least: float | None = None
    needed: int | None = None
    days_needed: int | None = None
    reason: str = ""
    lag: int = 0

    @property
    def weeks(self) -> int:
        return (len(self.coming) - self.lag) // 7

    @property
    def a_week(self) -> float:
        """New subjects in a week, of those that were looked at."""
        return 7 * self.coming[-1] / (len(self.coming) - self.lag)


def kept(one: Said | Plan) -> Any:
    return msgspec.to_builtins(one)


def said(body: Any) -> Said:
    return msgspec.convert(body, Said)


def plan(body: Any) -> Plan | None:
    return msgspec.convert(body, Plan) if body else None
