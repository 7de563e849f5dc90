"""The review document of a team's cycle: as a page, as Markdown, as PDF."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from headway.accounts.models import Team
from headway.engine.errors import InputError, NotFound, nearest
from headway.goals.close.closing import owns
from headway.goals.models import Close, Cycle
from headway.goals.review import printing
from headway.goals.review.markdown import markdown
from headway.goals.review.review import Review, review
from headway.web.context import Here, inside

FORMATS: dict[str, tuple[str, Callable[[Review], str | bytes]]] = {
    "md": ("text/markdown; charset=utf-8", markdown),
    "pdf": ("application/pdf", printing.pdf),
}


@inside
def page(here: Here, cycle: str, team: str) -> HttpResponse:
    found = review(*both(here, cycle, team), now=timezone.now())
    asked = here.request.GET.get("format", "")
    if asked == "json":
        return JsonResponse(found.to_dict(), json_dumps_params={"ensure_ascii": False})
    if asked in FORMATS:
        return _file(found, asked)
    if asked:
        raise InputError(
            f"There is no format `{asked}`.", where="format", fix="Use md, pdf or json."
        )
    return here.show(
        "review.html",
        title=f"Review of {found.title}",
        review=found,
        may_reopen=here.may_write and _may_reopen(here, found),
    )


def both(here: Here, cycle: str, team: str) -> tuple[Team, Cycle]:
    """The team and the cycle of the address."""
    teams = {one.key: one for one in here.teams}
    cycles = {one.key: one for one in here.cycles}
    for key, known, noun in ((team, teams, "team"), (cycle, cycles, "cycle")):
        if key not in known:
            raise NotFound(f"There is no {noun} `{key}`.", where=noun, fix=nearest(key, known))
    found = teams[team]
    found.workspace = cycles[cycle].workspace = here.workspace
    return found, cycles[cycle]


def close_of(here: Here, cycle: str, team: str) -> Close | None:
    whose, which = both(here, cycle, team)
    found = Close.objects.filter(team=whose, cycle=which).first()
    if found is not None:
        found.team, found.cycle = whose, which
    return found


def _file(found: Review, asked: str) -> HttpResponse:
    kind, write = FORMATS[asked]
    response = HttpResponse(write(found), content_type=kind)
    name = f"review-{found.cycle.key}-{found.team.key}.{asked}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _may_reopen(here: Here, found: Review) -> bool:
    return found.closed and any(owns(one.objective, here.member) for one in found.objectives)
