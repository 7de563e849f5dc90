"""`headway surveys`: what do people say?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from headway.charts import formats
from headway.cli import django
from headway.cli.output import Row, format_option, show, workspace_option
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.surveys.models import Survey
    from headway.surveys.results import Results

LAYOUT = Layout(right=("asked", "answered", "score"), cuts=("name",), spare=("name", "interval"))


@click.command(name="surveys", epilog="Example: headway surveys --days 90 --format json")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
@workspace_option
@format_option
def command(days: int, workspace: str | None, format: str) -> None:
    """Each survey with its score over the last days, and how many of those asked answered.

    Surveys are made in the web, over the API, or with `headway apply`.
    """
    django.ready()
    from headway.surveys.results import results

    home = django.workspace_named(workspace)
    now = home.at(datetime.now(UTC))
    rows = home.surveys.filter(archived_at=None).select_related("source", "workspace")
    found = [(row, results(row, days=days, now=now)) for row in rows]
    told = [_words(*one) if format == "table" else _numbers(*one) for one in found]
    show(told, format=format, empty="No surveys yet.", layout=LAYOUT)


def _words(survey: Survey, found: Results) -> Row:
    score = found.score
    known = score is not None and score.value is not None
    return {
        "key": survey.key,
        "name": str(survey),
        "asked": formats.number(found.shown),
        "answered": formats.number(found.answered),
        "score": formats.value(score.value, found.unit) if score and known else "",
        "interval": _between(found),
    }


def _between(found: Results) -> str:
    if found.score is None or found.score.low is None or found.score.high is None:
        return ""
    ends = (formats.value(end, found.unit) for end in (found.score.low, found.score.high))
    return " to ".join(ends)


def _numbers(survey: Survey, found: Results) -> Row:
    told = found.to_dict(people=False)
    names = ("shown", "dismissed", "answered", "response_rate", "score", "low", "high", "unit")
    return {"key": survey.key, "kind": survey.kind, **{name: told[name] for name in names}}
