"""Every approach in turn, several times, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from bench.board import Answers
from bench.clock import laps


@dataclass
class Result:
    """What one approach took, in every round.

    `ended` says why it is not all there; `late` that it is because it took too long.
    """

    seconds: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: Answers = field(default_factory=dict)
    peak: int = 0
    ended: str = ""
    late: bool = False
    rounds: int = 0

    def part(self, phase: str, part: str) -> float | None:
        found = self.seconds.get((phase, part))
        return median(found) if found else None

    def phase(self, *phases: str) -> float | None:
        """Medians of the phases' parts, added up."""
        found = [median(s) for (phase, _), s in self.seconds.items() if phase in phases]
        return sum(found) if found else None

    def of(self, kind: str) -> Answers:
        """The answers whose name begins with the word, such as `anew`."""
        return {
            name.removeprefix(f"{kind}: "): values
            for name, values in self.answers.items()
            if name.startswith(f"{kind}: ")
        }


def measured(
    names: Iterable[str], data: Path, small: Path, rounds: int, patience: float | None
) -> dict[str, Result]:
    """A peer that was ended for taking too long is not asked again; Headway may take its time."""
    results = {name: Result() for name in names}
    for turn in range(1, rounds + 1):
        for name, result in results.items():
            if not result.ended:
                limit = None if name == "headway" else patience
                _one(name, result, data, small, limit)
                print(f"round {turn}: {name} {_told(result)}", file=sys.stderr, flush=True)
    return results


def _one(name: str, result: Result, data: Path, small: Path, patience: float | None) -> None:
    with tempfile.TemporaryDirectory(dir=data.parent, prefix=f"run-{name}-") as folder:
        out = Path(folder)
        command = [sys.executable, "-m", "bench.worker", name, *map(str, (data, small, out))]
        try:
            subprocess.run(command, check=True, timeout=patience)
        except subprocess.TimeoutExpired:
            result.ended, result.late = f"ended after {patience:g} s", True
        except subprocess.CalledProcessError as error:
            result.ended = f"failed with {error.returncode}"
        _gather(result, out)


def _gather(result: Result, out: Path) -> None:
    result.rounds += 1
    for phase, part, seconds, peak in laps(out / "laps"):
        result.seconds[phase, part].append(seconds)
        result.peak = max(result.peak, peak)
    if not result.ended:
        with np.load(out / "answers.npz") as found:
            result.answers = dict(found)


def _told(result: Result) -> str:
    if result.ended:
        done = ", ".join(part or phase for phase, part in result.seconds)
        return f"{result.ended}; done by then: {done or 'nothing'}"
    latest = {key: seconds[-1] for key, seconds in result.seconds.items()}
    phases = dict.fromkeys(phase for phase, _ in latest)
    sums = {p: sum(s for (phase, _), s in latest.items() if phase == p) for p in phases}
    return ", ".join(f"{phase} {seconds:.3f} s" for phase, seconds in sums.items())
