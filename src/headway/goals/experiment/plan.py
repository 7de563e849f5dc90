"""Before the start: how many would come, and what they would show, from the last four weeks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from headway.accounts.models import Workspace
from headway.engine.ask import Ask
from headway.engine.assignment import Assigned, Assignment
from headway.engine.definition import Definition
from headway.engine.measure import scope_of
from headway.engine.period import Grain
from headway.engine.selection import Match
from headway.engine.tally import Tally
from headway.goals.experiment.checks import look_of
from headway.goals.experiment.design import DAY, Experiment
from headway.goals.experiment.looking import read_of, smallest_part
from headway.goals.experiment.told import Plan
from headway.ingest.manifest.exchange import Exchange

WEEKS = 4
FEWEST = 100


def planned(
    workspace: Workspace,
    found: Experiment,
    definitions: Mapping[str, Definition],
    store: Exchange,
    today: date,
) -> Plan:
    """As if everybody who `enters` had been assigned in the weeks before the start.

    Raises HeadwayError where a store or a definition cannot answer.
    """
    definition = definitions[found.metric]
    end, calendar = min(today, found.starts), workspace.calendar
    lag = _lag(found, definition, Ask(definitions, store, look_of(workspace, end)))
    start = end - timedelta(weeks=WEEKS, days=lag)
    entering = Match.of(found.enters) if found.enters else Match()
    past = Assignment(entering, None, start, end, found.by, found.waits, found.looks_back)
    scope = scope_of(
        start, end, Grain.all, calendar=calendar, as_of=calendar.instant(end),
        exchange=workspace.exchange,
    )  # fmt: skip
    ask = Ask(definitions, store, scope)
    read = read_of(definition, past, ask)
    coming = [_tally(read, start + n * DAY).n for n in range((end - start).days)]
    return _told(found, read, _tally(read, end), coming, lag)


def _lag(found: Experiment, definition: Definition, ask: Ask) -> int:
    """So many days after it came a subject counts."""
    waits = (found.waits or timedelta()) + definition.each(ask).open
    return math.ceil(waits / DAY)


def _tally(read: Assigned, day: date) -> Tally:
    return read.by(day).get("", Tally())


def _told(found: Experiment, read: Assigned, tally: Tally, coming: Sequence[int], lag: int) -> Plan:
    from headway.stats.arms import deviation_of, value_of
    from headway.stats.sequential import detectable, needed

    arms = len(found.split) or 2
    last = found.last(read.open)
    days = (last - found.starts).days + 1 if last else None
    known = Plan(read.compared, read.adjusted, 0.0, 0.0, arms, list(coming), days, lag=lag)
    if tally.n < FEWEST or (read.measure in ("rate", "ratio") and not tally.y):
        reason = f"Only {tally.n} {found.by}s were seen in the last {WEEKS} weeks."
        return replace(known, reason=reason)
    value, deviation = value_of(tally, read.measure), deviation_of(tally, read.measure)
    known = replace(known, value=value, deviation=deviation)
    if not deviation:
        return replace(known, reason="The metric was the same for everybody in the last weeks.")
    part, least = smallest_part(found, arms), found.least(value)
    total = math.ceil(needed(least, deviation, arms=arms) / part) if least else None
    by_end = subjects_by(coming, days) * part if days else 0
    return replace(
        known,
        least=least,
        needed=total,
        days_needed=days_for(coming, total) if total else None,
        detectable=detectable(by_end, deviation, arms=arms) if by_end >= FEWEST else None,
    )


def subjects_by(coming: Sequence[int], days: int) -> float:
    """After the weeks that were looked at, as many come each day as in the last of them."""
    if days <= len(coming):
        return coming[days - 1]
    return coming[-1] + (days - len(coming)) * _pace(coming)


def days_for(coming: Sequence[int], subjects: int) -> int | None:
    """None where so many never come."""
    for n, there in enumerate(coming, 1):
        if there >= subjects:
            return n
    pace = _pace(coming)
    return len(coming) + math.ceil((subjects - coming[-1]) / pace) if pace else None


def _pace(coming: Sequence[int]) -> float:
    return (coming[-1] - coming[-8]) / 7
