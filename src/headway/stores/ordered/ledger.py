"""A ledger: the events of some parts by name, each in the order of subject and time."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from headway.engine.errors import StoreError
from headway.stores.durable import settle

FOLDER = ".ordered"
FORMAT = 4
"""Ledgers of another format are made again."""

Keys = npt.NDArray[np.uint64]
Subjects = npt.NDArray[np.uint32]
Times = npt.NDArray[np.int64]
Days = tuple[Subjects, npt.NDArray[np.int32]]
"""Subjects and their active days, in this order, each once."""

ARRAYS: Mapping[str, type[np.generic]] = {
    "keys": np.uint64, "subject": np.uint32, "at": np.int64, "row": np.uint32,
}  # fmt: skip


@dataclass(frozen=True)
class Block:
    """The rows of one event name; `at` in epoch microseconds.

    `subject` is an index of the ledger's keys, and `row` counts the name's events as the parts hold
    them, in their order.
    """

    subject: Subjects
    at: Times
    row: Subjects


@dataclass(frozen=True)
class Ledger:
    """`parts` are names of files, in the order in which their rows are counted.

    `names` maps event names to their first row and the one after their last, `without` to how many
    of their events have no subject. `stretches` says of each part which of its rows are of which
    name, in order: (name, first, the one after the last). `sha256` has the digest of each name's
    rows in each file.
    """

    path: Path
    source: str
    by: str
    parts: tuple[str, ...]
    names: Mapping[str, tuple[int, int]]
    without: Mapping[str, int]
    stretches: Sequence[Sequence[tuple[str, int, int]]]
    sha256: Mapping[str, Mapping[str, str]]

    @staticmethod
    def open(path: Path) -> Ledger | None:
        """None where there is no whole ledger of this format."""
        try:
            found = json.loads((path / "index.json").read_bytes())
            whole = found["format"] == FORMAT and all(
                (path / f"{name}.bin").stat().st_size == size
                for name, size in found["sizes"].items()
            )
        except (OSError, ValueError, KeyError):
            return None
        if not whole:
            return None
        names = {name: (a, b) for name, a, b, _ in found["names"]}
        without = {name: count for name, _, _, count in found["names"]}
        ledger = Ledger(
            path, found["source"], found["by"], tuple(found["parts"]), names, without,
            found["stretches"], found["sha256"],
        )  # fmt: skip
        try:
            ledger.keys  # noqa: B018 - whoever has a ledger keeps its files
        except OSError:
            return None
        return ledger

    @property
    def rows(self) -> int:
        return sum(end - start for start, end in self.names.values())

    @property
    def keys(self) -> Keys:
        """The mark of every subject, sorted."""
        return self._arrays["keys"]

    def block(self, name: str) -> Block | None:
        if name not in self.names:
            return None
        rows = slice(*self.names[name])
        a = self._arrays
        return Block(a["subject"][rows], a["at"][rows], a["row"][rows])

    def kept_days(self, name: str, timezone: str, make: Callable[[], Days]) -> Days:
        """The rollup of a name in a time zone, made when it is first asked for."""
        place = hashlib.sha256(f"{timezone}/{name}".encode()).hexdigest()[:24]
        whose, when = self.path / f"{place}.subjects", self.path / f"{place}.days"
        with suppress(FileNotFoundError):
            return mapped(whose, np.uint32), mapped(when, np.int32)
        made = make()
        with suppress(OSError):  # a ledger that others have replaced meanwhile
            for array, path in zip(made, (whose, when), strict=True):
                draft = path.with_suffix(f".{os.getpid()}")
                array.tofile(draft)
                draft.replace(path)
        return made

    def damaged(self) -> list[str]:
        """The files whose content is not what was written."""
        return [
            file
            for file, wanted in self.sha256.items()
            if any(_digest(self._rows(file, name)) != text for name, text in wanted.items())
        ]

    def _rows(self, file: str, name: str) -> npt.NDArray[Any]:
        array = self._arrays[file]
        return array if file == "keys" else array[slice(*self.names[name])]

    @cached_property
    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {name: mapped(self.path / f"{name}.bin", kind) for name, kind in ARRAYS.items()}


def mapped(path: Path, kind: type[np.generic]) -> npt.NDArray[Any]:
    """The file as an array: read as it is used, and not written to whatever is done with it.

    Copy on write, because compiled kernels take arrays that cannot be written for another type.
    """
    if not path.stat().st_size:
        return np.zeros(0, kind)
    return np.memmap(path, dtype=kind, mode="c").view(np.ndarray)


def name_of(parts: Iterable[str], by: str) -> str:
    """Where the ledger of these parts is kept."""
    return f"{hashlib.sha256(chr(10).join(sorted(parts)).encode()).hexdigest()[:24]}-{by}"


@dataclass(frozen=True)
class Draft:
    """A ledger that is being written, under a name of its own: whole or not at all.

    Each name has room for all its events; names are written by several threads.
    """

    path: Path
    folder: Path
    index: dict[str, Any]
    starts: Mapping[str, tuple[int, int]]

    @staticmethod
    def begin(
        root: Path, source: str, by: str, parts: Mapping[str, Sequence[tuple[str, int, int]]],
        keys: Keys,
    ) -> Draft:  # fmt: skip
        """`parts` are files, in order, with their stretches."""
        sizes: dict[str, int] = defaultdict(int)
        for name, a, b in sorted(chain.from_iterable(parts.values())):
            sizes[name] += b - a
        path = root / FOLDER / name_of(parts, by)
        folder = path.with_name(f".writing-{path.name}-{os.getpid()}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        ends = list(accumulate(sizes.values(), initial=0))
        for name, kind in ARRAYS.items():
            with (folder / f"{name}.bin").open("wb") as file:
                file.truncate(np.dtype(kind).itemsize * (0 if name == "keys" else ends[-1]))
        keys.tofile(folder / "keys.bin")
        index = {
            "format": FORMAT, "source": source, "by": by, "parts": list(parts),
            "stretches": list(parts.values()), "names": [],
            "sha256": {name: {} for name in ARRAYS} | {"keys": {"": _digest(keys)}},
        }  # fmt: skip
        return Draft(path, folder, index, dict(zip(sizes, pairwise(ends), strict=True)))

    def size(self, name: str) -> int:
        start, end = self.starts[name]
        return end - start

    def room(self, name: str) -> Block:
        """Where the name's rows belong, to be written to."""
        start, end = self.starts[name]
        arrays = (self._array(file, end)[start:] for file in ("subject", "at", "row"))
        return Block(*arrays)

    def filled(self, name: str, held: int, without: int) -> None:
        start = self.starts[name][0]
        for file in ("subject", "at", "row"):
            digest = _digest(self._array(file, start + held)[start:])
            self.index["sha256"][file][name] = digest
        self.index["names"].append((name, start, start + held, without))

    def _array(self, file: str, end: int) -> npt.NDArray[Any]:
        if not end:
            return np.zeros(0, ARRAYS[file])
        place = self.folder / f"{file}.bin"
        return np.memmap(place, ARRAYS[file], "r+", shape=(end,)).view(np.ndarray)

    def finish(self) -> Ledger:
        sizes = {name: (self.folder / f"{name}.bin").stat().st_size for name in ARRAYS}
        index = self.index | {"sizes": sizes, "names": sorted(self.index["names"])}
        (self.folder / "index.draft").write_text(json.dumps(index))
        settle(self.folder / "index.draft", self.folder / "index.json")
        _rename(self.folder, self.path)
        found = Ledger.open(self.path)
        if found is None:
            raise StoreError(
                f"{self.path} could not be written whole.",
                fix="Free some room on the disk; the events themselves are safe.",
            )
        return found


def _rename(draft: Path, path: Path) -> None:
    """Somebody else may have made the same ledger meanwhile."""
    if Ledger.open(path) is None:
        shutil.rmtree(path, ignore_errors=True)
        try:
            draft.rename(path)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
    else:
        shutil.rmtree(draft, ignore_errors=True)


def _digest(array: npt.NDArray[Any]) -> str:
    return hashlib.sha256(array.data).hexdigest()
