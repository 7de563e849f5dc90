"""What the operator said in environment variables, as values that Django understands."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from headway.engine.errors import DefinitionError
from headway.stores.memory import of_machine

SETTINGS = {
    "HEADWAY_DATA": "Folder of the database, the events and the secret key; `./headway-data`.",
    "HEADWAY_MEMORY": "Most memory that a process uses to answer questions from events, such as "
    "`4 GB`, `800 MB` or `25%`; what needs more goes on in files in the data folder. `50%` of what "
    "the machine or the container has.",
    "HEADWAY_URL": "Address by which people reach Headway, for the links in mails; with `https://` "
    "cookies are sent over TLS only. `http://127.0.0.1:8000`, or what `headway serve` listens on.",
    "HEADWAY_HOSTS": "Host names that are answered, separated by spaces, besides that of "
    "HEADWAY_URL; `localhost 127.0.0.1 [::1]`.",
    "HEADWAY_DATABASE_URL": "`postgres://user:password@host:5432/headway` to use PostgreSQL "
    "instead of SQLite.",
    "HEADWAY_SMTP_URL": "Mail server: `smtp+tls://user:password@host:587`, `smtp+ssl://…` or "
    "`smtp://…`. Without it, mail is printed where `headway web` logs.",
    "HEADWAY_MAIL_FROM": "Sender of mails; `Headway <headway@localhost>`.",
    "HEADWAY_WORKER_SECONDS": "Pause of the worker between two passes; `5`.",
    "HEADWAY_WORKSPACE": "Workspace that commands mean when they are given none.",
    "HEADWAY_PASSWORD": "Password for the first admin that `headway init` makes.",
    "HEADWAY_DEMO_PASSWORD": "Password for the people of the demo.",
    "HEADWAY_UPLOAD_MEGABYTES": "Largest file of events taken by the web; `100`.",
    "HEADWAY_DELIVERY_MEGABYTES": "Largest delivery of an SDK, packed or unpacked; a larger one is "
    "answered with 413. `20`.",
    "HEADWAY_INBOX_MEGABYTES": "How much may wait for the worker before SDKs are told to come back "
    "later, with 429; unpacked, on disk it is about a fifth. `10000`.",
    "HEADWAY_INBOX_REQUESTS": "How many deliveries a web process takes at the same time before "
    "further ones are told to come back, with 429; `48`.",
    "HEADWAY_CHECK_NETWORKS": "Inner networks into which uptime checks may look, separated by "
    "spaces: `10.0.0.0/8 127.0.0.1`. Otherwise they reach public addresses only.",
    "HEADWAY_ALLOTTED": "Which environment variables and folders the sources of a workspace may "
    "name: `acme:STRIPE_KEY,ACME_*,/srv/acme other:OTHER_*`. Without it, those of every workspace "
    "may name all.",
    "HEADWAY_LOG_LEVEL": "`DEBUG`, `INFO`, `WARNING` or `ERROR`; `INFO` for servers, else "
    "`WARNING`.",
    "HEADWAY_STORE_ADDRESS": "Where `headway measure --store` finds its PostgreSQL, folder "
    "of chDB or Spark master.",
    "HEADWAY_SPARK_CONF": "Settings of Spark for sources of kind `spark`, separated by spaces: "
    "`spark.executor.memory=4g spark.cores.max=8`.",
    "HEADWAY_DEBUG": "`1` shows tracebacks in the browser; never on a machine that others reach.",
}
"""Every environment variable that is read, and what it means."""

Network = IPv4Network | IPv6Network
SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
MEMORY_UNITS = {"GB": 10**9, "MB": 10**6}
LEAST_MEMORY = 100 * 10**6
POSTGRES_SCHEMES = ("postgres", "postgresql")


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail leaves: `tls` means STARTTLS, `ssl` means TLS from the first byte."""

    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    tls: bool = False
    ssl: bool = False


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    return Path(environ.get("HEADWAY_DATA") or "headway-data").expanduser().resolve()


