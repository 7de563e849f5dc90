"""What of a metric deserves a look: out of its range, unlike its forecast, or silent.

Only complete periods count. Something is raised when it is clear and taken back when it is clearly
over, so that one event is one alert: whoever calls hands in what was raised before and is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np

from headway.stats.forecast import Forecast, forecast
from headway.stats.history import FEWEST, Floats, History, Known, Line, trouble

Kind = Literal["out of range", "unusual", "silent"]

RARE = 0.995
"""An unusual value lies outside the interval that holds so large a share."""

USUAL = 0.8
"""It is over when values lie inside this interval of what was expected before it began."""

CALM = 2
"""So many periods in a row make it over, or the lack of values an alert."""

SETTLED = 10
"""So many periods after it began, this is how the metric is now."""

ENOUGH = 14
"""So many known periods are the least by which something is called unusual."""


@dataclass(frozen=True, slots=True)
class Range:
    """The healthy values of a KPI, both ends inclusive."""

    at_least: float | None = None
    at_most: float | None = None

    def inside(self, values: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        low = -np.inf if self.at_least is None else self.at_least
        high = np.inf if self.at_most is None else self.at_most
        return np.asarray((values >= low) & (values <= high))


@dataclass(frozen=True, slots=True)
class Alert:
    """`since` is the first period of it; `expected` what was expected of that period."""

    kind: Kind
    since: date
    value: float | None
    reason: str
    expected: tuple[float, float] | None = None


def alerts(
    history: History,
    healthy: Range | None = None,
    before: Sequence[Alert] = (),
    *,
    seasons: Sequence[int] | None = None,
) -> tuple[Alert, ...]:
    """What holds as of the last complete period. `before`: what held as of the one before it."""
    line = Line.of(history)
    if not line.known.any():
        return ()
    was = {alert.kind: alert for alert in before}
    found = [_silent(line, history), _out(line, healthy, was.get("out of range"))]
    if line.known[-1]:
        found.append(_unusual(line, history, was.get("unusual"), seasons))
    else:
        found.append(was.get("unusual"))
    return tuple(alert for alert in found if alert)


def _silent(line: Line, history: History) -> Alert | None:
    """Periods that a known incident covers are not missing."""
    whole = Line.of(replace(history, known=()))
    gap = len(whole.values) - 1 - int(np.flatnonzero(whole.known)[-1])
    if gap < CALM or len(line.starts) < FEWEST:
        return None
    since = whole.starts[-gap]
    return Alert("silent", since, None, f"No value since the period that starts on {since}.")


def _out(line: Line, healthy: Range | None, open_: Alert | None) -> Alert | None:
    """Twice in a row, or once by more than it usually moves; until inside twice in a row."""
    if healthy is None:
        return None
    known = line.known
    values, starts = line.values[known], [s for s, k in zip(line.starts, known, strict=True) if k]
    inside = healthy.inside(values)
    if open_:
        return None if inside[-CALM:].all() else open_
    if inside[-1]:
        return None
    twice = len(inside) >= CALM and not inside[-CALM:].any()
    if not twice and not _far(values, healthy):
        return None
    place = len(values) - (CALM if twice else 1)
    reason = f"{float(values[-1]):,.6g} is outside the healthy range."
    return Alert("out of range", starts[place], float(values[-1]), reason)


def _far(values: Floats, healthy: Range) -> bool:
    if len(values) < FEWEST:
        return False
    usual = float(np.median(np.abs(np.diff(values))))
    wider = Range(
        None if healthy.at_least is None else healthy.at_least - usual,
        None if healthy.at_most is None else healthy.at_most + usual,
    )
    return not bool(wider.inside(values[-1:])[0])


def _unusual(
    line: Line, history: History, open_: Alert | None, seasons: Sequence[int] | None
) -> Alert | None:
    """Held against what was expected before it began."""
    start = line.place(open_.since) if open_ else len(line.values) - 1
    steps = len(line.values) - start
    past = _until(history, line.starts[start])
    if past is None or (open_ and steps > SETTLED):
        return None
    found = forecast(past, steps, seasons=seasons)
    if not isinstance(found, Forecast) or found.rests.n < ENOUGH:
        return None
    if open_:
        return None if _over(found, line.values[start:]) else open_
    low, high = (float(side[0]) for side in found.outlook.bounds(RARE))
    value = float(line.values[-1])
    if not low <= value <= high:
        reason = f"{value:,.6g} where {low:,.6g} to {high:,.6g} was to be expected."
        return Alert("unusual", line.starts[-1], value, reason, (low, high))
    return None


def _over(found: Forecast, values: Floats) -> bool:
    low, high = found.outlook.bounds(USUAL)
    calm = ~np.isfinite(values) | ((low <= values) & (values <= high))
    return len(values) > CALM and bool(calm[-CALM:].all())


def _until(history: History, day: date) -> History | None:
    """As it was before that day."""
    kept = [i for i, start in enumerate(history.starts) if start < day]
    if not kept:
        return None
    return replace(
        history,
        starts=[history.starts[i] for i in kept],
        values=[history.values[i] for i in kept],
        counts=None if history.counts is None else [history.counts[i] for i in kept],
        partial=None,
    )


def replayed(
    history: History,
    healthy: Range | None = None,
    *,
    seasons: Sequence[int] | None = None,
    first: int = ENOUGH,
) -> Iterator[Alert]:
    """Every alert that would have been raised, period after period.

    What was unusual and went by is left out of what is expected later, as an incident is.
    """
    open_: tuple[Alert, ...] = ()
    known = list(history.known)
    for n in range(first, len(history.starts) + 1):
        seen = _first(history, n, known)
        found = alerts(seen, healthy, open_, seasons=seasons)
        yield from (alert for alert in found if alert not in open_)
        known += _passed(open_, found, seen)
        open_ = found


def _first(history: History, n: int, known: Sequence[Known]) -> History:
    return replace(
        history,
        starts=history.starts[:n],
        values=history.values[:n],
        counts=None if history.counts is None else history.counts[:n],
        known=known,
        partial=None,
    )


def _passed(before: Sequence[Alert], now: Sequence[Alert], seen: History) -> Iterator[Known]:
    last = seen.starts[-1]
    for alert in before:
        gone = alert.kind == "unusual" and all(a.kind != "unusual" for a in now)
        if gone and trouble(Line.of(seen)) == "":
            length = sum(alert.since <= start for start in seen.starts)
            if length <= SETTLED:
                calm = seen.starts[-CALM] if length > CALM else last
                yield Known(alert.since, calm)
