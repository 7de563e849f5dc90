"""How many have answered the surveys that end after enough of them."""

from __future__ import annotations

from datetime import UTC, datetime

from headway.accounts.models import Workspace
from headway.feed.record import record
from headway.ingest.dialects.survey import SCALES
from headway.ingest.manifest.rows import part_file, root_of
from headway.ingest.models import Part
from headway.stores.named import rows_named
from headway.surveys.actions import subject
from headway.surveys.models import Survey

EVER = datetime(1970, 1, 1, tzinfo=UTC)

_looked: dict[int, int] = {}
"""By survey, the newest part when this process counted last."""


def count(workspace: Workspace, *, now: datetime) -> None:
    """A step of the worker, after the drain. Answers that are no longer kept still count."""
    rows = workspace.surveys.filter(archived_at=None, body__has_key="enough")
    for survey in rows.select_related("source", "workspace"):
        if 0 < (enough := survey.definition.enough) > survey.answers:
            _count(survey, enough, now)


def _count(survey: Survey, enough: int, now: datetime) -> None:
    parts = list(Part.objects.filter(source=survey.source_id).select_related("source"))
    newest = max((part.pk for part in parts), default=0)
    if _looked.get(survey.pk) == newest:
        return
    rows = rows_named(
        root_of(survey.workspace), map(part_file, parts), (SCALES[survey.kind].event,), (),
        equal=("survey", survey.key), since=EVER,
    )  # fmt: skip
    if len(rows) > survey.answers:
        survey.answers = len(rows)
        survey.save(update_fields=["answers"])
    if survey.answers >= enough:
        record(
            survey.workspace, subject=subject(survey), title=str(survey), what="enough_answers",
            after=str(survey.answers), now=now,
        )  # fmt: skip
    _looked[survey.pk] = newest
