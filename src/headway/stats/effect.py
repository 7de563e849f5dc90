"""Did the launch work? What came, against what would have come without it.

Where somebody was not exposed, they show what would have come: difference in differences, if both
went side by side before. Otherwise it is built from what was before, from other metrics that the
launch does not touch, and from the year before. The same reckoning is made for days on which
nothing was launched: as far as it goes wrong there, the interval is wider.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np

from headway.engine.period import Grain
from headway.stats.beside import PAST, Beside, beside, compared
from headway.stats.blocks import Blocks, days_of
from headway.stats.history import CannotTell, History
from headway.stats.wandering import Expected, Rows, expected

Verdict = Literal["up", "down", "no clear effect"]

FEWEST_BEFORE, FEWEST_AFTER = 8, 3
"""Blocks: weeks of a daily history, or periods of another one."""
MOST_AFTER = 13
"""Blocks later than that are too far from the launch to be its own."""
NEAR = 3
"""Another launch so few blocks earlier cannot be told apart from this one."""
PLACEBOS = 12
ALONE = 2.0
"""So many spans that do not overlap have to be there before placebos say how wide to go."""
FAILS = 2.5
"""Where intervals would have to be so many times as wide, the reckoning does not fit the series."""
WIDEST = 0.5
"""Half an interval, over the level: beyond this nothing is said."""


@dataclass(frozen=True, slots=True)
class Step:
    """One block after the launch: what came, and what would have come, with its interval."""

    start: date
    end: date
    value: float
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Placebo:
    """A day on which nothing was launched, and how many errors off the reckoning was there."""

    day: date
    errors: float
    seen: bool


@dataclass(frozen=True)
class Impact:
    """The mean effect over all steps, in the unit of the metric and as a share of `expected`.

    `shown` is the day from which on the interval of the effect so far never held 0 again; None
    while it does. `widened` is by how much the placebos made the interval wider, at least 1.
    """

    verdict: Verdict
    expected: float
    value: float
    effect: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    shown: date | None
    steps: tuple[Step, ...]
    placebos: tuple[Placebo, ...]
    widened: float
    beside: tuple[str, ...]
    rests_on: str


def impact(
    history: History,
    day: date,
    *,
    controls: Mapping[str, History] | None = None,
    unexposed: History | None = None,
    level: float = 0.95,
) -> Impact | CannotTell:
    """`history.known` holds other launches and incidents; an incident's periods are left out.

    `controls` are metrics that the launch does not touch, by name; those that go with the metric
    are used. With `unexposed`, `history` is that of those who were exposed.
    """
    blocks = Blocks.around(history, day)
    last, reason = _until(history, blocks, day)
    if reason:
        return CannotTell(reason)
    blocks = replace(blocks, starts=blocks.starts[:last], values=blocks.values[:last],
                     weights=blocks.weights[:last])  # fmt: skip
    found = (
        compared(history, unexposed, blocks, day)
        if unexposed is not None
        else beside(history, blocks, day, controls or {})
    )
    if isinstance(found, CannotTell):
        return found
    return _judged(history, blocks, found, level)


def _until(history: History, blocks: Blocks, day: date) -> tuple[int, str]:
    """Up to which block it is judged, and why it cannot be, or ""."""
    last = min(len(blocks.starts), blocks.first + MOST_AFTER)
    others = [known.start for known in history.known if known.end is None]
    if day in others:
        others.remove(day)
    for other in others:
        place = blocks.place(other)
        if other == day or (other < day and blocks.first - place < NEAR):
            return last, f"Something else was launched at the same time, on {other}."
        if day < other:
            last = min(last, place)
    ready = np.isfinite(blocks.values)
    before, after = int(ready[: blocks.first].sum()), int(ready[blocks.first : last].sum())
    if before < FEWEST_BEFORE:
        return last, f"Only {_many(before, history)} before the launch; it takes {FEWEST_BEFORE}."
    if after < FEWEST_AFTER:
        return last, f"Only {_many(after, history)} since the launch; it takes {FEWEST_AFTER}."
    return last, ""


def _many(n: int, history: History) -> str:
    what = "week" if history.grain == Grain.day else str(history.grain)
    return f"{n} {what}{'s' * (n != 1)}"


def _judged(history: History, blocks: Blocks, found: Beside, level: float) -> Impact | CannotTell:
    rows, first = found.rows, blocks.first
    ahead, after = _ahead(rows, first, len(rows))
    if ahead is None:
        return CannotTell("There is too little before the launch for what goes with the metric.")
    placebos = tuple(_placebos(rows, blocks, level))
    widened = _widened(placebos, ahead, len(after) / max(first - FEWEST_BEFORE, 1))
    if widened > FAILS:
        seen = sum(placebo.seen for placebo in placebos)
        return CannotTell(
            f"On {seen} of {len(placebos)} days without a launch the same reckoning sees an effect."
        )
    gaps = [_gap(ahead, after, k) for k in range(1, len(after) + 1)]
    reach = ahead.times(level) * widened
    effect, error = gaps[-1]
    value = float(np.average(found.plain(after), weights=1 / after.noise))
    told = _told(found, value, effect, reach * error)
    half = max(told.high - told.effect, told.effect - told.low)
    if told.verdict == "no clear effect" and half > WIDEST * abs(told.expected):
        wide = half / abs(told.expected) if told.expected else float("inf")
        return CannotTell(f"Too noisy: only an effect beyond {wide:.0%} would show.")
    clear = [abs(gap) > reach * e for gap, e in gaps]
    steps = tuple(_steps(history, blocks, found, ahead, after, reach))
    rests_on = _rests_on(history, found, blocks, steps, placebos)
    return replace(
        told, shown=_shown(clear, steps), steps=steps, placebos=placebos, widened=widened,
        beside=found.names, rests_on=rests_on,
    )  # fmt: skip


def _ahead(rows: Rows, first: int, last: int) -> tuple[Expected | None, Rows]:
    before, after = rows.part(first - PAST, first).known(), rows.part(first, last).known()
    return (expected(before, after) if len(after) else None), after


def _gap(ahead: Expected, after: Rows, k: int) -> tuple[float, float]:
    """Over the first k rows."""
    weights = np.where(np.arange(len(after)) < k, 1 / after.noise, 0.0)
    return ahead.gap(after.values, weights)


def _placebos(rows: Rows, blocks: Blocks, level: float) -> list[Placebo]:
    """Days before the launch, with as many blocks behind them as it has, all before the launch."""
    length = len(rows) - blocks.first
    places = range(FEWEST_BEFORE, blocks.first - length + 1)
    found = []
    for place in places[:: -max(1, -(-len(places) // PLACEBOS))]:
        ahead, after = _ahead(rows, place, place + length)
        if ahead is not None:
            gap, error = _gap(ahead, after, len(after))
            errors = gap / error if error else 0.0
            seen = abs(errors) > ahead.times(level)
            found.append(Placebo(blocks.starts[place], errors, seen))
    return found


def _widened(placebos: Sequence[Placebo], ahead: Expected, share: float) -> float:
    """How much larger errors were than they should be; 1 where hardly two spans are apart."""
    if not placebos or 1 / share < ALONE:
        return 1.0
    usual = ahead.freedom / max(ahead.freedom - 2, 1)
    return float(max(1.0, np.sqrt(np.mean([p.errors**2 for p in placebos]) / usual)))


def _told(found: Beside, value: float, effect: float, half: float) -> Impact:
    sides = effect, effect - half, effect + half
    if found.log:
        absolute = [value * -float(np.expm1(-side)) for side in sides]
        relative = [float(np.expm1(side)) for side in sides]
    else:
        absolute, base = list(sides), abs(value - effect)
        relative = [side / base if base else float("nan") for side in sides]
    verdict: Verdict = "no clear effect"
    if abs(effect) > half:
        verdict = "up" if effect > 0 else "down"
    return Impact(
        verdict, value - absolute[0], value,
        effect=absolute[0], low=absolute[1], high=absolute[2],
        relative=relative[0], relative_low=relative[1], relative_high=relative[2],
        shown=None, steps=(), placebos=(), widened=1.0, beside=(), rests_on="",
    )  # fmt: skip


def _steps(
    history: History, blocks: Blocks, found: Beside, ahead: Expected, after: Rows, reach: float
) -> list[Step]:
    errors = np.sqrt(np.maximum(np.diag(ahead.covariance), 0)) * reach
    plain = found.plain(after)
    steps = []
    for i, at in enumerate(after.at):
        gap = after.values[i] - ahead.means[i]
        lines = [_without(found, plain[i], gap + side * errors[i]) for side in (0, 1, -1)]
        steps.append(Step(*days_of(blocks, history, int(at)), float(plain[i]), *lines))
    return steps


def _without(found: Beside, value: float, effect: float) -> float:
    return float(value * np.exp(-effect)) if found.log else float(value - effect)


def _shown(clear: Sequence[bool], steps: Sequence[Step]) -> date | None:
    if not clear[-1]:
        return None
    held = len(clear) - next((i for i, c in enumerate(reversed(clear)) if not c), len(clear))
    return steps[held].end


def _rests_on(
    history: History, found: Beside, blocks: Blocks,
    steps: Sequence[Step], placebos: Sequence[Placebo],
) -> str:  # fmt: skip
    before = _many(min(blocks.first, PAST), history)
    names = " and ".join(found.names) or "its own past"
    seen = sum(placebo.seen for placebo in placebos)
    tried = f"{seen} of {len(placebos)} days without a launch would have shown an effect."
    tried = tried if placebos else "No day without a launch could be tried."
    return f"{_many(len(steps), history)} after and {before} before, beside {names}. {tried}"
