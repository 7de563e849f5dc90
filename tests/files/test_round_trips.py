"""What is written reads as the same again, whatever it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from headway.files.document import KeyResult
from headway.files.export import dumps
from headway.files.sheet import loads
from headway.files.targets import Target, target_of, written

NUMBERS = st.floats(allow_nan=False, allow_infinity=False).map(lambda n: n + 0.0)
POSITIVE = st.floats(min_value=1e-9, max_value=1e12)
UNITS = st.sampled_from(["", "percent", "duration", "money", "points"])
OVER = st.one_of(
    st.just({}),
    st.just({"over": "cycle_to_date"}),
    st.builds(dict, over=st.sampled_from(["mean", "trailing"]), over_n=st.integers(1, 400)),
)
SHAPES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries(
        {"shape": st.just("reach"), "target": NUMBERS}, optional={"baseline_typed": NUMBERS}
    ),
    st.fixed_dictionaries(
        {
            "shape": st.just("relative"),
            "change": POSITIVE | POSITIVE.map(lambda n: -n),
            "change_in": st.sampled_from(["percent", "points"]),
        },
        optional={"baseline_typed": NUMBERS},
    ),
    st.fixed_dictionaries(
        {"shape": st.just("keep"), "at_least": NUMBERS}, optional={"at_most": NUMBERS}
    ),
    st.fixed_dictionaries(
        {"shape": st.just("graded"), "commit": NUMBERS, "target": NUMBERS, "stretch": NUMBERS},
        optional={"baseline_typed": NUMBERS},
    ),
)
PACES = st.one_of(
    st.just({}),
    st.just({"pace": "seasonal"}),
    st.builds(
        dict,
        pace=st.just("phased"),
        phases=st.dictionaries(
            st.dates(date(2026, 1, 1), date(2026, 3, 30)).map(str), NUMBERS, min_size=1, max_size=3
        ),
    ),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(SHAPES, PACES, OVER, UNITS)
def test_targets(
    shape: dict[str, Any], pace: dict[str, Any], over: dict[str, Any], unit: str
) -> None:
    target = Target(**shape, **pace, **over)
    fields = {"key": "k", "metric": "m", **written(target, unit)}
    (item,) = loads(dumps({"items": [fields]})).values["items"]
    assert target_of(msgspec.convert(item, KeyResult), unit) == target


@given(st.dictionaries(st.sampled_from(["why", "title", "where", "healthy"]), VALUES))
def test_documents(document: dict[str, Any]) -> None:
    sheet = loads(dumps(document))
    assert sheet.problems == []
    assert sheet.values == document
