"""Bodies as the inbox keeps them: packed, so that the disk has a fraction to write."""

from __future__ import annotations

import pyarrow as pa

LZ4 = pa.Codec("lz4")


def packed(body: bytes) -> bytes:
    found: bytes = LZ4.compress(body, asbytes=True)
    return found


def unpacked(body: bytes, size: int) -> bytes:
    """`size` is that of the body as it was."""
    found: bytes = LZ4.decompress(body, size, asbytes=True)
    return found
