"""Messages on their way: each is made once, claimed by one worker, and never handed over twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from headway.accounts.models import Member
from headway.notify.letter import Letter
from headway.notify.models import Message, State

CLAIM_LASTS = timedelta(minutes=30)
FIRST_PAUSE = timedelta(minutes=5)
MOST_ATTEMPTS = 6
"""Pauses of 5, 15, 45, 135 and 405 minutes: about ten hours in all."""

TOO_LATE = timedelta(days=3)

OPEN = (State.waiting, State.claimed)


def put(member: Member, topic: str, occasion: str, letter: Letter, now: datetime) -> bool:
    """False when there is one of this occasion already."""
    _, made = Message.objects.get_or_create(
        member=member,
        topic=topic,
        occasion=occasion,
        defaults={
            "subject": letter.subject,
            "text": letter.text,
            "html": letter.html,
            "made_at": now,
            "next_at": now,
        },
    )
    return made


def waiting(now: datetime, most: int) -> list[int]:
    """The messages whose turn it is, those that wait longest first."""
    found = Message.objects.filter(state__in=OPEN, next_at__lte=now)
    return list(found.values_list("pk", flat=True)[:most])


def claim(number: int, now: datetime) -> Message | None:
    """None when another worker has it. A claim is void after CLAIM_LASTS: its worker is gone."""
    free = Q(pk=number, state__in=OPEN, next_at__lte=now)
    void_at = now + CLAIM_LASTS
    attempts = F("attempts") + 1
    claimed = Message.objects.filter(free).update(
        state=State.claimed, next_at=void_at, attempts=attempts
    )
    rows = Message.objects.select_related("member__person", "member__workspace")
    return rows.get(pk=number) if claimed else None


def hand_over(message: Message) -> bool:
    """Call it right before the text leaves: from here on it is not sent again, whatever happens."""
    mine = Q(pk=message.pk, state=State.claimed, attempts=message.attempts)
    return bool(Message.objects.filter(mine).update(state=State.handed_over))


def sent(message: Message, now: datetime) -> None:
    _settle(message, state=State.sent, sent_at=now, problem="")


def fail(message: Message, problem: str, now: datetime, *, for_good: bool = False) -> None:
    """Tries again after a pause that grows; not for good, and MOST_ATTEMPTS times at most."""
    if for_good or message.attempts >= MOST_ATTEMPTS:
        give_up(message, problem)
        return
    pause = FIRST_PAUSE * 3 ** (message.attempts - 1)
    _settle(message, state=State.waiting, next_at=now + pause, problem=problem[:300])


def give_up(message: Message, problem: str) -> None:
    _settle(message, state=State.given_up, problem=problem[:300])


def rest(now: datetime) -> None:
    """The server is away: what waits is left alone for a while, and what is too old for good."""
    waits = Message.objects.filter(state=State.waiting, next_at__lte=now)
    waits.update(next_at=now + FIRST_PAUSE)
    old = Message.objects.filter(state=State.waiting, made_at__lt=now - TOO_LATE)
    old.update(state=State.given_up, problem="The mail server was away for too long.")


def _settle(message: Message, **columns: object) -> None:
    Message.objects.filter(pk=message.pk, attempts=message.attempts).update(**columns)
