"""What subjects last had, and how that changed."""

from __future__ import annotations

from headway.engine.money import Money
from headway.engine.selection import Match, Number
from headway.engine.sql import text as t
from headway.engine.statistics import States


def states(of: States) -> str:
    return _set(of) if of.set_to else _moved(of)


def _set(of: States) -> str:
    """What an event adds is its value less the subject's value before, in the segment it left.

    An event that says the same amount again changes nothing, whatever the exchange rate is by then.
    """
    assert of.set_to is not None
    match, value = of.set_to
    subject = t.subject(of.by)
    written, currency = _as_written(value)
    over = "OVER (PARTITION BY u ORDER BY t, m)"
    positive = "CASE WHEN {} > 0 THEN 1 ELSE 0 END"
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {subject} AS u, MICROS(happened_at) AS t,
                {t.day(of.span)} AS d, message_id AS m, {t.number(value)} AS v,
                {written} AS o, {currency} AS c
            FROM events WHERE {t.within(of.span)} AND {t.matches(match)}
                AND {t.number(value)} IS NOT NULL AND {subject} IS NOT NULL
        ),
        was AS (SELECT e.*, LAG(o) {over} AS o0, LAG(c) {over} AS c0, LAG(s) {over} AS x0 FROM e),
        changed AS (
            SELECT * FROM was WHERE o0 IS NULL OR o <> o0 OR c <> c0 OR s <> x0
        ),
        w AS (SELECT s, d, v, LAG(v) {over} AS v0, LAG(s) {over} AS s0 FROM changed),
        moves AS (
            SELECT s, d, v AS x, {positive.format("v")} AS p FROM w
            UNION ALL
            SELECT s0 AS s, d, -v0 AS x, -{positive.format("v0")} AS p FROM w WHERE v0 IS NOT NULL
        )
        SELECT s, d, {t.real("TOTAL_OF(x)")} AS total, {t.whole("SUM(p)")} AS positive
        FROM moves GROUP BY s, d"""


def _as_written(value: Number) -> tuple[str, str]:
    """The amount and its currency as the event says them."""
    if isinstance(value, Money):
        return t.number(value.property), t.currency(value)
    return t.number(value), "''"


def _moved(of: States) -> str:
    def move(match: Match, value: Number | None, sign: str) -> str:
        amount = "1" if value is None else t.number(value)
        return f"""
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d, {sign}{amount} AS x,
                {sign}1 AS p
            FROM events WHERE {t.within(of.span)} AND {t.matches(match)}"""

    moves = [move(m, v, "") for m, v in of.plus] + [move(m, v, "-") for m, v in of.minus]
    return f"""
        WITH moves AS ({" UNION ALL ".join(moves)})
        SELECT s, d, {t.real("TOTAL_OF(x)")} AS total, {t.whole("SUM(p)")} AS positive
        FROM moves WHERE x IS NOT NULL GROUP BY s, d"""
