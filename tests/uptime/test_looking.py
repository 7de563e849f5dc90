"""One look, at a real server: what is up, what is down and why, and what nobody can say."""

from __future__ import annotations

import time
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from headway.engine.errors import DefinitionError
from headway.uptime.definition import CheckDefinition, parse
from headway.uptime.looking import Seen, look
from tests.uptime.server import Site, closed_port, serving

LOCAL = (ip_network("127.0.0.0/8"),)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as found:
        yield found


def check(url: str, **fields: Any) -> CheckDefinition:
    return parse({"key": "home", "source": "uptime", "url": url, "timeout": "1 s", **fields})


@pytest.mark.parametrize(
    ("path", "fields", "ok", "status", "reason"),
    [
        ("/well", {}, True, 200, ""),
        ("/well?a=b c".replace(" ", "%20"), {}, True, 200, ""),
        ("/well", {"method": "HEAD"}, True, 200, ""),
        ("/well", {"method": "POST", "status": 200}, True, 200, ""),
        ("/well", {"contains": "wéll"}, True, 200, ""),
        ("/well", {"contains": "good"}, False, 200, "“good” does not stand in its answer."),
        ("/well", {"status": 204}, False, 200, "It answered 200 instead of 204."),
        ("/fails", {}, False, 503, "It answered 503 instead of 200 to 299."),
        ("/fails", {"status": 503}, True, 503, ""),
        ("/moved", {}, True, 200, ""),
        ("/moved", {"follow": False}, False, 302, "It answered 302 to /well instead"),
        ("/moved", {"follow": False, "status": 302}, True, 302, ""),
        ("/round", {}, False, 0, "It redirects more than 5 times."),
        ("/file", {}, False, 0, "which is no address of the web"),
        ("/inside", {}, None, 0, "HEADWAY_CHECK_NETWORKS"),
        ("/cut", {}, False, 0, "The connection was cut off."),
        ("/garbage", {}, False, 0, "This is no answer in HTTP (BadStatusLine)."),
        ("/hangs", {}, False, 0, "It did not answer within 1 s."),
        ("/trickles", {"contains": "well"}, False, 0, "It did not answer within 1 s."),
        ("/slow", {}, False, 0, "It did not answer within 1 s."),
    ],
)
def test_what_a_server_does_is_seen(
    site: Site, path: str, fields: dict[str, Any], ok: bool | None, status: int, reason: str
) -> None:
    began = time.monotonic()
    seen = look(check(site.url + path, **fields), LOCAL)
    assert (seen.ok, seen.status) == (ok, status), seen
    assert reason in seen.reason
    assert bool(seen.reason) == (not ok)
    assert time.monotonic() - began < 3


def test_where_nothing_listens_it_is_down() -> None:
    seen = look(check(f"http://127.0.0.1:{closed_port()}/"), LOCAL)
    assert (seen.ok, seen.reason) == (False, "The connection was refused.")


def test_a_host_that_is_not_there_is_down_or_unknown() -> None:
    """Unknown where no name can be resolved at all."""
    seen = look(check("http://no-such-host.invalid/"), LOCAL)
    assert seen.reason in (
        "There is no host `no-such-host.invalid`.",
        "Names cannot be resolved here at the moment.",
    )
    assert seen.ok is (None if "Names" in seen.reason else False)


def test_a_certificate_that_nobody_vouches_for_is_bad() -> None:
    with serving(safe=True) as site:
        seen = look(check(site.url + "/well"), LOCAL)
        assert seen.ok is False
        assert seen.reason.startswith("Its certificate is not trusted: self-signed certificate")
        assert site.asked == []
        plain = look(check(site.url.replace("https", "http")), LOCAL)
        assert plain.ok is False


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "169.254.169.254", "[::1]", "0.0.0.0",  # noqa: S104  an address to look at, not to bind to
     "[::ffff:127.0.0.1]", "100.64.0.1", "2130706433", "0x7f.1", "[64:ff9b::a9fe:a9fe]"],
)  # fmt: skip
def test_inner_networks_are_out_of_reach_unless_they_are_allowed(host: str, site: Site) -> None:
    port = site.url.rpartition(":")[2]
    before = len(site.asked)
    seen = look(check(f"http://{host}:{port}/well"))
    assert seen.ok is None, seen
    assert "may not look" in seen.reason
    assert len(site.asked) == before
    assert look(check(f"{site.url}/well"), LOCAL) == Seen(True, seen_in(site), 200)


def seen_in(site: Site) -> Any:
    """Any number of milliseconds."""

    class Anything(int):
        def __eq__(self, other: object) -> bool:
            return isinstance(other, int) and 0 <= other < 1000

        __hash__ = int.__hash__

    return Anything(len(site.asked))


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"url": "ftp://example.org"}, "url"),
        ({"url": "example.org"}, "url"),
        ({"url": "http://"}, "url"),
        ({"url": "https://u:p@example.org"}, "url"),
        ({"url": "https://example.org/a b"}, "url"),
        ({"url": "https://example.org:99999"}, "url"),
        ({"every": "10 s"}, "every"),
        ({"every": "2 days"}, "every"),
        ({"every": "7 minutes"}, "every"),
        ({"timeout": "2 minutes"}, "timeout"),
        ({"method": "HEAD", "contains": "x"}, "contains"),
        ({"method": "DELETE"}, "method"),
        ({"status": 999}, "status"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_no_check_is_refused(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse({"key": "home", "source": "uptime", "url": "https://example.org", **fields})
    assert refused.value.where == where
    assert refused.value.fix or "expected" in refused.value.message
