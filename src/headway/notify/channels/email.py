"""E-mail over SMTP."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from email.utils import parseaddr
from typing import Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend

from headway.notify import addresses
from headway.notify.models import Message

OK, GO_ON, REFUSED = 250, 354, 500
FORWARDS = 251


class Undeliverable(Exception):
    """This mailbox does not take it, now (`for_good` False) or ever."""

    def __init__(self, said: str, *, for_good: bool) -> None:
        super().__init__(said)
        self.for_good = for_good


class Unsure(OSError):
    """The text has left, and the server did not say whether it took it."""


def is_set_up() -> bool:
    """Whether the operator named a mail server."""
    return isinstance(get_connection(), EmailBackend)


class Post:
    """A connection to the mail server: opened for a number of messages, closed after the last.

    Opening raises OSError; so does `send` when the connection breaks.
    """

    def __init__(self) -> None:
        backend = get_connection(fail_silently=False)
        assert isinstance(backend, EmailBackend)
        self.backend = backend

    def __enter__(self) -> Self:
        self.backend.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.backend.close()

    def send(self, message: Message, hand_over: Callable[[], bool]) -> bool:
        """`hand_over` is asked when all that is left is the text itself; False: it is not sent.

        Raises Undeliverable and Unsure.
        """
        server = self.backend.connection
        assert server is not None
        server.ehlo_or_helo_if_needed()
        server.rset()
        wire = written(message)
        _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
        _expect(server.mail(sender), (OK,), temporary=True)
        _expect(server.rcpt(_ascii(message.member.person.email)), (OK, FORWARDS))
        _expect(server.docmd("DATA"), (GO_ON,))
        if not hand_over():
            self.backend.close()
            self.backend.open()
            return False
        _expect(_text(server, wire), (OK,))
        return True


def written(message: Message) -> bytes:
    """The mail as it goes over the wire, with the header by which mail programs unsubscribe."""
    away = addresses.unsubscribe(message.member, message.topic)
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        settings.DEFAULT_FROM_EMAIL,
        [message.member.person.email],
        headers={
            "List-Unsubscribe": f"<{away}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(message.html, "text/html")
    return re.sub(rb"\r?\n", b"\r\n", mail.message().as_bytes())


def _ascii(address: str) -> str:
    if not address.isascii():
        raise Undeliverable(f"{address} is not an address that SMTP can carry.", for_good=True)
    return address


def _expect(said: tuple[int, bytes], codes: tuple[int, ...], *, temporary: bool = False) -> None:
    code, text = said
    if code not in codes:
        words = f"The mail server said {code} {text.decode(errors='replace')}"
        raise Undeliverable(words, for_good=code >= REFUSED and not temporary)


def _text(server: smtplib.SMTP, wire: bytes) -> tuple[int, bytes]:
    try:
        server.send(re.sub(rb"(?m)^\.", b"..", wire).rstrip(b"\r\n") + b"\r\n.\r\n")
        return server.getreply()
    except OSError as error:
        raise Unsure(str(error)) from error
