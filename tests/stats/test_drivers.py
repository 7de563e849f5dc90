"""The parts of a change sum to the whole, whatever the formula and whatever the numbers."""

from __future__ import annotations

import ast
import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from headway.engine.kinds.formula import parsed
from headway.stats.drivers import Numbers, Split, drivers, split, with_rest

NUMBERS = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
POSITIVE = st.floats(0.001, 1e6)
FORMULAS = [
    "a + 2 * b - c / 4",
    "a * b / c",
    "-100 * a / (3 * b)",
    "a * b + c",
    "(a + b) / (c + d)",
    "1 - a / b",
    "min(a, b) * max(c, 0)",
    "a * b * c - lag(a, 1)",
    "a / lag(a, 4)",
    "a - a * b",
    "log10(max(a, 0.001)) + b",
    "onboarding.dropoff * a",
]


def sides(expression: ast.expr, pool: list[float]) -> tuple[Numbers, Numbers]:
    names = drivers(expression)
    values = iter(pool)
    return {d: next(values) for d in names}, {d: next(values) for d in names}


def adds_up(found: Split) -> bool:
    assert found.before is not None
    assert found.after is not None
    sizes = [abs(found.before), abs(found.after), *(abs(p.share) for p in found.parts)]
    total = math.fsum(part.share for part in found.parts)
    return math.isclose(total, found.after - found.before, rel_tol=0, abs_tol=1e-12 * max(sizes))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FORMULAS), st.lists(NUMBERS | POSITIVE, min_size=8, max_size=8))
def test_parts_sum_to_the_whole(formula: str, pool: list[float]) -> None:
    expression = parsed(formula)
    found = split(expression, *sides(expression, pool))
    if found.reason:
        assume(False)
    assert adds_up(found)
    assert [part.name for part in found.parts] == [
        key if not lag else f"lag({key}, {lag})" for key, lag in drivers(expression)
    ]


@settings(max_examples=100, deadline=None)
@given(st.lists(POSITIVE, min_size=6, max_size=6))
def test_a_product_is_split_the_same_backwards(pool: list[float]) -> None:
    expression = parsed("a * b / c")
    before, after = sides(expression, pool)
    there, back = split(expression, before, after), split(expression, after, before)
    assert there.method == back.method == "log-mean"
    for one, other in zip(there.parts, back.parts, strict=True):
        assert math.isclose(one.share, -other.share, rel_tol=1e-6, abs_tol=1e-6)


def numbers(**values: float) -> Numbers:
    return {(key, 0): value for key, value in values.items()}


def shares(formula: str, before: Numbers, after: Numbers) -> tuple[str, dict[str, float]]:
    found = split(parsed(formula), before, after)
    return found.method, {part.name: round(part.share, 6) for part in found.parts}


def test_sums_by_differences() -> None:
    method, found = shares(
        "new + 2 * won - lost", numbers(new=10, won=5, lost=3), numbers(new=14, won=4, lost=0)
    )
    assert (method, found) == ("difference", {"new": 4, "won": -2, "lost": 3})


def test_products_by_logarithmic_means() -> None:
    """Customers double and revenue per customer halves: both did as much."""
    before, after = numbers(customers=100, each=20), numbers(customers=200, each=15)
    method, found = shares("customers * each", before, after)
    mean = 1000 / math.log(3000 / 2000)
    assert method == "log-mean"
    assert found == {
        "customers": round(mean * math.log(2), 6),
        "each": round(mean * math.log(0.75), 6),
    }
    assert sum(found.values()) == pytest.approx(1000)
    level = shares("customers * each", before, numbers(customers=200, each=10))
    assert sum(level[1].values()) == 0
    assert level[1]["customers"] == pytest.approx(2000 * math.log(2), abs=1e-6)


def test_anything_else_by_shapley() -> None:
    """Out of nothing, both drivers made the product together: half of it each."""
    method, found = shares("a * b", numbers(a=0, b=0), numbers(a=4, b=5))
    assert (method, found) == ("Shapley", {"a": 10, "b": 10})
    method, found = shares("a * b + c", numbers(a=2, b=3, c=1), numbers(a=4, b=3, c=0))
    assert (method, found) == ("Shapley", {"a": 6, "b": 0, "c": -1})


def test_many_drivers_still_sum_to_the_whole() -> None:
    names = [f"x{i}" for i in range(15)]
    expression = parsed(f"({' + '.join(names[:7])}) / ({' + '.join(names[7:])})")
    before = {(name, 0): float(i + 1) for i, name in enumerate(names)}
    after = {(name, 0): float(2 * i + 3) for i, name in enumerate(names)}
    found = split(expression, before, after)
    assert found.method == "Shapley"
    assert adds_up(found)


def test_a_formula_without_a_value_on_the_way_is_not_split() -> None:
    """a − b goes from 1 to 2, but would be 0 had only b moved."""
    found = split(parsed("1 / (a - b)"), numbers(a=2, b=1), numbers(a=4, b=2))
    assert found.parts == ()
    assert found.reason.startswith("The formula has no value")


def test_what_a_tree_leaves_unexplained_is_a_part() -> None:
    found = split(parsed("a * b"), numbers(a=2, b=3), numbers(a=3, b=3))
    whole = with_rest(found, 6, 10, "not explained")
    assert (whole.before, whole.after, whole.change) == (6, 10, 4)
    assert [(p.name, round(p.share, 9)) for p in whole.parts] == [
        ("a", 3),
        ("b", 0),
        ("not explained", 1),
    ]
    assert len(with_rest(found, 6, 9, "not explained").parts) == 2
