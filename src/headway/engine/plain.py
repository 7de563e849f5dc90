"""Structs of the format as plain values: the shortest document that reads as the same.

msgspec leaves a field out when it *is* the default; text that was read is never the same object.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo


def plain(struct: Struct) -> dict[str, Any]:
    """Its fields in their order, those that equal their default left out; dates are text."""
    tag = struct.__struct_config__
    found = {tag.tag_field: tag.tag} if tag.tag_field else {}
    for field in _fields(type(struct)):
        value = getattr(struct, field.name)
        if value != default(field):
            found[field.encode_name] = _value(value)
    return found


def default(field: FieldInfo) -> Any:
    """What a field holds when it is not given; `msgspec.NODEFAULT` when it must be."""
    made = field.default_factory
    return field.default if made is msgspec.NODEFAULT else made()


@cache
def _fields(kind: type[Struct]) -> tuple[FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def _value(value: Any) -> Any:
    if isinstance(value, Struct):
        return plain(value)
    if isinstance(value, dict):
        return {name: _value(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_value(each) for each in value]
    return msgspec.to_builtins(value)
