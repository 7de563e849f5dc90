"""The write keys that the door takes, as this process knows them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, connection

from headway.ingest.models import WriteKey
from headway.ingest.personal import NONE, Discretion

FRESH_FOR = 2.0
"""Seconds after which a key that was revoked is refused in every process."""

RETRY_AFTER = 0.5
"""Seconds in which keys that nobody knows cost one look at the database together."""


@dataclass(frozen=True, slots=True)
class Known:
    id: int
    source_id: int
    discretion: Discretion = NONE


@dataclass
class Keys:
    """All keys in memory: a delivery then costs no query."""

    _known: dict[str, Known] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, value: str) -> Known | None:
        """None where no source has this key. Raises DatabaseError where nobody can say."""
        age = time.monotonic() - self._read_at
        if age >= FRESH_FOR or (value not in self._known and age >= RETRY_AFTER):
            self._read()
        return self._known.get(value)

    def _read(self) -> None:
        """By one thread; what others know meanwhile is good enough for them."""
        if not self._lock.acquire(blocking=self._read_at < 0):
            return
        try:
            rows = WriteKey.objects.filter(revoked_at=None)
            found = rows.values_list("value", "pk", "source_id", "source__workspace__personal")
            self._known = {v: Known(pk, source, Discretion(p)) for v, pk, source, p in found}
            self._read_at = time.monotonic()
        except DatabaseError:
            if self._read_at < 0:
                raise
        finally:
            connection.close()  # no request ends here, so that nobody else would
            self._lock.release()
