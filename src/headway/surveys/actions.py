"""What can be done with surveys: written, put away, made a KPI of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from headway.accounts import gate
from headway.accounts.keeping import refuse_managed, refuse_reserved
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict
from headway.feed.record import record
from headway.ingest.actions import taking
from headway.ingest.models import Source, WriteKey
from headway.metrics.actions import save_metric
from headway.metrics.catalogue import template
from headway.metrics.models import Metric
from headway.surveys.definition import SurveyDefinition, parse
from headway.surveys.models import Survey

TEMPLATES = {"nps": "nps", "csat": "csat_score", "ces": "customer_effort_score"}
"""The template of the catalogue that reads the answers of a kind; texts have no number."""

RESERVED = frozenset(["new"])


@transaction.atomic
def save_survey(
    workspace: Workspace,
    key: str,
    *,
    by: Member | None,
    now: datetime,
    managed: bool = False,
    **fields: Any,
) -> Survey:
    """Makes the survey, or changes it to be like this; fields are those of SurveyDefinition.

    Raises DefinitionError with the field as `where`.
    """
    gate.require(by, "write", workspace)
    definition = parse({"key": key, **fields})
    refuse_reserved(key, RESERVED)
    source = taking(workspace, definition.source, "no answers can be sent to it")
    survey = workspace.surveys.select_for_update().filter(key=key).first()
    if survey is None:
        survey = Survey(workspace=workspace, key=key, created_at=now)
        _assign(survey, definition, source, managed)
        _record(survey, "created", by=by, now=now)
        return survey
    refuse_managed(f"The survey `{survey.key}`", survey.managed_in_code, survey.workspace, managed)
    before = _said(survey)
    _assign(survey, definition, source, managed)
    for name, after in _said(survey).items():
        if after != before[name]:
            _record(survey, name, before=before[name], after=after, by=by, now=now)
    return survey


def archive_survey(
    survey: Survey, *, by: Member | None, now: datetime, managed: bool = False
) -> None:
    """Nobody is asked any more; what was answered stays."""
    _put_away(survey, now, by=by, now=now, managed=managed)


def restore_survey(
    survey: Survey, *, by: Member | None, now: datetime, managed: bool = False
) -> None:
    _put_away(survey, None, by=by, now=now, managed=managed)


@transaction.atomic
def make_kpi(survey: Survey, *, by: Member | None, now: datetime) -> Metric:
    """The KPI of the catalogue over the answers to this survey; the one there is, if there is."""
    gate.require(by, "write", survey.workspace)
    if (found := kpi_of(survey)) is not None:
        return found
    if survey.kind not in TEMPLATES:
        raise Conflict("Answers in words have no number.", fix="Read them on the survey's page.")
    made = template(TEMPLATES[survey.kind])
    document = made.document | {
        "key": kpi_key(survey),
        "name": f"{made.name}: {survey}",
        "where": {"survey": survey.key},
    }
    return save_metric(
        survey.workspace, document, by=by, now=now, note=f"Of the survey {survey.key}."
    )


def kpi_of(survey: Survey) -> Metric | None:
    found: Metric | None = survey.workspace.metrics.filter(key=kpi_key(survey)).first()
    return found


def kpi_key(survey: Survey) -> str:
    return f"{TEMPLATES.get(survey.kind, 'answers')}_{survey.key.replace('-', '_')}"


def offered(key: str) -> list[SurveyDefinition] | None:
    """The surveys that a page with this write key may show; None: no source has it."""
    found = WriteKey.objects.filter(value=key, revoked_at=None).first()
    if found is None:
        return None
    rows = Survey.objects.filter(source=found.source_id, archived_at=None)
    counted = [
        (row.definition, row.answers) for row in rows.select_related("source").order_by("pk")
    ]
    return [one for one, answers in counted if one.asking and not 0 < one.enough <= answers]


def subject(survey: Survey) -> str:
    return f"survey:{survey.key}"


def _assign(survey: Survey, definition: SurveyDefinition, source: Source, managed: bool) -> None:
    if survey.pk and survey.kind != definition.kind:
        raise Conflict(
            f"The answers to `{survey.key}` are of the kind `{survey.kind}`.",
            where="kind",
            fix="Make another survey.",
        )
    survey.name, survey.kind, survey.source = definition.name, definition.kind, source
    survey.body = definition.body()
    survey.managed_in_code = survey.managed_in_code or managed
    survey.save()


def _said(survey: Survey) -> dict[str, str]:
    """What can change about it, as people read it."""
    found = survey.definition
    texts = {tag: one.question for tag, one in found.texts.items()}
    return {
        "name": survey.name,
        "source": survey.source.key,
        "asking": "yes" if found.asking else "no",
        "share": f"{found.share:.0%}",
        "again_days": str(found.again_days),
        "rest_days": str(found.rest_days),
        "enough": str(found.enough) if found.enough else "",
        "after_seconds": str(found.after_seconds),
        "event": found.event,
        "pages": ", ".join(found.pages),
        "where": ", ".join(f"{name}: {value}" for name, value in found.where.items()),
        "texts": "; ".join(f"{tag}: {question}" for tag, question in texts.items()),
    }


@transaction.atomic
def _put_away(
    survey: Survey, at: datetime | None, *, by: Member | None, now: datetime, managed: bool
) -> None:
    gate.require(by, "write", survey.workspace)
    refuse_managed(f"The survey `{survey.key}`", survey.managed_in_code, survey.workspace, managed)
    if (survey.archived_at is None) == (at is None):
        return
    survey.archived_at = at
    survey.save(update_fields=["archived_at"])
    _record(survey, "archived" if at else "restored", by=by, now=now)


def _record(
    survey: Survey,
    what: str,
    *,
    before: str = "",
    after: str = "",
    by: Member | None,
    now: datetime,
) -> None:
    record(
        survey.workspace,
        subject=subject(survey),
        title=str(survey),
        what=what,
        before=before,
        after=after,
        by=by,
        now=now,
    )
