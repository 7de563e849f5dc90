"""Who is named in a text: `@` and an e-mail address, a name, or a first name that is unique."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from headway.accounts.models import Member
from headway.engine.errors import DefinitionError, nearest

AT = re.compile(r"(?<![\w.@/])@(?=\w)")
"""An `@` that begins a name: not the one inside an address, nor one that stands alone."""


@dataclass(frozen=True, slots=True)
class Named:
    """`text[start:end]` names the member."""

    member: Member
    start: int
    end: int


def named(text: str, members: Iterable[Member]) -> list[Named]:
    """In the order of the text. Raises DefinitionError for an `@` that names nobody here."""
    names = _names(members)
    return [_longest(text, found.end(), names) for found in AT.finditer(text)]


def known(text: str, members: Iterable[Member]) -> Iterator[Named]:
    """As `named`, passing over those who are not members any more."""
    names = _names(members)
    for found in AT.finditer(text):
        if at := _match(text, found.end(), names):
            yield at


def _names(members: Iterable[Member]) -> dict[str, Member]:
    """By each name that means one member alone, in small letters."""
    listed = list(members)
    pairs = [(name.lower(), m) for m in listed for name in _of(m) if name]
    counts = Counter(name for name, _ in pairs)
    return {name: member for name, member in pairs if counts[name] == 1}


def _of(member: Member) -> set[str]:
    person = member.person
    return {person.email, person.name.strip(), person.name.strip().split(" ")[0]}


def _match(text: str, start: int, names: dict[str, Member]) -> Named | None:
    rest = text[start:].lower()
    fits = [name for name in names if rest.startswith(name) and _ends(rest, name)]
    longest = max(fits, key=len, default="")
    return Named(names[longest], start - 1, start + len(longest)) if longest else None


def _ends(rest: str, name: str) -> bool:
    """Whether the name ends where a word does: `@ann` is not found in `@anna`."""
    return not re.match(r"\w|[.@-]\w", rest[len(name) :])


def _longest(text: str, start: int, names: dict[str, Member]) -> Named:
    found = _match(text, start, names)
    if found is None:
        said = re.match(r"\S+", text[start:])
        word = said[0].rstrip(".,;:!?)") if said else ""
        near = [n for n in names if word.lower() in n or n in word.lower()][:3]
        fix = f"Did you mean {', '.join(f'@{n}' for n in near)}?" if near else nearest(word, names)
        raise DefinitionError(
            f"`@{word}` names nobody here, or more than one.",
            where="text",
            fix=fix or "Write `@` and the whole name or e-mail address of a member.",
        )
    return found
