"""Comments on objectives and key results: said, edited and deleted."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.engine.errors import HeadwayError, NotAllowed, NotFound
from headway.goals.models import Comment, KeyResult, Objective
from headway.goals.talk import discussion
from headway.web.context import Here, inside
from headway.web.discussion import talk
from headway.web.pages import key_result, objective
from headway.web.whole import whole

Goal = Objective | KeyResult


@require_POST
@inside
def of_objective(here: Here, key: str) -> HttpResponse:
    return _post(here, objective.find(here, key), here.url("objective", key))


@require_POST
@inside
def of_key_result(here: Here, objective: str, key: str) -> HttpResponse:
    return _post(
        here, key_result.find(here, objective, key), here.url("key_result", objective, key)
    )


def _post(here: Here, goal: Goal, back: str) -> HttpResponse:
    """Back to the goal's page; with what is wrong and the text as it was typed on a page alone."""
    asked = here.request.POST
    text = f"{asked.get('text', '')} {asked.get('mention', '')}".strip()
    try:
        made = _done(here, goal, asked.get("do", ""), text)
    except (NotAllowed, NotFound):
        raise
    except HeadwayError as error:
        said = talk(here, goal, f"{error.message} {error.fix}".strip(), text)
        editing = asked.get("comment", "") if asked.get("do") == "edit" else ""
        values = {"talk": said, "goal": goal, "back": back, "editing": editing}
        return here.show("comment.html", title="Comment", status=422, **values)
    return redirect(f"{back}#{f'comment-{made.pk}' if made else 'discussion'}")


def _done(here: Here, goal: Goal, do: str, text: str) -> Comment | None:
    verbs: dict[str, Callable[[], Comment | None]] = {
        "edit": lambda: discussion.edit(
            _found(here, goal), text, by=here.member, now=timezone.now()
        ),
        "delete": lambda: discussion.delete(_found(here, goal), by=here.member, now=timezone.now()),
    }
    return verbs.get(do, lambda: discussion.say(goal, text, by=here.member, now=timezone.now()))()


def _found(here: Here, goal: Goal) -> Comment:
    return discussion.find(goal, whole(here.request.POST.get("comment", "")) or 0)
