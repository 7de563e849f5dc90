"""Words for the parts of a definition."""

from __future__ import annotations

from collections.abc import Iterable

from headway.engine.definition import (
    ANY,
    PEOPLE,
    Condition,
    Definition,
    EventNames,
    Where,
    names_of,
)
from headway.engine.selection import Match, Test, Truth

OPERATORS = {
    "in_": "is {}",
    "not_in": "is not {}",
    "gt": "> {}",
    "gte": "≥ {}",
    "lt": "< {}",
    "lte": "≤ {}",
    "contains": "contains {}",
}


def events(event: EventNames) -> str:
    names = names_of(event)
    if not names:
        return "any event"
    quoted = [f"`{name}`" for name in names]
    return f"{' or '.join(quoted)} events"


def filters(where: Where) -> str:
    """Such as " where `plan` is pro or team and `amount` > 5", or nothing."""
    tests = [phrase for name, wanted in where.items() for phrase in _tests(name, wanted)]
    return f" where {' and '.join(tests)}" if tests else ""


def sentence(definition: Definition) -> str:
    """The definition in words, with whom it is kept to."""
    who = definition.who
    if who is None:
        return definition.words()
    often = f" at least {who.at_least} times" if who.at_least > 1 else ""
    when = "" if who.within == "ever" else f", {who.within}"
    did = f"{events(who.did.event)}{filters(who.did.where)}"
    return (
        f"{definition.words()} Only of {subjects(definition.by)} with {did}{often} by then{when}."
    )


def matched(match: Match) -> str:
    """A selection, such as "`order_placed` events where `plan` is pro"."""
    tests = _all(match.tests)
    but = "".join(f", but not where {_all(group)}" for group in match.without)
    return events(list(match.events) or ANY) + (f" where {tests}" if tests else "") + but


def _all(tests: Iterable[Test]) -> str:
    return " and ".join(_test(*test) for test in tests)


def _test(name: str, operator: str, operand: object) -> str:
    if operator == "set":
        return f"`{name}` is {'set' if operand is Truth.true else 'missing'}"
    return f"`{name}` {OPERATORS.get(operator, 'is {}').format(_value(operand))}"


def _tests(name: str, wanted: object) -> list[str]:
    if not isinstance(wanted, Condition):
        return [f"`{name}` is {_value(wanted)}"]
    tests = [
        f"`{name}` {text.format(_value(value))}"
        for field, text in OPERATORS.items()
        if (value := getattr(wanted, field)) is not None
    ]
    if wanted.set is not None:
        tests.append(f"`{name}` is {'set' if wanted.set else 'missing'}")
    return tests


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return " or ".join(_value(v) for v in value)
    if isinstance(value, Truth):
        return _value(value.value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def subjects(by: str, count: int = 2) -> str:
    plural = "" if count == 1 else "s"
    return f"{by}{plural}" if by in PEOPLE else f"`{by}`{plural}"


def ordinal(number: float) -> str:
    whole = round(number)
    if abs(number - whole) > 1e-9 or 10 <= whole % 100 <= 20:
        return f"{number:g}th"
    return f"{whole}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(whole % 10, 'th') }"
