"""The data behind a page: `?format=csv` and `?format=json`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from headway.engine.errors import InputError

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def data(request: HttpRequest, name: str, rows: Iterable[dict[str, Any]]) -> HttpResponse | None:
    """The rows in the format the address asks for; None, and no row made, for the page."""
    asked = request.GET.get("format", "")
    if asked in ("", "html"):
        return None
    if asked == "json":
        return JsonResponse(list(rows), safe=False, json_dumps_params={"ensure_ascii": False})
    if asked == "csv":
        return _csv(name, list(rows))
    raise InputError(f"There is no format `{asked}`.", where="format", fix="Use csv or json.")


def _csv(name: str, rows: Sequence[dict[str, Any]]) -> HttpResponse:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows({k: _cell(v) for k, v in row.items()} for row in rows)
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _cell(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is quoted."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
