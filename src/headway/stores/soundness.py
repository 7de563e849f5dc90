"""Whether the files of a store are those that were written."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from headway.engine.written import grouped
from headway.stores.marks import marks_path
from headway.stores.parts import PartFile

MAGIC = b"PAR1"
"""The first and last bytes of every Parquet file."""


def fault(root: Path, part: PartFile) -> str:
    """Why the part cannot be served, as its size and ends tell; "" where nothing is wrong."""
    path = root / part.path
    try:
        with path.open("rb") as file:
            head, size = file.read(4), file.seek(0, 2)
            file.seek(-min(4, size), 2)
            tail = file.read(4)
    except FileNotFoundError:
        return "cannot be found"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if size != part.bytes:
        return f"has {grouped(size)} bytes instead of {grouped(part.bytes)}"
    return "" if head == tail == MAGIC else "is no whole Parquet file"


def damage(root: Path, part: PartFile) -> str:
    """Why the part is not what was written, after reading all of it; "" where it is."""
    if found := fault(root, part):
        return found
    with (root / part.path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != part.sha256:
        return "has another content than was written"
    return unreadable(root / part.path)


def unreadable(path: Path) -> str:
    """Why the file is no part; "" where it may be one."""
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError):
        return "is no Parquet file"
    return "" if "message_id" in names and "event" in names else "holds no events"


def lacks_marks(root: Path, part: PartFile) -> bool:
    """Whether its marks are missing or torn; they can be made again."""
    try:
        return len(np.load(marks_path(root / part.path), mmap_mode="r")) != part.rows
    except (OSError, ValueError, EOFError):
        return True
