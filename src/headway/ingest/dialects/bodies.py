"""JSON as SDKs write it, which is a little more than JSON."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from headway.engine.errors import InputError

LONE = re.compile(r"[\ud800-\udfff]")
FIX = "Nothing of it was taken; sending it again does not help."
decode = msgspec.json.Decoder().decode


class _Listed(msgspec.Struct):
    """What the SDKs call their list of events."""

    batch: list[msgspec.Raw] = []
    events: list[msgspec.Raw] = []
    data: list[msgspec.Raw] = []


listed = msgspec.json.Decoder(_Listed).decode


def loaded(body: bytes) -> Any:
    """What the body says. NaN and Infinity, which Python writes, are null; raises InputError."""
    try:
        return decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _patiently(body)


def holds_events(body: bytes, name: str) -> bool:
    """Whether it is JSON with a list of that name that begins with an object: found several times
    as fast as by reading it. False: it has to be read to know.
    """
    try:
        found = getattr(listed(body), name)
        body.isascii() or body.decode()
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return bool(found) and bytes(found[0])[:1] == b"{"


def _patiently(body: bytes) -> Any:
    if not body.strip():
        raise InputError("The body is empty.", fix="Send events as JSON.")
    try:
        text = body.decode("utf-8-sig")
        return json.loads(text, parse_constant=lambda _: None, parse_int=_whole)
    except RecursionError:
        raise InputError("The body is nested too deeply.", fix=FIX) from None
    except ValueError as error:  # JSON and UTF-8
        raise InputError(f"The body is not JSON ({_brief(error)}).", fix=FIX) from None


def _whole(digits: str) -> int | str:
    """Python reads no more than 4300 digits: so long a number is a name."""
    return int(digits) if len(digits) < 4_000 else digits


def _brief(error: ValueError) -> str:
    return str(error).partition("\n")[0][:200]


def form(body: bytes) -> dict[str, str]:
    """The fields of a form; raises InputError."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise InputError(f"The form cannot be read ({_brief(error)}).", fix=FIX) from None
    return dict(pairs)


def unwrapped(text: str) -> bytes:
    """JSON as it is, or from base64 in either alphabet, padded or not; raises InputError."""
    if text.lstrip()[:1] in ("{", "["):
        return text.encode("utf-8", "replace")
    letters = re.sub(r"\s", "", text.replace(" ", "+")).rstrip("=")
    try:
        plain = letters.translate(str.maketrans("-_", "+/")).encode("ascii")
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise InputError("The data are neither JSON nor base64.", fix=FIX) from None


def sound(text: str) -> str:
    """Without what no file of text can hold: halves of characters, and NUL."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else LONE.sub("\N{REPLACEMENT CHARACTER}", text)
