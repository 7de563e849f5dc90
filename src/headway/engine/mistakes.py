"""msgspec's first complaint about a document, in words that say what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, inspect

from headway.engine.definition import DURATION_PATTERN, KEY_PATTERN
from headway.engine.errors import nearest

TYPES = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false",
    "array": "a list", "object": "a mapping",
}  # fmt: skip
PATTERNS = {
    KEY_PATTERN: "a key of lower case letters, digits and _, such as `weekly_users`",
    DURATION_PATTERN: "a duration, such as `30 minutes` or `7 days`",
}
LIMITS = {
    "of length >=": "of at least {} items", "of length <=": "of at most {} items",
    ">=": "of at least {}", "<=": "of at most {}",
}  # fmt: skip

Path = list[str | int]


def explain(document: Mapping[str, Any], kind: type[Struct], error: str) -> tuple[str, str, str]:
    """(field, message, fix) for a msgspec.ValidationError's text."""
    text, _, place = error.partition(" - at `$")
    path = _path(document, place.strip("`."))
    where = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in path).lstrip(".")
    expected = _type_at(inspect.type_info(kind), path)
    if unknown := re.search(r"unknown field `(.+?)`", text):
        known = _fields(expected)
        fix = nearest(unknown[1], known) or f"Allowed here: {', '.join(known)}."
        return where, f"`{unknown[1]}` is not a field.", fix
    if missing := re.search(r"missing required field `(.+?)`", text):
        return where, f"`{missing[1]}` is missing.", "Add it."
    found = _at(document, path)
    fix = nearest(str(found), _words(expected))
    return where, f"Found {_shown(found)}, expected {_allowed(text, expected)}.", fix


def _path(document: Any, where: str) -> Path:
    """`steps[1].event` as steps; `[...]`, a key that msgspec keeps to itself, is looked for."""
    path: Path = []
    for name, number in re.findall(r"([\w$]+)|\[(\d+|\.\.\.)\]", where):
        path.append(int(number) if number.isdigit() else name or _suspect(_at(document, path)))
    return path


def _suspect(values: Any) -> str:
    """The first value that is not a scalar, or the first there is."""
    odd = (k for k, v in values.items() if v is None or isinstance(v, dict | list))
    return str(next(odd, next(iter(values))))


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def _type_at(expected: inspect.Type, path: Path) -> inspect.Type:
    for step in path:
        expected = next((inner for t in _options(expected) for inner in _inner(t, step)), expected)
    return expected


def _options(expected: inspect.Type) -> tuple[inspect.Type, ...]:
    if isinstance(expected, inspect.Metadata):
        return _options(expected.type)
    if isinstance(expected, inspect.UnionType):
        return tuple(option for t in expected.types for option in _options(t))
    return (expected,)


def _inner(expected: inspect.Type, step: str | int) -> Iterator[inspect.Type]:
    if isinstance(expected, inspect.StructType):
        yield from (f.type for f in expected.fields if f.encode_name == step)
    elif isinstance(expected, inspect.DictType):
        yield expected.value_type
    elif isinstance(expected, inspect.ListType):
        yield expected.item_type


def _fields(expected: inspect.Type) -> list[str]:
    structs = (t for t in _options(expected) if isinstance(t, inspect.StructType))
    return [f.encode_name for t in structs for f in t.fields]


def _words(expected: inspect.Type) -> list[str]:
    literals = (t for t in _options(expected) if isinstance(t, inspect.LiteralType))
    return [str(v) for t in literals for v in t.values]


def _allowed(text: str, expected: inspect.Type) -> str:
    if words := _words(expected):
        return f"one of {', '.join(f'`{w}`' for w in words)}"
    patterns = [t.pattern for t in _options(expected) if isinstance(t, inspect.StrType)]
    if patterns and patterns[0] in PATTERNS:
        return PATTERNS[patterns[0]]
    named = re.search(r"Expected `(.+?)`", text)
    found = named[1].split(" | ") if named else []
    limits = [words.format(n) for sign, words in LIMITS.items() for n in _limit(text, sign)]
    return " ".join([_either([words for t, words in TYPES.items() if t in found]), *limits[:1]])


def _either(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _limit(text: str, sign: str) -> list[str]:
    return [n.removesuffix(".0") for n in re.findall(rf" {sign} (\S+)", text)]


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    return f"a list of {len(value)}" if isinstance(value, list) else f"`{value}`"
