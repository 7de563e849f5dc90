"""How often "did the launch work?" is right: where the truth is known, and where nothing happened.

    python -m bench.effects [--worlds 20] [--placebos 340]

Parcel is generated again and again. Its three launches have effects that are written down; days on
which nothing was launched have none.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from bench.report import Row, load, machine, markdown
from headway.demo.parcel.generate import Parcel, draw
from headway.demo.parcel.people import ONBOARDING_STEP_SHARE, ONBOARDING_STEPS
from headway.demo.parcel.truth import INCIDENTS, LAUNCHES, Floats
from headway.engine.period import Grain
from headway.stats.effect import Impact, impact
from headway.stats.history import Bound, CannotTell, History, Known

END = date(2026, 11, 22)
BEFORE, AFTER = 150, 70
"""Days that a placebo has at least before and behind it."""


@dataclass(frozen=True)
class Case:
    """A metric of one world; `truth` is the effect of its launch, relative or in its own unit."""

    name: str
    history: History
    day: date
    truth: float
    relative: bool
    controls: Mapping[str, History] = field(default_factory=dict)

    def quiet(self) -> History:
        """Only what was before the launch."""
        days = sum(start < self.day for start in self.history.starts)
        counts = self.history.counts
        return replace(
            self.history, starts=self.history.starts[:days], values=self.history.values[:days],
            counts=None if counts is None else counts[:days],
        )  # fmt: skip


@dataclass
class Score:
    """What came of one metric's launches or placebos."""

    asked: int = 0
    told: int = 0
    held: int = 0
    seen: int = 0
    widths: list[float] = field(default_factory=list)

    def add(self, found: Impact | CannotTell, truth: float, *, relative: bool) -> None:
        self.asked += 1
        if isinstance(found, CannotTell):
            return
        sides = (found.relative_low, found.relative_high) if relative else (found.low, found.high)
        self.told += 1
        self.held += sides[0] <= truth <= sides[1]
        self.seen += found.verdict != "no clear effect"
        self.widths.append((sides[1] - sides[0]) / 2)


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.effects", description=__doc__)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--placebos", type=int, default=340)
    asked = parser.parse_args()
    launches, placebos = measured(asked.worlds, asked.placebos)
    print("\n".join(filter(None, (f"{asked.worlds} worlds of Parcel. {machine()}.", load()))))
    print(f"\n{markdown(table('launches', launches))}\n\n{markdown(table('placebos', placebos))}")


