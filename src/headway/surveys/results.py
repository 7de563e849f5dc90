"""What a survey found: its score with the interval, who answered how, and how many did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from headway.engine.kinds import parse
from headway.engine.tally import Estimate, Tally, wilson
from headway.ingest.dialects.survey import DISMISSED, SCALES, SHOWN
from headway.ingest.manifest.rows import part_file, root_of
from headway.ingest.models import Part
from headway.metrics.catalogue import template
from headway.stores.named import rows_named
from headway.surveys.actions import TEMPLATES
from headway.surveys.models import Survey

COLUMNS = ("score", "text", "page", "language")
SATISFIED = 4
PROMOTER, DETRACTOR = 9, 6


@dataclass(frozen=True, slots=True)
class Bar:
    """How often a score was given; `share` is of all answers."""

    score: int
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Comment:
    """`id` is that of the event; `who` is for those who may see people."""

    id: str
    at: datetime
    text: str
    score: int | None
    who: str
    page: str


@dataclass(frozen=True)
class Results:
    """Of the last `days`. `rate` is None before anybody was asked."""

    days: int
    shown: int
    dismissed: int
    answered: int
    score: Estimate | None
    unit: str
    bars: Sequence[Bar]
    comments: Sequence[Comment]

    @property
    def rate(self) -> float | None:
        return self.answered / self.shown if self.shown else None

    @property
    def rate_interval(self) -> tuple[float, float] | None:
        if not self.shown:
            return None
        return wilson(min(self.answered, self.shown), self.shown)

    def to_dict(self, *, people: bool) -> dict[str, Any]:
        score = self.score
        return {
            "days": self.days,
            "shown": self.shown,
            "dismissed": self.dismissed,
            "answered": self.answered,
            "response_rate": self.rate,
            "score": score.value if score else None,
            "low": score.low if score else None,
            "high": score.high if score else None,
            "unit": self.unit,
            "distribution": {str(bar.score): bar.count for bar in self.bars},
            "comments": [
                {
                    "at": one.at,
                    "text": one.text,
                    "score": one.score,
                    "who": one.who if people else None,
                    "page": one.page,
                }
                for one in self.comments
            ],
        }


def results(survey: Survey, *, days: int, now: datetime) -> Results:
    """Read from the events themselves, so that what is not kept there is nowhere."""
    rows = _rows(survey, now - timedelta(days=days))
    scale = SCALES[survey.kind]
    of = Counter(str(row["event"]) for row in rows)
    answers = [row for row in rows if row["event"] == scale.event]
    counts = Counter(score for row in answers if (score := _score(row)) is not None)
    return Results(
        days=days,
        shown=of[SHOWN],
        dismissed=of[DISMISSED],
        answered=len(answers),
        score=_estimate(survey.kind, counts) if survey.kind in TEMPLATES else None,
        unit=template(TEMPLATES[survey.kind]).unit if survey.kind in TEMPLATES else "",
        bars=_bars(survey.kind, counts),
        comments=sorted(_comments(answers), key=lambda one: one.at, reverse=True),
    )


def _rows(survey: Survey, since: datetime) -> list[dict[str, Any]]:
    parts = Part.objects.filter(source=survey.source_id, last_at__gte=since)
    files = [part_file(part) for part in parts.select_related("source").order_by("pk")]
    names = (SCALES[survey.kind].event, SHOWN, DISMISSED)
    root = root_of(survey.workspace)
    return rows_named(root, files, names, COLUMNS, equal=("survey", survey.key), since=since)


def _score(row: dict[str, Any]) -> int | None:
    """Of what was imported, a score may be text or a fraction."""
    try:
        return round(float(row["score"]))
    except (TypeError, ValueError):
        return None


def _estimate(kind: str, counts: Counter[int]) -> Estimate:
    """As the KPI of the catalogue computes it."""
    values = {score: _grade(kind, score) for score in counts}
    n = sum(counts.values())
    x = sum(values[score] * count for score, count in counts.items())
    xx = sum(values[score] ** 2 * count for score, count in counts.items())
    definition = parse(template(TEMPLATES[kind]).document)
    return definition.estimate(Tally(n, x, float(n), xx))


def _grade(kind: str, score: int) -> float:
    if kind == "nps":
        return float(score >= PROMOTER) - float(score <= DETRACTOR)
    return float(score >= SATISFIED) if kind == "csat" else float(score)


def _bars(kind: str, counts: Counter[int]) -> list[Bar]:
    scale, n = SCALES[kind], sum(counts.values())
    if scale.low is None or scale.high is None:
        return []
    scores = range(scale.low, scale.high + 1)
    return [Bar(score, counts[score], counts[score] / n if n else 0.0) for score in scores]


def _comments(answers: Sequence[dict[str, Any]]) -> list[Comment]:
    return [
        Comment(
            id=str(row["message_id"]),
            at=row["happened_at"],
            text=str(row["text"]),
            score=_score(row),
            who=str(row["user_id"] or ""),
            page=str(row["page"] or ""),
        )
        for row in answers
        if row["text"]
    ]
