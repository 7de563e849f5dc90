"""One objective: is it on course, and what would break?"""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.engine.errors import NotFound
from headway.goals import actions
from headway.goals.models import KeyResult, Objective, Output
from headway.web import exports, history, remarks
from headway.web.context import Here, inside
from headway.web.discussion import talk
from headway.web.pages.objectives import Line
from headway.web.readings import readings
from headway.web.standing import living, shared, standings

RECENT = 8


@inside
def page(here: Here, key: str) -> HttpResponse:
    objective = find(here, key, archived=True)
    rows = shared(standings(here, living(here).filter(objective=objective), drawn=True))
    return exports.data(here.request, key, (row.to_dict() for row in rows)) or here.show(
        "objective.html",
        title=objective.title,
        objective=objective,
        line=Line(objective, rows),
        guardrails=readings(here, objective.guardrails.filter(archived_at=None).order_by("name")),
        outputs=_outputs(objective),
        supports=_related(objective.supports.all()),
        supported_by=_related(objective.supported_by.all()),
        coach=remarks.of_objective(here, objective),
        happenings=history.happenings(here, history.of_objective(objective), RECENT),
        talk=talk(here, objective),
    )


@require_POST
@inside
def archive(here: Here, key: str) -> HttpResponse:
    actions.archive_objective(find(here, key), by=here.member, now=timezone.now())
    return here.go("objective", key)


@require_POST
@inside
def restore(here: Here, key: str) -> HttpResponse:
    found = find(here, key, archived=True)
    actions.restore_objective(found, by=here.member, now=timezone.now())
    return here.go("objective", key)


def find(here: Here, key: str, *, archived: bool = False) -> Objective:
    found = Objective.objects.select_related("team", "cycle", "workspace", "owner__person")
    found = found.filter(workspace=here.workspace, key=key)
    if not archived:
        found = found.filter(archived_at=None)
    objective = found.first()
    if objective is None:
        raise NotFound(
            f"There is no objective `{key}` in this workspace.",
            fix="It may have been archived, or the address is misspelt.",
        )
    return objective


def _outputs(objective: Objective) -> QuerySet[Output]:
    """Those that should move what its key results stand on, the latest first."""
    on = KeyResult.objects.filter(objective=objective, archived_at=None, metric__isnull=False)
    living = objective.workspace.outputs.filter(archived_at=None)
    return living.filter(moves__in=on.values("metric")).distinct()


def _related(objectives: QuerySet[Objective]) -> QuerySet[Objective]:
    return objectives.filter(archived_at=None).select_related("team").order_by("title")
