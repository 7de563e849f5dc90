"""Events per second, and time that nothing was down."""

from __future__ import annotations

from headway.engine.kinds.rate import Rate
from tests.engine.reference import Happening, Question, chosen, numbers


def rate(definition: Rate, asked: Question) -> list[float | None]:
    found: list[float | None] = []
    for period in asked.periods:
        rows = chosen(definition, asked.during(period))
        if definition.stat == "mean":
            lasted = asked.calendar.instant(period.end) - asked.calendar.instant(period.start)
            found.append(_weight(definition, rows) / lasted.total_seconds())
            continue
        minutes: dict[str, list[Happening]] = {}
        for h in rows:
            if definition.weight is None or numbers(definition.weight, [h]):
                minutes.setdefault(f"{h.at:%F %H:%M}", []).append(h)
        found.append(max((_weight(definition, m) for m in minutes.values()), default=0) / 60)
    return found


def _weight(definition: Rate, rows: list[Happening]) -> float:
    return sum(numbers(definition.weight, rows)) if definition.weight else len(rows)
