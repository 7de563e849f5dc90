"""How much of an objective each key result is: weights as shares that sum to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, fsum, isfinite

from headway.engine.errors import DefinitionError

NOTHING_LEFT = "Of 100 %, nothing is left for the others."


def shares(weights: Sequence[float]) -> list[float]:
    total = fsum(weights)
    return [weight / total for weight in weights]


def whole_percents(weights: Sequence[float]) -> list[int]:
    """Shares as whole percents that sum to 100; the largest remainders are rounded up."""
    exact = [100 * share for share in shares(weights)]
    found = [floor(percent) for percent in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: found[i] - exact[i])
    for i in by_remainder[: 100 - sum(found)] if exact else ():
        found[i] += 1
    return found


def weight_of(share: float, others: Sequence[float]) -> float:
    """The weight that gives one key result this share; the others keep their weights."""
    if not others:
        return 1.0
    _check(share)
    return share / (1 - share) * fsum(others)


def balanced(before: Sequence[float], asked: Sequence[float | None]) -> list[float]:
    """The shares as asked; those that nobody asked for share the rest as they did before.

    When every one is asked for, they keep their proportions and sum to the whole.
    """
    given = [share for share in asked if share is not None]
    for share in given:
        _check(share, whole=len(asked) == 1)
    free = [b for b, share in zip(before, asked, strict=True) if share is None]
    if not free:
        return shares(given)
    rest = 1 - fsum(given)
    if round(rest, 9) <= 0:
        raise DefinitionError(NOTHING_LEFT, where="shares", fix="Ask for less than 100 % in all.")
    scale = rest / fsum(free)
    return [b * scale if share is None else share for b, share in zip(before, asked, strict=True)]


def _check(share: float, *, whole: bool = False) -> None:
    if not isfinite(share) or not (0 < share < 1 or (whole and share == 1)):
        raise DefinitionError(
            f"A share of {100 * share:g} % cannot be.",
            where="share",
            fix="Give more than 0 % and less than 100 %.",
        )
