"""What others changed while somebody was typing: it is said before it is written over."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils import timezone

from headway.feed.models import Change
from headway.web.context import Here

NAME = "seen"
NOT_TYPED = (
    *("check_in", "status", "milestone", "score", "closed", "effect", "read-out", "imported"),
    *("comment", "comment_edited", "comment_deleted", "write key", "value", "experiment"),
)
"""What changes beside what stands in the form of its subject."""

SHOWN = 3


class Seen(forms.Field):
    """When the page was made. Refuses what was typed once, if others saved something since then.

    The page that says so was made later, so that saving again writes over it.
    """

    widget = forms.HiddenInput

    def __init__(self, here: Here, subject: str) -> None:
        super().__init__(required=False)
        by_others = Change.objects.filter(
            workspace=here.workspace, subject=subject, by__isnull=False
        )
        others = by_others.exclude(by=here.member.person).exclude(what__in=NOT_TYPED)
        self.changes = others.select_related("by").order_by("-at", "-pk")
        asked = here.request.POST
        self.posted, self.tries = asked.get(NAME, ""), asked.get("do") in ("preview", "test")
        self.refused = False

    @property
    def since(self) -> str:
        """For the page that is shown now; one that only tries what was typed keeps its time."""
        now = timezone.now().isoformat()
        return now if self.refused else self.posted or now

    def clean(self, value: str | None) -> None:
        if self.tries:
            return
        try:
            since = datetime.fromisoformat(value or "")
            newer = list(self.changes.filter(at__gt=since))
        except (TypeError, ValueError):
            return  # a script that posts without having opened the page
        if newer:
            self.refused = True
            raise forms.ValidationError(_said(newer))


def watch(form: forms.Form, here: Here, subject: str) -> None:
    """`subject` is as the feed writes it, such as `objective:fast-start`."""
    form.fields[NAME] = Seen(here, subject)


def _said(newer: list[Change]) -> str:
    who = " and ".join(dict.fromkeys(str(change.by) for change in newer))
    what = "; ".join(_one(change) for change in newer[:SHOWN])
    rest = f"; and {len(newer) - SHOWN} more" if len(newer) > SHOWN else ""
    return (
        f"{who} saved changes while you were typing: {what}{rest}. Nothing of yours is saved yet, "
        "and all that you typed is still here. Take over what you want to keep, then save again."
    )


def _one(change: Change) -> str:
    name = change.what.replace("_", " ")
    if not change.before and not change.after:
        return name
    return f"{name} “{_short(change.before)}” → “{_short(change.after)}”"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
