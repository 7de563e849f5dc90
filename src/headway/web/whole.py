"""Whole numbers as addresses and buttons carry them, which anybody may write otherwise."""

from __future__ import annotations

import re

PLAIN = re.compile(r"[0-9]{1,18}")
"""Every database can look for a number of so many digits."""


class Number:
    """Such a number in an address."""

    regex = PLAIN.pattern

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


def whole(text: str) -> int | None:
    """None for what is no number, or one that counts nothing here."""
    return int(text) if PLAIN.fullmatch(text) else None
