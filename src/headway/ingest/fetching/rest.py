"""REST interfaces whose answers come in pages, read with dlt."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from headway.engine.errors import StoreError
from headway.ingest.fetching.extra import needed
from headway.ingest.fetching.reach import foresee
from headway.ingest.fetching.web import refusal

if TYPE_CHECKING:
    from dlt.sources.helpers.rest_client.auth import AuthConfigBase
    from dlt.sources.helpers.rest_client.client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import BasePaginator
    from requests import Response

ATTEMPTS = 2
"""Of one page, where the other side has a problem of its own or the connection breaks."""

FAULTS = (500, 502, 504)
Page = Mapping[str, Any]


class Faulty(StoreError):
    """A problem of the other side, which is often gone a moment later."""


def client(
    url: str, auth: tuple[str, str] | str, headers: Mapping[str, str], timeout: float
) -> RESTClient:
    """`auth` is a name with a password, or a token. It waits little: the worker has more to do."""
    with needed("dlt"):
        os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
        from dlt.sources.helpers.requests import Client
        from dlt.sources.helpers.rest_client.client import RESTClient
        from requests import ConnectionError, Timeout
        from requests.exceptions import ChunkedEncodingError
    foresee(url)
    session = Client(
        request_timeout=timeout,
        raise_for_status=False,
        status_codes=(),
        exceptions=(Faulty, Timeout, ConnectionError, ChunkedEncodingError),
        request_max_attempts=ATTEMPTS,
        request_backoff_factor=0.2,
        request_max_retry_delay=2,
    ).session
    return RESTClient(base_url=url, headers=dict(headers), auth=_auth(auth), session=session)


def pages(
    rest: RESTClient, path: str, params: Mapping[str, Any], paginator: BasePaginator, now: datetime
) -> Iterator[Page]:
    """Whole answers, one after the other. Raises StoreError, or Later."""
    url = rest.base_url or ""

    def judge(response: Response, *_: Any, **__: Any) -> None:
        if response.is_redirect:
            raise StoreError(
                f"{url} redirects to {urlsplit(response.headers['Location']).netloc}.",
                fix="Give that address itself, if it is the right one.",
            )
        if not response.ok:
            found = _refused(response, url, now)
            raise Faulty(found.message, fix=found.fix) if response.status_code in FAULTS else found

    try:
        found = rest.paginate(
            path, params=dict(params), paginator=paginator, data_selector="$",
            hooks={"response": [judge]},
        )  # fmt: skip
        for page in found:
            yield page.response.json()
    except OSError as error:  # what requests raises, JSON that was cut off among it
        raise StoreError(
            f"The connection to {url} broke: {type(error).__name__}.",
            fix="Headway goes on where it was; see whether the address can be reached.",
        ) from None


def page(rest: RESTClient, path: str, params: Mapping[str, Any], now: datetime) -> Page:
    """One answer, where the next is asked for in a way of its own."""
    from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator

    [found] = pages(rest, path, params, SinglePagePaginator(), now)
    return found


def _refused(response: Response, url: str, now: datetime) -> StoreError:
    found = refusal(response.status_code, response.headers, url, now)
    if response.status_code in (400, 404, 422):
        found.message = f"{found.message} It says: {_message(response)}"
    return found


def _message(response: Response) -> str:
    try:
        error = response.json()["error"]
        return str(error["message"] if isinstance(error, dict) else error)[:300]
    except (ValueError, KeyError, TypeError):
        return response.text[:300]


def _auth(auth: tuple[str, str] | str) -> AuthConfigBase:
    from dlt.sources.helpers.rest_client.auth import BearerTokenAuth, HttpBasicAuth

    if isinstance(auth, str):
        return BearerTokenAuth(token=auth)
    return HttpBasicAuth(*auth)
