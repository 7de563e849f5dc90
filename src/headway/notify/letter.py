"""A message as it is read: a subject, text, and the same as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from headway.accounts.models import Member
from headway.notify import addresses
from headway.notify.models import Topic


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


def letter(member: Member, topic: Topic, subject: str, **values: Any) -> Letter:
    """From `templates/notify/<topic>.txt` and `.html`."""
    workspace = member.workspace
    known = {
        "member": member,
        "workspace": workspace,
        "subject": subject,
        "topic": topic,
        "unsubscribe": addresses.unsubscribe(member, topic),
        "settings_url": addresses.page(workspace, "settings_mails"),
        **values,
    }
    text = render_to_string(f"notify/{topic}.txt", known)
    html = render_to_string(f"notify/{topic}.html", known)
    return Letter(" ".join(subject.split())[:250], _plain(text), html)


def _plain(text: str) -> str:
    """Ordinary spaces, and never more than one empty line."""
    lines = text.replace("\u202f", " ").replace("\u00a0", " ").strip().splitlines()
    kept = [a.rstrip() for a, before in zip(lines, ["", *lines], strict=False) if a or before]
    return "\n".join(kept) + "\n"
