"""Where should we work next? The journey, the funnel and the value map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django import forms
from django.http import HttpResponse
from django.utils import timezone

from headway.accounts import gate
from headway.accounts.actions import save_settings
from headway.engine.errors import DefinitionError
from headway.engine.plain import plain
from headway.files.export import dumps
from headway.files.sheet import loads
from headway.goals.boards import funnel as funnels
from headway.goals.boards import journey as journeys
from headway.goals.boards.funnel import Step
from headway.goals.boards.health import Health
from headway.goals.boards.value_map import QUADRANTS, Dot, Product, value_map
from headway.metrics.journey import Stage
from headway.metrics.reading import Tile
from headway.web import exports
from headway.web.context import Here, inside
from headway.web.forms.fields import attempt
from headway.web.readings import Reading


@dataclass(frozen=True)
class Shown:
    """A shelf of the journey, or a stage of the funnel, with its KPIs in words."""

    of: journeys.Shelf | Step
    readings: Sequence[Reading]

    @property
    def health(self) -> Health:
        return self.of.health


@inside
def journey(here: Here) -> HttpResponse:
    found = journeys.board(here.workspace, here.today)
    stages = [(p, [Shown(s, _readings(here, s.tiles)) for s in p.shelves]) for p in found]
    shelves = [shelf for placed in found for shelf in placed.shelves]
    return exports.data(here.request, "journey", journeys.rows(found)) or here.show(
        "boards_journey.html",
        title="Customer journey",
        tab="journey",
        stages=stages,
        empty=[s.name for s in shelves if not s.tiles],
        any_kpi=any(shelf.tiles for shelf in shelves),
        underserved=[s for s in shelves if s.underserved],
        surveyed=any(s.opportunity is not None for s in shelves),
    )


@inside
def funnel(here: Here) -> HttpResponse:
    found = funnels.funnel(here.workspace, here.today, here.cycle)
    return exports.data(here.request, "funnel", found.rows()) or here.show(
        "boards_funnel.html",
        title="Adoption funnel",
        tab="funnel",
        funnel=found,
        steps=[Shown(step, _readings(here, step.tiles)) for step in found.steps],
        any_kpi=any(step.tiles for step in found.steps),
    )


@inside
def values(here: Here) -> HttpResponse:
    asked = here.request.GET.get("by", "")
    found = value_map(here.workspace, here.today, here.cycles, asked)
    return exports.data(here.request, "value-map", found.rows()) or here.show(
        "boards_values.html",
        title="Value map",
        tab="values",
        found=found,
        trails=[Trail(i, product) for i, product in enumerate(found.products)],
        quadrants=sorted((*QUADRANTS[side], *place) for side, place in PLACES.items()),
    )


PLACES = {
    (False, True): (12, 24),
    (True, True): (212, 24),
    (False, False): (12, 388),
    (True, False): (212, 388),
}
"""Where the names of the quadrants stand on a map of 400 × 400."""

ROOM_FOR_A_NAME = 300
"""A dot that stands further right has its name on its left."""


@dataclass(frozen=True, slots=True)
class Spot:
    x: float
    y: float
    dot: Dot


@dataclass(frozen=True)
class Trail:
    """A product on the map: its known dots in order of time, the last one where it is now."""

    number: int
    product: Product

    @property
    def spots(self) -> list[Spot]:
        return [
            Spot(dot.creation * 4, 400 - dot.capture * 4, dot)
            for dot in self.product.trail
            if dot.creation is not None and dot.capture is not None
        ]

    @property
    def path(self) -> str:
        return "M" + "L".join(f"{s.x:.1f} {s.y:.1f}" for s in self.spots)

    @property
    def named_left(self) -> bool:
        """On the side that the trail does not come from, and within the frame."""
        *before, last = (spot.x for spot in self.spots)
        return last > ROOM_FOR_A_NAME if not before else before[-1] > last

    @property
    def colour(self) -> int:
        return self.number % 6 + 1

    @property
    def sentence(self) -> str:
        """The reading of the dot."""
        now = self.product.now
        if now.quadrant is None:
            side = "creation" if now.creation is None else "capture"
            return f"{self.product.name} is not on the map: no KPI of value {side} is known."
        _, name, says = now.quadrant
        return (
            f"{self.product.name} creates {now.creation:.0f} and captures {now.capture:.0f} of "
            f"100: “{name}”. {says}"
        )


class JourneyForm(forms.Form):
    stages = forms.CharField(
        label="Stages and their capabilities",
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "code"}),
        help_text="In the order of the board. A stage holds the KPIs of its family; a capability "
        "those that it names, and job is what your survey of importance and satisfaction calls "
        "it. Empty brings the usual stages back.",
        required=False,
    )

    def clean_stages(self) -> list[dict[str, Any]]:
        text = self.cleaned_data["stages"].strip()
        try:
            return [plain(stage) for stage in _stages(text)]
        except (DefinitionError, msgspec.ValidationError) as error:
            raise forms.ValidationError(str(error)) from None


@inside
def journey_edit(here: Here) -> HttpResponse:
    gate.require(here.member, "administer")
    now = [plain(stage) for stage in journeys.stages_of(here.workspace)]
    form = JourneyForm(here.request.POST or None, initial={"stages": dumps({"journey": now})})
    if here.request.method == "POST" and attempt(form, lambda: _save(here, form)):
        return here.go("board_journey")
    return here.show("boards_journey_form.html", title="Edit the journey", form=form)


def _save(here: Here, form: JourneyForm) -> bool:
    settings = {"journey": form.cleaned_data["stages"]}
    save_settings(here.workspace, settings, by=here.member, now=timezone.now())
    return True


def _stages(text: str) -> list[Stage]:
    if not text:
        return []
    sheet = loads(text)
    if sheet.problems:
        raise DefinitionError("; ".join(str(p) for p in sheet.problems))
    return msgspec.convert(sheet.values.get("journey", []), list[Stage])


def _readings(here: Here, tiles: Sequence[Tile]) -> list[Reading]:
    currency = here.workspace.currency
    return [Reading(t.metric, t.grain, t.points, currency) for t in tiles]
