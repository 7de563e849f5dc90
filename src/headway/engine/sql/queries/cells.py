"""Counts, sums and extremes per day."""

from __future__ import annotations

from headway.engine.sql import text as t
from headway.engine.statistics import Cells, Counts, Peaks

MINUTE = 60_000_000


def cells(of: Cells) -> str:
    value = "1" if of.value is None else t.number(of.value)
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d, {value} AS v
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.match)}
        )
        SELECT s, d, COUNT(*) AS events, COUNT(v) AS n,
            {t.real("TOTAL_OF(v)")} AS total, {t.real("SUM(v * v)")} AS squares,
            {t.real("MIN(v)")} AS low, {t.real("MAX(v)")} AS high
        FROM e GROUP BY s, d"""


def counts(of: Counts) -> str:
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d, {t.number(of.value)} AS v
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.match)}
        )
        SELECT s, d, v, COUNT(*) AS n FROM e GROUP BY s, d, v"""


def peaks(of: Peaks) -> str:
    value = "1" if of.value is None else t.number(of.value)
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d,
                INTDIV(MICROS(happened_at), {MINUTE}) AS i, {value} AS v
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.match)}
        ),
        minutes AS (
            SELECT s, d, i, COUNT(*) AS a, COUNT(v) AS n, SUM(v) AS x FROM e GROUP BY s, d, i
        )
        SELECT s, d, {t.whole("SUM(a)")} AS events, {t.whole("SUM(n)")} AS n,
            {t.real("MAX(x)")} AS peak
        FROM minutes GROUP BY s, d"""
