"""A new survey, and a survey changed, with the real script beside it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.engine.errors import Conflict
from headway.ingest import actions as ingest
from headway.surveys import actions
from headway.surveys.models import Survey
from headway.web.context import Here, inside
from headway.web.forms.fields import attempt
from headway.web.forms.survey import FIRST_SOURCE, SurveyForm
from headway.web.pages.surveys import find

KEY = "surveys"


@inside
def new(here: Here) -> HttpResponse:
    return _page(here, SurveyForm(here, here.request.POST or None), title="New survey")


@inside
def edit(here: Here, key: str) -> HttpResponse:
    survey = find(here, key)
    form = SurveyForm(here, here.request.POST or None, known=survey.definition)
    return _page(here, form, title=f"Edit “{survey}”", survey=survey)


def _page(
    here: Here, form: SurveyForm, *, title: str, survey: Survey | None = None
) -> HttpResponse:
    gate.require(here.member, "write", here.workspace)
    if here.request.method == "POST" and (saved := attempt(form, lambda: _save(here, form))):
        messages.success(here.request, f"{saved} is saved.")
        return here.go("survey", saved.key)
    wrong = bool(form.errors) or any(one.errors for one in form.languages)
    return here.show(
        "survey_form.html",
        title=title,
        form=form,
        survey=survey,
        status=422 if form.is_bound and wrong else 200,
    )


def _save(here: Here, form: SurveyForm) -> Survey:
    """Raises Conflict where a new one would write over another."""
    now = timezone.now()
    if not form.known and here.workspace.surveys.filter(key=form.key_of).exists():
        raise Conflict(
            f"There is a survey `{form.key_of}` already.", where="key", fix="Choose another key."
        )
    fields = form.fields_given
    _ready(here, str(fields["source"]))
    return actions.save_survey(here.workspace, form.key_of, by=here.member, now=now, **fields)


def _ready(here: Here, key: str) -> None:
    """The source is there, and a page can send to it."""
    now = timezone.now()
    source = here.workspace.sources.filter(key=key).first()
    if source is None and key == FIRST_SOURCE:
        source = ingest.save_source(here.workspace, key, name="Surveys", by=here.member, now=now)
    if source and not source.write_keys.filter(revoked_at=None).exists():
        ingest.create_key(source, KEY, by=here.member, now=now)
