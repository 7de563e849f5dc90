"""From definitions, a store and a question to answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from headway.engine.ask import Ask, Scope, SourceState
from headway.engine.definition import Definition
from headway.engine.kinds import check_inputs
from headway.engine.money import Exchange
from headway.engine.period import Calendar, Grain
from headway.engine.series import Answer
from headway.engine.store import Store

__all__ = ["Ask", "Scope", "SourceState", "influence", "measure", "scope_of", "touched"]


def scope_of(
    start: date,
    end: date,
    grain: Grain,
    *,
    calendar: Calendar,
    as_of: datetime,
    first_day: date | None = None,
    since: date | None = None,
    sources: Mapping[str, SourceState] | None = None,
    entries: Mapping[str, tuple[tuple[date, float], ...]] | None = None,
    exchange: Exchange | None = None,
) -> Scope:
    """The whole periods that overlap [start, end), asked as of an instant."""
    periods = calendar.periods(start, end, grain)
    first = first_day or periods[0].start
    return Scope(
        periods, grain, calendar, as_of, first, since or periods[0].start, None,
        sources or {}, entries or {}, exchange=exchange,
    )  # fmt: skip


def measure(
    definitions: Mapping[str, Definition],
    store: Store,
    scope: Scope,
    keys: Iterable[str] | None = None,
    *,
    segments: bool = True,
) -> list[Answer]:
    """An answer per metric for the whole and, where a definition names segments, one per segment.

    Raises DefinitionError when an input is missing or a formula depends on itself, StoreError when
    the store cannot answer.
    """
    check_inputs(definitions)
    whole = Ask(definitions, store, scope)
    asks = {"": whole}
    answers = []
    for key in keys if keys is not None else definitions:
        answers.append(whole.answer(key))
        for name in definitions[key].segments if segments else ():
            ask = asks.setdefault(name, whole.again(replace(scope, segment=name)))
            answers.append(ask.answer(key))
    return answers


def influence(key: str, definitions: Mapping[str, Definition]) -> tuple[int, int | None]:
    """Which days' values a changed day touches, through all inputs; see Definition.influence."""
    before, after = _own_influence(definitions[key])
    for name in definitions[key].inputs():
        more, later = influence(name, definitions)
        before = max(before, more)
        after = None if after is None or later is None else max(after, later)
    return before, after


def _own_influence(definition: Definition) -> tuple[int, int | None]:
    """A deed of a cohort counts for its subject's later events."""
    before, after = definition.influence()
    if definition.who is None:
        return before, after
    span = definition.who.span
    return before, None if span is None or after is None else after + span.days + 1


def touched(
    changed: tuple[date, date], key: str, definitions: Mapping[str, Definition], today: date
) -> tuple[date, date]:
    """The days [first, last] whose values change when events of the changed days do."""
    before, after = influence(key, definitions)
    first = changed[0] - timedelta(days=before)
    return first, today if after is None else min(today, changed[1] + timedelta(days=after))
