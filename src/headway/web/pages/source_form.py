"""Which table is read, and what are its columns? Tried before it is saved."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.engine.errors import DefinitionError, NotFound, nearest
from headway.ingest import actions
from headway.ingest.allotted import require_allotted
from headway.ingest.definition import SourceDefinition
from headway.ingest.kinds import KINDS, parse
from headway.ingest.models import Source
from headway.ingest.probe import Glance, glance
from headway.ingest.trying import tried
from headway.web.context import Here, inside
from headway.web.forms.fields import attempt
from headway.web.forms.source import SourceForm, may_change

NAMES_SHOWN = 12


@inside
def choose(here: Here) -> HttpResponse:
    gate.require(here.member, "write", here.workspace)
    kinds = [(name, kind, may_change(here, name)) for name, kind in KINDS.items()]
    return here.show("source_new.html", title="New source", kinds=kinds)


@inside
def new(here: Here, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise NotFound(f"There is no kind of source `{kind}`.", fix=nearest(kind, KINDS))
    form = SourceForm(kind, here.request.POST or None)
    return _page(here, form, title=f"New source: {KINDS[kind].title}")


@inside
def edit(here: Here, key: str) -> HttpResponse:
    source = here.workspace.sources.filter(key=key).first()
    if source is None:
        raise NotFound(f"There is no source `{key}` in {here.workspace}.", where=key)
    form = SourceForm(source.kind, here.request.POST or None, known=source.definition)
    return _page(here, form, title=f"Edit {source}", source=source)


def _page(
    here: Here, form: SourceForm, *, title: str, source: Source | None = None
) -> HttpResponse:
    verb: gate.Verb = "administer" if KINDS[form.kind].is_theirs else "write"
    gate.require(here.member, verb, here.workspace)
    found: Glance | None = None
    if here.request.POST.get("do") == "test":
        found = attempt(form, lambda: _looked(here, _definition(form)))
    elif here.request.method == "POST" and (saved := attempt(form, lambda: _save(here, form))):
        messages.success(here.request, f"{saved} is saved.{_next(saved)}")
        return here.go("source", saved.key)
    return here.show(
        "source_form.html",
        title=title,
        form=form,
        kind=KINDS[form.kind],
        source=source,
        found=found,
        names=found.names[:NAMES_SHOWN] if found else (),
        status=422 if form.errors else 200,
    )


def _looked(here: Here, definition: SourceDefinition) -> Glance:
    require_allotted(here.workspace, definition)
    if KINDS[definition.kind].fetcher:
        return tried(definition, now=timezone.now())
    return glance(definition)


def _definition(form: SourceForm) -> SourceDefinition:
    return parse({"key": form.key_of, **form.fields_given})


def _save(here: Here, form: SourceForm) -> Source:
    """A new source never takes over another one."""
    if form.known is None and here.workspace.sources.filter(key=form.key_of).exists():
        raise DefinitionError(
            f"There is already a source `{form.key_of}`.", where="key", fix="Give another key."
        )
    return actions.save_source(
        here.workspace, form.key_of, by=here.member, now=timezone.now(), **form.fields_given
    )


def _next(saved: Source) -> str:
    if saved.is_fetched:
        return " The worker fetches it in its next pass."
    return " The worker looks at its table in its next pass." if saved.is_warehouse else ""
