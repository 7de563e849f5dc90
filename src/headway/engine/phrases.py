"""Words for the parts of a definition."""

from __future__ import annotations

from headway.engine.definition import Condition, EventNames, Where, names_of

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
    if isinstance(value, list):
        return " or ".join(_value(v) for v in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def subjects(by: str, count: int = 2) -> str:
    plural = "" if count == 1 else "s"
    return f"{by}{plural}" if by in ("user", "account") else f"`{by}`{plural}"


def ordinal(number: float) -> str:
    whole = round(number)
    if abs(number - whole) > 1e-9 or 10 <= whole % 100 <= 20:
        return f"{number:g}th"
    return f"{whole}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(whole % 10, 'th') }"
