"""Sources that are fetched, on time and piece by piece: one file for each kind, pure."""

from __future__ import annotations

from headway.ingest.fetching.desk import DESK
from headway.ingest.fetching.fetched import Cursor, Fetched, Fetcher, Later, Refused
from headway.ingest.fetching.file import FILE
from headway.ingest.fetching.prometheus import PROMETHEUS
from headway.ingest.fetching.sheet import SHEET
from headway.ingest.fetching.stripe import STRIPE
from headway.ingest.fetching.table import SQL

__all__ = ["FETCHERS", "Cursor", "Fetched", "Fetcher", "Later", "Refused"]

FETCHERS: dict[str, Fetcher] = {
    "stripe": STRIPE,
    "desk": DESK,
    "prometheus": PROMETHEUS,
    "sql": SQL,
    "file": FILE,
    "sheet": SHEET,
}
