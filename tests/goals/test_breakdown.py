"""Targets broken down: the parts make up the whole, exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.engine.errors import DefinitionError
from headway.goals.breaking.breakdown import (
    differences,
    driver_targets,
    path_compound,
    path_even,
    path_like,
    shared_compound,
    shared_evenly,
    shared_like,
    sums,
)

B = 1e9
POSITIVE = st.floats(0.01, 1e6)


def test_a_billion_of_revenue_is_a_quarter_of_it_each_quarter() -> None:
    assert shared_evenly(B, 4) == [0.25 * B] * 4
    assert sums(shared_evenly(B, 4)) == [0.25 * B, 0.5 * B, 0.75 * B, B]


def test_a_billion_of_arr_from_800_millions_is_850_after_a_quarter() -> None:
    assert path_even(0.8 * B, B, 4) == pytest.approx([0.85 * B, 0.9 * B, 0.95 * B, B])
    compound = path_compound(0.8 * B, B, 4)
    assert compound == pytest.approx([0.8 * B * 1.25 ** (n / 4) for n in (1, 2, 3, 4)])
    assert compound[0] == pytest.approx(845_897_006, rel=1e-8)
    assert differences(0.8 * B, path_even(0.8 * B, B, 4)) == pytest.approx([0.05 * B] * 4)


def test_last_years_season() -> None:
    assert shared_like(B, [10, 20, 30, 40]) == pytest.approx([0.1 * B, 0.2 * B, 0.3 * B, 0.4 * B])
    assert path_like(100, 200, [50, 60, 60, 70, 90]) == [125, 125, 150, 200]
    with pytest.raises(DefinitionError):
        shared_like(5, [0, 0])
    with pytest.raises(DefinitionError):
        path_like(1, 2, [3, 4, 3])


@given(POSITIVE, POSITIVE, st.integers(1, 12))
def test_compound_parts_grow_by_one_factor_and_sum_to_the_whole(
    total: float, before: float, parts: int
) -> None:
    found = shared_compound(total, parts, before)
    assert math.fsum(found) == pytest.approx(total, rel=1e-6)
    factors = [b / a for a, b in zip([before, *found], found, strict=False)]
    assert factors == pytest.approx([factors[0]] * parts, rel=1e-6)


def product(x: Mapping[str, float]) -> float:
    return x["customers"] * x["spend"]


def test_a_product_is_split_in_equal_parts_of_logarithms() -> None:
    now = {"customers": 100.0, "spend": 50.0}
    found = driver_targets(product, now, 7200)
    assert found == pytest.approx({"customers": 120, "spend": 60})
    held = driver_targets(product, now, 7200, held=["spend"])
    assert held == pytest.approx({"customers": 144, "spend": 50})


def test_a_ratio_moves_up_and_down_and_a_sum_by_its_shares() -> None:
    ratio = driver_targets(lambda x: x["a"] / x["b"], {"a": 10.0, "b": 40.0}, 0.25 * 1.21)
    assert ratio == pytest.approx({"a": 11, "b": 40 / 1.1})
    total = driver_targets(lambda x: x["a"] + x["b"], {"a": 10.0, "b": 30.0}, 60)
    assert total == pytest.approx({"a": 15, "b": 45})
    net = driver_targets(lambda x: x["a"] - x["b"], {"a": 10.0, "b": 5.0}, 20, held=["b"])
    assert net == pytest.approx({"a": 25, "b": 5})


@given(POSITIVE, POSITIVE, POSITIVE, st.floats(0.2, 5))
def test_the_drivers_reach_the_target(a: float, b: float, c: float, factor: float) -> None:
    def of(x: Mapping[str, float]) -> float:
        return (x["a"] + x["b"]) * x["a"] / x["c"]

    now = {"a": a, "b": b, "c": c}
    assert of(driver_targets(of, now, of(now) * factor)) == pytest.approx(
        of(now) * factor, rel=1e-6
    )


def test_what_no_driver_can_reach_is_told() -> None:
    for target, held in ((-1.0, ()), (5.0, ("customers", "spend"))):
        with pytest.raises(DefinitionError):
            driver_targets(product, {"customers": 2.0, "spend": 3.0}, target, held)
