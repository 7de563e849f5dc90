"""What a number rests on: how many events, and some of their subjects."""

from __future__ import annotations

from headway.engine.sql import text as t
from headway.engine.statistics import Examples, Volume


def volume(of: Volume) -> str:
    return f"""
        WITH e AS ({_selected(of)})
        SELECT COUNT(*) AS events, COUNT(DISTINCT u) AS subjects FROM e"""


def examples(of: Examples) -> str:
    return f"""
        WITH e AS ({_selected(of)})
        SELECT u, COUNT(*) AS events, MIN(t) AS first_at, MAX(t) AS last_at
        FROM e WHERE u IS NOT NULL GROUP BY u ORDER BY last_at DESC, u LIMIT {of.limit}"""


def _selected(of: Volume | Examples) -> str:
    """(u, t) of every selected event, of the one segment where one is asked for."""
    only = f" AND {t.segment(of.segment)} = {t.literal(of.only)}" if of.segment else ""
    return f"""
            SELECT {t.subject(of.by)} AS u, MICROS(happened_at) AS t
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.match)}{only}"""
