"""Stretches of time as tools name them: `Q3 2026`, `2026 H1`, `March 2026`, `2026`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from headway.moving.cells import month_of

YEAR = r"(20\d\d)"
PARTS = {"q": 3, "quarter": 3, "h": 6, "half": 6}


@dataclass(frozen=True)
class Term:
    """Both days belong to it."""

    key: str
    starts: date
    ends: date


def term(name: str) -> Term | None:
    """None for what cannot be told, such as a sprint or a fiscal year."""
    said = " ".join(re.sub(r"[,\-_/()]", " ", name.lower()).split())
    if re.fullmatch(YEAR, said):
        return _months(said, int(said), 1, 12)
    for pattern in (rf"(q|quarter|h|half) ?([1-4]) {YEAR}", rf"{YEAR} (q|quarter|h|half) ?([1-4])"):
        if found := re.fullmatch(pattern, said):
            return _part(*_year_last(found.groups()))
    found = re.fullmatch(rf"([a-z]+) {YEAR}", said)
    if found and (month := month_of(found[1])):
        year = int(found[2])
        return _months(f"{year}-{month:02}", year, month, 1)
    return None


def _year_last(parts: tuple[str, ...]) -> tuple[str, int, int]:
    words = [p for p in parts if not re.fullmatch(YEAR, p)]
    year = next(p for p in parts if re.fullmatch(YEAR, p))
    return words[0], int(words[1]), int(year)


def _part(word: str, number: int, year: int) -> Term | None:
    length = PARTS[word]
    first = 1 + (number - 1) * length
    if first > 12:
        return None
    return _months(f"{year}-{word[0]}{number}", year, first, length)


def _months(key: str, year: int, first: int, count: int) -> Term:
    after = year * 12 + first - 1 + count
    ends = date(after // 12, after % 12 + 1, 1) - timedelta(days=1)
    return Term(key, date(year, first, 1), ends)
