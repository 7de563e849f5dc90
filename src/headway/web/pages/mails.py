"""Which mails one gets, what the next digest says, and the link by which one gets no more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from headway.engine.errors import DefinitionError, NotFound
from headway.notify import addresses, subscriptions
from headway.notify.channels import email
from headway.notify.digest import preview as draft
from headway.notify.models import Topic
from headway.web.context import Here, inside

NO_SERVER = "No mail server is set, so that no mail is sent: the operator sets HEADWAY_SMTP_URL."


@inside
def page(here: Here) -> HttpResponse:
    if here.request.method == "POST":
        asked = here.request.POST.getlist("topic")
        chosen = {topic: topic in asked for topic in Topic.values}
        subscriptions.subscribe(here.member, chosen, now=timezone.now())
        messages.success(here.request, "From now on you get what is ticked here.")
        return here.go("settings_mails")
    return here.show(
        "settings_mails.html",
        title="Mails",
        tab="mails",
        topics=Topic.choices,
        wanted=subscriptions.wanted(here.member),
        obstacle=obstacle(here),
    )


@inside
def preview(here: Here) -> HttpResponse:
    """The digest as it would be sent now."""
    return here.show(
        "mail_preview.html", title="The next digest", letter=draft(here.member, here.now)
    )


def obstacle(here: Here) -> str:
    """Why no mail leaves; empty when it does."""
    if here.workspace.clock:
        return "The clock of this workspace stands still, so that it sends no mails."
    if not email.is_set_up():
        return NO_SERVER
    try:
        addresses.require_public()
    except DefinitionError as error:
        return str(error)
    return ""


@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, raw: str) -> HttpResponse:
    """A mail program posts at once; a person sees a page with one button.

    Opening alone does nothing, since programs that look for viruses open every link.
    """
    try:
        member, topic = addresses.unsubscribed(raw)
    except NotFound as error:
        return render(request, "unsubscribe.html", {"problem": error}, status=404)
    back = request.POST.get("do") == "back"
    if request.method == "POST":
        subscriptions.subscribe(member, {topic: back}, now=timezone.now())
    shown = {"member": member, "topic": Topic(topic).label, "back": back}
    return render(request, "unsubscribe.html", shown)
