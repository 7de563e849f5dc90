"""Run as a program: one installation from its first migration to its export, told as JSON."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from headway.cli import django

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def journey(folder: Path) -> dict[str, Any]:
    from django.test import Client

    from headway.accounts.models import Person, Workspace
    from headway.cli.worker import run_pass
    from headway.files.apply import apply
    from headway.files.export import write
    from headway.files.plan import plan
    from headway.files.reading import read
    from headway.goals.actions import check_in
    from headway.goals.models import KeyResult
    from headway.ingest.actions import import_events
    from headway.metrics.models import Point

    demo = files("headway.demo")
    with as_file(demo / "cdnow.yml") as path:
        apply(None, read(path), by=None, now=NOW)
    home = Workspace.objects.get()
    with as_file(demo / "cdnow.parquet") as path:
        imported = import_events(home.sources.get(), path, by=None, now=NOW)
        again = import_events(home.sources.get(), path, by=None, now=NOW)
    first, second = run_pass(NOW), run_pass(NOW)
    key_result = KeyResult.objects.get(key="orders", objective__key="first-choice")
    made = check_in(key_result, confidence=7, note="Seen “twice” ✓", by=None, now=home.at(NOW))
    write(home, folder / "export")
    client = Client(headers={"host": "localhost"})
    client.force_login(Person.objects.get(email="mara@cdnow.example"))
    page = client.get(f"/{home.key}/kpis/revenue")
    points = Point.objects.order_by("metric__key", "grain", "segment_by", "segment", "start")
    fields = ("metric__key", "grain", "segment_by", "segment", "start", "value", "low", "high", "n")
    return {
        "added": [imported.added, again.added, again.known],
        "passes": [first, second],
        "check_in": [made.confidence, made.note],
        "steps": [str(step) for step in plan(home, read(folder / "export"))],
        "page": [page.status_code, "Revenue" in page.content.decode()],
        "statuses": sorted(KeyResult.objects.values_list("objective__key", "key", "status")),
        "points": list(points.values_list(*fields)),
    }


if __name__ == "__main__":
    django.ready(create=True)
    print(json.dumps(journey(Path(sys.argv[1])), default=str))  # noqa: T201
