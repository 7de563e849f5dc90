"""What goes back to an SDK, unless it wants something of its own."""

from __future__ import annotations

import msgspec

from headway.ingest.dialects.dialect import Answer, Delivery

TAKEN = Answer(200, b'{"status":1,"code":200,"success":true}')
"""Nearly every SDK finds here what it looks for."""


def taken(_: Delivery) -> Answer:
    return TAKEN


def said(status: int, content: object) -> Answer:
    return Answer(status, msgspec.json.encode(content))


def denied(status: int, message: str) -> Answer:
    words = {"message": message, "error": message}
    return said(status, {"status": 0, "code": status, "success": False, **words})
