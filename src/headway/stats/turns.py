"""When did the level of a metric change? Dates, beside what else happened then.

PELT (Killick, Fearnhead, Eckley, JASA 107, 2012), by ruptures, on values without season and drift.
What one period hands on to the next is taken into account, as it makes noise look like changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import ruptures

from headway.stats.calm import calm, waves_of
from headway.stats.history import CannotTell, Floats, History

FEWEST = 16
SHORTEST = 3
"""A level that holds for fewer periods is none."""
PENALTIES = {16: 14.0, 32: 17.0, 64: 15.0, 128: 15.0, 256: 14.0, 512: 15.0}
"""By length: what one more change has to explain, in variances of the noise.

Chosen on simulated noise, so that fewer than 1 in 20 series without a change get one: white, and
handing on 0.3 or 0.5 of itself, with its variance read from the series as here.
"""
WANDERS = 0.7
"""Noise that hands on more than this cannot be told from changes of level."""
ROUNDS = 6
SAME = 1e-12
NEAR = 2
"""A mark so many periods around a change stands beside it."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened: a launch, an incident, a campaign."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class Turn:
    """The first period of the new level; levels are without drift and season.

    `relative` is a share of the old level, where per cents fit. `beside` names the marks around
    it; coming together does not say that one made the other.
    """

    day: date
    before: float
    after: float
    relative: float | None
    beside: tuple[str, ...]


@dataclass(frozen=True)
class Turns:
    """`echo` is how much of its noise a period hands on."""

    found: tuple[Turn, ...]
    noise: float
    echo: float
    rests_on: str


def turns(history: History, marks: Sequence[Happening] = ()) -> Turns | CannotTell:
    """By week where the history is daily. Nothing found is an answer: the level held."""
    starts, values, log = calm(history)
    known, waves = np.isfinite(values), waves_of(starts, values, history.grain)
    if known.sum() < FEWEST:
        return CannotTell(f"{known.sum()} periods have a value; {FEWEST} are the least.")
    line, waves = values[known], waves[known]
    noise, echo = noise_of(line - _beside(line, [], waves)[0])
    if echo > WANDERS:
        return CannotTell("Its level wanders all the time, so that no change stands out.")
    places, flat = places_of(line, noise, waves)
    days = [start for start, there in zip(starts, known, strict=True) if there]
    found = tuple(_turns(days, flat, places, log, marks))
    season = "without its season" if waves.shape[1] else "with its season, which is not known yet"
    said = f"{len(line)} periods, {season}; noise ±{noise:.2g}"
    return Turns(found, noise, echo, f"{said}{' in logarithms' if log else ''}.")


def noise_of(line: Floats) -> tuple[float, float]:
    """Deviation of the noise over many periods, and its echo: from steps, where changes are rare.

    For noise that hands on φ, neighbouring steps go together by −(1 − φ) / 2, and the variance of
    a step is 2σ²(1 − φ).
    """
    steps = np.diff(line)
    steps = steps - np.median(steps)
    edge = 3 * 1.4826 * np.median(np.abs(steps))
    steps = np.clip(steps, -edge, edge)
    spread = float(steps @ steps) / max(len(steps) - 1, 1)
    if spread <= 0:
        return 0.0, 0.0
    together = float(steps[1:] @ steps[:-1]) / (len(steps) - 2) / spread
    echo = min(max(1 + 2 * together, 0.0), 0.9)
    variance = spread / (2 * (1 - echo))
    return float(np.sqrt(variance * (1 + echo) / (1 - echo))), echo


def places_of(
    line: Floats, noise: float, waves: Floats | None = None, penalty: float | None = None
) -> tuple[list[int], Floats]:
    """Where levels begin, and the line without drift and waves: each is found without the other."""
    unit = noise or max(float(np.ptp(line)) * 1e-6, 1e-12)
    waves = np.zeros((len(line), 0)) if waves is None else waves
    penalty = penalty_of(len(line)) if penalty is None else penalty
    places = list[int]()
    if np.ptp(line) <= SAME * max(float(np.abs(line).max()), 1.0):
        return places, line
    for _ in range(ROUNDS):
        search = ruptures.KernelCPD(kernel="linear", min_size=SHORTEST)
        rest = ((line - _beside(line, places, waves, unit)[0]) / unit)[:, None]
        found = [int(place) for place in search.fit_predict(rest, pen=penalty)[:-1]]
        if found == places:
            break
        places = found
    return places, line - _beside(line, places, waves, unit)[0]


def penalty_of(length: int) -> float:
    """Between the lengths that were tried, along the logarithm."""
    logs = np.log([*PENALTIES])
    return float(np.interp(np.log(length), logs, [*PENALTIES.values()]))


def _beside(
    line: Floats, places: Sequence[int], waves: Floats, unit: float = 0.0
) -> tuple[Floats, float]:
    """Drift and waves beside a level for each stretch; no drift where it is not clear."""
    at = np.arange(len(line), dtype=float)
    levels = [(at >= place).astype(float) for place in (0, *places)]
    matrix = np.column_stack([*levels, waves, at])
    found, *_ = np.linalg.lstsq(matrix, line, rcond=None)
    rest = line - matrix @ found
    variance = max(float(rest @ rest) / max(len(line) - matrix.shape[1], 1), unit**2)
    error = np.sqrt(variance * np.linalg.pinv(matrix.T @ matrix)[-1, -1])
    clear = abs(found[-1]) > 2 * error
    if not clear:
        found, *_ = np.linalg.lstsq(matrix[:, :-1], line, rcond=None)
    drift = float(found[-1]) if clear else 0.0
    mine = found[len(levels) : len(levels) + waves.shape[1]]
    return np.asarray(waves @ mine + drift * (at - at.mean())), drift


def _turns(
    days: Sequence[date], flat: Floats, places: Sequence[int], log: bool, marks: Sequence[Happening]
) -> list[Turn]:
    edges = [0, *places, len(flat)]
    found = []
    for first, place, last in zip(edges, edges[1:], edges[2:], strict=False):
        levels = float(flat[first:place].mean()), float(flat[place:last].mean())
        if log:
            levels = float(np.exp(levels[0])), float(np.exp(levels[1]))
        relative = levels[1] / levels[0] - 1 if log else None
        low, high = days[max(place - NEAR, 0)], days[min(place + NEAR, len(days) - 1)]
        beside = tuple(mark.name for mark in marks if low <= mark.day <= high)
        found.append(Turn(days[place], *levels, relative, beside))
    return found
