"""Run as a program, several at a time: `work` passes of the worker, or `write` check-ins."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from headway.cli import django

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST, DAY = date(2026, 2, 18), timedelta(days=1)
"""The day of the first pass's event; that of the twelfth is the day before NOW."""


def prepare(folder: Path) -> None:
    from headway.files.apply import apply
    from headway.files.reading import reads

    apply(None, reads(DEFINITIONS), by=None, now=NOW)


def work(folder: Path) -> None:
    """Each pass finds new events, so that each has points and statuses to write."""
    from headway.accounts.models import Workspace
    from headway.cli.worker import run_pass
    from headway.ingest.actions import import_events

    for number in range(12):
        path = folder / f"{number}.csv"
        path.write_text(f"event,happened_at\nordered,{FIRST + number * DAY}T10:00:00Z\n")
        source = Workspace.objects.get().sources.get()
        import_events(source, path, by=None, now=NOW)
        rows = run_pass(NOW)
        assert not rows[0]["problem"], rows


def write(folder: Path) -> None:
    from headway.goals.actions import check_in
    from headway.goals.models import KeyResult

    key_result = KeyResult.objects.get(key="partners")
    for number in range(60):
        check_in(
            key_result, value=float(number), note=f"note {number}", day=date(2026, 3, 1),
            by=None, now=NOW,
        )  # fmt: skip


DEFINITIONS = """
workspace: {key: acme, name: Acme}
sources: [{key: shop}]
teams: [{key: all, name: All}]
cycles: [{key: "2026", name: "2026", starts: 2026-01-01, ends: 2026-12-31}]
metrics: [{key: orders, kind: count, event: ordered, level: kpi, grain: day}]
objectives:
  - key: grow
    title: Grow
    team: all
    cycle: "2026"
    key_results:
      - {key: orders, metric: orders, over: cycle_to_date, from: 0, to: 20}
      - {key: partners, title: Partners, unit: partners, from: 0, to: 100}
"""

if __name__ == "__main__":
    django.ready(create=True)
    {"prepare": prepare, "work": work, "write": write}[sys.argv[1]](Path(sys.argv[2]))
