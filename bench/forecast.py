"""Whether forecasts and chances are right: `python -m bench.forecast [--data FOLDER] [--each]`.

Every series is cut at several moments of its past, also with only its last periods known; what was
forecast from there is held against what came. FOLDER may hold more series as CSV files. Half of
the series, chosen by their names, were not looked at while the models were made.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench import report
from bench.backtests import HORIZONS, LONGER, SHORT, Judged, backtests, everywhere, judge
from bench.chances import Said, said
from bench.series import Named, everything
from headway.stats.forecast import LEVELS
from headway.stats.history import Bound

HEAD = (
    *("", "backtests", "50 %", "80 %", "95 %", "80 %, second half"),
    *("width", "error / naive", "typical"),
)
WORST = 20.0
"""Errors and those of the naive forecast count for so much at most, so that none decides alone."""


def main() -> None:
    asked = _arguments()
    series = [one for one in everything(asked.data) if _wanted(one, asked.half)]
    tests = [test for one in series for test in backtests(one)]
    found = [judged for test in tests if (judged := judge(test))]
    chances = [one for test in tests if not test.short for one in said(test)]
    print(f"{report.machine()}.\n{report.load()}\n")
    print(f"{len(series)} series, {len(tests)} backtests, {len(found)} with an answer.\n")
    whole = [judged for one in series for test in everywhere(one) if (judged := judge(test))]
    tables = [
        list(_table(found)),
        list(_whole(whole)),
        *([list(_each(found))] if asked.each else []),
    ]
    tables += [list(_brier(chances))]
    tables += [list(_reliability(name, part)) for name, part in _halves(chances) if part]
    tables += [list(_speed(found))]
    print("\n\n".join(report.markdown(table) for table in tables))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench.forecast", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder with more series as CSV files")
    parser.add_argument("--half", choices=("tuned", "held-out", "all"), default="all")
    parser.add_argument("--each", action="store_true", help="also each source and series")
    return parser.parse_args()


def _wanted(series: Named, half: str) -> bool:
    return half == "all" or series.held_out == (half == "held-out")


def _table(found: Sequence[Judged]) -> Iterator[report.Row]:
    parts: dict[str, Callable[[Judged], bool]] = {
        "all": lambda j: bool(j.test),
        "tuned on": lambda j: not j.test.series.held_out,
        "held out": lambda j: j.test.series.held_out,
        "by hour": lambda j: j.test.series.hours,
        "shares": lambda j: j.test.history.bound is Bound.share,
    }
    yield HEAD
    yield from (_row(name, filter(test, found)) for name, test in parts.items())
    for grain in HORIZONS:
        days = [j for j in found if not j.test.series.hours]
        yield _row(f"by {grain}", (j for j in days if j.test.history.grain is grain))
    for few in SHORT:
        yield _row(f"{few} periods known", (j for j in found if j.test.short == few))


def _whole(found: Sequence[Judged]) -> Iterator[report.Row]:
    """Of what has a long past: from moments all over it."""
    yield HEAD
    for grain in LONGER:
        name = f"by {grain}, whole past"
        yield _row(name, (j for j in found if j.test.history.grain is grain))


def _each(found: Sequence[Judged]) -> Iterator[report.Row]:
    yield HEAD
    for source in dict.fromkeys(j.test.series.source for j in found):
        yield _row(source, (j for j in found if j.test.series.source == source))
    for name in dict.fromkeys(j.test.series.name for j in found):
        yield _row(name, (j for j in found if j.test.series.name == name))


def _row(name: str, part: Iterable[Judged]) -> report.Row:
    """`typical` is the geometric mean of the ratios to the naive error, backtest by backtest."""
    found = list(part)
    if not found:
        return (name, *["–"] * (len(HEAD) - 1))
    error, naive = (np.array([getattr(j, key) for j in found]) for key in ("error", "naive"))
    ratio = np.minimum(error, WORST).mean() / np.minimum(naive, WORST).mean()
    typical = np.exp(np.mean(np.log((error + 0.01) / (naive + 0.01))))
    cover = [f"{np.mean([j.inside[level] for j in found]):.1%}" for level in LEVELS]
    late = f"{np.nanmean([j.late for j in found]):.1%}"
    width = f"{np.median([j.width for j in found]):.2f}"
    return (name, str(len(found)), *cover, late, width, f"{ratio:.3f}", f"{typical:.3f}")


def _halves(found: Sequence[Said]) -> list[tuple[str, list[Said]]]:
    return [
        ("tuned on", [one for one in found if not one.held_out]),
        ("held out", [one for one in found if one.held_out]),
    ]


def _brier(found: Sequence[Said]) -> Iterator[report.Row]:
    yield ("Brier score", "goals", "stated chance", "always the base rate", "straight line")
    for name, part in _halves(found):
        if part:
            p, line, hit = (
                np.array([getattr(one, key) for one in part], dtype=float)
                for key in ("p", "straight", "hit")
            )
            scores = [f"{np.mean((guess - hit) ** 2):.3f}" for guess in (p, hit.mean(), line)]
            yield (name, str(len(part)), *scores)


def _reliability(name: str, found: Sequence[Said]) -> Iterator[report.Row]:
    yield (f"{name}: said", "goals", "mean said", "came true")
    for low, high in pairwise(np.linspace(0, 1, 11)):
        part = [one for one in found if low <= one.p < high]
        if part:
            means = [f"{np.mean([getattr(one, key) for one in part]):.0%}" for key in ("p", "hit")]
            yield (f"{low:.0%} to {high:.0%}", str(len(part)), *means)


def _speed(found: Sequence[Judged]) -> Iterator[report.Row]:
    seconds = 1000 * np.array([judged.seconds for judged in found])
    yield ("milliseconds of one core a series", "")
    yield ("mean", f"{seconds.mean():.1f}")
    yield ("median", f"{np.median(seconds):.1f}")
    yield ("slowest in a hundred", f"{np.quantile(seconds, 0.99):.1f}")
    yield ("1,000 series", f"{seconds.mean():.1f} s")


if __name__ == "__main__":
    main()
