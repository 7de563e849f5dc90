"""Seconds by phase and part, written down as they are measured, and how much memory there was."""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Clock:
    """A reader of the file knows how far a process came that was ended."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    @contextmanager
    def lap(self, phase: str, part: str = "") -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.note(phase, part, time.perf_counter() - start)

    def note(self, phase: str, part: str, seconds: float) -> None:
        if self._file is None:
            return
        with self._file.open("a") as out:
            out.write(json.dumps([phase, part, seconds, peak()]) + "\n")


def laps(file: Path) -> list[tuple[str, str, float, int]]:
    """(phase, part, seconds, peak memory in bytes by then)."""
    if not file.exists():
        return []
    return [tuple(json.loads(line)) for line in file.read_text().splitlines()]


def peak() -> int:
    """The most memory that this process has had, in bytes, files that it mapped included.

    Linux's `ru_maxrss` begins with what the parent had, so that its high-water mark is read there.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(kilobytes) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
