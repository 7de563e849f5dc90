"""A key result broken down: suggestions over the quarters and the drivers, to edit and save."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.engine.errors import DefinitionError, HeadwayError, InputError
from headway.goals.aims import unit_of
from headway.goals.breaking import spreading
from headway.goals.breaking.suggestions import Driver, Parts, drivers_of, parts_of
from headway.goals.models import KeyResult
from headway.web.context import Here, inside
from headway.web.forms.fields import read_amount, written
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
        cycles=spreading.cycles_of(found, parts) if parts else [],
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
            posted.get(f"value_{n}", written(spreading.rounded(chosen.standing[n]), unit)),
        )
        for n, period in enumerate(parts.periods)
    ]


def _driver_rows(drivers: list[Driver], posted: Mapping[str, str]) -> list[tuple[Driver, str]]:
    return [
        (
            d,
            posted.get(
                f"target_{d.metric.key}", written(spreading.rounded(d.suggested), d.metric.unit)
            ),
        )
        for d in drivers
    ]


def _save(here: Here, found: KeyResult, posted: Mapping[str, str]) -> None:
    by, now = here.member, timezone.now()
    if posted.get("save") == "drivers":
        spreading.save_drivers(found, _ticked(here, found, posted), by=by, now=now)
        return
    parts, unit = parts_of(found), unit_of(found)
    values = [_amount(here, posted.get(f"value_{n}", ""), unit) for n in range(len(parts.periods))]
    if posted.get("save") == "cycles":
        spreading.save_cycles(found, parts, values, by=by, now=now)
    else:
        reason = posted.get("reason", "")
        spreading.save_phases(found, parts, values, reason=reason, by=by, now=now)


def _ticked(here: Here, found: KeyResult, posted: Mapping[str, str]) -> dict[str, float]:
    chosen = [d.metric for d in drivers_of(found) if posted.get(f"make_{d.metric.key}")]
    if not chosen:
        raise InputError("No driver is ticked.", fix="Tick those that are to be key results.")
    return {m.key: _amount(here, posted[f"target_{m.key}"], m.unit) for m in chosen}


def _amount(here: Here, text: str, unit: str) -> float:
    return read_amount(text, unit, here.workspace.currency)
