"""All experiments of a workspace, as lists and the command line name them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from headway.accounts.models import Workspace
from headway.engine.errors import NotFound, nearest
from headway.goals.experiment.design import experiment
from headway.goals.experiment.view import Shown, verdicts, view
from headway.goals.models import Output


def listed(workspace: Workspace, today: date) -> Iterator[dict[str, Any]]:
    """Those that started last come first."""
    outputs = list(workspace.outputs.filter(archived_at=None).exclude(experiment={}))
    words = verdicts(outputs, today)
    read = [(found, o) for o in outputs if (found := experiment(o.experiment))]
    for found, output in sorted(read, key=lambda pair: pair[0].starts, reverse=True):
        yield {
            "key": output.key,
            "name": output.name,
            "metric": found.metric,
            "starts": found.starts,
            "ends": found.ends,
            "verdict": words[output.pk],
        }


def one(workspace: Workspace, key: str, today: date) -> Shown:
    """Raises NotFound for what is no experiment."""
    living = workspace.outputs.filter(archived_at=None).exclude(experiment={})
    output: Output | None = living.filter(key=key).first()
    shown = view(output, workspace, today) if output else None
    if shown is None:
        fix = nearest(key, living.values_list("key", flat=True))
        raise NotFound(f"There is no experiment `{key}` in {workspace}.", fix=fix)
    return shown
