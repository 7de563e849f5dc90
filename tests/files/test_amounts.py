from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.engine.errors import DefinitionError
from headway.files.amounts import format_amount, format_change, parse_amount, parse_change

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        (0.85, "percent", 0.85),
        ("85 %", "percent", 0.85),
        ("85%", "percent", 0.85),
        ("7 %", "percent", 0.07),
        ("30 min", "duration", 1800),
        ("5m", "duration", 300),
        ("1.5 hours", "seconds", 5400),
        ("2 weeks", "duration", 1_209_600),
        ("250 ms", "duration", 0.25),
        ("1,000,000", "money", 1_000_000),
        ("1 000 000", "", 1_000_000),
        ("1.5M", "money", 1_500_000),
        ("250k", "", 250_000),
        ("€5", "money", 5),
        ("€1.5M", "money", 1_500_000),
        ("12 EUR", "money", 12),
        ("10 partners", "partners", 10),
        ("-3.25", "", -3.25),
    ],
)
def test_amounts_are_read_in_the_unit_of_the_metric(
    text: str | float, unit: str, value: float
) -> None:
    assert parse_amount(text, unit, "EUR") == value


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("85 %", "money", "is a percentage, but the metric's unit is `money`"),
        ("30 minn", "duration", "Did you mean `min`?"),
        ("$5", "money", "is in USD, but the workspace counts in EUR"),
        ("€5", "orders", "is not an amount"),
        ("1,5", "", "is not an amount"),
        ("lots", "percent", "Write for example `85 %`."),
        (float("inf"), "", "is not an amount"),
        (True, "", "is not an amount"),
    ],
)
def test_what_cannot_be_an_amount_says_why(text: str | float, unit: str, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_amount(text, unit, "EUR")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.85, "percent", "85 %"),
        (0.125, "percent", "12.5 %"),
        (1800.0, "duration", "30 min"),
        (7200.0, "duration", "2 hours"),
        (86_400.0, "duration", "1 day"),
        (90.5, "duration", "90.5 s"),
        (250_000.0, "money", 250_000),
        (0.1, "", 0.1),
    ],
)
def test_amounts_are_written_as_people_write_them(
    value: float, unit: str, text: str | float
) -> None:
    assert format_amount(value, unit) == text


@given(NUMBERS, st.sampled_from(["percent", "duration", "seconds", "money", "", "points"]))
def test_a_written_amount_reads_as_exactly_the_same_value(value: float, unit: str) -> None:
    assert parse_amount(format_amount(value, unit), unit) == value


@given(NUMBERS, st.sampled_from(["percent", "points"]))
def test_a_written_change_reads_as_exactly_the_same_change(change: float, change_in: str) -> None:
    assert parse_change(format_change(change, change_in)) == (change, change_in)


@pytest.mark.parametrize("text", ["5", "five %", "", "5 pounds"])
def test_a_change_says_percent_or_points(text: str) -> None:
    with pytest.raises(DefinitionError, match="Say percent or points"):
        parse_change(text)
