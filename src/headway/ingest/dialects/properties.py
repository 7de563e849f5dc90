"""Properties as they are kept: flat, with the types they came with, and of bounded size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Any

import msgspec

from headway.engine.event import Scalar
from headway.ingest.dialects.bodies import sound

MOST = 200
LONGEST_NAME = 200
LONGEST_TEXT = 8_192
DEEPEST = 5
SMALLEST, LARGEST = -(2**63), 2**63 - 1

Flat = dict[str, Scalar]


def flat(values: Any, into: Flat | None = None, prefix: str = "", depth: int = 1) -> Flat:
    """`{"a": {"b": 1}}` is `a.b`; lists, and what is nested more than 5 deep, are JSON texts.

    What is null, unnamed, or the 201st is left out; longer texts are cut off.
    """
    found: Flat = {} if into is None else into
    if not isinstance(values, Mapping):
        return found
    for name, value in values.items():
        if type(value) is dict and depth < DEEPEST:
            flat(value, found, f"{prefix}{name}.", depth + 1)
        elif (kept := scalar(value)) is not None:
            name = _name(prefix + name)
            if name and (len(found) < MOST or name in found):
                found[name] = kept
    return found


@lru_cache(maxsize=4096)
def _name(name: str) -> str:
    """Empty where it is none."""
    name = sound(name).strip()
    return name if len(name) <= LONGEST_NAME else ""


def scalar(value: Any) -> Scalar:
    """A number of more than 64 bits is a name, as text; one that is no number is nothing."""
    kind = type(value)
    if kind is str:
        return sound(value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT])
    if kind is bool or value is None:
        return value  # type: ignore[no-any-return]
    if kind is int:
        return value if SMALLEST <= value <= LARGEST else _digits(value)
    if kind is float:
        return value if isfinite(value) else None
    return as_text(value)


def _digits(value: int) -> str:
    """Python writes no decimal numbers of more than 4300 digits."""
    return str(value) if value.bit_length() < 10_000 else f"{value:x}"[:LONGEST_TEXT]


def as_text(value: Any) -> str:
    return sound(written(value).decode("utf-8", "replace")[:LONGEST_TEXT])


def written(value: Any) -> bytes:
    """As JSON, and so that what cannot be written that way still has a text of its own."""
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, ValueError, RecursionError):
        pass
    try:
        return json.dumps(value).encode()
    except (ValueError, RecursionError):
        return b"nested too deeply"


def adopted(
    values: Any, names: Mapping[str, str], foreign: tuple[str, ...], ignored: frozenset[str]
) -> Flat:
    """Properties with those of the SDK's own under the names of all SDKs, or left out.

    `foreign` begin the names of its own; `ignored` are ids and keys, which stand elsewhere.
    """
    found, rest = Flat(), {}
    if not isinstance(values, Mapping):
        return found
    for name, value in values.items():
        if name in names:
            keep(found, names[name], value)
        elif name not in ignored and not name.startswith(foreign):
            rest[name] = value
    return flat(rest, found)


def keep(found: Flat, name: str, value: Any) -> None:
    """Of what SDKs add themselves, nothing empty; the context as text, whatever it came as."""
    if (kept := scalar(value)) not in (None, "", "$direct", -1):
        found[name] = str(kept) if name.startswith("context.") else kept
