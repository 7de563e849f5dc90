"""What the SDKs that teams already have send: one file for each, pure."""

from __future__ import annotations

from headway.ingest.dialects.dialect import Dialect
from headway.ingest.dialects.rudder import RUDDER
from headway.ingest.dialects.segment import SEGMENT

DIALECTS: dict[str, Dialect] = {
    "segment": SEGMENT,
    "rudder": RUDDER,
}
