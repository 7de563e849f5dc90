"""Many small parts become few, and files that nobody can read any more are removed."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.db import transaction

from headway.accounts.models import Workspace
from headway.engine.errors import HeadwayError
from headway.ingest.manifest.rows import part_file, root_of, row_of
from headway.ingest.models import Part, Replaced, Source
from headway.stores.merging import merged, worth_merging
from headway.stores.ordered.ledger import FOLDER, Ledger
from headway.stores.parts import PartFile

log = logging.getLogger(__name__)

GRACE = timedelta(days=1)
"""For so long a question or an import that has begun may read a file that was replaced."""


def compact(
    workspace: Workspace, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> int:
    """How many parts were put together. Killed at any moment it leaves all or nothing of a step."""
    done = 0
    for source in workspace.sources.order_by("pk"):
        parts = [part_file(part) for part in source.parts.select_related("source")]
        for group in worth_merging(parts):
            if stopped():
                return done
            done += _replace(source, group, now)
    sweep(workspace, now=now)
    return done


def sweep(workspace: Workspace, *, now: datetime) -> None:
    """Removes the files of parts that were replaced a day ago."""
    found = list(Replaced.objects.filter(source__workspace=workspace, at__lt=now - GRACE))
    for old in found:
        if not Part.objects.filter(path=old.path).exists():
            remove(settings.STORE / old.path)
        old.delete()
    if found:
        _sweep_ledgers(workspace)


def _sweep_ledgers(workspace: Workspace) -> None:
    """Those of parts that are gone: nobody opens them any more."""
    root = root_of(workspace)
    rows = (m.objects.filter(source__workspace=workspace) for m in (Part, Replaced))
    paths = chain.from_iterable(row.values_list("path", flat=True) for row in rows)
    known = {path.partition("/")[2] for path in paths}
    for folder in (root / FOLDER).glob("[!.]*-*"):
        ledger = Ledger.open(folder)
        if ledger and not known.issuperset(ledger.parts):
            shutil.rmtree(folder, ignore_errors=True)


def remove(part: Path) -> None:
    for path in (part, part.with_suffix(".marks")):
        path.unlink(missing_ok=True)


def _replace(source: Source, group: Sequence[PartFile], now: datetime) -> int:
    """A damaged part stays as it is, and so do those beside it; `store check` finds it."""
    try:
        found = merged(root_of(source.workspace), group)
    except (HeadwayError, OSError, ValueError) as error:
        log.warning("Parts of %s could not be put together: %s", source.key, error)
        return 0
    paths = [f"{source.workspace.key}/{part.path}" for part in group]
    with transaction.atomic():
        locked = Source.objects.select_for_update().get(pk=source.pk)
        if locked.parts.filter(path__in=paths).count() != len(paths):
            return 0
        locked.parts.filter(path__in=paths).delete()
        Part.objects.bulk_create(row_of(locked, part, now) for part in found)
        Replaced.objects.bulk_create(Replaced(source=locked, path=path, at=now) for path in paths)
    return len(paths)
