"""Cycles, in the shape of the files."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from headway.api.context import caller
from headway.api.shapes import CycleBody
from headway.api.written import save, written, written_one

router = Router()


@router.get("")
def index(request: HttpRequest, workspace: str) -> list[dict[str, Any]]:
    return written(caller(request, workspace), "cycle")


@router.get("/{key}")
def show(request: HttpRequest, workspace: str, key: str) -> dict[str, Any]:
    return written_one(caller(request, workspace), "cycle", key)


@router.put("/{key}")
def put(request: HttpRequest, workspace: str, key: str, body: CycleBody) -> dict[str, Any]:
    """Makes the cycle, or changes it to be like this."""
    return save(caller(request, workspace), "cycle", key, body)
