"""What is odd about the events that come in, and what may be meant. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from headway.engine.event import MARKERS
from headway.engine.written import grouped
from headway.ingest.days import SHORTEST_GAP

UNKNOWN, MISSPELT, SILENT, TYPE, MISSING = "unknown", "misspelt", "silent", "type", "missing"
CODES = {
    UNKNOWN: "unknown event",
    MISSPELT: "misspelt event",
    SILENT: "newly silent",
    TYPE: "type changes",
    MISSING: "property missing",
}

OFTEN = 20
"""So many times as frequent is a name that another one is a slip of."""

CLOSE = 0.85
SHORTEST = 4
REGULAR = 7
"""On so many days an event must have come to be missed when it does not."""

LONGEST_PAUSE = 7
"""Days; what usually pauses for longer is not missed soon enough to be worth saying."""

MOST_NAMES = 200
"""The most frequent names that others are compared with."""


@dataclass(frozen=True)
class Came:
    """What came in under one name, from all sources of a workspace."""

    name: str
    rows: int
    first_at: datetime
    last_at: datetime
    days: Mapping[str, int] = field(default_factory=dict)
    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    alive_until: date | None = None
    """The last day on which any event of its sources came."""


@dataclass(frozen=True)
class Planned:
    """`properties`: name → its type ("" for any) and whether it must be there."""

    name: str
    declared_at: datetime
    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Oddity:
    """`other` is the name that may be meant; `since` the day from which it is so."""

    code: str
    event: str
    words: str
    since: date
    property: str = ""
    suggestion: str = ""
    other: str = ""


@dataclass(frozen=True)
class Look:
    """All names together. Those in `also` are read as others; `personal` properties change their
    type on purpose.
    """

    came: Sequence[Came]
    plan: Mapping[str, Planned]
    also: Collection[str] = ()
    personal: Collection[str] = ()

    def oddities(self) -> Iterator[Oddity]:
        for one in self.came:
            if one.name in MARKERS or one.name in self.also:
                continue
            yield from self._named(one)
            yield from _silent(one)
            yield from self._types(one)
            yield from self._missing(one)

    def _named(self, one: Came) -> Iterator[Oddity]:
        if one.name in self.plan:
            return
        since = one.first_at.date()
        if other := self._meant(one):
            yield Oddity(
                MISSPELT,
                one.name,
                f"`{one.name}` came {_times(one.rows)}, and is spelt nearly as `{other}`.",
                since,
                suggestion=f"Did you mean `{other}`?",
                other=other,
            )
        elif self.plan:
            yield Oddity(
                UNKNOWN,
                one.name,
                f"`{one.name}` came {_times(one.rows)}, and the tracking plan does not have it.",
                since,
                suggestion="Declare it, or say which event it is.",
            )

    def _meant(self, one: Came) -> str:
        known = [n for n in self.plan if n != one.name]
        often = [c.name for c in self._frequent if c.rows >= OFTEN * one.rows]
        return next((n for n in (*known, *often) if n != one.name and alike(one.name, n)), "")

    @cached_property
    def _frequent(self) -> list[Came]:
        ordered = sorted(self.came, key=lambda c: (-c.rows, c.name))
        return [c for c in ordered[:MOST_NAMES] if c.name not in MARKERS]

    def _types(self, one: Came) -> Iterator[Oddity]:
        planned = self.plan.get(one.name)
        for name, kept in one.properties.items():
            asked = planned.properties.get(name, {}).get("type", "") if planned else ""
            before = asked or kept.get("was", "")
            if before and name not in self.personal and not _is(kept["type"], before):
                yield _typed(one.name, name, kept, before, declared=bool(asked))

    def _missing(self, one: Came) -> Iterator[Oddity]:
        """Only what came since the property was asked for."""
        planned = self.plan.get(one.name)
        for name, asked in planned.properties.items() if planned else ():
            kept = one.properties.get(name)
            lacked = kept.get("lacked") if kept else one.last_at.isoformat()
            if not asked.get("required") or not lacked or not planned:
                continue
            if datetime.fromisoformat(lacked) < planned.declared_at and kept:
                continue
            share = f"{kept['lacking'] / one.rows:.0%} of" if kept else "All"
            yield Oddity(
                MISSING,
                one.name,
                f"{share} `{one.name}` come without `{name}`, which the plan requires.",
                datetime.fromisoformat(lacked).date(),
                property=name,
                suggestion=f"Send `{name}` with each, or do not require it.",
            )


def _typed(
    event: str, name: str, kept: Mapping[str, Any], before: str, *, declared: bool
) -> Oddity:
    since = datetime.fromisoformat(kept.get("since", kept["first"])).date()
    said = "is declared as" if declared else "was"
    now = _a(kept["type"])
    return Oddity(
        TYPE,
        event,
        f"`{name}` of `{event}` {said} {_a(before)}, and is {now} since {_day(since)}.",
        since,
        property=name,
        suggestion=f"Send it as {_a(before)} again, or accept that it is {now}.",
    )


def alike(one: str, other: str) -> bool:
    """Nearly the same letters; names that differ in a number are different on purpose."""
    first, second = _spelt(one), _spelt(other)
    a, b = first.letters, second.letters
    if abs(len(a) - len(b)) > 2 or first.digits != second.digits:
        return False
    if a == b:
        return True
    strange = (first.used ^ second.used).bit_count()
    if min(len(a), len(b)) < SHORTEST or strange > (1 - CLOSE) * (len(a) + len(b)):
        return False
    match = SequenceMatcher(None, a, b, autojunk=False)
    return match.quick_ratio() >= CLOSE and match.ratio() >= CLOSE and _slip(one, other)


def _slip(one: str, other: str) -> bool:
    """Whether words were misspelt, and none exchanged: `cart_viewed` is no `card_removed`."""
    words, others = (name.lower().replace("-", "_").split("_") for name in (one, other))
    if len(words) != len(others):
        return True
    pairs = ((w, o) for w, o in zip(words, others, strict=True) if w != o)
    return all(SequenceMatcher(None, w, o).ratio() >= 0.75 for w, o in pairs)


def _silent(one: Came) -> Iterator[Oddity]:
    """It came on most days, its source still speaks, and it does not for longer than is usual."""
    if len(one.days) < REGULAR or one.alive_until is None:
        return
    days = sorted(date.fromisoformat(day) for day in one.days)
    last, pause = days[-1], _usual_pause(days)
    if pause > LONGEST_PAUSE or (one.alive_until - last).days <= pause:
        return
    yield Oddity(
        SILENT,
        one.name,
        f"`{one.name}` has not come since {_day(last)}; before, it usually came within "
        f"{pause} days.",
        last,
        suggestion="Look at what sends it, or accept that it has ended.",
    )


def _usual_pause(days: Sequence[date]) -> int:
    """Nine in ten of its pauses are no longer; one long silence does not hide the next."""
    steps = sorted((after - before).days for before, after in pairwise(days))
    return max(SHORTEST_GAP, steps[int(0.9 * (len(steps) - 1))])


@dataclass(frozen=True, slots=True)
class _Spelt:
    """`used` has a bit for each letter: where many are in one name only, they are not alike."""

    letters: str
    digits: str
    used: int


@lru_cache(maxsize=8_192)
def _spelt(name: str) -> _Spelt:
    letters = "".join(c for c in name.lower() if c.isalnum())
    used = 0
    for letter in letters:
        used |= 1 << ord(letter) % 64
    return _Spelt(letters, "".join(c for c in name if c.isdigit()), used)


def _is(type_: str, asked: str) -> bool:
    return asked in type_.split(" or ")


def _a(type_: str) -> str:
    return type_ if type_ in ("text", "text or number") else f"a {type_}"


def _times(rows: int) -> str:
    return "once" if rows == 1 else f"{grouped(rows)} times"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
