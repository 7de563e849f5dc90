"""The events of a template or a pack, each with the name that it has in the workspace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from headway.metrics.needs import own_name, split
from headway.metrics.packs import other_names

PREFIX = "as:"
"""Before an event's name it makes the name of the input for its name here."""


@dataclass(frozen=True, slots=True)
class OwnName:
    """`found`: the name was seen among the workspace's events, and differs from the example's."""

    event: str
    own: str
    seen: bool

    @property
    def field(self) -> str:
        return PREFIX + self.event

    @property
    def found(self) -> bool:
        return self.seen and self.own != self.event


def own_names(
    events: Iterable[str],
    known: Collection[str],
    asked: Mapping[str, Any],
    before: Mapping[str, str] | None = None,
) -> list[OwnName]:
    """As `asked` says, else as `before`, else the name of an event that likely means the same."""
    used = before or {}
    return [
        _own(event, known, asked.get(PREFIX + event, "").strip() or used.get(event, ""))
        for event in events
    ]


def mapping(rows: Iterable[OwnName]) -> dict[str, str]:
    """What `renamed` takes."""
    return {row.event: row.own for row in rows if row.own != row.event}


def _own(event: str, known: Collection[str], asked: str) -> OwnName:
    own = asked or own_name(event, known, other_names().get(event, ())) or event
    return OwnName(event, own, all(name in known for name in split(own)))
