"""How much memory questions to events may take, and where what does not fit waits meanwhile."""

from __future__ import annotations

import atexit
import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from headway.engine.errors import StoreError

MEGABYTE = 10**6
CGROUPS = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")

_stores = itertools.count(1)
_locks: list[int] = []
"""Descriptors that stay open for as long as this process lives."""


def of_machine(groups: Path = CGROUPS, own: Path = OWN_GROUPS) -> int:
    """The bytes that this process may use at most: the machine's, or less in a container."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([physical, *_group_limits(groups, own)])


def _group_limits(groups: Path, own: Path) -> Iterator[int]:
    """Of the process's control groups and of those around them, in both versions of the format."""
    lines = own.read_text().splitlines() if own.is_file() else []
    for line in lines:
        _, controllers, name = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        root = groups / "memory" if controllers else groups
        file = "memory.limit_in_bytes" if controllers else "memory.max"
        inside = root / name.lstrip("/")
        for folder in (inside, *inside.parents):
            if folder.is_relative_to(root) and (folder / file).is_file():
                text = (folder / file).read_text().strip()
                yield from [int(text)] if text.isdecimal() else []


def half() -> int:
    return of_machine() // 2


def _temporary() -> Path:
    return Path(tempfile.gettempdir()) / f"headway-spill-{os.getuid()}"


@dataclass(frozen=True)
class Memory:
    """`limit` in bytes. A store goes a little above it: what it sends and receives is not held."""

    limit: int = field(default_factory=half)
    folder: Path = field(default_factory=_temporary)

    def settings(self) -> dict[str, str]:
        """DuckDB's, for one more database. Raises StoreError when there is no room to spill to."""
        try:
            own = _own(self.folder, os.getpid())
        except OSError as error:
            raise StoreError(
                f"Nothing can be written in {self.folder}: {error.strerror}.",
                fix="Questions that need more memory than they may have go on there: let it be "
                "written.",
            ) from None
        place = own / f"{os.getpid()}-{next(_stores)}"  # made and removed by who spills
        return {"memory_limit": f"{self.limit // MEGABYTE}MB", "temp_directory": str(place)}


@cache
def _own(folder: Path, process: int) -> Path:
    """A folder that nobody removes while the process lives. Those of dead ones are removed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone_in(folder):
        _clear(folder)
        own = Path(tempfile.mkdtemp(prefix=f"{process}-", dir=folder))
        _locks.append(_locked(own, fcntl.LOCK_EX))
    atexit.register(_leave, own, process)
    return own


def _clear(folder: Path) -> None:
    for left in folder.iterdir():
        try:
            os.close(_locked(left, fcntl.LOCK_EX | fcntl.LOCK_NB))
        except BlockingIOError:
            continue
        shutil.rmtree(left, ignore_errors=True)


def _leave(own: Path, process: int) -> None:
    if os.getpid() == process:  # and not a fork of it
        shutil.rmtree(own, ignore_errors=True)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    descriptor = _locked(folder, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(path: Path, how: int) -> int:
    """Locks end with their process, whatever ends it, also across containers."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
