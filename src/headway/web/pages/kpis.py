"""Is the product healthy? Every KPI with its value, its change and its line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.http import HttpResponse

from headway.metrics.models import Metric
from headway.web.context import Here, inside
from headway.web.exports import data
from headway.web.readings import Reading, readings

Group = tuple[str, list[Reading]]


@inside
def page(here: Here) -> HttpResponse:
    asked = here.request.GET
    level = "metric" if asked.get("level") == "metric" else "kpi"
    found = readings(here, _metrics(here, level))
    families = sorted({family_words(r.metric.family) for r in found})
    shown = [r for r in found if _asked(r, asked.get("family", ""), asked.get("health", ""))]
    return data(here.request, level + "s", [r.row for r in shown]) or here.show(
        "kpis.html",
        title="KPIs" if level == "kpi" else "Metrics",
        level=level,
        groups=grouped(shown, asked.get("by", "family")),
        families=families,
        shown=len(shown),
        total=len(found),
        unhealthy=sum(r.health == "out of range" for r in found),
    )


def _metrics(here: Here, level: str) -> Sequence[Metric]:
    """With a team chosen: those that its people own, or that its key results stand on."""
    metrics = here.workspace.metrics.filter(archived_at=None, level=level)
    if here.team:
        of_team = metrics.filter(owner__teams__in=here.team_ids)
        used = metrics.filter(key_results__objective__team__in=here.team_ids)
        metrics = metrics.filter(pk__in=of_team.union(used).values("pk"))
    owners = metrics.select_related("owner__person").prefetch_related("owner__teams")
    return list(owners.order_by("family", "name"))


def _asked(reading: Reading, family: str, health: str) -> bool:
    in_family = not family or family_words(reading.metric.family) == family
    return in_family and (not health or reading.health == health)


def grouped(found: Sequence[Reading], by: str) -> list[Group]:
    groups: dict[str, list[Reading]] = defaultdict(list)
    for reading in found:
        for name in _team_names(reading) if by == "team" else [family_words(reading.metric.family)]:
            groups[name].append(reading)
    return sorted(groups.items())


def _team_names(reading: Reading) -> list[str]:
    owner = reading.metric.owner
    return [str(team) for team in owner.teams.all()] if owner else ["Nobody's yet"]


def family_words(family: str) -> str:
    """`capture/activation` → `Capture · activation`."""
    return family.replace("_", " ").replace("/", " · ").capitalize() or "Other"
