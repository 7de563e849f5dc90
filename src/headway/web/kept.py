"""Since when raw events are here, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from headway.accounts.models import Workspace
from headway.charts import formats
from headway.ingest.models import Keeping
from headway.metrics.keeping import THINK_TWICE
from headway.metrics.models import Metric


@dataclass(frozen=True)
class KeptWords:
    """Both are empty where every event is here and stays."""

    words: str = ""
    rests: str = ""


def told(workspace: Workspace) -> KeptWords:
    row = Keeping.objects.filter(workspace=workspace).first()
    if row is None or (row.kept_from is None and not workspace.keep_events):
        return KeptWords()
    if row.kept_from is None:
        return KeptWords(f"Nothing is removed before {_day(row.asked_at + THINK_TWICE)}.")
    removed = f"{formats.number(row.removed)} older ones were removed"
    last = f", last on {_day(row.removed_at)}" if row.removed_at else ""
    more = " More are being removed." if row.removing else ""
    return KeptWords(
        f"All raw events are here since {_day(row.kept_from)}; {removed}{last}.{more}",
        f"{formats.number(row.stayed)} older ones stay, without what nobody counts: who people "
        "are, and what later numbers rest on.",
    )


def frozen_words(metric: Metric) -> str:
    """Of the page of a metric: from when on its numbers can be computed again."""
    row = Keeping.objects.filter(workspace=metric.workspace_id).exclude(kept_from=None).first()
    if row is None or row.kept_from is None or metric.first_day is None:
        return ""
    if metric.first_day >= row.kept_from:
        return ""
    since = _day(row.kept_from)
    if not metric.points.filter(start__lt=row.kept_from).exists():
        return f"It begins on {since}: events of before were removed when it was defined."
    said = f"Numbers that rest on days before {since} are frozen: their events are no longer kept."
    if metric.measured_from:
        said += f" Before {_day(metric.measured_from)} they are of an older definition."
    return said


def _day(day: date) -> str:
    return formats.day(day)
