"""Who an id is: anonymous ids belong to the person identified next, aliases join two ids.

Two identified people are never fused through an anonymous id that both used; an alias does that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

STRETCH = 600_000_000
"""Microseconds. A link at the last one of a stretch says that it was so some time within it: so is
a user linked who sends an anonymous id along with everything."""

BEGINNING, END = -(2**62), 2**62


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """At `at` (epoch µs), `previous_id` was said to be `user_id`, by alias or by identify."""

    at: int
    previous_id: str
    user_id: str
    alias: bool

    @property
    def is_loose(self) -> bool:
        """Whether it is known only to within a stretch."""
        return self.at % STRETCH == STRETCH - 1


@dataclass(frozen=True, slots=True)
class Claim:
    """Events of `id` with after < time ≤ until (epoch µs) are `person`'s."""

    id: str
    after: int
    until: int
    person: str


def claims(links: Iterable[Link]) -> list[Claim]:
    """Every id that is somebody else, with when; the same whatever the order of the links."""
    ordered = sorted(links)
    person = People(ordered)
    identified = {link.user_id for link in ordered if not link.alias}
    found = [c for c in _anonymous(ordered, identified, person) if c.id != c.person]
    taken = {c.id for c in found}
    joined = [
        Claim(id_, BEGINNING, END, person(id_))
        for id_ in {i for link in ordered for i in (link.previous_id, link.user_id)}
        if id_ not in taken and person(id_) != id_
    ]
    return sorted(found + joined, key=lambda c: (c.id, c.after))


class People:
    """Union–find over aliases; a person is named by the smallest of the joined ids."""

    def __init__(self, links: Iterable[Link]) -> None:
        self._parent: dict[str, str] = {}
        for link in links:
            if link.alias:
                self._join(self(link.previous_id), self(link.user_id))

    def __call__(self, id_: str) -> str:
        while (parent := self._parent.get(id_, id_)) != id_:
            self._parent[id_] = self._parent.get(parent, parent)
            id_ = parent
        return id_

    def _join(self, one: str, other: str) -> None:
        self._parent[max(one, other)] = min(one, other)


def _anonymous(links: list[Link], identified: set[str], person: People) -> Iterator[Claim]:
    """Splits each anonymous id's time among the people who were identified on it."""
    uses: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        if not link.alias and link.previous_id not in identified:
            uses[link.previous_id].append(link)
    for id_, said in uses.items():
        claimed = [*_settled(said, person)]
        starts = [BEGINNING, *(link.at for link in claimed[:-1])]
        ends = [*(link.at for link in claimed[:-1]), END]
        for link, after, until in zip(claimed, starts, ends, strict=True):
            if after < until:
                yield Claim(id_, after, until, person(link.user_id))


def _settled(links: list[Link], person: People) -> Iterator[Link]:
    """Of one anonymous id, in order of time.

    Who was there some time within a stretch came before who was identified at an instant of it, and
    after nobody but who was there already.
    """
    last = ""
    for _, within in groupby(links, lambda link: link.at // STRETCH):
        together = list(within)
        sure = [link for link in together if not link.is_loose]
        known = {person(link.user_id) for link in sure}
        others = [x for x in together if x.is_loose and person(x.user_id) not in known]
        others.sort(key=lambda link: (person(link.user_id) != last, link.user_id))
        at = sure[0].at - 1 if sure else together[-1].at
        found = [*(replace(link, at=at) for link in others), *sure]
        yield from found
        last = person(found[-1].user_id)
