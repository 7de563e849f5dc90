"""What is known of one launch and one metric: numbers with their checks, or why there are none."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec
from msgspec import Struct

Verdict = Literal["up", "down", "no clear effect", "cannot tell"]
Way = Literal["past", "controls", "unexposed"]


class Block(Struct, frozen=True):
    """A week, or another period, after the launch; `through` is its last day."""

    start: date
    through: date
    value: float
    expected: float
    low: float
    high: float


class Try(Struct, frozen=True):
    """A day without a launch that was judged as if there had been one."""

    day: date
    seen: bool


class Told(Struct, frozen=True, omit_defaults=True):
    """`again` is the first day on which it may be told, `mend` what people can do about it.

    `beside` are the keys of the metrics it was held against. `relative…` are shares of `expected`.
    `reached` says, for those who got it alone, who they are. Amounts that add up over time are
    `per` something, such as a week.
    """

    verdict: Verdict
    grain: str = ""
    per: str = ""
    reason: str = ""
    mend: str = ""
    again: date | None = None
    value: float | None = None
    expected: float | None = None
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    relative: float | None = None
    relative_low: float | None = None
    relative_high: float | None = None
    shown: date | None = None
    widened: float = 1.0
    way: Way = "past"
    beside: list[str] = []
    reached: str = ""
    unsplit: str = ""
    blocks: list[Block] = []
    tries: list[Try] = []
    rests_on: str = ""

    @property
    def known(self) -> bool:
        return self.effect is not None

    @property
    def first(self) -> date | None:
        return self.blocks[0].start if self.blocks else None

    @property
    def through(self) -> date | None:
        return self.blocks[-1].through if self.blocks else None


def stored(told: Told) -> dict[str, Any]:
    return dict(msgspec.to_builtins(told))


def read(found: dict[str, Any]) -> Told:
    return msgspec.convert(found, Told, strict=False)
