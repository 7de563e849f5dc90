"""The script that asks in the pages of others, as it is served: small, at one address for ever."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path


@cache
def script() -> bytes:
    """The file beside this one without its comments and indents."""
    text = (Path(__file__).parent / "survey.js").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")).encode()


@cache
def version() -> str:
    return sha256(script()).hexdigest()[:16]
