"""A mail server that speaks SMTP: it takes mails, refuses mailboxes, or breaks off."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self

REPLIES = {"EHLO": "250 here", "HELO": "250 here", "MAIL": "250 ok", "RSET": "250 ok"}


class PostOffice:
    """`refuse` says what RCPT answers by address; `taken` runs before a mail is answered."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self.taken: Callable[[EmailMessage], None] = lambda _: None
        office = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                office.talk(self)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self.server.daemon_threads = True
        self.port: int = self.server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def to(self) -> list[str]:
        return sorted(str(mail["To"]) for mail in self.mails)

    def talk(self, line: socketserver.StreamRequestHandler) -> None:
        self.say(line, "220 here")
        while said := line.rfile.readline():
            verb = said[:4].decode().upper()
            if verb == "DATA":
                self.say(line, "354 go on")
                self.take(line)
            elif verb == "RCPT":
                address = said.decode().split("<")[1].split(">")[0]
                self.say(line, self.refuse.get(address, "250 ok"))
            elif verb == "QUIT":
                return
            else:
                self.say(line, REPLIES.get(verb, "502 what?"))

    def take(self, line: socketserver.StreamRequestHandler) -> None:
        rows = []
        while (row := line.rfile.readline()) not in (b".\r\n", b""):
            rows.append(row.removeprefix(b"."))
        if row:
            mail = message_from_bytes(b"".join(rows), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.taken(mail)
            self.say(line, "250 taken")

    def say(self, line: socketserver.StreamRequestHandler, text: str) -> None:
        try:
            line.wfile.write(text.encode() + b"\r\n")
        except OSError:
            return
