"""Links in mails: absolute, and under the one address by which people reach Headway."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.urls import reverse

from headway.accounts.models import Member, Workspace
from headway.engine.errors import DefinitionError, NotFound

SALT = "headway.unsubscribe"


def require_public() -> None:
    """Raises DefinitionError when links would lead to the reader's own machine."""
    if _is_own_machine(urlsplit(settings.BASE_URL).hostname or ""):
        raise DefinitionError(
            f"The links of a mail would lead to {settings.BASE_URL}, which nobody else can open.",
            where="HEADWAY_URL",
            fix="Set it to the address by which people reach Headway, "
            "such as `https://goals.example.org`. Until then no mail is sent.",
        )


def _is_own_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost")


def page(workspace: Workspace, name: str, *keys: str) -> str:
    """`name` is one of headway.web.urls."""
    return settings.BASE_URL + reverse(name, args=(workspace.key, *keys))


def of_subject(workspace: Workspace, subject: str) -> str:
    """The page of what a Change is about; the workspace's when it has none."""
    noun, _, key = subject.partition(":")
    if noun in ("objective", "key_result", "alert"):
        return page(workspace, noun, *key.split("/"))
    return page(workspace, "home")


def unsubscribe(member: Member, topic: str) -> str:
    """Opens without sign-in; signed, so that nobody makes one for somebody else."""
    raw = signing.dumps([member.pk, topic], salt=SALT)
    return settings.BASE_URL + reverse("unsubscribe", args=(raw,))


def unsubscribed(raw: str) -> tuple[Member, str]:
    """Whom and what such a link means. Raises NotFound."""
    try:
        number, topic = signing.loads(raw, salt=SALT)
        found = Member.objects.select_related("person", "workspace").get(pk=number)
    except (signing.BadSignature, Member.DoesNotExist):
        raise NotFound(
            "This link is not valid, or not any more.",
            fix="Sign in and choose under Settings › Mails what you want to get.",
        ) from None
    return found, str(topic)
