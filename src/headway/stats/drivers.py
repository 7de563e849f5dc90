"""How much of a change each part made, so that the parts sum to the whole.

A sum is split by plain differences, a product or ratio of positive numbers by logarithmic means
(LMDI: Ang, Energy Policy 33, 2005), anything else by Shapley values: the mean effect of each
driver over all orders in which they may have moved.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from headway.engine.kinds.formula import driver_of, evaluate

Method = Literal["difference", "log-mean", "Shapley", "weights", ""]

EXACT = 12
"""Up to so many drivers all orders are taken; beyond, each turn of the list and of its reverse."""


@dataclass(frozen=True, slots=True)
class Part:
    """`share` is what it made of the change, in the unit of the whole.

    `own` is how much of that comes from its own value, where the rest comes from its weight.
    """

    name: str
    before: float | None
    after: float | None
    share: float
    own: float | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A change and its parts, or the reason why there are none."""

    before: float | None
    after: float | None
    parts: tuple[Part, ...] = ()
    method: Method = ""
    reason: str = ""

    @property
    def change(self) -> float | None:
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    @property
    def largest_first(self) -> tuple[Part, ...]:
        return tuple(sorted(self.parts, key=lambda part: -abs(part.share)))


Driver = tuple[str, int]
"""What a formula reads: a metric or a part of one, and so many periods back."""
Numbers = Mapping[Driver, float]


@dataclass(frozen=True)
class Values:
    """What `evaluate` asks for."""

    numbers: Numbers

    def value(self, key: str, lag: int = 0) -> float:
        return self.numbers[key, lag]


def drivers(expression: ast.expr) -> tuple[Driver, ...]:
    """In the order of the formula, each once."""
    return tuple(dict.fromkeys(_drivers(expression)))


def split(expression: ast.expr, before: Numbers, after: Numbers) -> Split:
    """The change of a formula's value between two sets of its drivers' values."""
    try:
        first = evaluate(expression, Values(before))
        last = evaluate(expression, Values(after))
        method, shares = _shares(expression, before, after)
    except (ZeroDivisionError, ValueError):
        reason = "The formula has no value while only some of its drivers have moved."
        return Split(None, None, reason=reason)
    parts = tuple(
        Part(words_of(driver), before[driver], after[driver], share)
        for driver, share in shares.items()
    )
    return Split(first, last, _exact(parts, last - first), method)


def words_of(driver: Driver) -> str:
    key, lag = driver
    return f"lag({key}, {lag})" if lag else key


def with_rest(found: Split, before: float, after: float, name: str) -> Split:
    """The split of a measured change, with what the formula leaves unexplained as a part."""
    if found.before is None or found.after is None:
        return replace(found, before=before, after=after)
    gaps = before - found.before, after - found.after
    whole = replace(found, before=before, after=after)
    if max(map(abs, gaps)) <= 1e-9 * max(abs(before), abs(after), 1e-9):
        return replace(whole, parts=_exact(found.parts, after - before))
    rest = Part(name, gaps[0], gaps[1], gaps[1] - gaps[0])
    return replace(whole, parts=_exact((*found.parts, rest), after - before))


def _drivers(node: ast.expr) -> Iterator[Driver]:
    if (driver := driver_of(node)) is not None:
        yield driver
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) and not _is_function(node, child):
            yield from _drivers(child)


def _is_function(node: ast.expr, child: ast.expr) -> bool:
    return isinstance(node, ast.Call) and child is node.func


def _shares(
    expression: ast.expr, before: Numbers, after: Numbers
) -> tuple[Method, dict[Driver, float]]:
    names = drivers(expression)
    if (weights := _linear(expression)) is not None:
        return "difference", {d: weights[d] * (after[d] - before[d]) for d in names}
    powers = _monomial(expression)
    positive = all(side[d] > 0 for side in (before, after) for d in names)
    if powers is not None and positive:
        return "log-mean", _log_mean(powers, before, after, evaluate(expression, Values(before)))
    return "Shapley", _shapley(expression, names, before, after)


Weights = dict[Driver, float]
CONSTANT: Driver = ("", 0)


