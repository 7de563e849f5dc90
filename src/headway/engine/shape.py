"""Holds plain values against the structs of the format and says everything that does not fit.

msgspec stops at the first mistake and names types in its own words; this walks on, and tells what
was found, what is allowed and which spelling is the nearest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, inspect

from headway.engine.errors import nearest

Path = tuple[str | int, ...]
"""The way to a value, such as `("objectives", 0, "key_results", 1, "due")`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a path of a document, before it is known where that is in a file."""

    path: Path
    message: str
    fix: str = ""


Moment = Annotated[datetime, Meta(tz=True)]
SHOWN = 80
"""Characters of a wrong value that are enough to find it."""
LOOKS_LIKE: dict[type, tuple[type[inspect.Type], ...]] = {
    dict: (inspect.StructType, inspect.DictType),
    list: (inspect.ListType,),
}


@lru_cache(maxsize=64)
def shape_of(struct: type) -> inspect.Type:
    return inspect.type_info(struct)


def faults(value: Any, expected: inspect.Type, path: Path) -> Iterator[Fault]:
    chosen = _chosen(value, expected)
    if isinstance(chosen, inspect.StructType) and isinstance(value, dict):
        yield from _in_struct(value, chosen, path)
    elif isinstance(chosen, inspect.DictType) and isinstance(value, dict):
        for key, item in value.items():
            if not _fits(key, chosen.key_type):
                yield Fault(
                    (*path, key), f"Found {shown(key)}, expected {allowed(chosen.key_type)}."
                )
            yield from faults(item, chosen.value_type, (*path, key))
    elif isinstance(chosen, inspect.ListType) and isinstance(value, list):
        if not _fits_length(value, chosen):
            yield Fault(path, f"Found {shown(value)}, expected {allowed(expected)}.")
        for n, item in enumerate(value):
            yield from faults(item, chosen.item_type, (*path, n))
    elif not _fits(value, chosen):
        yield Fault(
            path, f"Found {shown(value)}, expected {allowed(expected)}.", _hint(value, chosen)
        )


def unknown_field(name: str, known: list[str], path: Path) -> Fault:
    fix = nearest(name, known) or f"Known here: {', '.join(known)}."
    if name.isdigit():
        fix = "Inside braces a comma ends a value: leave it out of the number, or use quotes."
    return Fault((*path, name), f"`{name}` is not a field.", fix)


def _in_struct(value: dict[str, Any], expected: inspect.StructType, path: Path) -> Iterator[Fault]:
    fields = {f.encode_name: f for f in expected.fields}
    known = [*fields, *filter(None, [expected.tag_field])]
    for name, item in value.items():
        if name in fields:
            yield from faults(item, fields[name].type, (*path, name))
        elif name not in known:
            yield unknown_field(name, known, path)
    for name, field in fields.items():
        if field.required and name not in value:
            yield Fault(path, f"`{name}` is missing.", f"Give {allowed(field.type)}.")


def _chosen(value: Any, expected: inspect.Type) -> inspect.Type:
    """Of a union, the member that the value looks like, so that mistakes inside it are named."""
    looks = LOOKS_LIKE.get(type(value), ())
    return next((member for member in _members(expected) if isinstance(member, looks)), expected)


def _members(expected: inspect.Type) -> Iterator[inspect.Type]:
    """Of a union, and of unions in it; of anything else, itself."""
    bare = _bare(expected)
    if isinstance(bare, inspect.UnionType):
        for member in bare.types:
            yield from _members(member)
    else:
        yield bare


def _bare(expected: inspect.Type) -> inspect.Type:
    return expected.type if isinstance(expected, inspect.Metadata) else expected


def _fits(value: Any, expected: inspect.Type) -> bool:
    match _bare(expected):
        case inspect.UnionType(types=types):
            return any(_fits(value, member) for member in types)
        case inspect.LiteralType(values=values):
            return value in values and not isinstance(value, bool)
        case inspect.StrType(pattern=pattern):
            return (
                isinstance(value, str)
                and (pattern is None or re.search(pattern, value) is not None)
                and _fits_length(value, expected)
            )
        case inspect.IntType() as number:
            return type(value) is int and _in_range(value, number)
        case inspect.FloatType() as number:
            return type(value) in (int, float) and _in_range(value, number)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.NoneType():
            return value is None
        case inspect.DateType():
            return _reads(value, date)
        case inspect.DateTimeType():
            return _reads(value, Moment)
        case inspect.AnyType():
            return True
    return False


def _fits_length(value: str | list[Any], expected: inspect.Type) -> bool:
    bare = _bare(expected)
    assert isinstance(bare, inspect.StrType | inspect.ListType)
    return (bare.min_length or 0) <= len(value) <= (bare.max_length or len(value))


def _in_range(value: float, number: inspect.IntType | inspect.FloatType) -> bool:
    return (
        (number.ge is None or value >= number.ge)
        and (number.gt is None or value > number.gt)
        and (number.le is None or value <= number.le)
        and (number.lt is None or value < number.lt)
    )


def _reads(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text if len(text) <= SHOWN else text[:SHOWN] + '…'}`"


def allowed(expected: inspect.Type) -> str:
    """A description in lower case says what to write; another one explains it."""
    described = (getattr(expected, "extra_json_schema", None) or {}).get("description", "")
    if described[:1].islower():
        return str(described)
    words = _words(_bare(expected))
    return f"{words} ({described.rstrip('.')})" if described else words


def _words(expected: inspect.Type) -> str:
    match expected:
        case inspect.UnionType(types=types):
            named = [allowed(t) for t in types if not isinstance(t, inspect.NoneType)]
            return _either(list(dict.fromkeys(named)))
        case inspect.LiteralType(values=values):
            texts = sorted(f"`{v}`" for v in values)
            return texts[0] if len(texts) == 1 else f"one of {', '.join(texts)}"
        case inspect.StructType(fields=fields):
            return f"a mapping with {', '.join(f.encode_name for f in fields)}"
        case inspect.StrType() as text:
            return f"text{_length_words(text, 'characters')}"
        case inspect.ListType() as items:
            return f"a list{_length_words(items, 'items')}"
        case inspect.IntType() as number:
            return f"a whole number{_range_words(number)}"
        case inspect.FloatType() as number:
            return f"a number{_range_words(number)}"
        case inspect.DateType():
            return "a date that exists, written `2026-10-01`"
        case inspect.DateTimeType():
            return "a moment such as `2026-10-01T00:00:00Z`"
    return {
        inspect.BoolType: "true or false",
        inspect.DictType: "a mapping",
    }.get(type(expected), "something else")


def _either(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _range_words(number: inspect.IntType | inspect.FloatType) -> str:
    bounds = {
        "above": number.gt,
        "of at least": number.ge,
        "below": number.lt,
        "of at most": number.le,
    }
    said = [f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None]
    return f" {' and '.join(said)}" if said else ""


def _length_words(sized: inspect.StrType | inspect.ListType, unit: str) -> str:
    bounds = {"of at least": sized.min_length, "of at most": sized.max_length}
    said = [f"{word} {bound}" for word, bound in bounds.items() if bound is not None]
    noun = unit.removesuffix("s") if said and said[-1].endswith(" 1") else unit
    return f" {' and '.join(said)} {noun}" if said else ""


def _hint(value: Any, expected: inspect.Type) -> str:
    types = expected.types if isinstance(expected, inspect.UnionType) else (expected,)
    words = [v for t in types if isinstance(t, inspect.LiteralType) for v in t.values]
    return nearest(value, map(str, words)) if isinstance(value, str) else ""
