"""A file that somebody sent, on disk for as long as it is read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import get_valid_filename


@contextmanager
def on_disk(file: UploadedFile[bytes]) -> Iterator[Path]:
    """The file keeps its own name, from which its kind is read."""
    settings.DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.DATA, prefix="upload-") as folder:
        path = Path(folder) / get_valid_filename(Path(file.name or "events.csv").name)
        with path.open("wb") as copy:
            copy.writelines(file.chunks())
        yield path
