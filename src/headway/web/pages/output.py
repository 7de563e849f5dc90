"""One output: what it is for, and what its launch did to the metrics that it should move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.charts.picture import Picture
from headway.engine.errors import NotFound, nearest
from headway.goals import outputs
from headway.goals.audience import audience
from headway.goals.experiment.view import view
from headway.goals.launch.launches import Launch, Move, launches
from headway.goals.launch.picture import picture
from headway.goals.models import KeyResult, Output
from headway.web import drawings, exports, history
from headway.web.context import Here, inside

RECENT = 8


@dataclass(frozen=True)
class Shown:
    """A move with its picture, where there is one; `controls` are keys and names."""

    move: Move
    picture: Picture | None
    url: str
    controls: Sequence[tuple[str, str]]
    by_hand: bool


@inside
def page(here: Here, key: str) -> HttpResponse:
    output = find(here, key, archived=True)
    launch = launches([output])[0]
    return exports.data(here.request, key, launch.to_dict()["moves"]) or here.show(
        "output.html",
        title=output.name,
        output=output,
        launch=launch,
        effects=list(_effects(here, launch)),
        experiment=view(output, here.workspace, here.today),
        overdue=launch.overdue(here.today),
        audience=audience(output.audience).words,
        helps=_helps(launch),
        happenings=history.happenings(here, Q(subject=outputs.subject(output)), RECENT),
    )


@inside
def chart(here: Here, key: str, metric: str) -> HttpResponse:
    launch = launches([find(here, key, archived=True)])[0]
    found = next((m for m in launch.moves if m.metric.key == metric and m.told.known), None)
    if found is None:
        raise NotFound(f"No effect on `{metric}` is known.", where=metric)
    return drawings.answer(here.request, picture(found))


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


def _effects(here: Here, launch: Launch) -> Iterator[Shown]:
    if not launch.output.launched:
        return
    by_hand = set(launch.output.controls.values_list("key", flat=True))
    used = {key for move in launch.moves for key in move.told.beside}
    rows = here.workspace.metrics.filter(key__in=used) if used else ()
    names = {metric.key: metric.name for metric in rows}
    for move in launch.moves:
        controls = [(key, names.get(key, key)) for key in move.told.beside]
        url = here.url("output_chart", launch.output.key, move.metric.key)
        drawn = picture(move) if move.told.known else None
        yield Shown(move, drawn, url, controls, bool(by_hand))


def _helps(launch: Launch) -> Sequence[KeyResult]:
    """The key results of running cycles that stand on what it moves."""
    living = KeyResult.objects.filter(
        metric__in=[move.metric for move in launch.moves],
        archived_at=None,
        objective__archived_at=None,
    )
    return list(living.select_related("objective", "cycle", "metric").order_by("-cycle__ends"))
