from __future__ import annotations

from datetime import date

import pytest

from headway.charts import formats
from headway.engine import written

THIN = written.THIN


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (None, "", "unknown"),
        (0, "", "0"),
        (69659, "", f"69{THIN}659"),
        (-1234.4, "", f"−1{THIN}234"),
        (12.345, "", "12.35"),
        (0.4567, "", "0.457"),
        (3, "tickets", f"3{THIN}tickets"),
        (0.1234, "percent", f"12.3{THIN}%"),
        (0.9995, "percent", f"99.95{THIN}%"),
        (0.004, "percent", f"0.40{THIN}%"),
        (2500315.63, "money", f"$2{THIN}500{THIN}316"),
        (-19.5, "money", "−$19.50"),
        (146.1, "money", "$146"),
        (12, "CHF", f"12{THIN}CHF"),
        (12.5, "CHF", f"12.50{THIN}CHF"),
        (0.25, "percent", f"25{THIN}%"),
        (1, "percent", f"100{THIN}%"),
        (0.99997, "percent", f"99.99{THIN}%"),
        (0.85, "duration", f"850{THIN}ms"),
        (200, "duration", f"3{THIN}min 20{THIN}s"),
        (7200, "duration", f"2{THIN}h"),
        (90_000 * 3, "duration", f"3{THIN}d 3{THIN}h"),
        (1500, "ms", f"1.5{THIN}s"),
        (39.8, "points", f"39.8{THIN}points"),
    ],
)
def test_values_carry_their_unit(amount: float | None, unit: str, text: str) -> None:
    assert formats.value(amount, unit, "USD") == text


def test_exact_money_keeps_its_cents() -> None:
    assert formats.value(2500315.63, "money", "USD", exact=True) == f"$2{THIN}500{THIN}315.63"


def test_exact_shares_keep_their_digit_so_that_columns_align() -> None:
    assert formats.value(0.5, "percent", exact=True) == f"50.0{THIN}%"


def test_nearly_all_of_the_way_is_not_all_of_it() -> None:
    assert formats.way(0.998) == f"99{THIN}%"
    assert formats.way(1.02) == f"102{THIN}%"
    assert formats.way(-0.264) == f"−26{THIN}%"


@pytest.mark.parametrize(
    ("after", "before", "unit", "direction", "text", "word"),
    [
        (103.2, 100, "", "up", f"+3.2{THIN}%", "better"),
        (103.2, 100, "", "down", f"+3.2{THIN}%", "worse"),
        (90, 100, "", "none", f"−10.0{THIN}%", ""),
        (0.45, 0.40, "percent", "up", f"+5.0{THIN}points", "better"),
        (12, 0, "", "up", "+12", "better"),
        (-50, -100, "", "up", f"+50.0{THIN}%", "better"),
        (7, 7, "", "up", "no change", ""),
    ],
)
def test_changes_say_whether_they_are_good(
    after: float, before: float, unit: str, direction: str, text: str, word: str
) -> None:
    found = formats.change(after, before, unit, direction)
    assert found is not None
    assert (found.text, found.word) == (text, word)


def test_a_change_from_the_unknown_is_none() -> None:
    assert formats.change(3, None, "", "up") is None


@pytest.mark.parametrize(
    ("grain", "text"),
    [
        ("day", "5 Jan 2026"),
        ("week", "week of 5 Jan 2026"),
        ("month", "Jan 2026"),
        ("quarter", "Q1 2026"),
        ("year", "2026"),
    ],
)
def test_periods_have_names(grain: str, text: str) -> None:
    assert formats.period(date(2026, 1, 5), grain) == text


def test_ranges_repeat_no_month_or_year() -> None:
    assert formats.days(date(2026, 3, 1), date(2026, 3, 31)) == "1 – 31 Mar 2026"
    assert formats.days(date(2026, 3, 1), date(2026, 4, 2)) == "1 Mar – 2 Apr 2026"
    assert formats.days(date(2025, 12, 30), date(2026, 1, 2)) == "30 Dec 2025 – 2 Jan 2026"


def test_the_last_hour_is_told_in_minutes() -> None:
    assert formats.just_now(20) == "just now"
    assert formats.just_now(60) == "1 minute ago"
    assert formats.just_now(3599) == "59 minutes ago"


@pytest.mark.parametrize(
    ("back", "text"),
    [(0, "today"), (1, "yesterday"), (5, "5 days ago"), (21, "3 weeks ago"), (90, "3 months ago")],
)
def test_days_back_are_told_in_the_largest_fitting_unit(back: int, text: str) -> None:
    today = date(2026, 6, 30)
    assert formats.ago(date.fromordinal(today.toordinal() - back), today) == text
