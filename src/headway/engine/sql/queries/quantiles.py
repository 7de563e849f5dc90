"""Distributions that no sum can stand for."""

from __future__ import annotations

from headway.engine.sql import text as t
from headway.engine.statistics import Quantiles


def quantiles(of: Quantiles) -> str:
    value = t.number(of.value)
    subject = "message_id" if of.by is None else t.subject(of.by)
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d, {subject} AS u, {value} AS v
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.match)}
                AND {value} IS NOT NULL AND {subject} IS NOT NULL
        ),
        v AS (
            SELECT s, {t.period(of.span, of.grain)} AS p, u, SUM(v) AS v FROM e GROUP BY 1, 2, 3
        )
        SELECT s, p AS d, COUNT(*) AS n, {t.real(f"QUANTILE_AT(v, {of.q})")} AS value
        FROM v GROUP BY s, p"""