def secret_key(data: Path) -> str:
    """The key that signs sessions and links, made once; only its owner may read the file."""
    path = data / "secret_key"
    data.mkdir(parents=True, exist_ok=True)
    draft = data / f".secret_key.{secrets.token_hex(8)}"
    if not path.exists():
        _write_private(draft, secrets.token_urlsafe(50))
        _publish(draft, path)
    return path.read_text().strip()


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _publish(draft: Path, path: Path) -> None:
    """Linking is atomic and never overwrites: of two processes that start at once, one wins."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def whole_number(name: str, default: int, environ: Mapping[str, str] = os.environ) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal():
        raise DefinitionError(f"`{text}` is not a whole number.", where=name)
    return int(text)


def networks(name: str, environ: Mapping[str, str] = os.environ) -> tuple[Network, ...]:
    found = []
    for text in (environ.get(name) or "").replace(",", " ").split():
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            raise DefinitionError(
                f"`{text}` is no network.", where=name, fix="Write for example `10.0.0.0/8`."
            ) from None
    return tuple(found)


def allotted(
    name: str, environ: Mapping[str, str] = os.environ
) -> dict[str, tuple[str, ...]] | None:
    """By workspace; None where nothing is said of any."""
    found: dict[str, tuple[str, ...]] = {}
    for text in (environ.get(name) or "").split():
        workspace, _, names = text.partition(":")
        if not workspace or not names:
            raise DefinitionError(
                f"`{text}` allots nothing to anybody.",
                where=name,
                fix="Write for example `acme:STRIPE_KEY,ACME_*,/srv/acme`.",
            )
        found[workspace] = (*found.get(workspace, ()), *filter(None, names.split(",")))
    return found or None


def memory(environ: Mapping[str, str] = os.environ) -> int:
    """In bytes."""
    text = (environ.get("HEADWAY_MEMORY") or "50%").strip()
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(GB|MB|%)", text, re.IGNORECASE)
    unit = MEMORY_UNITS.get(found[2].upper()) or of_machine() / 100 if found else 0
    size = int(float(found[1]) * unit) if found else 0
    if size < LEAST_MEMORY:
        what = "is less than 100 MB" if found else "is not an amount of memory"
        raise DefinitionError(
            f"`{text}` {what}.",
            where="HEADWAY_MEMORY",
            fix="Write for example `4 GB`, `800 MB` or `25%` of what the machine has.",
        )
    return size


def database(data: Path, environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    url = environ.get("HEADWAY_DATABASE_URL")
    return _postgres(urlsplit(url)) if url else _sqlite(data / "headway.sqlite3")


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": SQLITE_PRAGMAS,
        },
    }


def _postgres(url: SplitResult) -> dict[str, Any]:
    if url.scheme not in POSTGRES_SCHEMES or not url.path.strip("/"):
        raise DefinitionError(
            "This is not the address of a PostgreSQL database.",
            where="HEADWAY_DATABASE_URL",
            fix="Write for example `postgres://user:password@host:5432/headway`.",
        )
    if find_spec("psycopg") is None:
        raise DefinitionError(
            "The driver for PostgreSQL is not installed.",
            where="HEADWAY_DATABASE_URL",
            fix="Install it with `pip install 'headway[postgres]'`.",
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.strip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": str(url.port or ""),
        "OPTIONS": dict(parse_qsl(url.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def email(environ: Mapping[str, str] = os.environ) -> Mail:
    """Without an SMTP server, mail is printed where the web process logs."""
    text = environ.get("HEADWAY_SMTP_URL")
    if not text:
        return Mail("django.core.mail.backends.console.EmailBackend")
    url = urlsplit(text)
    if url.scheme not in SMTP_PORTS or not url.hostname:
        raise DefinitionError(
            "This is not the address of a mail server.",
            where="HEADWAY_SMTP_URL",
            fix="Write for example `smtp+tls://user:password@mail.example.org:587`.",
        )
    return Mail(
        backend="django.core.mail.backends.smtp.EmailBackend",
        host=url.hostname,
        port=url.port or SMTP_PORTS[url.scheme],
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        tls=url.scheme == "smtp+tls",
        ssl=url.scheme == "smtp+ssl",
    )
