"""What was measured, as tables that a terminal and a page of Markdown both show."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.board import BOARD, differing
from bench.rounds import Result
from bench.targets import Target
from bench.worker import APPROACHES

PACKAGES = ("numpy", "numba", "duckdb", "chdb-core", "polars", "pyarrow")
BEGIN, END = "<!-- written by make bench -->", "<!-- end of what make bench writes -->"
Row = Sequence[str]


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(found for name in PACKAGES for found in _version(name))
    hardware = f"{os.cpu_count()} cores of {_processor()}, {memory:.0f} GiB"
    return f"{hardware}; Python {platform.python_version()}, {versions}"


def load() -> str:
    """What else the machine does, if it is more than nothing: seconds then say little."""
    others, cores = os.getloadavg()[0], os.cpu_count() or 1
    if others < cores / 4:
        return ""
    return f"The machine was busy with other things (load {others:.1f} on {cores} cores)."


def _processor() -> str:
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(name: str) -> Iterator[str]:
    try:
        yield f"{name} {version(name)}"
    except PackageNotFoundError:
        return


def board(results: Mapping[str, Result], patience: float | None) -> list[Row]:
    """Seconds until the first board and for another one; ratios to the bare scan."""
    scan = results["scan"].phase("board") if "scan" in results else None
    head = ("", "first board", "× scan", "again", "× scan", "peak memory", "numbers")
    rows: list[Row] = [head]
    for name, result in results.items():
        first = result.phase("cold", "build", "board")
        again = result.phase("warm", "board")
        if result.ended:
            first = again = None
        times = [cell for s in (first, again) for cell in (_seconds(s), _times(s, scan))]
        if result.late:
            times = [f"> {_seconds(patience)}", f"> {_times(patience, scan)}"] * 2
        peak = f"{result.peak / 1e9:.2f} GB"
        rows.append((APPROACHES[name].title, *times, peak, _numbers(name, results)))
    return rows


def _numbers(name: str, results: Mapping[str, Result]) -> str:
    result = results[name]
    if result.ended:
        return result.ended
    if name in ("scan", "headway") or not results.get("headway", Result()).answers:
        return ""
    found = differing(results["headway"].answers, result.answers)
    return "; ".join(f"{q} differs in {much}" for q, much in found.items()) or "the same"


def changes(results: Mapping[str, Result]) -> list[Row]:
    """What else was asked of Headway."""
    result, scan = results["headway"], results.get("scan", Result()).phase("board")
    rows: list[Row] = [("Headway, on what is there", "seconds", "× scan")]
    for title, phase, part in (
        ("a new funnel with two filters", "ad hoc", ""),
        ("a new day: written", "new day", "written"),
        ("a new day: what it touches, answered", "new day", "answered"),
        ("late events of a week ago: written", "late events", "written"),
        ("late events: what they touch, answered", "late events", "answered"),
    ):
        seconds = result.part(phase, part)
        rows.append((title, _seconds(seconds), _times(seconds, scan)))
    return rows


def consistent(results: Mapping[str, Result]) -> str:
    """Whether Headway says the same twice, and what is refreshed is what is asked anew."""
    result = results["headway"]
    if result.ended:
        return f"Headway {result.ended}."
    found = differing(result.answers, result.of("again"))
    later = differing(result.of("anew"), result.of("refreshed"))
    twice = f"differs from the first in {found}" if found else "has the numbers of the first"
    fresh = f"differs in {later} from" if later else "has the numbers of"
    return f"The second board {twice}; the refreshed one {fresh} one asked anew."


def questions(results: Mapping[str, Result]) -> list[Row]:
    """Seconds of each question, of those who are asked one by one."""
    peers = [name for name in results if name not in ("scan", "headway")]
    rows: list[Row] = [("seconds", *(APPROACHES[name].title for name in peers))]
    for question in BOARD:
        rows.append((question, *(_seconds(results[n].part("board", question)) for n in peers)))
    return rows


def held(found: Sequence[Target]) -> list[Row]:
    rows: list[Row] = [("target", "asked", "measured", "")]
    for target in found:
        sign = "≤" if target.at_most else "≥"
        value = "" if target.value is None else f"{target.value:.3g} {target.unit}".strip()
        value = f"> {value}" if target.open_ended else value
        asked = f"{sign} {target.limit:g} {target.unit}".strip()
        rows.append((target.what, asked, value, target.verdict))
    return rows


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:,.0f} s" if seconds >= 100 else f"{seconds:.3g} s"


def _times(seconds: float | None, scan: float | None) -> str:
    return f"{seconds / scan:,.3g}" if seconds is not None and scan else "–"


def markdown(rows: Sequence[Row]) -> str:
    """A table whose columns stand under each other in a terminal too."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    aligned = "|".join(
        "-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)
    )
    return "\n".join([lines[0], f"|{aligned}|", *lines[1:]])


def write(readme: Path, text: str) -> None:
    """Puts the text between the two marks, which have to be there."""
    before, begin, rest = readme.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{readme} lacks the lines {BEGIN} and {END}.")
    readme.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")
