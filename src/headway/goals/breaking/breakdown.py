"""A target broken down: a year into its parts, a formula into its drivers. Only arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise

from headway.engine.errors import DefinitionError
from headway.engine.written import figure

STEPS = 200
"""Halvings until a number is found; each doubles its precision."""

STEEPEST = 1e6
NUDGE = 1e-6

Of = Callable[[Mapping[str, float]], float]
"""A formula's value from those of its drivers."""


# Flows: what comes in over the parts sums to the target ------------------------------------------


def shared_evenly(total: float, parts: int) -> list[float]:
    return [total / parts] * parts


def shared_compound(total: float, parts: int, before: float) -> list[float]:
    """Each part larger than the one before by the same factor; `before` came in just before."""
    if before <= 0 or total <= 0:
        raise _no_growth(before)

    def summed(factor: float) -> float:
        return math.fsum(before * factor**n for n in range(1, parts + 1))

    factor = _solved(summed, total, 0.0, 2 * total / before)
    return [before * factor**n for n in range(1, parts + 1)]


def shared_like(total: float, last_year: Sequence[float]) -> list[float]:
    """In the proportions of last year's parts."""
    whole = math.fsum(last_year)
    if whole == 0:
        raise DefinitionError("Nothing came in last year.", fix="Share it out evenly.")
    return [total * part / whole for part in last_year]


# Stocks: where it should stand at the end of each part -------------------------------------------


def path_even(start: float, target: float, parts: int) -> list[float]:
    return [start + (target - start) * n / parts for n in range(1, parts + 1)]


def path_compound(start: float, target: float, parts: int) -> list[float]:
    """By the same factor in each part."""
    if start <= 0 or target <= 0:
        raise _no_growth(min(start, target))
    return [start * (target / start) ** (n / parts) for n in range(1, parts + 1)]


def path_like(start: float, target: float, last_year: Sequence[float]) -> list[float]:
    """The share of last year's movement made by the end of each part; its start comes first."""
    moved = last_year[-1] - last_year[0]
    if moved == 0:
        raise DefinitionError("It did not move last year.", fix="Take a straight path.")
    return [start + (target - start) * (v - last_year[0]) / moved for v in last_year[1:]]


def sums(parts: Sequence[float]) -> list[float]:
    """What has come in by the end of each part."""
    return [math.fsum(parts[: n + 1]) for n in range(len(parts))]


def differences(start: float, standing: Sequence[float]) -> list[float]:
    return [b - a for a, b in pairwise([start, *standing])]


# Drivers ------------------------------------------------------------------------------------------


def driver_targets(
    of: Of, now: Mapping[str, float], target: float, held: Collection[str] = ()
) -> dict[str, float]:
    """What the drivers would have to be for the formula to reach its target.

    Each that is not held moves by the same factor, up where more of it brings the formula up, else
    down: equal parts of the way in logarithms for products and ratios, and plain shares for sums.
    """
    signs = {
        name: 0 if name in held or value <= 0 else _sign(of, now, name)
        for name, value in now.items()
    }
    if not any(signs.values()):
        raise DefinitionError(
            "None of the drivers can move it.", where="held", fix="Hold fewer of them."
        )

    def moved(step: float) -> dict[str, float]:
        return {name: value * math.exp(signs[name] * step) for name, value in now.items()}

    try:
        step = _solved(lambda s: of(moved(s)), target, -math.log(STEEPEST), math.log(STEEPEST))
    except (OverflowError, ZeroDivisionError, ValueError) as error:
        raise _unreachable(target) from error
    return moved(step)


def _sign(of: Of, now: Mapping[str, float], name: str) -> int:
    more = of({**now, name: now[name] * (1 + NUDGE)})
    less = of({**now, name: now[name] * (1 - NUDGE)})
    return (more > less) - (more < less)


def _solved(rising: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Where a rising function has that value. Raises DefinitionError when it never has."""
    if not rising(low) <= target <= rising(high):
        raise _unreachable(target)
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < target else (low, middle)
    return (low + high) / 2


def _no_growth(value: float) -> DefinitionError:
    return DefinitionError(
        f"Nothing grows by a factor from {figure(value)}.", fix="Take equal steps instead."
    )


def _unreachable(target: float) -> DefinitionError:
    return DefinitionError(
        f"The drivers cannot make it {figure(target)}.",
        where="held",
        fix="Hold fewer of them.",
    )
