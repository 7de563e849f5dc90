"""Moving out: everything of a workspace's goals, as JSON or as a ZIP of CSV files."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from typing import Any

from headway.accounts.models import Workspace
from headway.files.export import export
from headway.files.state import kept
from headway.moving import history
from headway.moving.own import MARK, VERSION
from headway.moving.packed import sheets

FORMATS = ("json", "csv")
ARCHIVED = ("metric", "objective", "key_result", "output", "annotation")
"""What people archive."""


def everything(workspace: Workspace, *, now: datetime) -> dict[str, Any]:
    """The workspace's document, with what is archived, said, shared and remembered beside it."""
    return {
        MARK: {"version": VERSION, "written_at": now.isoformat(timespec="seconds")},
        **export(workspace),
        "check_ins": history.check_ins(workspace),
        **archived(workspace),
        "comments": history.comments(workspace),
        "links": history.links(workspace),
        "changes": history.changes(workspace),
    }


def archived(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """Sections of their own, as a document leaves out what is archived."""
    found: dict[str, list[dict[str, Any]]] = {f"archived_{noun}s": [] for noun in ARCHIVED}
    for subject, one in kept(workspace, *ARCHIVED).items():
        noun, _, key = subject.partition(":")
        if one.archived:
            above = {"objective": key.partition("/")[0]} if noun == "key_result" else {}
            found[f"archived_{noun}s"].append({**above, **one.fields})
    return {**found, "archived_check_ins": history.check_ins(workspace, archived=True)}


def as_json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def as_csv(document: dict[str, Any]) -> bytes:
    """The ZIP; the same goals give the same bytes but for the time of writing."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sheets(document).items():
            archive.writestr(zipfile.ZipInfo(name), content.encode())
    return stream.getvalue()
