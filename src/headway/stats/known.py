"""Launches that lifted a metric for good: what was before is moved to where it is now."""

from __future__ import annotations

import numpy as np

from headway.stats.history import LIMITS, Bound, Floats, History, Ints, Line

NEAR = 12
"""So many known periods on each side of a launch tell how far it lifted."""

FEWEST = 3
CLEAR = 2.0
"""A step is taken out when it is so many times as large as its error."""


def stepped(line: Line, history: History) -> tuple[Line, tuple[str, ...]]:
    """The line as if it had always been where it is since its launches, and what was done."""
    notes: list[str] = []
    for known in sorted(history.known, key=lambda k: k.start, reverse=True):
        if known.end is not None:
            notes.append(f"Left out {known.start} to {known.end}, which is known to be unusual.")
            continue
        line, moved = _lifted(line, line.place(known.start), history.bound)
        if moved:
            notes.append(f"Took the step on {known.start} into account.")
    return line, tuple(notes)


def _lifted(line: Line, at: int, bound: Bound) -> tuple[Line, bool]:
    places = np.flatnonzero(line.known)
    before, after = places[places < at][-NEAR:], places[places >= at][:NEAR]
    if min(len(before), len(after)) < FEWEST:
        return line, False
    size, error = _step(line.values, np.concatenate([before, after]), at)
    if abs(size) <= CLEAR * error:
        return line, False
    factor = _factor(line.values, before, size)
    values = line.values.copy()
    values[:at] = values[:at] * factor if factor else values[:at] + size
    return Line(line.starts, np.clip(values, *LIMITS[bound]), line.weights), True


def _step(values: Floats, places: Ints, at: int) -> tuple[float, float]:
    """Its size and standard error, beside a straight line, by least squares."""
    columns = [np.ones(len(places)), places - at, places >= at]
    matrix = np.stack(columns, axis=1).astype(float)
    found, *_ = np.linalg.lstsq(matrix, values[places], rcond=None)
    rest = values[places] - matrix @ found
    variance = float(rest @ rest) / max(len(places) - 3, 1)
    spread = np.linalg.pinv(matrix.T @ matrix)[2, 2]
    return float(found[2]), float(np.sqrt(variance * spread))


def _factor(values: Floats, before: Ints, size: float) -> float:
    """Where all is above zero a step is one of so many per cent; else 0."""
    level = float(values[before].mean())
    if not np.nanmin(values) > 0 or level + size <= 0:
        return 0.0
    return (level + size) / level
