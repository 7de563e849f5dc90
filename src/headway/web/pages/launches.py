"""The monthly review: of each recent launch, what success is, and whether it has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpResponse

from headway.goals.experiment.view import verdicts
from headway.goals.launch.launches import RECENT, Launch, recent, upcoming
from headway.goals.models import Output
from headway.web import exports
from headway.web.context import Here, inside

SPANS = {"31": "a month", "92": "three months", "366": "a year"}


@inside
def page(here: Here) -> HttpResponse:
    asked = here.request.GET.get("days", "")
    days = asked if asked in SPANS else str(RECENT.days)
    found = _of_team(
        here, recent(here.workspace, here.today, here.today - timedelta(days=int(days)))
    )
    waiting = [Launch(o, ()) for o in upcoming(here.workspace, here.today) if _ours(here, o)]
    return exports.data(here.request, "launches", (one.to_dict() for one in found)) or here.show(
        "launches.html",
        title="Recent launches",
        launches=found,
        tests=verdicts([one.output for one in (*found, *waiting)], here.today),
        waiting=[(one.output, one.overdue(here.today)) for one in waiting],
        spans=SPANS,
        days=days,
        summary=_summary(found),
        any_output=bool(found or waiting) or here.workspace.outputs.exists(),
    )


def _of_team(here: Here, found: Sequence[Launch]) -> list[Launch]:
    return [one for one in found if _ours(here, one.output)]


def _ours(here: Here, output: Output) -> bool:
    return here.team is None or output.team_id in here.team_ids


def _summary(found: Sequence[Launch]) -> str:
    """`3 launches; of 4 metrics: 2 moved, 1 no clear effect, 1 too early`."""
    verdicts = Counter(move.verdict for one in found for move in one.moves)
    many = f"{len(found)} launch{'es' if len(found) != 1 else ''}"
    if not verdicts:
        return many
    metrics = f"{verdicts.total()} metric{'s' if verdicts.total() != 1 else ''}"
    said = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    return f"{many}; of {metrics}: {said}"