def measured(worlds: int, placebos: int) -> tuple[dict[str, Score], dict[str, Score]]:
    launches: dict[str, Score] = {}
    quiet: dict[str, Score] = {}
    rng = np.random.default_rng(7)
    for world in range(worlds):
        parcel = draw(end=END, seed=7 + world)
        for case in cases(parcel):
            found = impact(case.history, case.day, controls=case.controls)
            score = launches.setdefault(case.name, Score())
            score.add(found, case.truth, relative=case.relative)
        each = -(-placebos // worlds)
        for name, line, controls in among(parcel, rng, each):
            score = quiet.setdefault(name, Score())
            score.add(impact(line, some_day(line, rng), controls=controls), 0.0, relative=True)
        for name, (line, others) in groups(parcel).items():
            score = quiet.setdefault(name, Score())
            score.add(impact(line, some_day(line, rng), unexposed=others), 0.0, relative=True)
        print(f"world {world + 1} of {worlds}", file=sys.stderr, flush=True)
    return launches, quiet


def cases(parcel: Parcel) -> list[Case]:
    """What the three launches were to move, with their true effects."""
    insurance, setup, planner = (launch.day(END) for launch in LAUNCHES)
    truth, visits = parcel.truth, history(parcel, parcel.truth.visits)
    carts = history(parcel, _by_day(parcel, parcel.billing.carts.at))
    share, took = _onboarding(parcel)
    sent = history(parcel, truth.parcels / np.maximum(truth.sessions, 1), truth.sessions)
    on_time = history(
        parcel, truth.on_time / np.maximum(truth.deliveries, 1), truth.deliveries, Bound.share
    )
    step, steps = ONBOARDING_STEP_SHARE, len(ONBOARDING_STEPS)
    more = (step + LAUNCHES[1].effects[0].size) ** steps - step**steps
    along = {"visits": visits, "sessions": history(parcel, truth.sessions)}
    size = [launch.effects for launch in LAUNCHES]
    return [
        Case("services put into carts", carts, insurance, size[0][0].size - 1, True, along),
        Case("onboarding completed", share, setup, more, False),
        Case("time for the onboarding", took, setup, size[1][1].size - 1, True),
        Case("deliveries on time", on_time, planner, size[2][0].size, False),
        Case("parcels a session", sent, planner, size[2][1].size - 1, True),
    ]


def among(
    parcel: Parcel, rng: np.random.Generator, n: int
) -> Iterator[tuple[str, History, Mapping[str, History]]]:
    """So many of: what no launch touches, and what one does, until then."""
    truth = parcel.truth
    visits, signups = history(parcel, truth.visits), history(parcel, truth.signups)
    known: list[tuple[str, History, Mapping[str, History]]] = [
        ("visits", visits, {}),
        ("sign-ups", signups, {}),
        ("sign-ups, beside visits", signups, {"visits": visits}),
        ("sessions", history(parcel, truth.sessions), {}),
        ("sessions, beside visits", history(parcel, truth.sessions), {"visits": visits}),
        ("recurring revenue", history(parcel, truth.mrr), {}),
    ]
    before = [(f"{c.name}, before", c.quiet(), c.controls) for c in cases(parcel)[1:]]
    known += [one for one in before if len(one[1].starts) > BEFORE + AFTER]
    start = int(rng.integers(len(known)))
    for i in range(n):
        yield known[(start + i) % len(known)]


def groups(parcel: Parcel) -> dict[str, tuple[History, History]]:
    """Those of two countries and all others: whatever is launched reaches both in the same way."""
    country, path = parcel.shops.country, parcel.shops.path
    mine = np.isin(country.codes, [country.words.index(word) for word in ("DE", "AT")])
    signups = [history(parcel, _by_day(parcel, path.registering[-1][m])) for m in (mine, ~mine)]
    shares = [_onboarding(parcel, of)[0] for of in (mine, ~mine)]
    return {
        "sign-ups, two countries beside others": (signups[0], signups[1]),
        "onboarding completed, two countries": (shares[0], shares[1]),
    }


def some_day(line: History, rng: np.random.Generator) -> date:
    """With enough before and behind it."""
    return line.starts[BEFORE + int(rng.integers(len(line.starts) - BEFORE - AFTER))]


def history(parcel: Parcel, values: Any, counts: Any = None, bound: Bound = Bound.zero) -> History:
    """By day, with the incidents known; without the first weeks, in which the company opened."""
    world = parcel.world
    starts = [world.start + timedelta(days=i) for i in range(world.days)][28:]
    known = [Known(i.day(END), i.day(END) + timedelta(days=i.length)) for i in INCIDENTS]
    numbers = [float(v) if np.isfinite(v) else None for v in values[28:]]
    below = None if counts is None else [float(c) for c in counts[28:]]
    return History(starts, numbers, Grain.day, bound, below, known)


def _onboarding(parcel: Parcel, among: Any = None) -> tuple[History, History]:
    """The share that completed it within a week, and the minutes of who did, by day of start."""
    rows = slice(None) if among is None else among
    since, until = (parcel.shops.path.onboarding[step][rows] for step in (0, -1))
    began = since < parcel.world.days
    with np.errstate(invalid="ignore", divide="ignore"):
        took = until - since
        done = began & (took <= 7)
        all_, some = _by_day(parcel, since[began]), _by_day(parcel, since[done])
        minutes = np.bincount(since[done].astype(int), took[done] * 1440, parcel.world.days)
        share, took = some / all_, minutes / some
    return history(parcel, share, all_, Bound.share), history(parcel, took, some)


def _by_day(parcel: Parcel, at: Floats) -> Floats:
    days = parcel.world.days
    return np.bincount(at[at < days].astype(int), minlength=days).astype(float)


def table(what: str, scores: Mapping[str, Score]) -> list[Row]:
    head = (what, "asked", "answered", "interval holds the truth", "effect seen", "± median")
    rows: list[Row] = [head]
    whole = Score()
    for name, score in sorted(scores.items()):
        rows.append(_row(name, score))
        whole.asked, whole.told = whole.asked + score.asked, whole.told + score.told
        whole.held, whole.seen = whole.held + score.held, whole.seen + score.seen
        whole.widths += score.widths
    return [*rows, _row("all", whole)]


def _row(name: str, score: Score) -> Row:
    shares = (f"{n / score.told:.1%}" if score.told else "–" for n in (score.held, score.seen))
    width = f"{np.median(score.widths):.3f}" if score.widths else "–"
    return (name, str(score.asked), str(score.told), *shares, width)


if __name__ == "__main__":
    main()
