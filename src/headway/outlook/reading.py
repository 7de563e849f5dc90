"""Stored forecasts of many metrics at once."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from headway.accounts.models import Workspace
from headway.outlook.ahead import FORECAST, Step
from headway.outlook.models import Study


def next_steps(workspace: Workspace) -> Mapping[int, Step]:
    """By metric, the first period to come, of those of which it can be told; one query."""
    rows = Study.objects.filter(metric__workspace=workspace, name=FORECAST.name, reason="")
    found = rows.values_list("metric_id", "answer__steps__0")
    return {pk: msgspec.convert(step, Step, strict=False) for pk, step in found}
