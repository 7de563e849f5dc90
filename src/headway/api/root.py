"""The API's address table, its errors and its description."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.errors import ValidationError as BodyError

from headway import __version__
from headway.api import (
    catalogue,
    changes,
    cycles,
    key_results,
    members,
    metrics,
    objectives,
    sources,
    teams,
    tokens,
    workspaces,
)
from headway.api.context import Bearer
from headway.engine.errors import (
    Conflict,
    DefinitionError,
    HeadwayError,
    InputError,
    NotAllowed,
    NotFound,
    StoreError,
)
from headway.files.problems import DocumentError

STATUS: dict[type[HeadwayError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    DefinitionError: 422,
    InputError: 422,
    StoreError: 503,
}

api = NinjaAPI(
    title="Headway",
    version=__version__,
    description="Objectives, key results and the metrics that measure them.",
    auth=Bearer(),
    docs_url="/docs",
    urls_namespace="api",
)

ROUTERS = {
    "workspaces": workspaces.router,
    "workspaces/{workspace}/members": members.router,
    "workspaces/{workspace}/tokens": tokens.router,
    "workspaces/{workspace}/teams": teams.router,
    "workspaces/{workspace}/cycles": cycles.router,
    "workspaces/{workspace}/sources": sources.router,
    "workspaces/{workspace}/catalogue": catalogue.router,
    "workspaces/{workspace}/metrics": metrics.router,
    "workspaces/{workspace}/objectives": objectives.router,
    "workspaces/{workspace}/objectives/{objective}/key-results": key_results.router,
    "workspaces/{workspace}/changes": changes.router,
}

for address, router in ROUTERS.items():
    api.add_router(address, router, tags=[address.rsplit("/", 1)[-1]])


@api.exception_handler(HeadwayError)
def explain(request: HttpRequest, error: HeadwayError) -> HttpResponse:
    status = next((s for kind, s in STATUS.items() if isinstance(error, kind)), 500)
    problems = [str(p) for p in error.problems] if isinstance(error, DocumentError) else []
    body = {"message": error.message, "where": error.where, "fix": error.fix, "problems": problems}
    return api.create_response(request, body, status=status)


@api.exception_handler(AuthenticationError)
def refuse(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    del error
    body = {
        "message": "This call needs a valid token.",
        "where": "Authorization",
        "fix": "Send `Authorization: Bearer hw_…`; make one in the settings or with `headway token`.",
        "problems": [],
    }
    return api.create_response(request, body, status=401)


@api.exception_handler(BodyError)
def correct(request: HttpRequest, error: BodyError) -> HttpResponse:
    problems = [f"{'.'.join(str(p) for p in e['loc'][1:])}: {e['msg']}" for e in error.errors]
    body = {
        "message": "The call cannot be read.",
        "where": "",
        "fix": "See /api/docs for what it takes.",
        "problems": problems,
    }
    return api.create_response(request, body, status=422)
