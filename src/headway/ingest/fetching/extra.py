"""What some kinds of source stand on, and not everybody installs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from headway.engine.errors import StoreError


@contextmanager
def needed(library: str) -> Iterator[None]:
    """Around an import."""
    try:
        yield
    except ImportError:
        raise StoreError(
            f"This kind of source needs `{library}`, which is not installed.",
            fix="Install it where the worker runs: pip install 'headway[sources]'",
        ) from None
