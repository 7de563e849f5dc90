"""Bodies as they travel: packed with gzip, deflate or zstd, whatever the headers say of it."""

from __future__ import annotations

import zlib

from headway.engine.errors import InputError
from headway.engine.written import grouped

GZIP = b"\x1f\x8b"
ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
ZSTD = b"\x28\xb5\x2f\xfd"
EITHER = zlib.MAX_WBITS | 32
"""zlib looks itself whether it is gzip or deflate."""


class TooLarge(InputError):
    """More than a delivery may hold, packed or unpacked."""


def unpacked(body: bytes, most: int) -> bytes:
    """The body, of at most `most` bytes. SDKs mislabel what they send, so its first bytes decide.

    Raises TooLarge, and InputError where it is torn.
    """
    if body.startswith(GZIP) or body.startswith(ZLIB):
        return _inflated(body, most)
    if body.startswith(ZSTD):
        return _expanded(body, most)
    if len(body) > most:
        raise _too_large(most)
    return body


def _inflated(body: bytes, most: int) -> bytes:
    """Stops as soon as there is too much: a small body can hold gigabytes."""
    found, rest = b"", body
    while rest:
        inflating = zlib.decompressobj(EITHER)
        try:
            found += inflating.decompress(rest, most + 1 - len(found))
        except zlib.error as error:
            raise InputError(f"The body cannot be unpacked ({error}).") from None
        if len(found) > most:
            raise _too_large(most)
        if not inflating.eof:
            raise InputError("The packed body is cut off.", fix="Send it whole.")
        rest = inflating.unused_data.lstrip(b"\0")
    return found


def _expanded(body: bytes, most: int) -> bytes:
    """Stops as soon as there is too much, too."""
    import pyarrow as pa

    try:
        with pa.input_stream(pa.BufferReader(body), compression="zstd") as stream:
            found: bytes = stream.read(most + 1)
    except OSError as error:
        raise InputError(f"The body cannot be unpacked ({error}).", fix="Send it whole.") from None
    if len(found) > most:
        raise _too_large(most)
    return found


def _too_large(most: int) -> TooLarge:
    return TooLarge(
        f"The body is larger than {grouped(most)} bytes.", fix="Send fewer events in one request."
    )
