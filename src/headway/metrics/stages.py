"""The stages of the customer's way: first value is created for a customer, then it is captured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
JOURNEY, FUNNEL = "Customer journey", "Adoption funnel"


@dataclass(frozen=True, slots=True)
class Stage:
    """`family` is what metrics of the stage have in that field."""

    family: str
    part: str
    name: str
    question: str

    @property
    def title(self) -> str:
        return f"{self.part}: {self.name}"


STAGES = (
    Stage("creation/register", JOURNEY, "register", "Do people get in?"),
    Stage("creation/onboarding", JOURNEY, "configure", "Do they get it ready for use?"),
    Stage("creation/operation", JOURNEY, "operate", "Does it work well, day after day?"),
    Stage("capture/awareness", FUNNEL, "awareness", "Do people know about it?"),
    Stage("capture/interest", FUNNEL, "interest", "Do they want to know more?"),
    Stage("capture/acquisition", FUNNEL, "acquisition", "Do they become customers?"),
    Stage("capture/activation", FUNNEL, "activation", "Do they use it?"),
    Stage("capture/monetization", FUNNEL, "monetization", "Do they pay?"),
    Stage("capture/retention", FUNNEL, "retention", "Do they stay, and tell others?"),
)


def by_stage(things: Iterable[T], family: Callable[[T], str]) -> list[tuple[Stage, list[T]]]:
    """The stages that have something, in order; another family comes last, under its own name."""
    waiting: dict[str, list[T]] = {}
    for thing in things:
        waiting.setdefault(family(thing), []).append(thing)
    found = [(stage, waiting.pop(stage.family)) for stage in STAGES if stage.family in waiting]
    return found + [(_other(name), rest) for name, rest in waiting.items()]


def _other(family: str) -> Stage:
    return Stage(family, "Other", family.replace("/", " · ") or "without a family", "")
