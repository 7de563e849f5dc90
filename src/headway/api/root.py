"""The API's address table and its description."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router
from ninja.openapi.docs import Swagger
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser

from headway import __version__
from headway.api import (
    alerts,
    boards,
    catalogue,
    changes,
    checks,
    coach,
    comments,
    cycles,
    drivers,
    evidence,
    experiments,
    invitations,
    key_results,
    lifetime,
    links,
    mails,
    members,
    metrics,
    moving,
    objectives,
    outputs,
    packs,
    people,
    reviews,
    sources,
    surveys,
    teams,
    tokens,
    tracking,
    turns,
    workspaces,
)
from headway.api import annotations as happened
from headway.api.answers import Problem
from headway.api.context import Bearer
from headway.api.problems import HANDLERS, in_json, nowhere

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
ROUTERS = {
    "workspaces": workspaces.router,
    "workspaces/{workspace}/members": members.router,
    "workspaces/{workspace}/invitations": invitations.router,
    "workspaces/{workspace}/tokens": tokens.router,
    "workspaces/{workspace}/links": links.router,
    "workspaces/{workspace}/mails": mails.router,
    "workspaces/{workspace}/teams": teams.router,
    "workspaces/{workspace}/cycles": cycles.router,
    "workspaces/{workspace}/sources": sources.router,
    "workspaces/{workspace}/surveys": surveys.router,
    "workspaces/{workspace}/checks": checks.router,
    "workspaces/{workspace}/tracking": tracking.router,
    "workspaces/{workspace}/people": people.router,
    "workspaces/{workspace}/catalogue": catalogue.router,
    "workspaces/{workspace}/packs": packs.router,
    "workspaces/{workspace}/alerts": alerts.router,
    "workspaces/{workspace}/metrics": metrics.router,
    "workspaces/{workspace}/metrics/{key}/alerts": alerts.of_metric,
    "workspaces/{workspace}/metrics/{key}/evidence": evidence.router,
    "workspaces/{workspace}/metrics/{key}/drivers": drivers.router,
    "workspaces/{workspace}/metrics/{key}/turns": turns.turns,
    "workspaces/{workspace}/metrics/{key}/drives": turns.ties,
    "workspaces/{workspace}/metrics/{key}/lifetime": lifetime.router,
    "workspaces/{workspace}/objectives": objectives.router,
    "workspaces/{workspace}/objectives/{objective}/key-results": key_results.router,
    "workspaces/{workspace}/objectives/{objective}/comments": comments.router,
    "workspaces/{workspace}/outputs": outputs.router,
    "workspaces/{workspace}/experiments": experiments.router,
    "workspaces/{workspace}/annotations": happened.router,
    "workspaces/{workspace}/moving": moving.router,
    "workspaces/{workspace}/reviews": reviews.router,
    "workspaces/{workspace}/coach": coach.router,
    "workspaces/{workspace}/outcomes": boards.outcomes,
    "workspaces/{workspace}/launches": boards.launches,
    "workspaces/{workspace}/alignment": boards.alignment,
    "workspaces/{workspace}/boards": boards.boards,
    "workspaces/{workspace}/changes": changes.router,
}


elsewhere = Router()


@elsewhere.api_operation(METHODS, "/{path:address}", auth=None, include_in_schema=False)
def unknown(request: HttpRequest, address: str) -> HttpResponse:
    return nowhere(request, address)


class Strict(Parser):
    """JSON that every database can keep: no NaN, no NUL, no half of a surrogate pair."""

    def parse_body(self, request: HttpRequest) -> Any:
        value = json.loads(request.body, parse_constant=_refuse)
        text = json.dumps(value, ensure_ascii=False)
        text.encode()
        if "\\u0000" in text:
            _refuse("NUL")
        return value


def _refuse(what: str) -> None:
    raise ValueError(f"{what} is not allowed.")


class Api(NinjaAPI):
    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        patterns, app, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                root = pattern.name == "api-root"
                pattern.callback = csrf_exempt(nowhere) if root else in_json(pattern.callback)
        return patterns, app, namespace

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Such as `metrics_put`: generated clients name their functions by it."""
        return f"{(operation.tags or ['api'])[0]}_{operation.view_func.__name__}".replace("-", "_")

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """Every call may also be answered with a Problem."""
        schema = super().get_openapi_schema(**kwargs)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"]["default"] = {"description": "Problem", "content": content}
        return schema


api = Api(
    title="Headway",
    version=__version__,
    description="Objectives, key results and the metrics that measure them.",
    auth=Bearer(),
    parser=Strict(),
    docs=Swagger({"validatorUrl": None}),
    docs_url="/docs",
    urls_namespace="api",
)
for error, handler in HANDLERS.items():
    api.add_exception_handler(error, handler)
for address, router in ROUTERS.items():
    api.add_router(address, router, tags=[address.rsplit("/", 1)[-1]])
api.add_router("", elsewhere)
