"""Files that are on disk, whole and under their name, before anybody may rely on them."""

from __future__ import annotations

import os
from pathlib import Path


def settle(draft: Path, path: Path) -> None:
    """Makes the file and its name durable, in this order."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """A folder that is still there after a power cut, and so are those above it."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """The names in it are on disk afterwards."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
