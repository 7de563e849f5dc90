"""Files and answers over HTTP: bounded in size and time, asked for only when they changed."""

from __future__ import annotations

import http.client
import shutil
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from headway.engine.errors import StoreError
from headway.ingest.fetching.fetched import Later
from headway.ingest.fetching.reach import PlainWeb, Reach, SafeWeb

BLOCK = 1 << 20
MEGABYTE = 1_000_000
WAIT = 60.0
"""Seconds to wait where the other side asks for patience and does not say how long."""

SYSTEM = ("/proc", "/sys", "/dev")
"""What stands there is told by the machine of itself, and may be secret or without end."""

LONGEST_WAIT = 86_400.0
LONGEST = 600.0
"""Seconds for one file, however steadily it drips: other sources wait for it."""


@dataclass(frozen=True)
class Got:
    """`changed` is False where the other side says that it is as it was; then nothing was read."""

    changed: bool
    etag: str = ""
    modified: str = ""
    content_type: str = ""


def download(
    url: str,
    path: Path,
    *,
    timeout: float,
    most: int,
    now: datetime,
    secret: str = "",
    etag: str = "",
    modified: str = "",
    takes: Collection[int] = (),
) -> Got:
    """Writes what is at `url` to `path`, at most `most` bytes. Raises StoreError, or Later.

    `takes` are statuses of errors that the body explains better: it is written then, too.
    """
    headers = {"User-Agent": "Headway", "Accept-Encoding": "identity"}
    headers |= {"Authorization": f"Bearer {secret}"} if secret else {}
    headers |= {"If-None-Match": etag} if etag else {}
    headers |= {"If-Modified-Since": modified} if modified else {}
    try:
        with _opened(url, headers, timeout) as answer, path.open("wb") as file:
            _copy(answer, file, most)
            found = answer.headers
            return Got(
                True,
                found.get("ETag", ""),
                found.get("Last-Modified", ""),
                found.get_content_type(),
            )
    except urllib.error.HTTPError as error:
        if error.code == 304:
            return Got(False, etag, modified)
        if error.code in takes:
            path.write_bytes(error.read(BLOCK))
            return Got(True)
        raise refusal(error.code, error.headers, url, now) from None
    except (OSError, http.client.HTTPException) as error:
        raise StoreError(
            f"{_host(url)} could not be read: {_why(error)}.",
            fix="Headway tries again; see whether the address is right and can be reached.",
        ) from None


def refusal(
    status: int, headers: Mapping[str, str] | Message, url: str, now: datetime
) -> StoreError:
    """What an answer other than a good one means."""
    host = _host(url)
    if status in (429, 503):
        seconds = patience(headers.get("Retry-After") or "", now)
        return Later(f"{host} asks to wait (HTTP {status}).", seconds)
    if status in (401, 403):
        return StoreError(
            f"{host} does not let Headway in (HTTP {status}).",
            fix="See whether the secret is right, and whether it may read this.",
        )
    if status in (404, 410):
        return StoreError(f"{host} has nothing there (HTTP {status}).", fix="Mend the address.")
    if status >= 500:
        return StoreError(
            f"{host} has a problem of its own (HTTP {status}).", fix="Headway tries again."
        )
    return StoreError(
        f"{host} answers with HTTP {status}.", fix="See whether the address is right."
    )


def patience(text: str, now: datetime) -> float:
    """Seconds of a Retry-After header, which is a number or a date."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - now).total_seconds()
        except (ValueError, TypeError):
            seconds = WAIT
    return min(max(seconds, 1.0), LONGEST_WAIT)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """To the web only, and a secret goes to nobody else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise StoreError(f"{_host(req.full_url)} leads somewhere that is not the web.")
        found = super().redirect_request(req, fp, code, msg, headers, newurl)
        if found and _origin(newurl) != _origin(req.full_url):
            found.remove_header("Authorization")
        return found


def _opened(url: str, headers: Mapping[str, str], timeout: float) -> http.client.HTTPResponse:
    if urlsplit(url).scheme not in ("http", "https"):
        raise StoreError("The address is not one of the web.", fix="It begins with https://.")
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 (checked above)
    reach = Reach()
    opener = urllib.request.build_opener(_Redirects, PlainWeb(reach), SafeWeb(reach))
    return opener.open(request, timeout=timeout)  # type: ignore[no-any-return]


def _copy(answer: http.client.HTTPResponse, file: IO[bytes], most: int) -> None:
    length = answer.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)
    size, until = 0, time.monotonic() + LONGEST
    while block := answer.read1(BLOCK):
        size += len(block)
        if time.monotonic() > until:
            raise OSError(f"it was not all there after {LONGEST / 60:.0f} minutes")
        if size > most:
            raise _too_large(most)
        file.write(block)
    if length.isdecimal() and size < int(length):
        raise OSError("the connection broke off half-way")


def _too_large(most: int) -> StoreError:
    return StoreError(
        f"The file has more than {most // MEGABYTE} MB.",
        fix="Split it, or import it with `headway import events`.",
    )


def copied(place: Path, path: Path, most: int) -> None:
    state, real = place.stat(), place.resolve()
    if not stat.S_ISREG(state.st_mode) or any(real.is_relative_to(one) for one in SYSTEM):
        raise StoreError(f"{place} is no file of data.", fix="Name a CSV, Parquet or NDJSON file.")
    if state.st_size > most:
        raise _too_large(most)
    shutil.copyfile(place, path)


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return str(reason) or type(error).__name__


def _host(url: str) -> str:
    """Not the whole address, which may be a secret."""
    return urlsplit(url).hostname or "The address"


def _origin(url: str) -> tuple[str, str]:
    found = urlsplit(url)
    return found.scheme, found.netloc
