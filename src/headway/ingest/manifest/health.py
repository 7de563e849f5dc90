"""Is the store what the manifest says? What is damaged is named; what is foreign is set aside."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from headway.accounts.models import Workspace
from headway.ingest.changes import record_of
from headway.ingest.manifest.rows import part_file, root_of
from headway.ingest.models import Part, Replaced, Source
from headway.stores.marks import remake
from headway.stores.ordered.ledger import FOLDER, Ledger
from headway.stores.soundness import damage, fault, lacks_marks, unreadable

YOUNG = timedelta(days=1)
"""A younger file may belong to an import that is under way."""


@dataclass(frozen=True)
class Flaw:
    """Something wrong with a file. `mend` is None where only a backup helps."""

    workspace: str
    path: str
    words: str
    mended_by: str = ""
    mend: Callable[[], None] | None = None


def flaws(workspace: Workspace, *, now: datetime) -> Iterator[Flaw]:
    """Reads every file of the workspace's store and compares it with the manifest."""
    yield from _of_parts(workspace)
    yield from _of_others(workspace, now)
    yield from _of_ledgers(workspace)


def watch(workspace: Workspace, *, now: datetime) -> None:
    """Says on the page of a source when one of its files cannot be served, and when it can again.

    Looks at sizes and ends of files, which costs little in every pass.
    """
    for source in workspace.sources.order_by("pk"):
        if source.is_warehouse:
            continue
        problem = _problem(source)
        if problem != source.problem:
            _tell(source, problem, now)


def _problem(source: Source) -> str:
    root = root_of(source.workspace)
    wrong = []
    for part in source.parts.select_related("source"):
        file = part_file(part)
        if found := fault(root, file):
            wrong.append(f"The file {file.path} of its events {found}.")
    if not wrong:
        return ""
    more = f" {len(wrong) - 1} more are damaged." if len(wrong) > 1 else ""
    return f"{wrong[0]}{more} Restore it from a backup; `headway store check` lists what is wrong."


def _tell(source: Source, problem: str, now: datetime) -> None:
    with transaction.atomic():
        if bool(problem) != bool(source.problem):
            record_of(source, "problem", before=source.problem, after=problem, by=None, now=now)
        Source.objects.filter(pk=source.pk).update(problem=problem)


def _of_parts(workspace: Workspace) -> Iterator[Flaw]:
    root = root_of(workspace)
    rows = Part.objects.filter(source__workspace=workspace).select_related("source")
    for part in map(part_file, rows.order_by("pk")):
        if found := damage(root, part):
            yield Flaw(workspace.key, part.path, f"It {found}: restore it from a backup.")
        elif lacks_marks(root, part):
            path = root / part.path
            yield Flaw(
                workspace.key,
                part.path,
                "Its list of known ids is missing or torn.",
                "made again",
                partial(remake, path),
            )


def _of_others(workspace: Workspace, now: datetime) -> Iterator[Flaw]:
    """Files that no manifest names: drafts and orphans of what was killed, and foreign ones."""
    root = root_of(workspace)
    known = named(workspace)
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        inside = path.relative_to(root)
        if inside.parts[0] == FOLDER or str(inside.with_suffix("")) in known:
            continue
        age = now.timestamp() - path.stat().st_mtime
        if age < YOUNG.total_seconds() and _may_be_ours(path):
            continue
        yield Flaw(
            workspace.key,
            str(inside),
            _about(path),
            "set aside",
            partial(_set_aside, workspace, path, inside),
        )


def named(workspace: Workspace) -> set[str]:
    """Without their suffix: beside each part stand its marks."""
    found: set[str] = set()
    for model in (Part, Replaced):
        rows = model.objects.filter(source__workspace=workspace)
        paths = rows.values_list("path", flat=True)
        found |= {str(Path(path.partition("/")[2]).with_suffix("")) for path in paths}
    return found


def _may_be_ours(path: Path) -> bool:
    if path.name.startswith(".writing-") or path.suffix in (".marks", ".writing"):
        return True
    return path.suffix == ".parquet" and not unreadable(path)


def _about(path: Path) -> str:
    if path.suffix == ".parquet":
        why = unreadable(path)
        return f"It {why}." if why else "It holds events, and no manifest names it."
    return "It does not belong here." if not _may_be_ours(path) else "It was left half-way."


def _set_aside(workspace: Workspace, path: Path, inside: Path) -> None:
    there: Path = settings.DATA / "aside" / workspace.key / inside
    there.parent.mkdir(parents=True, exist_ok=True)
    path.replace(there)


def _of_ledgers(workspace: Workspace) -> Iterator[Flaw]:
    root = root_of(workspace)
    for folder in sorted((root / FOLDER).glob("[!.]*-*")):
        ledger = Ledger.open(folder)
        if ledger is None or ledger.damaged():
            yield Flaw(
                workspace.key,
                str(folder.relative_to(root)),
                "The ledger is damaged; it is made again from the events.",
                "removed",
                partial(shutil.rmtree, folder, ignore_errors=True),
            )
