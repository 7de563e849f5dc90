"""How customers came, grew, shrank and went, net per customer and period."""

from __future__ import annotations

from headway.engine.money import Money
from headway.engine.period import Grain
from headway.engine.sql import text as t
from headway.engine.statistics import MOVES, Moves

NOISE = "1e-12"
"""Sums of amounts that cancel out leave at most this part of their sizes."""

LATEST = "ORDER BY t DESC, m DESC"


def moves(of: Moves) -> str:
    """Says of each customer and period what became of the balance of all its subjects.

    o is an amount as written, in the currency k; r what one of it is worth that day; h what the
    stock holds, where an event that says the same amount again changes nothing.
    """
    return f"""
        WITH {changes(of)},
        {balances()},
        {_moved()}
        SELECT s, p AS d, {t.real("TOTAL_OF(h)")} AS total, {t.real("TOTAL_OF(ABS(h))")} AS gross,
            {t.whole("SUM(held)")} AS held, {", ".join(_columns())}
        FROM lines GROUP BY s, p"""


def changes(of: Moves) -> str:
    """`changes`: what every event adds to a customer, and what it takes away from one."""
    subject, customer, amount = t.subject(of.by), t.subject(of.customer), t.number(of.value)
    money = isinstance(of.value, Money)
    written = t.number(of.value.property) if isinstance(of.value, Money) else amount
    currency = t.currency(of.value) if isinstance(of.value, Money) else "''"
    rate = t.rate(of.value) if isinstance(of.value, Money) else t.real("1")
    over = "OVER (PARTITION BY u ORDER BY t, m)"
    return f"""e AS (
            SELECT {t.segment(of.segment)} AS s, {subject} AS u, {customer} AS c,
                {t.day(of.span)} AS d,
                MICROS(happened_at) AS t, message_id AS m, {amount} AS v, {written} AS o,
                {currency} AS k, {rate} AS r
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.match)}
                AND {amount} IS NOT NULL AND {subject} IS NOT NULL AND {customer} IS NOT NULL
        ),
        said AS (
            SELECT s, u, c, {_period(of)} AS p, t, m, v, o, k, r, LAG(c) {over} AS c0,
                LAG(o) {over} AS o0, LAG(k) {over} AS k0, LAG(r) {over} AS r0
            FROM e
        ),
        {_held(over) if money else "held AS (SELECT said.*, v AS h, o0 AS h0 FROM said)"},
        changes AS (
            SELECT c, k, p, t, m, s, o, h, r FROM held
            UNION ALL
            SELECT c0 AS c, k0 AS k, p, t, m, s, -o0 AS o, -h0 AS h,
                CASE WHEN k0 = k THEN r ELSE r0 END AS r
            FROM held WHERE o0 IS NOT NULL
        )"""


def _period(of: Moves) -> str:
    """For the whole range, days before it are periods of their own."""
    if of.grain is not Grain.all:
        return t.period(of.span, of.grain)
    return f"CASE WHEN d < {of.start} THEN d ELSE {of.start} END"


def _held(over: str) -> str:
    return f"""runs AS (
            SELECT said.*, SUM(CASE WHEN o0 IS NULL OR o <> o0 OR k <> k0 THEN 1 ELSE 0 END)
                {over} AS run
            FROM said
        ),
        kept AS (
            SELECT runs.*, FIRST_VALUE(v) OVER (PARTITION BY u, run ORDER BY t, m) AS h FROM runs
        ),
        held AS (SELECT kept.*, LAG(h) {over} AS h0 FROM kept)"""


def balances() -> str:
    """`balances`: each customer's net move x in a period, and the balance b at its end.

    A net move in one currency is converted as a whole, at its last event's rate, so that rates
    alone move nothing.
    """
    over = "OVER (PARTITION BY c ORDER BY p)"
    return f"""ranked AS (
            SELECT changes.*, ROW_NUMBER() OVER (PARTITION BY c, p {LATEST}) AS i,
                ROW_NUMBER() OVER (PARTITION BY c, k, p {LATEST}) AS j
            FROM changes
        ),
        nets AS (
            SELECT c, k, p, SUM(o) AS o, SUM(ABS(o)) AS g, SUM(h) AS h,
                MAX(CASE WHEN i = 1 THEN s END) AS s, MAX(CASE WHEN j = 1 THEN r END) AS r
            FROM ranked GROUP BY c, k, p
        ),
        sums AS (
            SELECT c, p, MAX(s) AS s, SUM(o) AS o, SUM(g) AS g, SUM(h) AS h, SUM(o * r) AS x,
                SUM(g * r) AS gx
            FROM nets GROUP BY c, p
        ),
        levels AS (
            SELECT c, p, s, x, gx, SUM(o) {over} AS b, SUM(g) {over} AS g, SUM(h) {over} AS h
            FROM sums
        ),
        balances AS (
            SELECT c, p, s, CASE WHEN ABS(x) > {NOISE} * gx THEN x ELSE 0 END AS x,
                CASE WHEN ABS(b) > {NOISE} * g THEN b ELSE 0 END AS b,
                CASE WHEN ABS(b) > {NOISE} * g THEN h ELSE 0 END AS h
            FROM levels
        )"""


def _moved() -> str:
    """`lines`: every customer's move, and the stock that it adds to its segment and takes away.

    Every segment has a line, also one in which no customer ends a period.
    """
    over = "OVER (PARTITION BY c ORDER BY p)"
    before = "(PARTITION BY c ORDER BY p ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    return f"""was AS (
            SELECT s, p, x, b, h, LAG(s) {over} AS s0, LAG(h) {over} AS h0,
                COALESCE(LAG(b) {over}, 0) AS b0, COALESCE(MAX(b) OVER {before}, 0) AS best
            FROM balances
        ),
        lines AS (
            SELECT s, p, h, CASE WHEN b > 0 THEN 1 ELSE 0 END AS held, x,
                CASE WHEN b > 0 AND b0 <= 0 AND best <= 0 THEN 'new'
                    WHEN b > 0 AND b0 <= 0 THEN 'reactivated'
                    WHEN b <= 0 AND b0 > 0 THEN 'churned'
                    WHEN x > 0 THEN 'expansion'
                    WHEN x < 0 THEN 'contraction' END AS move
            FROM was
            UNION ALL
            SELECT s0 AS s, p, -h0 AS h, CASE WHEN b0 > 0 THEN -1 ELSE 0 END AS held, 0 AS x,
                '' AS move
            FROM was WHERE s0 IS NOT NULL
            UNION ALL
            SELECT DISTINCT s, p, 0 AS h, 0 AS held, 0 AS x, '' AS move FROM changes
        )"""


def _columns() -> list[str]:
    """The parts as amounts above 0, and the customers of each."""
    found = []
    for name, sign in MOVES.items():
        amount = f"CASE WHEN move = '{name}' THEN {sign}x ELSE 0 END"
        customers = f"CASE WHEN move = '{name}' THEN 1 ELSE 0 END"
        found.append(f"{t.real(f'TOTAL_OF({amount})')} AS {name}_amount")
        found.append(f"{t.whole(f'SUM({customers})')} AS {name}_count")
    return found
