"""How metrics swing over a cycle, found once for the key results that are paced by their season."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile

import msgspec
from django.db import transaction

from headway.accounts.models import Workspace
from headway.engine.period import Grain, Period
from headway.goals.models import KeyResult, Over, Prospect
from headway.goals.models import Pace as PaceName
from headway.goals.pace import Season
from headway.goals.progress import inclusive
from headway.goals.reading import DAY
from headway.goals.refresh import grain_of, is_frozen
from headway.metrics.happened.happenings import known_by
from headway.metrics.models import Metric
from headway.metrics.past import histories
from headway.outlook.marks import digest, stamp, told
from headway.stats.history import CannotTell, History

log = logging.getLogger(__name__)

VERSION = 1


def refresh(workspace: Workspace, *, stopped: Callable[[], bool] = lambda: False) -> int:
    """How many seasons were looked for. What lies before a cycle is looked at once.

    With its first season a key result is judged as if it were new: that is no flip.
    """
    asked = _asked(workspace)
    rows = Prospect.objects.filter(key_result__in=[q.key_result.pk for q in asked])
    stored = {row.key_result_id: row for row in rows.defer("steps")}
    news = [q for q in asked if _seen(stored.get(q.key_result.pk)) != q.seen]
    past = histories(dict.fromkeys((q.metric, q.grain) for q in news))
    looked = 0
    for question in news:
        if stopped():
            break
        found = past[question.metric.pk, question.grain]
        looked += _look(question, found, stored.get(question.key_result.pk))
    return looked


@dataclass(frozen=True)
class Question:
    key_result: KeyResult
    metric: Metric
    grain: Grain
    span: Period
    seen: str


def found_in(history: History, span: Period, over: str, n: int) -> Season | CannotTell:
    """Of what was known when the cycle opened, so that the line does not move while it runs."""
    from headway.stats.swings import swings

    calendar, grain = history.calendar, history.grain
    eve = calendar.after(calendar.start_of(span.start, grain), grain, -1)
    first = calendar.after(eve, grain, 1 - n)
    cut = before(history, first)
    if not cut.starts:
        return CannotTell("Nothing is known from before the cycle.")
    steps = cut.steps_until(span.last)
    found = swings(cut, max(steps, 1))
    if isinstance(found, CannotTell):
        return found
    starts = (cut.starts[-1], *cut.next_starts(steps))
    known = dict(zip(starts, (found.now, *found.ahead), strict=False))
    values = [value for start, value in known.items() if start >= first]
    ends = [calendar.after(start, grain) - DAY for start in known if start > eve]
    return _read(values, ends, over, n, found.factors, found.seasons)


def _read(
    values: Sequence[float],
    ends: Sequence[date],
    over: str,
    n: int,
    factors: bool,
    cycles: tuple[str, ...],
) -> Season | CannotTell:
    """The swings of the reading from those of its periods; the first one ends on the eve."""
    if not ends:
        return CannotTell("No period of the cycle ends by its due date.")
    if over == Over.cycle_to_date:
        return Season(tuple(ends), 0.0, tuple(values[1:]), factors, cycles, flow=True)
    many = n if over == Over.trailing and not factors else 1
    sums = [sum(values[i : i + n]) * many / n for i in range(len(values) - n + 1)]
    return Season(tuple(ends), sums[0], tuple(sums[1:]), factors, cycles)


def before(history: History, last: date) -> History:
    """The periods that start by the day."""
    kept = len(list(takewhile(lambda start: start <= last, history.starts)))
    counts = None if history.counts is None else history.counts[:kept]
    starts, values = history.starts[:kept], history.values[:kept]
    return replace(history, starts=starts, values=values, counts=counts, partial=None)


def _asked(workspace: Workspace) -> list[Question]:
    found = KeyResult.objects.filter(
        objective__workspace=workspace, objective__archived_at=None, archived_at=None,
        pace=PaceName.seasonal, metric__archived_at=None,
    )  # fmt: skip
    rows = found.select_related("metric", "cycle", "closed__close")
    return [_question(row, workspace) for row in rows if row.metric and not is_frozen(row)]


def _question(row: KeyResult, workspace: Workspace) -> Question:
    assert row.metric is not None
    row.metric.workspace = workspace
    grain, span = grain_of(row, workspace), inclusive(row.cycle.starts, row.due)
    rests = stamp(row.metric, span.start, known_by([row.metric], grain))
    seen = digest([VERSION, span, row.over, row.over_n, rests])
    return Question(row, row.metric, grain, span, seen)


def _seen(row: Prospect | None) -> str:
    return row.season_seen if row else ""


def _look(question: Question, past: History | CannotTell, row: Prospect | None) -> int:
    """0 if what lies before the cycle is as it was."""
    asked, span = question.key_result, question.span
    n = asked.over_n or 1
    if isinstance(past, History):
        past = before(past, span.start - DAY)
    mark = digest([VERSION, span, asked.over, n, told(past)])
    if row is not None and row.season.get("mark") == mark:
        Prospect.objects.filter(pk=row.pk).update(season_seen=question.seen)
        return 0
    found = past if isinstance(past, CannotTell) else _tried(past, span, asked.over, n)
    _write(question, found, mark, row)
    return 1


def _tried(past: History, span: Period, over: str, n: int) -> Season | CannotTell:
    try:
        return found_in(past, span, over, n)
    except Exception as error:  # one series does not hold the others up
        log.exception("A season could not be found")
        return CannotTell(f"It could not be found: {error}.")


@transaction.atomic
def _write(question: Question, found: Season | CannotTell, mark: str, row: Prospect | None) -> None:
    season: dict[str, object] = {"mark": mark}
    if isinstance(found, Season):
        season["season"] = msgspec.to_builtins(found)
        if row is None or "season" not in row.season:
            KeyResult.objects.filter(pk=question.key_result.pk).update(refreshed_at=None)
    values = {"season": season, "season_seen": question.seen}
    Prospect.objects.update_or_create(key_result=question.key_result, defaults=values)
