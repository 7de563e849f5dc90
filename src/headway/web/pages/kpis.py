"""Is the product healthy? Every KPI with its value, its change and its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from django.http import HttpResponse

from headway.metrics.models import Metric
from headway.web.context import Here, inside
from headway.web.exports import data
from headway.web.paging import paged
from headway.web.readings import SHOWN, Reading, glances, readings

Group = tuple[str, list[Reading]]

MOST = 24
"""So many tiles stand on a page."""


@inside
def page(here: Here) -> HttpResponse:
    asked = here.request.GET
    level, by = "metric" if asked.get("level") == "metric" else "kpi", asked.get("by", "")
    found = glances(here, _metrics(here, level, by))
    shown = [r for r in found if _asked(r, asked.get("family", ""), asked.get("health", ""))]
    tiles = paged(here.request, _placed(shown, by), MOST)
    return data(here.request, level + "s", _rows(here, shown)) or here.show(
        "kpis.html",
        title="KPIs" if level == "kpi" else "Metrics",
        level=level,
        groups=_groups(here, tiles.rows),
        tiles=tiles,
        families=sorted({family_words(r.metric.family) for r in found}),
        total=len(found),
        unhealthy=sum(r.health == "out of range" for r in found),
    )


def _metrics(here: Here, level: str, by: str) -> Sequence[Metric]:
    """With a team chosen: those that its people own, or that its key results stand on."""
    metrics = here.workspace.metrics.filter(archived_at=None, level=level)
    if here.team:
        of_team = metrics.filter(owner__teams__in=here.team_ids)
        used = metrics.filter(key_results__objective__team__in=here.team_ids)
        metrics = metrics.filter(pk__in=of_team.union(used).values("pk"))
    shown = metrics.only(*SHOWN)
    if by == "team":
        owned = metrics.select_related("owner").only("owner__role", *SHOWN)
        shown = owned.prefetch_related("owner__teams")
    return list(shown.order_by("family", "name"))


def _asked(reading: Reading, family: str, health: str) -> bool:
    in_family = not family or family_words(reading.metric.family) == family
    return in_family and (not health or reading.health == health)


def _placed(found: Sequence[Reading], by: str) -> list[tuple[str, Metric]]:
    """Under the name of a group, in the order of these; one that several teams own stands often."""
    names = _team_names if by == "team" else _family_names
    placed = [(name, r.metric) for r in found for name in names(r.metric)]
    return sorted(placed, key=lambda one: one[0])


def _groups(here: Here, placed: Sequence[tuple[str, Metric]]) -> list[Group]:
    metrics = {metric.pk: metric for _, metric in placed}
    found = {r.metric.pk: r for r in readings(here, metrics.values())}
    return [
        (name, [found[metric.pk] for _, metric in tiles])
        for name, tiles in groupby(placed, key=lambda one: one[0])
    ]


def _rows(here: Here, found: Sequence[Reading]) -> Iterator[dict[str, Any]]:
    yield from (r.row for r in readings(here, [one.metric for one in found]))


def _team_names(metric: Metric) -> list[str]:
    owner = metric.owner
    return [str(team) for team in owner.teams.all()] if owner else ["Nobody's yet"]


def _family_names(metric: Metric) -> list[str]:
    return [family_words(metric.family)]


def family_words(family: str) -> str:
    """`capture/activation` → `Capture · activation`."""
    return family.replace("_", " ").replace("/", " · ").capitalize() or "Other"
