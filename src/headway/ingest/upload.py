"""A file that somebody sent, on disk for as long as it is read."""

from __future__ import annotations

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import get_valid_filename

from headway.engine.errors import InputError
from headway.engine.written import grouped

MEGABYTE = 1_000_000
UNPACKED = 20
"""So many times what may be uploaded may be packed in a file."""

MOST_ROWS = 50_000_000
BLOCK = 1 << 20


@contextmanager
def on_disk(file: UploadedFile[bytes]) -> Iterator[Path]:
    """The file keeps its own name, from which its kind is read."""
    settings.DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.DATA, prefix="upload-") as folder:
        path = Path(folder) / get_valid_filename(Path(file.name or "events.csv").name)
        with path.open("wb") as copy:
            copy.writelines(file.chunks())
        _refuse_bomb(path)
        yield path


def _refuse_bomb(path: Path) -> None:
    """A small file can hold more than any disk; what is torn is for the reader to say."""
    most = settings.UPLOAD_MEGABYTES * MEGABYTE * UNPACKED
    if path.name.lower().endswith(".gz"):
        with suppress(OSError, EOFError, zlib.error), gzip.open(path) as file:
            size = 0
            while size <= most and (block := file.read(BLOCK)):
                size += len(block)
            _refuse_large(size, most)
    elif path.name.lower().endswith(".parquet"):
        with suppress(pa.ArrowInvalid, OSError), pq.ParquetFile(path) as table:
            groups = range(table.metadata.num_row_groups)
            size = sum(table.metadata.row_group(n).total_byte_size for n in groups)
            _refuse_large(size if table.metadata.num_rows <= MOST_ROWS else most + 1, most)


def _refuse_large(size: int, most: int) -> None:
    if size > most:
        raise InputError(
            f"Unpacked, the file is larger than {grouped(most // MEGABYTE)} MB.",
            where="file",
            fix="Split it, or import it at the command line: headway import events FILE",
        )
