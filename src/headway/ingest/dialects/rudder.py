"""RudderStack: Segment's messages, at addresses of their own; it batches to Segment's."""

from __future__ import annotations

from headway.ingest.dialects import answers, segment
from headway.ingest.dialects.dialect import Answer, Delivery, Dialect
from headway.ingest.dialects.keys import asked_for, basic


def asked(delivery: Delivery) -> Answer:
    """The settings of a source, which its browser SDK fetches: on, and nobody else is sent to."""
    key = basic(delivery) or asked_for(delivery, "writeKey")
    source = {
        "id": key,
        "writeKey": key,
        "name": "Headway",
        "workspaceId": "headway",
        "enabled": True,
        "connections": [],
        "destinations": [],
        "config": {
            "statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}
        },
    }
    return answers.said(200, {"source": source, "updatedAt": "", "consentManagementMetadata": {}})


RUDDER = Dialect(
    name="rudder",
    title="RudderStack",
    paths=tuple(f"/v1/{kind}" for kind in segment.READERS),
    key=segment.key,
    check=segment.check,
    parse=segment.parse,
    accepted=answers.taken,
    refused=answers.denied,
    asks=("/sourceConfig",),
    asked=asked,
)
