"""One pass: makes the messages whose time has come, and sends those that wait."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from headway.accounts.models import Workspace
from headway.notify import addresses, outbox
from headway.notify.alerted import alerted
from headway.notify.channels import email
from headway.notify.digest import digests
from headway.notify.mentioned import mentioned
from headway.notify.models import Message, Round, Topic
from headway.notify.reminder import reminders
from headway.notify.subscriptions import wanted
from headway.notify.week import is_worth_it, sending

log = logging.getLogger(__name__)

MOST = 50
"""So many messages are sent in a pass, so that mail never holds up the numbers for long."""


@dataclass(frozen=True, slots=True)
class Delivered:
    made: int = 0
    sent: int = 0


def deliver(now: datetime, stopped: Callable[[], bool] = lambda: False) -> Delivered:
    """Does nothing until the operator has named a mail server.

    Raises DefinitionError when Headway does not know its own address.
    """
    if not email.is_set_up():
        return Delivered()
    addresses.require_public()
    made = sum(make(workspace, now) for workspace in Workspace.objects.filter(clock=None))
    return Delivered(made, 0 if stopped() else send(now, stopped))


def make(workspace: Workspace, now: datetime) -> int:
    """A workspace whose clock stands gets no mail: its present is long over."""
    made = sum(
        outbox.put(member, Topic.mention, occasion, letter, now)
        for member, occasion, letter in mentioned(workspace, now)
    )
    made += sum(
        outbox.put(member, Topic.alert, occasion, letter, now)
        for member, occasion, letter in alerted(workspace, now)
    )
    moment = sending(workspace, now)
    done = Round.objects.filter(workspace=workspace, at=moment).exists()
    return made if done or not is_worth_it(moment, now) else made + _round(workspace, moment, now)


def _round(workspace: Workspace, moment: datetime, now: datetime) -> int:
    """All of it or nothing; of two workers that begin it at once, one does it."""
    occasion = workspace.calendar.day_of(moment).isoformat()
    today = workspace.calendar.day_of(now)
    try:
        with transaction.atomic():
            Round.objects.create(workspace=workspace, at=moment)
            due = [(m, Topic.reminder, text) for m, text in reminders(workspace, today)]
            due += [(m, Topic.digest, text) for m, text in digests(workspace, now)]
            return sum(outbox.put(m, topic, occasion, text, now) for m, topic, text in due)
    except IntegrityError:
        return 0


def send(now: datetime, stopped: Callable[[], bool] = lambda: False) -> int:
    """A mailbox that refuses is tried again later; a server that is away gives all a rest."""
    numbers = outbox.waiting(now, MOST)
    if not numbers:
        return 0
    sent = 0
    try:
        with email.Post() as post:
            for number in numbers:
                if stopped():
                    break
                message = outbox.claim(number, now)
                sent += _send(post, message, now) if message else 0
    except OSError as error:
        log.warning("The mail server cannot be reached: %s", error)
        outbox.rest(now)
    return sent


def _send(post: email.Post, message: Message, now: datetime) -> bool:
    """Raises OSError when the connection is lost."""
    if message.topic not in wanted(message.member) or not message.member.person.is_active:
        outbox.give_up(message, "Not wanted any more.")
        return False
    try:
        if not post.send(message, lambda: outbox.hand_over(message)):
            return False
    except email.Undeliverable as error:
        log.warning("%s cannot be delivered: %s", message, error)
        outbox.fail(message, str(error), now, for_good=error.for_good)
        return False
    except email.Unsure as error:
        log.warning("%s may have been delivered; it is not sent again: %s", message, error)
        raise
    except OSError as error:
        outbox.fail(message, str(error), now)
        raise
    outbox.sent(message, now)
    return True
