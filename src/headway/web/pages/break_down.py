"""A key result broken down: suggestions over the quarters and the drivers, to edit and save."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.engine.errors import DefinitionError, HeadwayError, InputError
from headway.goals import actions
from headway.goals.breaking import Driver, Parts, drivers_of, parts_of
from headway.goals.models import Cycle, KeyResult, Over, Pace, Shape
from headway.goals.picture import unit_of
from headway.web.context import Here, inside
from headway.web.forms import read_amount, written
from headway.web.pages.key_result import find


@inside
def page(here: Here, objective: str, key: str) -> HttpResponse:
    gate.require(here.member, "write")
    found = find(here, objective, key)
    posted = here.request.POST
    problem = ""
    if posted:
        try:
            _save(here, found, posted)
        except (DefinitionError, InputError) as error:
            problem = f"{error.message} {error.fix}".strip()
        else:
            return here.go("objective", found.objective.key)
    parts, trouble = _parts(found)
    held = here.request.GET.getlist("hold")
    drivers, driver_trouble = _drivers(found, held)
    return here.show(
        "break_down.html",
        title=f"Break down “{found}”",
        found=found,
        unit=unit_of(found),
        problem=problem,
        trouble=trouble,
        parts=parts,
        way=here.request.GET.get("way", "even"),
        rows=_rows(found, parts, here.request.GET.get("way", "even"), posted),
        cycles=_cycles(found, parts),
        drivers=_driver_rows(drivers, posted),
        driver_trouble=driver_trouble,
        held=held,
        asks_reason=here.today >= found.cycle.starts,
    )


def _parts(found: KeyResult) -> tuple[Parts | None, str]:
    try:
        return parts_of(found), ""
    except HeadwayError as error:
        return None, f"{error.message} {error.fix}".strip()


def _drivers(found: KeyResult, held: list[str]) -> tuple[list[Driver], str]:
    try:
        return drivers_of(found, held), ""
    except HeadwayError as error:
        return [], f"{error.message} {error.fix}".strip()


def _rows(
    found: KeyResult, parts: Parts | None, way: str, posted: Mapping[str, str]
) -> list[tuple[object, ...]]:
    """Each part, what every way suggests for it, and what stands in its input."""
    if parts is None:
        return []
    chosen = next((w for w in parts.ways if w.name == way and w.standing), parts.ways[0])
    unit = unit_of(found)
    return [
        (
            period,
            [
                (w, w.standing[n] if w.standing else None, w.brings[n] if w.brings else None)
                for w in parts.ways
            ],
            posted.get(f"value_{n}", written(_whole(chosen.standing[n]), unit)),
        )
        for n, period in enumerate(parts.periods)
    ]


def _driver_rows(drivers: list[Driver], posted: Mapping[str, str]) -> list[tuple[Driver, str]]:
    return [
        (d, posted.get(f"target_{d.metric.key}", written(_whole(d.suggested), d.metric.unit)))
        for d in drivers
    ]


def _whole(value: float) -> float:
    """Four digits are enough for a suggestion."""
    return float(f"{value:.4g}")


def _cycles(found: KeyResult, parts: Parts | None) -> list[Cycle]:
    """The cycles of the parts, where the workspace has one for each."""
    if parts is None or len(parts.periods) < 2:
        return []
    here = {(c.starts, c.ends): c for c in found.objective.workspace.cycles.all()}
    cycles = [here.get((p.start, p.last)) for p in parts.periods]
    return [c for c in cycles if c is not None] if all(cycles) else []


@transaction.atomic
def _save(here: Here, found: KeyResult, posted: Mapping[str, str]) -> None:
    if posted.get("save") == "drivers":
        _save_drivers(here, found, posted)
        return
    parts = parts_of(found)
    unit = unit_of(found)
    values = [_amount(here, posted.get(f"value_{n}", ""), unit) for n in range(len(parts.periods))]
    if posted.get("save") == "cycles":
        _save_cycles(here, found, parts, values)
    else:
        _save_phases(here, found, parts, values, posted.get("reason", ""))


def _save_phases(
    here: Here, found: KeyResult, parts: Parts, values: list[float], reason: str
) -> None:
    """By the end of each part but the last, whose end is the due date and has the target."""
    pairs = zip(parts.periods[:-1], values[:-1], strict=True)
    actions.save_key_result(
        found.objective,
        key=found.key,
        pace=Pace.phased,
        phases={period.last.isoformat(): value for period, value in pairs},
        reason=reason,
        by=here.member,
        now=timezone.now(),
    )


def _save_cycles(here: Here, found: KeyResult, parts: Parts, values: list[float]) -> None:
    """A key result for each part: what comes in within it, or where it stands at its end."""
    before = found.baseline or 0.0
    for cycle, value in zip(_cycles(found, parts), values, strict=True):
        actions.save_key_result(
            found.objective,
            title=f"{found}: {cycle}",
            metric=found.metric,
            shape=Shape.reach,
            target=value - before if parts.flow else value,
            over=found.over,
            over_n=found.over_n,
            grain=found.grain,
            cycle=cycle,
            due=cycle.ends,
            owner=found.owner,
            by=here.member,
            now=timezone.now(),
        )
        before = value


def _save_drivers(here: Here, found: KeyResult, posted: Mapping[str, str]) -> None:
    """A key result for each driver that is ticked."""
    chosen = [d for d in drivers_of(found) if posted.get(f"make_{d.metric.key}")]
    if not chosen:
        raise InputError("No driver is ticked.", fix="Tick those that are to be key results.")
    for driver in chosen:
        actions.save_key_result(
            found.objective,
            metric=driver.metric,
            shape=Shape.reach,
            target=_amount(here, posted[f"target_{driver.metric.key}"], driver.metric.unit),
            over=Over.latest,
            grain=found.grain,
            cycle=found.cycle,
            due=found.due,
            owner=found.owner,
            by=here.member,
            now=timezone.now(),
        )


def _amount(here: Here, text: str, unit: str) -> float:
    return read_amount(text, unit, here.workspace.currency)
