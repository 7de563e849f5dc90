"""What of a metric deserves a look: out of its range, unlike its forecast, worse, or silent.

Only complete periods count. Something is raised when it is clear and taken back when it is clearly
over, so that one event is one alert: whoever calls hands in what was raised before and is open.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from headway.engine.period import Grain
from headway.engine.watching import ALERT_KINDS as KINDS
from headway.engine.watching import AlertKind as Kind
from headway.engine.watching import Sensitivity
from headway.engine.written import figure
from headway.stats.burning import burn, cooled, first_day
from headway.stats.forecast import Forecast, forecast
from headway.stats.happened import has_happened
from headway.stats.history import FEWEST, Bound, Floats, History, Known, Line, trouble
from headway.stats.worse import (
    Direction,
    Worse,
    slipping,
    worse_than_before,
    worse_than_last_year,
)

Flags = NDArray[np.bool_]

RARE: Mapping[Sensitivity, float] = {"low": 0.999, "usual": 0.995, "high": 0.98}
"""An unusual value lies outside the interval that holds so large a share."""

USUAL = 0.8
"""It is over when values lie inside this interval of what was expected before it began."""

CALM = 2
"""So many periods in a row make it over, or the lack of values an alert."""

SETTLED = 10
"""So many periods after it began, this is how the metric is now."""

TOO_OFTEN = 3
"""What was unusual so often within a year is how the metric is: it is learnt from after all."""

ENOUGH = 14
ENOUGH_OF = {Grain.day: 28}
"""So many known periods are the least by which something is called unusual."""

A_QUARTER = 91
"""Of fewer days, only the rarest are called unusual: they do not show yet what happens at times.
What has been worse than a year ago for longer is no news."""


@dataclass(frozen=True, slots=True)
class Range:
    """The healthy values of a KPI, both ends inclusive."""

    at_least: float | None = None
    at_most: float | None = None

    def inside(self, values: Floats) -> Flags:
        low = -np.inf if self.at_least is None else self.at_least
        high = np.inf if self.at_most is None else self.at_most
        return np.asarray((values >= low) & (values <= high))


@dataclass(frozen=True, slots=True)
class Alert:
    """`since` is the first period of it; `expected` what was expected of that period.

    `against` is the value that one is worse than. `value` is the first one, or, of what is out of
    its range, the last.
    """

    kind: Kind
    since: date
    value: float | None
    reason: str
    expected: tuple[float, float] | None = None
    against: float | None = None


@dataclass(frozen=True)
class _Look:
    """A history as of its last period, and how it is watched."""

    line: Line
    history: History
    healthy: Range | None
    was: Mapping[Kind, Alert]
    seasons: Sequence[int] | None
    direction: Direction
    target: float | None
    leading: bool
    sensitivity: Sensitivity


def alerts(
    history: History,
    healthy: Range | None = None,
    before: Sequence[Alert] = (),
    *,
    seasons: Sequence[int] | None = None,
    direction: Direction = "none",
    target: float | None = None,
    leading: bool = False,
    sensitivity: Sensitivity = "usual",
) -> tuple[Alert, ...]:
    """What holds as of the last complete period. `before`: what held as of the one before it.

    `direction` is the one that is better; without one nothing is worse than before. A share with
    a `target` is watched by its error budget, if its periods are days, and by its range, and never
    called unusual: what is whole on most days is unlike itself whenever anything fails. `leading`:
    something else depends on it, so that a slow slip is told too.
    """
    line = Line.of(history)
    if sensitivity == "off" or not line.known.any() or _gap(history) > SETTLED:
        return ()
    was = {alert.kind: alert for alert in before if not _explained(alert, history)}
    look = _Look(line, history, healthy, was, seasons, direction, target, leading, sensitivity)
    return tuple(alert for alert in _found(look) if alert)


def _found(look: _Look) -> Iterator[Alert | None]:
    yield _silent(look)
    yield _out(look)
    if not look.line.known[-1]:
        yield from (look.was.get(kind) for kind in KINDS if kind not in ("silent", "out of range"))
        return
    unusual, told = _unusual(look)
    yield unusual
    yield _burning(look)
    if look.direction != "none" and look.target is None:
        yield None if told else _worse_than_before(look)
        yield _worse_than_last_year(look)
        yield _slipping(look) if look.leading and not unusual else None


def _explained(alert: Alert, history: History) -> bool:
    """Whether something known covers the period in which it began."""
    end = history.calendar.after(alert.since, history.grain)
    return any(k.end is not None and k.start < end and alert.since < k.end for k in history.known)


def _gap(history: History) -> int:
    """So many periods at the end have no value; those that a known incident covers may have one."""
    whole = Line.of(replace(history, known=()))
    return len(whole.values) - 1 - int(np.flatnonzero(whole.known)[-1])


def _silent(look: _Look) -> Alert | None:
    gap = _gap(look.history)
    if gap < CALM or len(look.line.starts) < FEWEST:
        return None
    since = look.line.starts[-gap]
    return Alert("silent", since, None, f"No value since the period that starts on {since}.")


def _out(look: _Look) -> Alert | None:
    """Twice in a row, or once by more than it usually moves; until inside twice in a row."""
    if look.healthy is None:
        return None
    known, open_ = look.line.known, look.was.get("out of range")
    values = look.line.values[known]
    inside = look.healthy.inside(values)
    value = float(values[-1])
    reason = f"{_said(value)} is {'inside' if inside[-1] else 'outside'} the healthy range."
    if open_:
        return None if inside[-CALM:].all() else replace(open_, value=value, reason=reason)
    if inside[-1]:
        return None
    twice = len(inside) >= CALM and not inside[-CALM:].any()
    run = _run(inside)
    if not (twice or _far(values, look.healthy)) or not _sure(look, known, run):
        return None
    start = np.flatnonzero(known)[len(inside) - run]
    return Alert("out of range", look.line.starts[start], value, reason)


def _run(inside: Flags) -> int:
    """How long it has been outside, pauses that are too short to be the end included."""
    place = len(inside)
    while place > 0 and not inside[max(place - CALM, 0) : place].all():
        place -= 1
    while inside[place]:
        place += 1
    return len(inside) - place


def _sure(look: _Look, known: Flags, run: int) -> bool:
    """Of a share: whether so many could hardly be so far off if it were just inside its range."""
    if look.history.bound is not Bound.share or look.history.counts is None:
        return True
    assert look.healthy is not None
    values, counts = look.line.values[known][-run:], look.line.weights[known][-run:]
    n = float(counts.sum())
    if not n:
        return False
    low, high = _wilson(float(values @ counts / n), n)
    ends = (look.healthy.at_least, look.healthy.at_most)
    return (ends[0] is not None and high < ends[0]) or (ends[1] is not None and low > ends[1])


def _wilson(share: float, n: float, z: float = 1.645) -> tuple[float, float]:
    """The 90 % interval of a share (Wilson, 1927)."""
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def _far(values: Floats, healthy: Range) -> bool:
    if len(values) < FEWEST:
        return False
    usual = float(np.median(np.abs(np.diff(values))))
    wider = Range(
        None if healthy.at_least is None else healthy.at_least - usual,
        None if healthy.at_most is None else healthy.at_most + usual,
    )
    return not bool(wider.inside(values[-1:])[0])


def _burning(look: _Look) -> Alert | None:
    if look.target is None or look.history.grain is not Grain.day or not 0 < look.target < 1:
        return None
    if open_ := look.was.get("burning"):
        return None if cooled(look.line, look.target) else open_
    found = burn(look.line, look.target, counted=look.history.counts is not None)
    if found is None:
        return None
    since = look.line.starts[first_day(look.line, look.target)]
    return Alert("burning", since, float(look.line.values[-1]), found.words)


def _unusual(look: _Look) -> tuple[Alert | None, bool]:
    """Held against what was expected before it began; and whether anything could be expected."""
    open_ = _restated(look.was.get("unusual"), look.line)
    start = look.line.place(open_.since) if open_ else len(look.line.values) - 1
    steps = len(look.line.values) - start
    past = None if look.target is not None else _until(look.history, look.line.starts[start])
    if past is None or (open_ and steps > SETTLED):
        return None, False
    found = forecast(past, steps, seasons=look.seasons)
    if not isinstance(found, Forecast) or found.rests.n < ENOUGH:
        return None, False
    if open_:
        return (None if _over(found, look.line.values[start:]) else open_), True
    if found.rests.n < ENOUGH_OF.get(look.history.grain, ENOUGH):
        return None, True
    rare = _rare(look, found.rests.n)
    low, high = (float(side[0]) for side in found.outlook.bounds(rare, calm=True))
    value = float(look.line.values[-1])
    if not low <= value <= high and not has_happened(look.line.values, look.history.grain):
        reason = f"{_said(value)} where {_said(low)} to {_said(high)} was to be expected."
        return Alert("unusual", look.line.starts[-1], value, reason, (low, high)), True
    return None, True


def _restated(open_: Alert | None, line: Line) -> Alert | None:
    """With the value that its first period has by now; none if late events made that usual."""
    if open_ is None or open_.expected is None or open_.since not in line.starts:
        return open_
    first = float(line.values[line.place(open_.since)])
    if not math.isfinite(first) or first == open_.value:
        return open_
    low, high = open_.expected
    return None if low <= first <= high else replace(open_, value=first)


def _worse_than_before(look: _Look) -> Alert | None:
    """Where too little is known to say what was to be expected."""
    open_ = look.was.get("worse than before")
    since = look.line.place(open_.since) if open_ else None
    if since is not None and len(look.line.values) - since > SETTLED:
        return None
    found = worse_than_before(look.line, look.history, look.direction, since)
    return open_ if open_ and found else _as_worse("worse than before", found, look)


def _worse_than_last_year(look: _Look) -> Alert | None:
    open_ = look.was.get("worse than last year")
    found = worse_than_last_year(look.line, look.history, look.direction, already=bool(open_))
    told = open_ if open_ and found else _as_worse("worse than last year", found, look)
    old = told is not None and (look.line.starts[-1] - told.since).days > A_QUARTER
    return None if old else told


def _slipping(look: _Look) -> Alert | None:
    open_ = look.was.get("slipping")
    found = slipping(look.line, look.history, look.direction, already=bool(open_))
    return open_ if open_ and found else _as_worse("slipping", found, look)


def _as_worse(kind: Kind, found: Worse | None, look: _Look) -> Alert | None:
    if found is None:
        return None
    reason = f"{_said(found.now)} where it was {_said(found.then)}, beyond what it usually moves."
    since = look.line.starts[found.place]
    return Alert(kind, since, found.now, reason, against=found.then)


def _rare(look: _Look, known: int) -> float:
    brief = look.history.grain is Grain.day and known < A_QUARTER
    return max(RARE[look.sensitivity], RARE["low"] if brief else 0.0)


def left_out(passed: Sequence[Known], day: date) -> tuple[Known, ...]:
    """Of former oddities, those that are left out of what is expected on that day."""
    lately = [known for known in passed if (day - known.start).days <= 366]
    return () if len(lately) >= TOO_OFTEN else tuple(passed)


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
    direction: Direction = "none",
    target: float | None = None,
    leading: bool = False,
    sensitivity: Sensitivity = "usual",
    first: int = ENOUGH,
) -> Iterator[Alert]:
    """Every alert that would have been raised, period after period.

    What was unusual and went by is left out of what is expected later, as an incident is.
    """
    open_: tuple[Alert, ...] = ()
    passed: list[Known] = []
    for n in range(first, len(history.starts) + 1):
        unlike = left_out(passed, history.starts[n - 1])
        seen = _first(history, n, (*history.known, *unlike))
        found = alerts(
            seen, healthy, open_, seasons=seasons, direction=direction, target=target,
            leading=leading, sensitivity=sensitivity,
        )  # fmt: skip
        known_ = {(alert.kind, alert.since) for alert in open_}
        yield from (alert for alert in found if (alert.kind, alert.since) not in known_)
        passed += _passed(open_, found, seen)
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


def so_far(history: History, after: date | None, most: int) -> Iterator[History]:
    """As of each period after that one, the last `most` of them; at least as of the last one."""
    n = len(history.starts)
    behind = sum(after is None or start > after for start in history.starts)
    for seen in range(n - max(min(behind, most), 1) + 1, n + 1):
        yield _first(history, seen, history.known)


def _said(value: float) -> str:
    return figure(value, 6)
