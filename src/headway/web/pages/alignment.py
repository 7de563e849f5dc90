"""What supports what: the tree and the map of objectives, across teams and cycles."""

from __future__ import annotations

from django.http import HttpResponse

from headway.goals.boards.alignment import Alignment, alignment
from headway.web import exports, maps
from headway.web.context import Here, inside

VIEWS = {"tree": "Tree", "map": "Map"}
HEADS = ("At the top", "Supports it", "Supports that")


@inside
def page(here: Here) -> HttpResponse:
    found = alignment(here.workspace, here.cycle, here.team_ids)
    asked = here.request.GET.get("view", "")
    view = asked if asked in VIEWS else "tree"
    return exports.data(here.request, "alignment", found.rows()) or here.show(
        "alignment.html",
        title="What supports what",
        found=found,
        alone=sorted(found.alone, key=lambda one: one.depth),
        tree=found.tree() if view == "tree" else (),
        map=_drawn(found) if view == "map" else None,
        view=view,
        views=VIEWS,
        any_objective=bool(found.placed) or here.workspace.objectives.exists(),
    )


def _drawn(found: Alignment) -> maps.Map:
    columns = [
        maps.Column(_head(depth), [(str(one.objective.pk), one) for one in level])
        for depth, level in enumerate(found.levels())
    ]
    return maps.drawn(columns, ((str(a), str(b)) for a, b in found.links))


def _head(depth: int) -> str:
    return HEADS[min(depth, len(HEADS) - 1)]
