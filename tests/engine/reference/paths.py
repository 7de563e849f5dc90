"""From one event to another: how long it takes, and what happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from headway.engine.definition import Selector, duration
from headway.engine.kinds.elapsed import Elapsed
from headway.engine.kinds.funnel import Funnel
from headway.engine.kinds.session import Session
from headway.engine.kinds.steps import Steps
from headway.engine.period import Period
from tests.engine.reference import Happening, Question, interpolated, people, selected, subject

SECOND = timedelta(seconds=1)
Place = tuple[datetime, int, str, int]


@dataclass(frozen=True)
class Pair:
    start: Happening
    end: Happening | None
    fault: bool = False


def elapsed(
    definition: Elapsed, asked: Question, as_of: datetime | None = None
) -> list[float | None]:
    limit = duration(definition.limit)
    found: list[float | None] = []
    for period in asked.periods:
        lengths: list[tuple[timedelta, bool]] = []
        for pair in pairs(definition, asked, limit, as_of):
            if not period.start <= asked.day(pair.start.at) < period.end or pair.fault:
                continue
            took = pair.end.at - pair.start.at if pair.end else None
            seen = min(limit, as_of - pair.start.at) if as_of else limit
            lengths.append((seen, False) if took is None or took > limit else (took, True))
        found.append(_value(definition.stat, lengths, limit) if lengths else None)
    return found


def _value(stat: str, lengths: list[tuple[timedelta, bool]], limit: timedelta) -> float | None:
    """By the curve of Kaplan and Meier, in fractions."""
    alive, area, at = Fraction(1), Fraction(0), timedelta()
    below: dict[Fraction, timedelta] = {}
    for when in sorted({length for length, _ in lengths}):
        area, at = area + alive * Fraction((when - at) // timedelta(microseconds=1)), when
        risk = sum(length >= when for length, _ in lengths)
        alive *= 1 - Fraction(sum(length == when and done for length, done in lengths), risk)
        for share in (Fraction(1, 2), Fraction(1, 10)):
            if alive <= share:
                below.setdefault(share, when)
    area += alive * Fraction((limit - at) // timedelta(microseconds=1))
    if stat == "mean":
        return float(area / 1_000_000)
    reached = below.get(Fraction(1, 2) if stat == "median" else Fraction(1, 10))
    return None if reached is None else reached / SECOND


def attempts(definition: Funnel, asked: Question) -> list[list[int]]:
    """Per period, how many attempts reached step 1, 2, …"""
    counts = [[0] * len(definition.steps) for _ in asked.periods]
    for path in people(definition.by, asked).values():
        ordered = sorted(path, key=lambda h: (h.at, _step(definition, h), h.id))
        until = None
        for i, h in enumerate(ordered):
            enters = selected(definition.steps[0], definition.where, h)
            if not enters or (until is not None and h.at <= until):
                continue
            depth, until = _run(definition, h, ordered[i + 1 :])
            for period, row in zip(asked.periods, counts, strict=True):
                if period.start <= asked.day(h.at) < period.end:
                    row[:] = [n + (k < depth) for k, n in enumerate(row)]
    return counts


def _step(definition: Funnel, h: Happening) -> int:
    found = [k for k, s in enumerate(definition.steps) if selected(s, definition.where, h)]
    return found[0] if found else len(definition.steps)


def _run(definition: Funnel, entry: Happening, later: list[Happening]) -> tuple[int, datetime]:
    """How far an attempt gets, and the last instant that it takes."""
    depth, closes, lost = 1, entry.at + duration(definition.window), False
    for h in later:
        if h.at > closes:
            break
        if not lost and selected(definition.steps[depth], definition.where, h):
            depth += 1
        elif definition.order == "strict" and _step(definition, h) < len(definition.steps):
            lost = True
        if depth == len(definition.steps) or any(selected(x, {}, h) for x in definition.exclude):
            return depth, h.at
    return depth, closes


def steps(definition: Steps, asked: Question) -> list[float | None]:
    counted, found = Selector(event=definition.event), []
    for period in asked.periods:
        counts = [
            sum(
                pair.start.at < h.at < pair.end.at and selected(counted, definition.where, h)
                for h in people(definition.by, asked)[subject(definition.by, pair.end) or ""]
            )
            for pair in pairs(definition, asked, None)
            if pair.end and period.start <= asked.day(pair.end.at) < period.end
        ]
        found.append(sum(counts) / len(counts) if counts else None)
    return found


def session(definition: Session, asked: Question) -> list[float | None]:
    own, gap = Selector(event=definition.event), duration(definition.gap)
    found: list[list[Happening]] = []
    for path in people(definition.by, asked).values():
        last = None
        for h in path:
            if not selected(own, definition.where, h):
                continue
            if last is None or h.at - last > gap:
                found.append([])
            found[-1].append(h)
            last = h.at
    return [_of_sessions(definition, asked, found, period) for period in asked.periods]


def _of_sessions(
    definition: Session, asked: Question, found: list[list[Happening]], period: Period
) -> float | None:
    own = [one for one in found if period.start <= asked.day(one[0].at) < period.end]
    if definition.stat == "count":
        return float(len(own))
    lengths = sorted((one[-1].at - one[0].at) / SECOND for one in own)
    if definition.stat == "median":
        return interpolated(lengths, 0.5)
    return sum(lengths) / len(lengths) if lengths else None


def pairs(
    definition: Elapsed | Steps,
    asked: Question,
    limit: timedelta | None,
    as_of: datetime | None = None,
) -> Iterator[Pair]:
    own = definition.by not in ("user", "account")
    for path in people(definition.by, asked).values():
        seen = [h for h in path if as_of is None or h.at <= as_of]
        starts = _places(definition, seen, definition.from_, 1)
        ends = _places(definition, seen, definition.to, 0)
        for place, start in starts[:1] if own else starts:
            after = [p for p, _ in ends if p > place]
            if not after or (limit is not None and after[0][0] - start.at > limit):
                yield Pair(start, None, own and any(h.at < start.at for _, h in ends))
                continue
            yield Pair(start, dict(ends)[after[0]])
            ends = [(p, h) for p, h in ends if p != after[0]]


def _places(
    definition: Elapsed | Steps, path: list[Happening], selector: Selector, role: int
) -> list[tuple[Place, Happening]]:
    """In order: of one instant, those that only start, those that do both, those that only end."""
    placed = [
        ((h.at, _rank(definition, h), h.id, role), h)
        for h in path
        if selected(selector, definition.where, h)
    ]
    return sorted(placed, key=lambda one: one[0])


def _rank(definition: Elapsed | Steps, h: Happening) -> int:
    if not selected(definition.to, definition.where, h):
        return 0
    return 1 if selected(definition.from_, definition.where, h) else 2
