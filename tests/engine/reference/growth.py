"""Who is new, who stays and who goes, and how often they come."""

from __future__ import annotations

from datetime import date

from headway.engine.kinds.frequency import Frequency
from headway.engine.kinds.lifecycle import Lifecycle
from headway.engine.period import Grain, Period
from tests.engine.reference import MARKERS, Question, chosen, subject

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


def frequency(definition: Frequency, asked: Question) -> list[dict[int, int]]:
    """Per period, how many subjects have exactly n."""
    found = []
    for period in asked.periods:
        often: dict[str, list[object]] = {}
        if definition.of == "all":
            past = [h for h in asked.happenings if asked.day(h.at) < period.end]
            who = {subject(definition.by, h) for h in past if h.event not in MARKERS}
            often = {one: [] for one in who if one is not None}
        for h in chosen(definition, asked.during(period)):
            if (one := subject(definition.by, h)) is not None:
                often.setdefault(one, []).append(asked.day(h.at))
        times = [
            len(set(days)) if definition.count == "days" else len(days) for days in often.values()
        ]
        found.append({n: times.count(n) for n in sorted(set(times))})
    return found
