"""Which events a question is about: names and tests, days and sources, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from headway.engine.definition import Condition, Selector, Where
from headway.engine.money import Money
from headway.engine.period import Calendar


class Truth(Enum):
    """A truth value in a test; Python's own are equal to 1 and 0, which are other tests."""

    true = True
    false = False


Scalar = str | int | float | Truth
Number = str | Money
"""Where a number stands: in a property, or in one that is an amount of money."""

Test = tuple[str, str, Scalar | tuple[Scalar, ...]]
"""(property, operator, operand), e.g. ("plan", "in", ("pro", "team"))."""


@dataclass(frozen=True)
class Match:
    """Which events: names (none: every event) and tests that all hold.

    Of each group in `without`, at least one test does not hold.
    """

    events: tuple[str, ...] = ()
    tests: tuple[Test, ...] = ()
    without: tuple[tuple[Test, ...], ...] = ()

    @staticmethod
    def of(selector: Selector, where: Where | None = None) -> Match:
        return Match(selector.names, tests_of(selector.where) + tests_of(where or {}))

    def and_tests(self, tests: Iterable[Test]) -> Match:
        more = tuple(t for t in tests if t not in self.tests)
        return replace(self, tests=self.tests + more)

    def unless(self, tests: tuple[Test, ...]) -> Match:
        """Without the events for which all these tests hold; no tests, no such events."""
        return replace(self, without=(*self.without, tests)) if tests else self


@dataclass(frozen=True)
class Net:
    """`worth` for a number of at least `top`, −`worth` for one of at most `bottom`, else 0."""

    property: str
    top: float
    bottom: float
    worth: int


@dataclass(frozen=True)
class Added:
    """What an event adds to its subject: 1, its number, or, `counted`, 1 if it has that number.

    With `at_least`, the subject has 1 once its sum is as much, and 0 before.
    """

    match: Match
    value: Number | Net | None = None
    counted: bool = False
    at_least: int | None = None


@dataclass(frozen=True)
class Who:
    """Events whose subject did something `at_least` times before, or at the same instant.

    Only deeds of the last `within` microseconds count, and only those from `since` (epoch µs) on.
    """

    did: Match
    by: str
    at_least: int = 1
    within: int | None = None
    since: int | None = None


@dataclass(frozen=True)
class Span:
    """Which events count at all: local days [start, end) of a calendar, from these sources."""

    calendar: Calendar
    start: int
    end: int
    source: str | None = None
    who: Who | None = None


NAMED = {"in_": "in"}


def tests_of(where: Where) -> tuple[Test, ...]:
    """A `where` as a tuple of tests, in a stable order."""
    found: list[Test] = []
    for name, wanted in sorted(where.items()):
        if isinstance(wanted, Condition):
            found += _tests(name, wanted)
        else:
            found.append((name, "in", (_scalar(wanted),)))
    return tuple(found)


def _tests(name: str, condition: Condition) -> list[Test]:
    fields: Mapping[str, object] = {f: getattr(condition, f) for f in condition.__struct_fields__}
    return [
        (name, NAMED.get(field, field), _operand(value))
        for field, value in fields.items()
        if value is not None
    ]


def _operand(value: object) -> Scalar | tuple[Scalar, ...]:
    return tuple(map(_scalar, value)) if isinstance(value, list) else _scalar(value)


def _scalar(value: object) -> Scalar:
    assert isinstance(value, str | int | float)
    return Truth(value) if isinstance(value, bool) else value
