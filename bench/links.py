"""How often one metric is said to drive another: where it does, and where it does not.

    python -m bench.links [--each 500]

Pairs of weekly series of two years that have nothing to do with each other, and pairs in which the
changes of one come through in the other three weeks later.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from bench.report import Row, load, machine, markdown
from headway.engine.period import Grain
from headway.stats.history import Bound, Floats, History
from headway.stats.links import Lead, link

WEEKS, LAG = 104, 3
Draw = Callable[[np.random.Generator], Floats]
Pair = Callable[[np.random.Generator], tuple[Floats, Floats]]


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.links", description=__doc__)
    parser.add_argument("--each", type=int, default=500)
    each = parser.parse_args().each
    print("\n".join(filter(None, (f"{each} pairs of each kind. {machine()}.", load()))))
    print(f"\n{markdown(table(each))}")


def table(each: int) -> list[Row]:
    rows: list[Row] = [("pairs", "called linked", "lag right", "interval holds the truth")]
    for name, draw in ALONE.items():
        rows.append((name, f"{_share(each, lambda rng, d=draw: (d(rng), d(rng))):.1%}", "–", "–"))
    for name, pair in TIED.items():
        found = [_link(pair, seed) for seed in range(each)]
        linked = [one for one in found if one.verdict == "linked"]
        held = sum(one.low <= TRUE <= one.high for one in linked)
        right = sum(one.lag == LAG for one in linked)
        n = max(len(linked), 1)
        rows.append((name, f"{len(linked) / each:.1%}", f"{right / n:.1%}", f"{held / n:.1%}"))
    return rows


def _share(each: int, pair: Pair) -> float:
    return sum(_link(pair, seed).verdict == "linked" for seed in range(each)) / each


def _link(pair: Pair, seed: int) -> Lead:
    one, other = pair(np.random.default_rng(seed))
    found = link(_weekly(one), _weekly(other))
    assert isinstance(found, Lead)
    return found


def _weekly(values: Floats) -> History:
    starts = [date(2024, 1, 1) + timedelta(days=7 * i) for i in range(len(values))]
    return History(starts, [float(v) for v in values], Grain.week, Bound.zero)


def walk(rng: np.random.Generator) -> Floats:
    return np.asarray(np.exp(5 + np.cumsum(rng.normal(0, 0.05, WEEKS))))


def growth(rng: np.random.Generator) -> Floats:
    return np.asarray(np.exp(4 + 0.02 * np.arange(WEEKS) + rng.normal(0, 0.1, WEEKS)))


def season(rng: np.random.Generator) -> Floats:
    year = 2 * np.pi * np.arange(WEEKS) / 52.18
    waves = 0.3 * np.cos(year) + 0.1 * np.sin(2 * year)
    return np.asarray(np.exp(4 + waves + rng.normal(0, 0.08, WEEKS)))


def echo(rng: np.random.Generator) -> Floats:
    values = np.zeros(WEEKS)
    for i, surprise in enumerate(rng.normal(0, 0.1, WEEKS)):
        values[i] = 0.7 * values[i - 1] + surprise
    return np.asarray(np.exp(5 + values))


TRUE = 0.5


def tied(noise: float) -> Pair:
    """Half of each change comes through, LAG weeks later, beside so much of its own."""

    def pair(rng: np.random.Generator) -> tuple[Floats, Floats]:
        cause = np.cumsum(rng.normal(0, 0.05, WEEKS))
        result = np.cumsum(rng.normal(0, noise, WEEKS))
        result[LAG:] += TRUE * cause[:-LAG]
        return np.asarray(np.exp(5 + cause)), np.asarray(np.exp(3 + result))

    return pair


ALONE: dict[str, Draw] = {
    "random walks": walk, "growth": growth, "seasons": season, "echoes of 0.7": echo,
}  # fmt: skip
TIED: dict[str, Pair] = {
    "half comes through, clear": tied(0.02),
    "half comes through, noisy": tied(0.05),
    "half comes through, very noisy": tied(0.1),
}

if __name__ == "__main__":
    main()
