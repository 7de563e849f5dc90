"""Who is new, who stays and who goes, and how often they come."""

from __future__ import annotations

from datetime import date

from headway.engine.kinds.lifecycle import Lifecycle
from headway.engine.period import Grain, Period
from tests.engine.reference import Question, chosen, subject

Parts = dict[str, list[float | None]]


def lifecycle(definition: Lifecycle, asked: Question, grain: Grain) -> Parts:
    found: Parts = {name: [] for name in ("new", "returning", "resurrected", "dormant", "all")}
    for period in asked.periods:
        now = active(definition, asked, period)
        before = earlier(asked, period, grain)
        then = active(definition, asked, before)
        ever = active(definition, asked, Period(date.min, before.start))
        found["all"].append(len(now))
        found["new"].append(len(now - then - ever))
        found["returning"].append(len(now & then))
        found["resurrected"].append(len((now - then) & ever))
        found["dormant"].append(len(then - now))
    return found


def earlier(asked: Question, period: Period, grain: Grain) -> Period:
    if grain is Grain.all:
        return Period(period.start - (period.end - period.start), period.start)
    return Period(asked.calendar.after(period.start, grain, -1), period.start)


def active(definition: Lifecycle, asked: Question, period: Period) -> set[str]:
    rows = chosen(definition, asked.during(period))
    return {who for h in rows if (who := subject(definition.by, h)) is not None}
