"""What a shared page is called."""

from __future__ import annotations

from headway.accounts import links
from headway.accounts.models import Workspace
from headway.engine.errors import NotFound, nearest
from headway.goals.models import Cycle


def title_of(workspace: Workspace, path: str) -> str:
    """Of the page at an address below the workspace's. Raises NotFound where nothing is there."""
    page = links.page_of(workspace, path)
    name, said = str(page.url_name), page.kwargs
    if name == "objective":
        rows = workspace.objectives.filter(archived_at=None)
        return _one("objective", {row.key: str(row) for row in rows}, said["key"])
    if name == "review":
        cycles = {row.key: str(row) for row in Cycle.objects.filter(workspace=workspace)}
        teams = {row.key: str(row) for row in workspace.teams.all()}
        team, cycle = _one("team", teams, said["team"]), _one("cycle", cycles, said["cycle"])
        return f"Review of {team}: {cycle}"
    return name.replace("_", " ").capitalize()


def _one(noun: str, known: dict[str, str], key: str) -> str:
    if key not in known:
        raise NotFound(f"There is no {noun} `{key}`.", where="page", fix=nearest(key, known))
    return known[key]
