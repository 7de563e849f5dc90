"""Moving out: everything of a workspace's goals, as JSON or as a ZIP of CSV files."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from typing import Any

from headway.accounts.models import Workspace
from headway.files.export import export
from headway.goals.models import CheckIn
from headway.moving.own import MARK, VERSION
from headway.moving.packed import sheets

FORMATS = ("json", "csv")


def everything(workspace: Workspace, *, now: datetime) -> dict[str, Any]:
    """The workspace's document with the check-ins beside it; what is archived is left out."""
    return {
        MARK: {"version": VERSION, "written_at": now.isoformat(timespec="seconds")},
        **export(workspace),
        "check_ins": check_ins(workspace),
    }


def check_ins(workspace: Workspace) -> list[dict[str, Any]]:
    """The oldest first, in the order in which those of a day were given."""
    rows = CheckIn.objects.filter(
        key_result__objective__workspace=workspace,
        key_result__archived_at=None,
        key_result__objective__archived_at=None,
    )
    rows = rows.select_related("key_result__objective", "by")
    return [_check_in(row) for row in rows.order_by("day", "at", "pk")]


def _check_in(row: CheckIn) -> dict[str, Any]:
    fields = {
        "objective": row.key_result.objective.key,
        "key_result": row.key_result.key,
        "day": str(row.day),
        "value": row.value,
        "confidence": row.confidence,
        "note": row.note,
        "by": row.by.email if row.by else "",
    }
    return {name: value for name, value in fields.items() if value not in (None, "")}


def as_json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def as_csv(document: dict[str, Any]) -> bytes:
    """The ZIP; the same goals give the same bytes but for the time of writing."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sheets(document).items():
            archive.writestr(zipfile.ZipInfo(name), content.encode())
    return stream.getvalue()
