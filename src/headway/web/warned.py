"""Alerts as pages show them: with the one thing to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from headway.alerting import reading
from headway.alerting.grouping import subject
from headway.alerting.reading import Story
from headway.alerting.words import KIND_WORDS, sentence
from headway.charts import formats
from headway.charts.picture import Flag, Picture
from headway.engine.definition import Definition
from headway.metrics.definitions import documents_of, parsed
from headway.metrics.models import Metric
from headway.web.context import Here

MOST_NAMES = 4
"""So many metrics and key results are named; how many more there are is said."""


@dataclass(frozen=True)
class Warned:
    story: Story
    url: str
    button: str

    @property
    def kind(self) -> str:
        return KIND_WORDS[self.story.gravest.kind]

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return self.story.others[:MOST_NAMES]

    @property
    def more_metrics(self) -> int:
        return max(len(self.story.others) - MOST_NAMES, 0)

    @property
    def more_key_results(self) -> int:
        return max(len(self.story.named_key_results) - MOST_NAMES, 0)

    @property
    def further(self) -> list[str]:
        """What else is odd about the same metric, in sentences."""
        return [sentence(s) for s in self.story.further if s.ended_at is None]

    @property
    def since(self) -> date:
        return self.story.since


def open_ones(here: Here) -> list[Warned]:
    """Those that wait for somebody, the ones on which most depends first; none for the better."""
    found = reading.stories(here.workspace, here.today)
    return warned(here, [story for story in found if not story.is_better])


def warned(here: Here, stories: Sequence[Story]) -> list[Warned]:
    named = {s.gravest.metric.key for s in stories if s.of_metric}
    definitions = parsed(documents_of(here.workspace, named))[0] if named else {}
    return [Warned(story, *_next(here, story, definitions)) for story in stories]


def alerts_of(here: Here, stories: Sequence[Story]) -> dict[str, Any]:
    """What `components/alerts_open.html` and `alerts_before.html` show of a metric."""
    rows = warned(here, stories)
    over = [row for row in rows if row.story.state == "resolved"]
    return {"alerts": [row for row in rows if row not in over], "past_alerts": over}


def alerted(picture: Picture, metric: Metric, stories: Iterable[Story]) -> Picture:
    """With the periods of the metric's alerts marked."""
    ends = picture.ends
    if not ends:
        return picture
    found = [
        _flag(story, max(story.since, ends[0]), min(story.last, ends[1]))
        for story in stories
        if any(sign.metric == metric for sign in story.signs)
        and story.since <= ends[1]
        and story.last >= ends[0]
    ]
    flags = sorted([*picture.flags, *found], key=lambda flag: flag.day)
    return replace(picture, flags=tuple(flags))


def _flag(story: Story, first: date, last: date) -> Flag:
    label = f"Alert: {KIND_WORDS[story.gravest.kind]}"
    words = formats.days(first, max(first, last))
    return Flag(first, label, max(first, last), words, subject(story.alert))


def _next(here: Here, story: Story, definitions: Mapping[str, Definition]) -> tuple[str, str]:
    alert = story.alert
    cause = alert.cause if story.of_metric or alert.noun != "metric" else alert.common
    noun, _, named = cause.partition(":")
    if noun == "happening":
        return here.url("annotation", named), "See what happened then"
    if noun == "event" and alert.noun == "metric":
        return here.url("tracking_event", event=named), "Look at the event"
    if noun == "source":
        if not named:
            return here.url("sources"), "Look at the sources"
        return here.url("source", named), "Look at the source"
    if noun == "event":
        return here.url("tracking"), "Look at the tracking plan"
    sign = story.gravest
    definition = definitions.get(sign.metric.key)
    splits = definition is not None and bool(definition.made_of() or definition.segments)
    if splits and sign.kind != "silent":
        return here.url("drivers", sign.metric.key, grain=sign.grain), "See what moved it"
    return here.url("kpi", sign.metric.key, grain=sign.grain), "Open the KPI"
