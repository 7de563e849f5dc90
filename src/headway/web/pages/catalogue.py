"""The catalogue by question: what do you want to know?"""

from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse

from headway.accounts import gate
from headway.engine.kinds import KINDS
from headway.metrics.catalogue import Template, templates
from headway.web.context import Here, inside
from headway.web.pages.kpis import family_words


@inside
def page(here: Here) -> HttpResponse:
    gate.require(here.member, "write", here.workspace)
    asked = here.request.GET.get("find", "").strip()
    found = [t for t in templates() if _fits(t, asked)]
    groups = [(family_words(f), list(of)) for f, of in groupby(found, key=lambda t: t.family)]
    return here.show(
        "catalogue.html",
        title="What do you want to know?",
        groups=groups,
        asked=asked,
        kinds=[(name, kind.summary) for name, kind in KINDS.items()],
    )


def _fits(template: Template, asked: str) -> bool:
    text = f"{template.question} {template.name} {template.meaning} {template.family}".lower()
    return all(word in text for word in asked.lower().split())
