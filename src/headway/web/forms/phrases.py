"""Selectors and filters as people type them, and back: `order_placed where plan in pro, team`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from headway.engine.definition import Value
from headway.engine.errors import DefinitionError

Document = dict[str, Any]

CONDITION = re.compile(
    r"^(?P<name>\S+)\s*(?P<test>is not set|is set|not in\b|in\b|contains\b|>=|<=|!=|=|>|<)"
    r"\s*(?P<value>.*)$"
)
COMPARES = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "contains": "contains"}
HOW = "Write for example `plan in pro, team and amount > 10`."


def read_where(text: str) -> Document:
    """Raises DefinitionError for a condition that cannot be read."""
    found: Document = {}
    for part in re.split(r"\s+and\s+|\n", text.strip()):
        if part.strip():
            name, test = _condition(part.strip())
            found[name] = _joined(found.get(name), test)
    return found


def read_selector(text: str) -> Document:
    names, _, where = text.strip().partition(" where ")
    found: Document = {"event": read_names(names)}
    return found | ({"where": read_where(where)} if where.strip() else {})


WHO = re.compile(
    r"^(?P<did>.+?)(\s+at least (?P<times>\d+) times?)?"
    r"(\s+(?:within )?(?P<within>ever|since \S+|[\d.]+ ?\w+ before))?$"
)


def read_who(text: str) -> Document:
    """`report_shared where … at least 2 times within 30 days before`, or `… since 2026-01-31`.

    Or since a launch, by the key of its output.
    """
    found = WHO.match(text.strip())
    assert found is not None  # any text has a beginning
    times = {"at_least": int(found["times"])} if found["times"] else {}
    within = {"within": found["within"]} if found["within"] else {}
    return {"did": read_selector(found["did"]), **times, **within}


def write_who(who: Mapping[str, Any]) -> str:
    times = f" at least {who['at_least']} times" if who.get("at_least", 1) > 1 else ""
    within = who.get("within", "ever")
    when = "" if within == "ever" else f" within {within}" if "before" in within else f" {within}"
    return f"{write_selector(who['did'])}{times}{when}"


def read_amount(text: str) -> Document:
    """`payment: amount where …`; without a property each event counts one."""
    head, where_word, where = text.partition(" where ")
    names, _, name = head.partition(":")
    found = read_selector(f"{names.strip()}{where_word}{where}")
    return found | ({"property": name.strip()} if name.strip() else {})


def read_names(text: str) -> str | list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    return names[0] if len(names) == 1 else names


def write_where(where: Mapping[str, Any]) -> str:
    return " and ".join(text for name, test in where.items() for text in _texts(name, test))


def write_selector(selector: Mapping[str, Any]) -> str:
    names = write_names(selector["event"])
    if selector.get("property"):
        names = f"{names}: {selector['property']}"
    where = write_where(selector.get("where") or {})
    return f"{names} where {where}" if where else names


def write_names(names: str | Sequence[str]) -> str:
    return names if isinstance(names, str) else ", ".join(names)


def _condition(part: str) -> tuple[str, Any]:
    found = CONDITION.match(part)
    if found is None:
        raise DefinitionError(f"`{part}` is not a condition.", where="where", fix=HOW)
    name, test, value = found["name"], found["test"], found["value"].strip()
    if not value and not test.endswith("set"):
        raise DefinitionError(f"`{part}` compares with nothing.", where="where", fix=HOW)
    return name, _test(test, value)


def _test(test: str, text: str) -> Any:
    readers: dict[str, Callable[[], Any]] = {
        "=": lambda: _value(text),
        "!=": lambda: {"not_in": _value(text)},
        "in": lambda: {"in": _values(text)},
        "not in": lambda: {"not_in": _values(text)},
        "is set": lambda: {"set": True},
        "is not set": lambda: {"set": False},
        "contains": lambda: {"contains": text},
    }
    return readers.get(test, lambda: {COMPARES[test]: _value(text)})()


def _joined(before: Any, test: Any) -> Any:
    if before is None:
        return test
    return {**_as_tests(before), **_as_tests(test)}


def _as_tests(test: Any) -> Document:
    return test if isinstance(test, dict) else {"in": [test]}


def _values(text: str) -> list[Value]:
    return [_value(part) for part in text.split(",") if part.strip()]


def _value(text: str) -> Value:
    """Quotes keep a number or a truth as text."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _texts(name: str, test: Any) -> list[str]:
    if not isinstance(test, Mapping):
        return [f"{name} = {_written(test)}"]
    return [_text(name, word, value) for word, value in test.items()]


def _text(name: str, word: str, value: Any) -> str:
    if word == "set":
        return f"{name} is set" if value else f"{name} is not set"
    if isinstance(value, list):
        listed = ", ".join(_written(v) for v in value)
        return f"{name} {'not in' if word == 'not_in' else 'in'} {listed}"
    signs = {v: k for k, v in COMPARES.items()} | {"not_in": "!="}
    return f"{name} {signs[word]} {value if word == 'contains' else _written(value)}"


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and _value(value) != value:
        return f'"{value}"'
    return str(value)
