"""How much of a change each segment made: sums, ratios with their mix, and people counted once."""

from __future__ import annotations

import math
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.engine.series import Point
from headway.stats.segments import NO_PARTS, SEVERAL, Side, by_segment

START, END = date(2026, 1, 5), date(2026, 1, 12)


def point(
    value: float | None, above: float | None = None, below: float | None = None, n: int = 1
) -> Point:
    reason = "" if value is not None else "Nobody."
    return Point(START, END, value, "", above, below, n, reason=reason)


def summed(**values: float) -> Side:
    return Side(point(math.fsum(values.values())), {k: point(v) for k, v in values.items()})


def ratio(scale: float = 1, **cells: tuple[float, float]) -> Side:
    """Each cell is (numerator, denominator)."""
    above, below = (math.fsum(c[i] for c in cells.values()) for i in (0, 1))
    segments = {k: point(scale * a / b if b else None, a, b) for k, (a, b) in cells.items()}
    return Side(point(scale * above / below, above, below), segments)


def test_segments_of_a_sum() -> None:
    found = by_segment(summed(de=10, at=5), summed(de=8, ch=4))
    assert found.method == "difference"
    assert {p.name: (p.before, p.after, p.share) for p in found.parts} == {
        "de": (10, 8, -2),
        "ch": (None, 4, 4),
        "at": (5, None, -5),
    }


def test_segments_of_a_ratio_by_their_value_and_their_weight() -> None:
    """Nothing changed inside the segments, but more people came to the weak one."""
    found = by_segment(ratio(web=(40, 100), app=(80, 100)), ratio(web=(80, 200), app=(80, 100)))
    assert found.method == "weights"
    assert round(sum(p.share for p in found.parts), 12) == round(160 / 300 - 0.6, 12)
    assert [p.own for p in found.parts] == [0, 0]


CELLS = st.dictionaries(
    st.sampled_from("abcd"),
    st.tuples(st.integers(0, 500), st.integers(0, 1000)).map(lambda c: (min(c), max(c))),
    min_size=1,
).filter(lambda cells: any(below for _, below in cells.values()))


@settings(max_examples=200, deadline=None)
@given(CELLS, CELLS, st.sampled_from([1, 100]))
def test_parts_of_a_ratio_sum_to_the_whole(
    first: dict[str, tuple[int, int]], last: dict[str, tuple[int, int]], scale: int
) -> None:
    before, after = ratio(scale, **first), ratio(scale, **last)
    found = by_segment(before, after)
    assert found.change is not None
    assert math.isclose(
        math.fsum(p.share for p in found.parts), found.change, rel_tol=1e-9, abs_tol=1e-9 * scale
    )


def test_people_in_several_segments_count_once() -> None:
    before = Side(point(12, n=12), {"web": point(8, n=8), "app": point(6, n=6)})
    after = Side(point(15, n=15), {"web": point(9, n=9), "app": point(11, n=11)})
    found = by_segment(before, after)
    assert {p.name: p.share for p in found.parts} == {"web": 1, "app": 5, SEVERAL: -3}


def test_a_median_has_no_parts_and_unknown_stays_unknown() -> None:
    side = Side(point(5.5, n=9), {"web": point(4.0, n=5), "app": point(7.0, n=4)})
    assert by_segment(side, side).reason == NO_PARTS
    nothing = Side(point(None), {})
    assert by_segment(nothing, side).reason == "Nobody."
    assert by_segment(nothing, side).change is None
