"""What was no event: how much it was, and the newest of it with the reasons."""

from __future__ import annotations

from collections.abc import Sequence

from headway.ingest.models import Refusal, Source

KEPT = 1_000
LONGEST_TEXT = 1_000


def remember(source: Source, refused: Sequence[Refusal]) -> int:
    """How many they are; in the transaction of the caller, who has locked the source."""
    if not refused:
        return 0
    for one in refused:
        one.reason, one.text = one.reason[:LONGEST_TEXT], one.text[:LONGEST_TEXT]
    Refusal.objects.bulk_create(refused[-KEPT:])
    newest = source.refusals.order_by("-pk").values_list("pk", flat=True)
    if oldest := newest[KEPT : KEPT + 1].first():
        source.refusals.filter(pk__lte=oldest).delete()
    source.rejected += len(refused)
    source.save(update_fields=["rejected"])
    return len(refused)
