"""Who gets what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from headway.accounts.models import Member
from headway.engine.errors import DefinitionError, nearest
from headway.notify.models import BY_DEFAULT, Subscription, Topic


def wanted(member: Member) -> frozenset[str]:
    """The topics that a member gets."""
    return _of(member.subscriptions.all())


def wanting(topic: str, members: Iterable[Member]) -> list[Member]:
    """Those who get it: one query however many there are. Nobody who cannot sign in."""
    listed = [m for m in members if m.person.is_active]
    said = Subscription.objects.filter(topic=topic, member__in=[m.pk for m in listed])
    words = dict(said.values_list("member_id", "wanted"))
    return [m for m in listed if words.get(m.pk, topic in BY_DEFAULT)]


@transaction.atomic
def subscribe(member: Member, topics: Mapping[str, bool], *, now: datetime) -> frozenset[str]:
    """Everybody chooses for themselves, viewers too. Topics that are left out stay as they are."""
    for topic, want in topics.items():
        if topic not in Topic.values:
            fix = nearest(topic, Topic.values) or f"Use one of {', '.join(Topic.values)}."
            raise DefinitionError(f"There are no mails of `{topic}`.", where="topic", fix=fix)
        said = {"wanted": want, "at": now}
        Subscription.objects.update_or_create(member=member, topic=topic, defaults=said)
    return wanted(member)


def _of(said: Iterable[Subscription]) -> frozenset[str]:
    words = {one.topic: one.wanted for one in said}
    return frozenset(t for t in Topic.values if words.get(t, t in BY_DEFAULT))
