"""Answers on a scale, and extremes."""

from __future__ import annotations

from headway.engine.kinds.csat import Csat
from headway.engine.kinds.max import Max
from headway.engine.kinds.min import Min
from headway.engine.kinds.nps import Nps
from tests.engine.reference import Question, chosen, numbers


def nps(definition: Nps, asked: Question) -> list[float | None]:
    found: list[float | None] = []
    for period in asked.periods:
        scores = numbers(definition.property, chosen(definition, asked.during(period)))
        valid = [s for s in scores if definition.valid[0] <= s <= definition.valid[1]]
        promoters, detractors = sum(s >= 9 for s in valid), sum(s <= 6 for s in valid)
        found.append(100 * (promoters - detractors) / len(valid) if valid else None)
    return found


def extreme(definition: Min | Max, asked: Question) -> list[float | None]:
    found: list[float | None] = []
    for period in asked.periods:
        values = numbers(definition.property, chosen(definition, asked.during(period)))
        values.sort(reverse=isinstance(definition, Max))
        found.append(values[0] if values else None)
    return found


def csat(definition: Csat, asked: Question) -> list[float | None]:
    found: list[float | None] = []
    for period in asked.periods:
        scores = numbers(definition.property, chosen(definition, asked.during(period)))
        if definition.valid:
            scores = [s for s in scores if definition.valid[0] <= s <= definition.valid[1]]
        top = [s for s in scores if s in definition.top]
        found.append(len(top) / len(scores) if scores else None)
    return found
