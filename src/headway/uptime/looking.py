"""One look at an address: does it answer as it should, in time, and how fast?

Names are resolved once, and the address that was found fit is the one that is spoken to, so that
nothing inside the own network is reached by a name that points there, nor by a redirect.
"""

from __future__ import annotations

import errno
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from headway import __version__
from headway.ingest.fetching.reach import is_outside
from headway.uptime.definition import CheckDefinition

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_REDIRECTS = 5
LONGEST_BODY = 2_000_000
"""Bytes in which a text is looked for."""

PIECE = 65_536
SAFE = "/?&=%:@!$'()*+,;~#[]"
MOVED = (301, 302, 303, 307, 308)
OURS = {errno.ENETUNREACH, errno.ENETDOWN, errno.EMFILE, errno.ENFILE, errno.ENOBUFS}
"""What says nothing about the address: here is no network, or no room."""


class Unknown(Exception):
    """Nobody can say whether it is up: the fault is on this side."""


class Bad(Exception):
    """It is not as it should be."""


@dataclass(frozen=True, slots=True)
class Seen:
    """`ok` is None where nobody can say. `status` is 0 without an answer."""

    ok: bool | None
    milliseconds: int = 0
    status: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    place: str
    body: bytes


def look(check: CheckDefinition, allowed: Sequence[Network] = ()) -> Seen:
    """Takes as long as the check's time-out at most. `allowed` are inner networks to look into."""
    began = time.monotonic()
    until = began + check.patience
    status = 0
    try:
        answer = _followed(check, until, allowed)
        status = answer.status
        _judge(check, answer)
    except Unknown as error:
        return Seen(None, reason=str(error))
    except Bad as error:
        return Seen(False, _since(began), status, str(error))
    except TimeoutError:
        return Seen(False, _since(began), status, f"It did not answer within {check.timeout}.")
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() >= until:
            return Seen(False, _since(began), 0, f"It did not answer within {check.timeout}.")
        return _failed(error, began)
    return Seen(True, _since(began), status)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _failed(error: Exception, began: float) -> Seen:
    if isinstance(error, OSError) and error.errno in OURS:
        return Seen(None, reason=f"The network here does not work: {error.strerror}.")
    return Seen(False, _since(began), 0, _words(error))


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate is not trusted: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or error}."
    if isinstance(error, ConnectionRefusedError):
        return "The connection was refused."
    if isinstance(error, ConnectionResetError | BrokenPipeError | http.client.RemoteDisconnected):
        return "The connection was cut off."
    if isinstance(error, http.client.HTTPException):
        return f"This is no answer in HTTP ({type(error).__name__})."
    return f"It could not be reached: {getattr(error, 'strerror', None) or error}."


def _judge(check: CheckDefinition, answer: _Answer) -> None:
    """Raises Bad."""
    right = answer.status == check.status if check.status else 200 <= answer.status <= 299
    if not right:
        wanted = str(check.status) if check.status else "200 to 299"
        to = f" to {answer.place[:200]}" if answer.place else ""
        raise Bad(f"It answered {answer.status}{to} instead of {wanted}.")
    if check.contains and check.contains.encode() not in answer.body:
        raise Bad(f"“{check.contains}” does not stand in its answer.")


def _followed(check: CheckDefinition, until: float, allowed: Sequence[Network]) -> _Answer:
    url, method = check.url, check.method
    for _ in range(MOST_REDIRECTS + 1):
        answer = _asked(url, method, check, until, allowed)
        if not (check.follow and answer.status in MOVED and answer.place):
            return answer
        url = urljoin(url, answer.place)
        method = "GET" if answer.status in (301, 302, 303) and method == "POST" else method
    raise Bad(f"It redirects more than {MOST_REDIRECTS} times.")


def _asked(
    url: str, method: str, check: CheckDefinition, until: float, allowed: Sequence[Network]
) -> _Answer:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Bad(f"It redirects to {url[:200]}, which is no address of the web.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    link = http.client.HTTPConnection(parts.hostname, port)
    link.default_port = 443 if parts.scheme == "https" else 80
    try:
        link.sock = _connected(parts.hostname, port, parts.scheme == "https", until, allowed)
        with _ended(link.sock, until):
            if isinstance(link.sock, ssl.SSLSocket):
                link.sock.do_handshake()
            headers = {"User-Agent": f"Headway/{__version__} (uptime check)"}
            link.request(method, quote(path, safe=SAFE), headers=headers)
            return _read(link, bool(check.contains), until)
    finally:
        link.close()


@contextmanager
def _ended(sock: socket.socket, until: float) -> Iterator[None]:
    """A server that sends a byte now and then would never let go otherwise."""
    timer = threading.Timer(_left(until), _shut, (sock,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _connected(
    host: str, port: int, safe: bool, until: float, allowed: Sequence[Network]
) -> socket.socket:
    last: OSError = OSError("it has no address")
    for address in _addresses(host, port, allowed):
        try:
            plain = socket.create_connection((address, port), timeout=_left(until))
        except TimeoutError:
            raise
        except OSError as error:
            last = error
            continue
        try:
            return _wrapped(plain, host) if safe else plain
        except BaseException:
            plain.close()
            raise
    raise last


def _wrapped(plain: socket.socket, host: str) -> socket.socket:
    """The handshake comes later, when somebody watches the clock."""
    context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)


def _addresses(host: str, port: int, allowed: Sequence[Network]) -> list[str]:
    """Raises Unknown where this side may not look, or cannot ask for names."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise Unknown("Names cannot be resolved here at the moment.") from None
        raise Bad(f"There is no host `{host}`.") from None
    except UnicodeError:
        raise Bad(f"There is no host `{host}`.") from None
    named = list(dict.fromkeys(str(one[4][0]) for one in found))
    fit = [address for address in named if _fit(address, allowed)]
    if not fit:
        raise Unknown(
            f"`{host}` is {named[0]}, inside a network into which checks may not look. "
            "Whoever runs Headway can allow it with HEADWAY_CHECK_NETWORKS."
        )
    return fit


def _fit(address: str, allowed: Sequence[Network]) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    if any(found in network for network in allowed):
        return True
    return is_outside(address)


def _read(link: http.client.HTTPConnection, whole: bool, until: float) -> _Answer:
    """The body is read where a text is looked for; each piece has what is left of the time."""
    assert link.sock is not None
    sock = link.sock
    sock.settimeout(_left(until))
    response = link.getresponse()
    pieces, size = [], 0
    while whole and size < LONGEST_BODY:
        sock.settimeout(_left(until))
        piece = response.read1(PIECE)
        if not piece:
            _left(until)  # what ends with the time was cut off by us
            break
        pieces.append(piece)
        size += len(piece)
    place = response.headers.get("Location", "") if response.status in MOVED else ""
    return _Answer(response.status, place, b"".join(pieces))


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
