"""Things in columns with lines between them: where each card stands, and how each line runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 296, 92
BETWEEN, BELOW = 96, 14
LABEL, ROW = 70, 13
LOOP = 34
"""How far a line between two cards of one column swings out."""


@dataclass(frozen=True, slots=True)
class Card:
    """`thing` is what a template draws in it."""

    key: str
    thing: Any
    x: int
    y: int
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Said:
    """Of a link: all `words` for who points at it, some for a table, and a label on the line.

    `kind` is how it is drawn.
    """

    words: str
    some: str = ""
    label: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """`x` and `y` are where its label stands, beside its start."""

    path: str
    said: Said
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Head:
    title: str
    x: int


@dataclass(frozen=True)
class Map:
    heads: tuple[Head, ...]
    cards: tuple[Card, ...]
    lines: tuple[Line, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Column:
    """Its things with their keys, from above."""

    title: str
    things: Sequence[tuple[str, Any]]


TOP = 40


def drawn(
    columns: Sequence[Column], links: Iterable[tuple[str, str]],
    said: Mapping[tuple[str, str], Said] = {},
) -> Map:  # fmt: skip
    """Links name the keys of cards; those of cards that are not there are left out."""
    cards = {
        key: Card(key, thing, x * (WIDTH + BETWEEN), TOP + y * (HEIGHT + BELOW))
        for x, column in enumerate(columns)
        for y, (key, thing) in enumerate(column.things)
    }
    heads = tuple(Head(c.title, x * (WIDTH + BETWEEN)) for x, c in enumerate(columns))
    there = [(a, b) for a, b in links if a in cards and b in cards]
    lines = list(_lines(cards, there, said))
    labels = LABEL if any(line.said.label for line in lines) else 0
    width = len(columns) * (WIDTH + BETWEEN) - BETWEEN + LOOP + 6 + labels
    height = max((card.y + card.height for card in cards.values()), default=TOP) + 4
    return Map(heads, tuple(cards.values()), tuple(lines), width, height)


def _lines(
    cards: Mapping[str, Card],
    links: Iterable[tuple[str, str]],
    said: Mapping[tuple[str, str], Said],
) -> Iterator[Line]:
    """Labels of lines that start at one card stand one above the other."""
    many: Counter[str] = Counter()
    for a, b in links:
        words = said.get((a, b)) or Said(f"{a} → {b}")
        yield _line(cards[a], cards[b], words, many[a])
        many[a] += bool(words.label)


def _line(one: Card, other: Card, said: Said, above: int) -> Line:
    start, end = one.x + WIDTH, one.y + HEIGHT // 2
    place = start + 7, end - 6 - above * ROW
    to = other.y + HEIGHT // 2
    if other.x == one.x:
        out = start + LOOP
        return Line(f"M{start} {end}C{out} {end} {out} {to} {start} {to}", said, *place)
    left = other.x if other.x > one.x else other.x + WIDTH
    start = start if other.x > one.x else one.x
    middle = (start + left) // 2
    return Line(f"M{start} {end}C{middle} {end} {middle} {to} {left} {to}", said, *place)
