"""Everything of goals as a file, and the way in for those of other tools."""

from __future__ import annotations

from django.http import HttpResponse

from headway.engine.errors import InputError
from headway.moving.out import as_csv, as_json, everything
from headway.web.context import Here, inside


@inside
def page(here: Here) -> HttpResponse:
    asked = here.request.GET.get("format", "")
    if asked in ("", "html"):
        return here.show("move_out.html", title="Move in and out", tab="moving")
    if asked not in ("json", "csv"):
        raise InputError(f"There is no format `{asked}`.", where="format", fix="Use csv or json.")
    document = everything(here.workspace, now=here.now)
    content = as_json(document) if asked == "json" else as_csv(document)
    kind, suffix = ("json", "json") if asked == "json" else ("zip", "zip")
    response = HttpResponse(content, content_type=f"application/{kind}")
    name = f"{here.workspace.key}-goals-{here.today}.{suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
