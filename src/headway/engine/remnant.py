"""Old events that later numbers rest on: they stay when the others of their days are removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from headway.engine.selection import Match, Number, Span

if TYPE_CHECKING:
    from headway.engine.ask import Scope
    from headway.engine.definition import Definition

How = Literal["newest", "changes", "standing", "all"]


@dataclass(frozen=True)
class Remnant:
    """`newest`: the last `count` of each subject. `changes`: those that gave a subject another
    `value`, and the last of each customer; `standing`: the last of those. `all`: every one.

    Where segments are asked, `apart` keeps them for each segment of a subject. `cohort`: only those
    that count in the metric's own cohort.
    """

    how: How
    match: Match
    by: str = "user"
    count: int = 1
    value: str | None = None
    customer: str = ""
    apart: bool = False
    cohort: bool = True


@dataclass(frozen=True)
class Remains:
    """(source, m) → the ids of the events of the span that have to stay."""

    span: Span
    of: Remnant
    value: Number | None = None
    segment: str | None = None

    @property
    def mark(self) -> str:
        """The same whatever the days, the calendar and the rates of exchange."""
        said = (self.of, self.span.source, self.span.who, self.segment)
        return sha256(repr(said).encode()).hexdigest()[:24]


def remnants(definition: Definition) -> tuple[Remnant, ...] | None:
    """What it rests on of days that are kept no more; None: on whatever anybody ever did."""
    found = definition.remnants()
    who = definition.who
    if found is not None and who is not None:
        # Whether an old event counts, the deeds before it tell; for later ones the last are enough.
        did: Match = Match.of(who.did)
        how: How = "all" if found else "newest"
        found = (*found, Remnant(how, did, definition.by, who.at_least, cohort=False))
    if found is None or any(one.how == "all" and not one.match.events for one in found):
        return None
    return found


def remains(definition: Definition, scope: Scope) -> Iterator[Remains]:
    """Of its whole and of each of its segmentations, before the end of the scope; and all that its
    customers ever did where they are asked about.
    """
    for segment in (None, *definition.segments):
        yield from remains_of(definition, scope, segment)
    if getattr(definition, "lifetime", None):
        yield from remains_of_customers(definition, scope)


def remains_of_customers(definition: Definition, scope: Scope) -> Iterator[Remains]:
    """What they are worth is told from whatever they ever bought or held."""
    span = replace(scope.span(definition, before=None), who=None)
    for match in definition.selections().values():
        yield Remains(span, Remnant("all", match, definition.by))


def remains_of(definition: Definition, scope: Scope, segment: str | None) -> Iterator[Remains]:
    span = scope.span(definition, before=None)
    for one in remnants(definition) or ():
        value = one.value and scope.number(definition.unit, one.value)
        apart = segment if one.apart or one.how in ("changes", "standing") else None
        yield Remains(span if one.cohort else replace(span, who=None), one, value, apart)
