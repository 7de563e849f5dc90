"""What customers bought, or held: who first did when, for how long, and for how much."""

from __future__ import annotations

from headway.engine.period import Grain
from headway.engine.sql import text as t
from headway.engine.sql.queries.moves import balances, changes
from headway.engine.statistics import Customers, Levels, Moves, Spent, Tenures


def customers(of: Customers) -> str:
    """b is 1 for a purchase after the first one."""
    return f"""
        WITH {_bought(of)},
        people AS (
            SELECT u, f, MAX(CASE WHEN v >= 0 THEN d END) AS l, SUM(b) AS k,
                TOTAL_OF(CASE WHEN b = 1 THEN v ELSE 0 END) AS again, TOTAL_OF(v) AS total
            FROM bought WHERE f IS NOT NULL GROUP BY u, f
        )
        SELECT f, l, {t.whole("k")} AS k, {t.real("again")} AS again, COUNT(*) AS n,
            {t.real("TOTAL_OF(total)")} AS total
        FROM people GROUP BY f, l, k, again"""


def spent(of: Spent) -> str:
    edges = " ".join(f"WHEN d - f < {edge} THEN {i}" for i, edge in enumerate(of.edges))
    return f"""
        WITH {_bought(of)},
        aged AS (
            SELECT CASE WHEN f IS NOT NULL THEN {_month(of, "f")} END AS c,
                CASE WHEN f IS NULL THEN NULL {edges} ELSE {len(of.edges)} END AS a, v
            FROM bought
        )
        SELECT c, a, {t.real("TOTAL_OF(v)")} AS total FROM aged GROUP BY c, a"""


def _bought(of: Customers | Spent) -> str:
    """`bought`: what each subject paid on each day, with the day of its first purchase."""
    amount = t.number(of.value)
    first = "MIN(CASE WHEN u IS NOT NULL AND v >= 0 THEN d END) OVER (PARTITION BY u)"
    return f"""e AS (
            SELECT {t.subject(of.by)} AS u, {t.day(of.span)} AS d, {amount} AS v
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.match)}
                AND {amount} IS NOT NULL
        ),
        days AS (SELECT u, d, TOTAL_OF(v) AS v FROM e GROUP BY u, d),
        firsts AS (SELECT u, d, v, {first} AS f FROM days),
        bought AS (
            SELECT u, d, v, f, CASE WHEN v >= 0 AND d > f THEN 1 ELSE 0 END AS b FROM firsts
        )"""


def tenures(of: Tenures) -> str:
    """A balance holds until the next one; months without one in between count, with nothing."""
    months = f"MONTH_INDEX(COALESCE(nx, {of.span.end})) - MONTH_INDEX(p)"
    return f"""
        WITH {_stood(of)},
        people AS (
            SELECT c, MIN(p) AS f, MAX(COALESCE(nx, {of.span.end})) AS l,
                MIN(CASE WHEN nx IS NULL THEN 0 ELSE 1 END) AS ended,
                TOTAL_OF(h * ({months})) AS total
            FROM stood WHERE b > 0 GROUP BY c
        )
        SELECT f AS c, {t.whole("MONTH_INDEX(l) - MONTH_INDEX(f)")} AS k, ended,
            {t.real("total")} AS total, COUNT(*) AS n
        FROM people GROUP BY f, l, ended, total"""


def levels(of: Levels) -> str:
    over = "OVER (PARTITION BY c ORDER BY p)"
    return f"""
        WITH {_stood(of)},
        came AS (
            SELECT p, MIN(CASE WHEN b > 0 THEN p END) OVER (PARTITION BY c) AS f,
                CASE WHEN b > 0 THEN h ELSE 0 END AS h, CASE WHEN b > 0 THEN 1 ELSE 0 END AS one,
                LAG(CASE WHEN b > 0 THEN h ELSE 0 END) {over} AS h0,
                LAG(CASE WHEN b > 0 THEN 1 ELSE 0 END) {over} AS one0
            FROM stood
        )
        SELECT f AS c, p, {t.real("TOTAL_OF(h - COALESCE(h0, 0))")} AS total,
            {t.whole("SUM(one - COALESCE(one0, 0))")} AS held
        FROM came WHERE f IS NOT NULL GROUP BY f, p"""


def _stood(of: Tenures | Levels) -> str:
    """`stood`: each customer's balance at the end of a month in which it changed, and the next."""
    moves = Moves(of.span, Grain.month, of.match, of.value, of.by, of.customer, 0)
    return f"""{changes(moves)},
        {balances()},
        stood AS (
            SELECT c, p, b, h, LEAD(p) OVER (PARTITION BY c ORDER BY p) AS nx FROM balances
        )"""


def _month(of: Customers | Spent, day: str) -> str:
    return t.period(of.span, Grain.month, day)
