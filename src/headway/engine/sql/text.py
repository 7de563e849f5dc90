"""SQL text shared by all statistics: the selected events, their subject, day, period and segment.

The text is written once over a few primitives (functions in capitals such as MICROS or NUMBER) that
each dialect's emitter replaces; see `emitter.py`.
"""

from __future__ import annotations

from itertools import pairwise

import sqlglot
from sqlglot import exp

from headway.engine.event import MARKERS
from headway.engine.money import CURRENCY, Money
from headway.engine.period import MICROS_A_DAY, MONTHS, Grain, day_at, micros
from headway.engine.selection import Match, Net, Number, Scalar, Span, Test, Truth
from headway.engine.series import NONE

SUBJECTS = {"user": "user_id", "account": "account_id"}
NEVER = 2**62
"""Epoch microseconds after everything."""

COMPARED = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def parsed(text: str, dialect: str = "duckdb") -> exp.Expression:
    tree = sqlglot.parse_one(text, read=dialect)
    assert isinstance(tree, exp.Expression)
    return tree


def literal(value: Scalar) -> str:
    if isinstance(value, Truth):
        return "TRUE" if value is Truth.true else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    return exp.Literal.string(value).sql()


def real(expression: str) -> str:
    return f"CAST({expression} AS DOUBLE)"


def whole(expression: str) -> str:
    return f"CAST({expression} AS BIGINT)"


def prop(name: str) -> str:
    return f"PROP({literal(name)})"


def number(of: Number | Net) -> str:
    """A property's number; an amount of money in the base currency, NULL without a rate."""
    if isinstance(of, Net):
        given, cases = number(of.property), f"THEN {of.worth} WHEN"
        return (
            f"CASE WHEN {given} >= {of.top} {cases} {given} <= {of.bottom} THEN -{of.worth} "
            f"WHEN {given} IS NOT NULL THEN 0 END"
        )
    if isinstance(of, Money):
        return f"({number(of.property)} * {rate(of)})"
    return f"NUMBER({prop(of)})"


def currency(of: Money) -> str:
    return f"COALESCE(UPPER({text(CURRENCY)}), {literal(of.base)})"


def rate(of: Money) -> str:
    """What one unit of the amount's currency is worth in the base currency that day."""
    known = "".join(f" WHEN {literal(name)} THEN {_dated(rates)}" for name, rates in of.rates)
    return real(f"CASE {currency(of)} WHEN {literal(of.base)} THEN 1.0{known} END")


def _dated(rates: tuple[tuple[int, float], ...]) -> str:
    """The rate of the last day that is not after the event."""
    cases = " ".join(f"WHEN MICROS(happened_at) >= {at} THEN {rate!r}" for at, rate in rates[::-1])
    return f"CASE {cases} END"


def text(name: str) -> str:
    return f"TEXT({prop(name)})"


def subject(by: str) -> str:
    return SUBJECTS.get(by) or text(by)


def segment(by: str | None) -> str:
    """The segment's expression; a constant where none is asked for."""
    return "''" if by is None else f"COALESCE({subject(by)}, {literal(NONE)})"


def day(span: Span, instant: str = "MICROS(happened_at)") -> str:
    """The local day number of an instant, from the UTC offsets in force over the span."""
    offsets = span.calendar.offsets(day_at(span.start), day_at(span.end))
    if len(offsets) == 1:
        return f"INTDIV({instant} + {offsets[0][1]}, {MICROS_A_DAY})"
    cases = " ".join(
        f"WHEN {instant} < {until} THEN {offset}" for (_, offset), (until, _) in pairwise(offsets)
    )
    return f"INTDIV({instant} + CASE {cases} ELSE {offsets[-1][1]} END, {MICROS_A_DAY})"


def period(span: Span, grain: Grain, d: str = "d") -> str:
    """The day number at which the period of day `d` begins."""
    if grain is Grain.all:
        return str(span.start)
    if grain is Grain.day:
        return d
    if grain is Grain.week:
        return f"({d} - MOD({d} + {(3 - span.calendar.week_starts) % 7}, 7))"
    return f"PERIOD_START({d}, {MONTHS[grain]})"


def within(span: Span) -> str:
    """The span's instants and source, as bounds that a columnar file can be pruned by."""
    start, end = (micros(span.calendar.instant(day_at(d))) for d in (span.start, span.end))
    bounds = f"happened_at >= INSTANT({start}) AND happened_at < INSTANT({end})"
    return bounds if span.source is None else f"{bounds} AND source = {literal(span.source)}"


def matches(match: Match) -> str:
    """Whether an event is selected. "Any" leaves out the events that only say who somebody is."""
    names = ", ".join(literal(name) for name in match.events)
    markers = ", ".join(literal(name) for name in MARKERS)
    named = f"event IN ({names})" if match.events else f"event NOT IN ({markers})"
    but = (f"NOT COALESCE({' AND '.join(map(passes, group))}, FALSE)" for group in match.without)
    return " AND ".join([named, *map(passes, match.tests), *but])


def any_of(matched: list[Match]) -> str:
    return " OR ".join(f"({matches(m)})" for m in matched)


def passes(test: Test) -> str:
    """Whether an event passes the test; NULL is no."""
    name, operator, operand = test
    if operator == "set":
        return f"{prop(name)} IS {'NOT NULL' if operand is Truth.true else 'NULL'}"
    if operator in ("in", "not_in"):
        values = operand if isinstance(operand, tuple) else (operand,)
        return _among(name, values, negated=operator == "not_in")
    assert not isinstance(operand, tuple)
    if operator == "contains":
        return f"HAS_TEXT({text(name)}, {literal(operand)})"
    column = text(name) if isinstance(operand, str) else number(name)
    return f"{column} {COMPARED[operator]} {literal(operand)}"


def _among(name: str, values: tuple[Scalar, ...], *, negated: bool) -> str:
    """Each literal is compared as its own type: text, number or truth value."""
    groups: dict[str, list[Scalar]] = {
        text(name): [v for v in values if isinstance(v, str)],
        f"FLAG({prop(name)})": [v for v in values if isinstance(v, Truth)],
        number(name): [v for v in values if isinstance(v, int | float)],
    }
    tests = [f"{c} IN ({', '.join(map(literal, vs))})" for c, vs in groups.items() if vs]
    found = f"COALESCE({' OR '.join(tests)}, FALSE)" if tests else "FALSE"
    return f"NOT {found}" if negated else found
