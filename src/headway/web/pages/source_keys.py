"""The buttons around sending events: keys of a source, and what was set aside."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from headway.engine.errors import DefinitionError, NotFound
from headway.ingest import actions
from headway.ingest.models import Source, WriteKey
from headway.web.context import Here, inside
from headway.web.whole import whole

FIRST_SOURCE, FIRST_KEY = "events", "first key"


@inside
def change(here: Here, key: str) -> HttpResponse:
    """Makes or revokes a key of the source."""
    source = _source(here, key)
    if here.request.method == "POST":
        if here.request.POST.get("do") == "revoke":
            _revoke(here, source)
        else:
            _make(here, source, here.request.POST.get("name", ""))
    return here.go("source", key)


@inside
def start(here: Here) -> HttpResponse:
    """From nothing to a source that can be sent to, in one click."""
    if here.request.method != "POST":
        return here.go("sources")
    source = here.workspace.sources.filter(key=FIRST_SOURCE).first()
    if source is None:
        source = actions.save_source(
            here.workspace, FIRST_SOURCE, name="Events", by=here.member, now=timezone.now()
        )
    if not source.write_keys.filter(revoked_at=None).exists():
        _make(here, source, FIRST_KEY)
    return here.go("source", source.key)


@inside
def aside(here: Here, key: str) -> HttpResponse:
    """Has the worker read once more what it had set aside."""
    source = _source(here, key)
    if here.request.method == "POST":
        count = actions.try_again(source, by=here.member)
        messages.success(here.request, f"The worker tries {count} again in its next pass.")
    return here.go("source", key)


def _make(here: Here, source: Source, name: str) -> None:
    try:
        made = actions.create_key(source, name, by=here.member, now=timezone.now())
    except DefinitionError as error:
        messages.error(here.request, str(error))
    else:
        messages.success(here.request, f"The key “{made.name}” can be used now.")


def _revoke(here: Here, source: Source) -> None:
    number = whole(here.request.POST.get("id", "")) or 0
    found: WriteKey | None = source.write_keys.filter(pk=number).first()
    if found is None:
        raise NotFound("This write key is not there any more.")
    actions.revoke_key(found, by=here.member, now=timezone.now())
    messages.success(here.request, f"Nothing comes in with the key “{found.name}” any more.")


def _source(here: Here, key: str) -> Source:
    source = here.workspace.sources.filter(key=key).first()
    if source is None:
        raise NotFound(f"There is no source `{key}` in {here.workspace}.", where=key)
    return source
