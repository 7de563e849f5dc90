"""Sums and memberships of each subject, added up over subjects."""

from __future__ import annotations

from headway.engine.selection import Match, Number
from headway.engine.sql import text as t
from headway.engine.statistics import Overlaps, Pairs


def pairs(of: Pairs) -> str:
    def measured(match: Match, value: Number | None) -> str:
        amount = "1" if value is None else f"COALESCE({t.number(value)}, 0)"
        return f"CASE WHEN {t.matches(match)} THEN {amount} ELSE 0 END"

    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d,
                COALESCE({t.subject(of.by)}, message_id) AS u,
                {measured(of.x, of.x_value)} AS x, {measured(of.y, of.y_value)} AS y
            FROM events WHERE {t.within(of.span)} AND ({t.any_of([of.x, of.y])})
        ),
        sums AS (
            SELECT s, {t.period(of.span, of.grain)} AS p, u, SUM(x) AS x, SUM(y) AS y
            FROM e GROUP BY 1, 2, 3
        )
        SELECT s, p AS d, COUNT(*) AS n, {t.real("TOTAL_OF(x)")} AS x, {t.real("TOTAL_OF(y)")} AS y,
            {t.real("SUM(x * x)")} AS xx, {t.real("SUM(y * y)")} AS yy, {t.real("SUM(x * y)")} AS xy
        FROM sums GROUP BY s, p"""


def overlaps(of: Overlaps) -> str:
    subject = t.subject(of.by)
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d, {subject} AS u,
                CASE WHEN {t.matches(of.part)} THEN 1 ELSE 0 END AS x,
                CASE WHEN {t.matches(of.whole)} THEN 1 ELSE 0 END AS y
            FROM events WHERE {t.within(of.span)} AND ({t.any_of([of.part, of.whole])})
                AND {subject} IS NOT NULL
        ),
        had AS (
            SELECT s, {t.period(of.span, of.grain)} AS p, u, MAX(x) AS x, MAX(y) AS y
            FROM e GROUP BY 1, 2, 3
        )
        SELECT s, p AS d, {t.whole("SUM(x)")} AS part, COUNT(*) AS whole
        FROM had WHERE y = 1 GROUP BY s, p"""
