"""Files that are on disk, whole and under their name, before anybody may rely on them."""

from __future__ import annotations

import os
from pathlib import Path


def settle(draft: Path, path: Path) -> None:
    """Makes the file and its name durable, in this order."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