def _linear(node: ast.expr) -> Weights | None:
    """The weight of each driver in a sum, and the constant; None for what is no sum."""
    if (driver := driver_of(node)) is not None:
        return {driver: 1.0}
    match node:
        case ast.Constant(value=int() | float() as number):
            return {CONSTANT: float(number)}
        case ast.UnaryOp(operand=operand):
            return _scaled(_linear(operand), -1)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            sign = 1 if isinstance(op, ast.Add) else -1
            return _added(_linear(left), _scaled(_linear(right), sign))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _times(_linear(left), _linear(right))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            below = _number(_linear(right))
            return _scaled(_linear(left), 1 / below) if below else None
    return None


def _times(left: Weights | None, right: Weights | None) -> Weights | None:
    for one, other in ((left, right), (right, left)):
        if (factor := _number(one)) is not None:
            return _scaled(other, factor)
    return None


def _number(weights: Weights | None) -> float | None:
    """The number that a sum without drivers is."""
    if weights is None or any(driver != CONSTANT for driver in weights):
        return None
    return weights.get(CONSTANT, 0.0)


def _scaled(weights: Weights | None, factor: float) -> Weights | None:
    return None if weights is None else {d: factor * w for d, w in weights.items()}


def _added(left: Weights | None, right: Weights | None) -> Weights | None:
    if left is None or right is None:
        return None
    return {d: left.get(d, 0.0) + right.get(d, 0.0) for d in {**left, **right}}


def _monomial(node: ast.expr) -> dict[Driver, int] | None:
    """The power of each driver in a product or ratio; None for what is neither."""
    if (driver := driver_of(node)) is not None:
        return {driver: 1}
    match node:
        case ast.Constant():
            return {}
        case ast.UnaryOp(operand=operand):
            return _monomial(operand)
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
            above, below = _monomial(left), _monomial(right)
            if above is None or below is None:
                return None
            sign = 1 if isinstance(op, ast.Mult) else -1
            return {d: above.get(d, 0) + sign * below.get(d, 0) for d in {**above, **below}}
    return None


def _log_mean(
    powers: Mapping[Driver, int], before: Numbers, after: Numbers, whole: float
) -> dict[Driver, float]:
    logs = {d: power * math.log(after[d] / before[d]) for d, power in powers.items()}
    total = math.fsum(logs.values())
    mean = whole * math.expm1(total) / total if total else whole
    return {d: mean * log for d, log in logs.items()}


def _shapley(
    expression: ast.expr, names: Sequence[Driver], before: Numbers, after: Numbers
) -> dict[Driver, float]:
    values: dict[frozenset[Driver], float] = {}

    def value(moved: frozenset[Driver]) -> float:
        if moved not in values:
            numbers = {d: (after if d in moved else before)[d] for d in names}
            values[moved] = evaluate(expression, Values(numbers))
        return values[moved]

    def effect(driver: Driver, moved: frozenset[Driver]) -> float:
        return value(moved | {driver}) - value(moved)

    weighted = _subsets if len(names) <= EXACT else _turns
    return {
        d: math.fsum(weight * effect(d, moved) for weight, moved in weighted(d, names))
        for d in names
    }


Weighted = Iterator[tuple[float, frozenset[Driver]]]


def _subsets(driver: Driver, names: Sequence[Driver]) -> Weighted:
    """Everything that may have moved before the driver, with how often that is so."""
    others = [name for name in names if name != driver]
    for size in range(len(names)):
        weight = 1 / (len(names) * math.comb(len(others), size))
        for moved in combinations(others, size):
            yield weight, frozenset(moved)


def _turns(driver: Driver, names: Sequence[Driver]) -> Weighted:
    for order in (list(names), list(reversed(names))):
        for first in range(len(order)):
            turned = order[first:] + order[:first]
            yield 1 / (2 * len(order)), frozenset(turned[: turned.index(driver)])


def _exact(parts: tuple[Part, ...], change: float) -> tuple[Part, ...]:
    """What rounding left over goes to the largest part."""
    if not parts:
        return parts
    rest = change - math.fsum(part.share for part in parts)
    largest = max(range(len(parts)), key=lambda i: abs(parts[i].share))
    return tuple(
        replace(part, share=part.share + rest) if i == largest else part
        for i, part in enumerate(parts)
    )
