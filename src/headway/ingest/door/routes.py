"""Which dialect is spoken at an address: at the root, or behind `/in/` and a write key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from headway.ingest.dialects import SPOKEN
from headway.ingest.dialects.dialect import Dialect

PREFIX = "/in/"


@dataclass(frozen=True, slots=True)
class Route:
    """`dialect` is None at an address behind a key where nobody sends to.

    `asks`: an SDK fetches its settings there.
    """

    path: str
    dialect: Dialect | None
    key: str = ""
    asks: bool = False


def route(path: str) -> Route | None:
    """None: the address is one of the pages or of the API."""
    plain = path.rstrip("/")
    if not plain.startswith(PREFIX):
        return _spoken(plain)
    key, _, rest = plain.removeprefix(PREFIX).partition("/")
    found = _spoken(f"/{rest}")
    if found is None:
        return Route(plain, None, key)
    return Route(found.path, found.dialect, key, found.asks)


def first_words() -> set[str]:
    """Of every address, so that no workspace takes one of them."""
    paths = (path for d in SPOKEN.values() for path in (*d.paths, *d.asks))
    return {PREFIX.strip("/"), *(path.strip("/").partition("/")[0] for path in paths)}


def _spoken(plain: str) -> Route | None:
    if dialect := _sent_to().get(plain):
        return Route(plain, dialect)
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
def _asked_at() -> tuple[tuple[tuple[str, ...], Dialect], ...]:
    return tuple(
        (tuple(path.rstrip("/").split("/")), dialect)
        for dialect in SPOKEN.values()
        for path in dialect.asks
    )
