"""A worker that is killed half-way: everybody still gets their mail, and nobody gets two."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from tests.notify import killed
from tests.notify.post_office import PostOffice


def test_each_mail_is_sent_once_although_the_worker_is_killed_twice(tmp_path: Path) -> None:
    with PostOffice() as office:
        environ = os.environ | {
            "HEADWAY_DATA": str(tmp_path),
            "HEADWAY_SMTP_URL": f"smtp://127.0.0.1:{office.port}",
            "HEADWAY_URL": "https://goals.acme.example",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

        def worker(how: str, minutes: int) -> subprocess.Popen[bytes]:
            said = [sys.executable, killed.__file__, how, str(minutes)]
            return subprocess.Popen(said, env=environ)

        def kill_at(count: int) -> Callable[[EmailMessage], None]:
            """Between a mail's last byte and the server's answer, the worst of all moments."""

            def taken(_: EmailMessage) -> None:
                if len(office.mails) == count:
                    process.send_signal(signal.SIGKILL)
                    process.wait()

            return taken

        office.taken = kill_at(2)
        process = worker("new", 0)
        assert process.wait(60) == -signal.SIGKILL
        assert len(office.to) == 2
        office.taken = kill_at(4)
        process = worker("again", 1)
        assert process.wait(60) == -signal.SIGKILL
        process = worker("again", 2)
        assert process.wait(60) == 0
        assert office.to == [f"{name}@acme.example" for name in ("ann", "bob", "cid", "dan", "eve")]
