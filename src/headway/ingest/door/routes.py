"""Which dialect is spoken at an address: at the root, or behind `/in/` and a write key."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from headway.ingest.dialects import SPOKEN
from headway.ingest.dialects.dialect import Delivery, Dialect

PREFIX = "/in/"


@dataclass(frozen=True, slots=True)
class Route:
    """`dialect` is None at an address behind a key where nobody sends to.

    `asks`: an SDK fetches its settings there. `others` may be spoken there as well.
    """

    path: str
    dialect: Dialect | None
    key: str = ""
    asks: bool = False
    others: tuple[Dialect, ...] = ()

    def told(self, delivery: Delivery) -> Route:
        """In the dialect that the delivery speaks, where its address does not tell."""
        for other in self.others:
            if other.is_own and other.is_own(delivery):
                return replace(self, dialect=other)
        return self


def route(path: str) -> Route | None:
    """None: the address is one of the pages or of the API. Where an SDK is given an address that
    ends in a slash, two come together.
    """
    plain = re.sub("/+", "/", path).rstrip("/")
    if not plain.startswith(PREFIX):
        return _spoken(plain)
    key, _, rest = plain.removeprefix(PREFIX).partition("/")
    found = _spoken(f"/{rest}")
    if found is None:
        anywhere = tuple(d for d in SPOKEN.values() if d.anywhere and rest.count("/") == 1)
        return Route(f"/{rest}", None, key, others=anywhere)
    return replace(found, key=key)


def first_words() -> set[str]:
    """Of every address, so that no workspace takes one of them."""
    paths = (path for d in SPOKEN.values() for path in (*d.paths, *d.asks))
    return {PREFIX.strip("/"), *(path.strip("/").partition("/")[0] for path in paths)}


def _spoken(plain: str) -> Route | None:
    if dialect := _sent_to().get(plain):
        return Route(plain, dialect, others=_sharing().get(plain, ()))
    words = plain.split("/")
    for pattern, dialect in _asked_at():
        if _fits(pattern, words):
            return Route(plain, dialect, asks=True)
    return None


def _fits(pattern: tuple[str, ...], words: list[str]) -> bool:
    return len(pattern) == len(words) and all(
        one in ("*", word) for one, word in zip(pattern, words, strict=True)
    )


@cache
def _sent_to() -> dict[str, Dialect]:
    """Of two dialects with one address, the first listed."""
    found: dict[str, Dialect] = {}
    for dialect in SPOKEN.values():
        for path in dialect.paths:
            found.setdefault(path.rstrip("/"), dialect)
    return found


@cache
def _sharing() -> dict[str, tuple[Dialect, ...]]:
    found: dict[str, tuple[Dialect, ...]] = {}
    for dialect in SPOKEN.values():
        for path in dialect.shared:
            found[path] = (*found.get(path, ()), dialect)
    return found


@cache
def _asked_at() -> tuple[tuple[tuple[str, ...], Dialect], ...]:
    return tuple(
        (tuple(path.rstrip("/").split("/")), dialect)
        for dialect in SPOKEN.values()
        for path in dialect.asks
    )
