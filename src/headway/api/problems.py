"""Every error in one shape, whatever went wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as Unfit

from headway.api.answers import Problem
from headway.engine.errors import HeadwayError
from headway.files.problems import DocumentError

SEE = "See /api/docs for the calls there are, and what they take."

View = Callable[..., HttpResponse]

log = logging.getLogger(__name__)


def answer(status: int, message: str, **more: Any) -> JsonResponse:
    return JsonResponse(Problem(message=message, **more).dict(), status=status)


def explained(_: HttpRequest, error: HeadwayError) -> HttpResponse:
    problems = [str(p) for p in error.problems] if isinstance(error, DocumentError) else []
    return answer(error.status, error.message, where=error.where, fix=error.fix, problems=problems)


def without_token(_: HttpRequest, __: AuthenticationError) -> HttpResponse:
    fix = "Send `Authorization: Bearer hw_…`; make one in the settings or with `headway token`."
    found = answer(401, "This call needs a valid token.", where="Authorization", fix=fix)
    found["WWW-Authenticate"] = "Bearer"
    return found


def unreadable(_: HttpRequest, error: HttpError) -> HttpResponse:
    return answer(error.status_code, f"{error.message}.", fix=SEE)


def unfit(_: HttpRequest, error: Unfit) -> HttpResponse:
    problems = [f"{_place(e['loc'])}: {e['msg']}." for e in error.errors]
    return answer(422, "The call does not have what it needs.", fix=SEE, problems=problems)


def too_large(_: HttpRequest, __: RequestDataTooBig) -> HttpResponse:
    return answer(413, "The body is too large.", fix="Send less at once.")


def unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    """What went wrong is in the server's log, not in the answer."""
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return answer(500, "Something went wrong in Headway.", fix="The server's log has the details.")


def nowhere(_: HttpRequest, address: str = "") -> HttpResponse:
    return answer(404, f"There is nothing at /api/{address}.", fix=SEE)


def in_json(view: View) -> View:
    """The view, whose refusal of a method is no plain text either."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        allowed = response["Allow"]
        refused = answer(405, f"{request.method} does not work here.", fix=f"Use {allowed}.")
        refused["Allow"] = allowed
        return refused

    return answering


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    HeadwayError: explained,
    AuthenticationError: without_token,
    HttpError: unreadable,
    Unfit: unfit,
    RequestDataTooBig: too_large,
    Exception: unexpected,
}
"""The nearest class of an error decides."""


def _place(path: tuple[str | int, ...]) -> str:
    """`("body", "body", "day")` is the field `day`, `("query", "start")` the parameter `start`."""
    within = path[2:] if path[0] in ("body", "form") else path[1:]
    return ".".join(map(str, within)) or "body"
