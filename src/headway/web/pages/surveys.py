"""What people are asked in the product, and what they answer, as it comes in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.accounts import gate
from headway.engine.errors import InputError, NotFound, nearest
from headway.surveys import actions
from headway.surveys.models import Survey
from headway.surveys.results import Results, results
from headway.web.context import Here, inside
from headway.web.exports import data
from headway.web.whole import whole

SPANS = (7, 30, 90, 365)
USUAL = 30
COMMENTS_SHOWN = 50


@inside
def index(here: Here) -> HttpResponse:
    rows = here.workspace.surveys.filter(archived_at=None).select_related("source", "workspace")
    found = [(row, row.definition) for row in rows]
    return here.show("surveys.html", title="Surveys", found=found, tab="surveys")


@inside
def page(here: Here, key: str) -> HttpResponse:
    survey = find(here, key)
    days = _days(here)
    found = results(survey, days=days, now=here.now)
    sees = gate.allows(here.member, "see people")
    return data(here.request, f"survey-{key}", _rows(found, sees)) or here.show(
        "survey.html",
        title=str(survey),
        survey=survey,
        definition=survey.definition,
        results=found,
        comments=found.comments[:COMMENTS_SHOWN],
        most=max((bar.share for bar in found.bars), default=0) or 1,
        days=days,
        spans=SPANS,
        kpi=actions.kpi_of(survey),
        measurable=survey.kind in actions.TEMPLATES,
        sees_people=sees,
        **_placing(survey),
    )


@require_POST
@inside
def kpi(here: Here, key: str) -> HttpResponse:
    made = actions.make_kpi(find(here, key), by=here.member, now=timezone.now())
    messages.success(here.request, f"“{made}” is a KPI; the worker's next pass fills it in.")
    return here.go("kpi", made.key)


@require_POST
@inside
def archive(here: Here, key: str) -> HttpResponse:
    actions.archive_survey(find(here, key), by=here.member, now=timezone.now())
    return here.go("survey", key)


@require_POST
@inside
def restore(here: Here, key: str) -> HttpResponse:
    actions.restore_survey(find(here, key), by=here.member, now=timezone.now())
    return here.go("survey", key)


def find(here: Here, key: str) -> Survey:
    rows = here.workspace.surveys.select_related("source", "workspace")
    found: Survey | None = rows.filter(key=key).first()
    if found is None:
        known = here.workspace.surveys.values_list("key", flat=True)
        raise NotFound(f"There is no survey `{key}` in {here.workspace}.", fix=nearest(key, known))
    return found


def _days(here: Here) -> int:
    given = here.request.GET.get("days", str(USUAL))
    days = whole(given)
    if days is None or days not in SPANS:
        words = ", ".join(map(str, SPANS))
        raise InputError(f"`{given[:20]}` days are not shown.", where="days", fix=f"Use {words}.")
    return days


def _placing(survey: Survey) -> dict[str, Any]:
    """What is put into a page, with a write key that works."""
    key = survey.source.write_keys.filter(revoked_at=None).first()
    at = settings.BASE_URL
    tag = f'<script src="{at}/survey.js" data-key="{key.value}" defer></script>' if key else ""
    return {"tag": tag, "policy": f"script-src {at}; connect-src {at}"}


def _rows(found: Results, people: bool) -> list[dict[str, Any]]:
    """The comments; who wrote them for those who may see people."""
    told = found.to_dict(people=people)
    return [{**row, "at": row["at"].isoformat()} for row in told["comments"]]
