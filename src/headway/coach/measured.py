"""What history says of a target: met already, on the wrong side, out of reach, lost in noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil
from statistics import median

from headway.charts.formats import points
from headway.charts.formats import value as shown
from headway.coach.finding import Rule, Seen, Severity
from headway.coach.measures import way
from headway.coach.values import KeyResult

FEWEST = 8
"""Under this many readings, history says nothing about what is possible or usual."""

SPREAD = 1.4826
"""Turns a median absolute deviation into a standard deviation of normal noise."""


def _already_met(key_result: KeyResult) -> Iterator[Seen]:
    aim, start, at_start = key_result.aim, key_result.start, key_result.history.at_start
    if aim is None or start is None or at_start is None or aim == start or _turned(key_result):
        return
    if key_result.over == "cycle_to_date":
        return
    if (at_start - aim) * (1 if aim > start else -1) >= 0:
        yield Seen(
            f"The target is {_said(key_result, aim)}; before the cycle opened it was measured at "
            f"{_said(key_result, at_start)}.",
            "target",
        )


def _wrong_side(key_result: KeyResult) -> Iterator[Seen]:
    aim, start = key_result.aim, key_result.start
    if aim is None or start is None or not (wanted := _turned(key_result)):
        return
    yield Seen(
        f"{'More' if wanted > 0 else 'Less'} is better here, and the way goes from "
        f"{_said(key_result, start)} to {_said(key_result, aim)}.",
        "target",
    )


def _turned(key_result: KeyResult) -> int:
    """The way that is better, when the target lies the other way."""
    aim, start = key_result.aim, key_result.start
    direction = key_result.metric.direction if key_result.metric else "none"
    wanted = way(key_result.text) or {"up": 1, "down": -1}.get(direction, 0)
    if aim is None or start is None or wanted == 0 or aim == start:
        return 0
    return wanted if (aim - start) * wanted < 0 else 0


def _out_of_reach(key_result: KeyResult) -> Iterator[Seen]:
    history = key_result.history
    values = history.values
    if len(values) < FEWEST:
        return
    if key_result.shape == "keep":
        yield from _never_kept(key_result)
        return
    aim, start = key_result.aim, key_result.start
    if aim is None or start is None or aim == start or _turned(key_result) or _summed(key_result):
        return
    ahead = ceil(history.ahead)
    best = farthest(values, ahead, aim > start)
    if best is None or ahead < 1:
        return
    gain, factor = best
    if abs(aim - start) > gain and (start <= 0 or _factor(start, aim) > factor):
        yield Seen(
            f"It is to move by {_moved(key_result, abs(aim - start))} in {ahead} "
            f"{history.grain}{'s' if ahead != 1 else ''}; in {len(values)} it never moved by more "
            f"than {_moved(key_result, gain)} in such a time.",
            "target",
        )


def _never_kept(key_result: KeyResult) -> Iterator[Seen]:
    low, high = key_result.at_least, key_result.at_most
    values = key_result.history.values
    inside = [v for v in values if (low is None or v >= low) and (high is None or v <= high)]
    if not inside and (low is not None or high is not None):
        yield Seen(
            f"None of the last {len(values)} values lay within the bounds; the last is "
            f"{_said(key_result, values[-1])}.",
            "at_least" if low is not None else "at_most",
        )


def farthest(values: Sequence[float], ahead: int, up: bool) -> tuple[float, float] | None:
    """The most it moved in up to `ahead` periods, as an amount and as a factor.

    A history of half that length or more is stretched to it; None under that.
    """
    span = len(values) - 1
    if ahead < 1 or span * 2 < ahead:
        return None
    sign = 1 if up else -1
    stretch = max(1.0, ahead / span)
    pairs = [(a, b) for i, a in enumerate(values) for b in values[i + 1 : i + 1 + ahead]]
    gain = max((sign * (b - a) for a, b in pairs), default=0.0)
    moved = [(a, b) for a, b in pairs if a > 0 and b > 0 and sign * (b - a) > 0]
    factor = max((_factor(a, b) for a, b in moved), default=1.0)
    return max(gain, 0.0) * stretch, float(factor**stretch)


def _factor(a: float, b: float) -> float:
    """How many times as much, or as little."""
    if a <= 0 or b <= 0:
        return float("inf")
    return max(a / b, b / a)


def _within_noise(key_result: KeyResult) -> Iterator[Seen]:
    values, aim, start = key_result.history.values, key_result.aim, key_result.start
    if len(values) < FEWEST or aim is None or start is None or aim == start:
        return
    if _turned(key_result) or key_result.over != "latest" or key_result.shape == "keep":
        return
    usual = noise(values)
    if abs(aim - start) <= usual:
        yield Seen(
            f"From one {key_result.history.grain} to the next it moves by about "
            f"{_moved(key_result, usual)}, and the target is "
            f"{_moved(key_result, abs(aim - start))} away.",
            "target",
        )


def noise(values: Sequence[float]) -> float:
    """How far a value lies from the one before by chance; a steady trend is no noise."""
    moves = [b - a for a, b in pairwise(values)]
    usual = median(moves)
    return SPREAD * median(abs(move - usual) for move in moves)


def _summed(key_result: KeyResult) -> bool:
    return key_result.over == "cycle_to_date"


def _said(key_result: KeyResult, amount: float) -> str:
    return shown(amount, key_result.counts_in)


def _moved(key_result: KeyResult, amount: float) -> str:
    """Of a share, points: 14 % to 35 % is a way of 21 points."""
    if key_result.counts_in == "percent":
        return points(100 * amount)
    return _said(key_result, amount)


RULES = (
    Rule(
        "key-result-already-met",
        Severity.warning,
        "Met before it starts",
        "A target that is met on the first day changes nothing.",
        "Aim beyond where it stands, or keep it within bounds and go for something else.",
        _already_met,
    ),
    Rule(
        "key-result-wrong-side",
        Severity.warning,
        "Target on the wrong side",
        "Reaching it would make things worse.",
        "Swap baseline and target, or correct which way is better for the metric.",
        _wrong_side,
    ),
    Rule(
        "key-result-out-of-reach",
        Severity.warning,
        "Beyond anything it ever reached",
        "A target that nobody believes in is given up early.",
        "Say what will be different this time, or take a step that history has seen.",
        _out_of_reach,
    ),
    Rule(
        "key-result-within-noise",
        Severity.warning,
        "Within its noise",
        "Chance alone could reach it, or miss it.",
        "Aim further, or read it over more periods, so that chance evens out.",
        _within_noise,
    ),
)
