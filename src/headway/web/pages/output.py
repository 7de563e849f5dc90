"""One output: what it is for, and what its metrics did before and after the launch."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.engine.errors import NotFound, nearest
from headway.goals import outputs
from headway.goals.audience import audience
from headway.goals.launches import Launch, launches
from headway.goals.models import KeyResult, Output
from headway.web import exports, history
from headway.web.context import Here, inside

RECENT = 8


@inside
def page(here: Here, key: str) -> HttpResponse:
    output = find(here, key, archived=True)
    launch = launches([output])[0]
    return exports.data(here.request, key, launch.to_dict()["moves"]) or here.show(
        "output.html",
        title=output.name,
        output=output,
        launch=launch,
        overdue=launch.overdue(here.today),
        audience=audience(output.audience).words,
        helps=_helps(launch),
        happenings=history.happenings(here, Q(subject=outputs.subject(output)), RECENT),
    )


@require_POST
@inside
def archive(here: Here, key: str) -> HttpResponse:
    outputs.archive_output(find(here, key), by=here.member, now=timezone.now())
    return here.go("output", key)


@require_POST
@inside
def restore(here: Here, key: str) -> HttpResponse:
    outputs.restore_output(find(here, key, archived=True), by=here.member, now=timezone.now())
    return here.go("output", key)


def find(here: Here, key: str, *, archived: bool = False) -> Output:
    rows = here.workspace.outputs.select_related("team", "owner__person").prefetch_related("moves")
    found = rows.filter(key=key).first()
    if found is None or (found.archived_at and not archived):
        known = here.workspace.outputs.filter(archived_at=None).values_list("key", flat=True)
        raise NotFound(f"There is no output `{key}` in {here.workspace}.", fix=nearest(key, known))
    return found


def _helps(launch: Launch) -> Sequence[KeyResult]:
    """The key results of running cycles that stand on what it moves."""
    living = KeyResult.objects.filter(
        metric__in=[move.metric for move in launch.moves],
        archived_at=None,
        objective__archived_at=None,
    )
    return list(living.select_related("objective", "cycle", "metric").order_by("-cycle__ends"))
