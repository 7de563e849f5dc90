"""What is wrong, since when, how unusual is it, and who looks after it?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.accounts import gate
from headway.alerting import actions, reading
from headway.alerting.grouping import subject
from headway.alerting.models import Sign
from headway.alerting.reading import STATES, Story
from headway.alerting.words import KIND_WORDS, sentence
from headway.charts.picture import Picture
from headway.engine.errors import HeadwayError, InputError, NotAllowed, NotFound
from headway.engine.period import Grain, written_day
from headway.engine.watching import ALERT_KINDS
from headway.metrics.models import Metric
from headway.metrics.picture import REACH, picture
from headway.metrics.reading import series
from headway.web.context import Here, inside
from headway.web.exports import data
from headway.web.history import happenings
from headway.web.pages.kpi import metric_of
from headway.web.paging import paged
from headway.web.warned import alerted, warned
from headway.web.whole import whole

MOST, MOST_SHOWN = 25, 8
CHOICES = ((1, "1 day"), (3, "3 days"), (7, "a week"), (14, "2 weeks"), (30, "30 days"))
SENSITIVITIES = (
    ("off", "never"),
    ("low", "only what is very unusual (1 in 1,000)"),
    ("usual", "what is unusual (1 in 200)"),
    ("high", "soon (1 in 50)"),
)


@inside
def page(here: Here) -> HttpResponse:
    state = here.request.GET.get("state", "") or "open"
    kind = here.request.GET.get("kind", "")
    found = [s for s in _of_team(here, state) if not kind or _has(s, kind)]
    shown = paged(here.request, found, MOST)
    counts = {name: reading.count(here.workspace, here.today, name) for name in STATES[:3]}
    return data(here.request, f"alerts-{state}", (_row(s) for s in found)) or here.show(
        "alerts.html",
        title="Alerts",
        state=state,
        states=[(name, counts.get(name)) for name in STATES],
        kinds=KIND_WORDS.items(),
        kind=kind,
        list=shown,
        rows=warned(here, shown.rows),
        choices=CHOICES,
        watched=here.workspace.metrics.filter(archived_at=None, level="kpi").exists(),
    )


@inside
def one(here: Here, number: int) -> HttpResponse:
    story = _story(here, number)
    if story.alert.pk != number:  # a mail may still name what is part of another one by now
        return here.go("alert", story.alert.pk)
    return _shown(here, story)


@require_POST
@inside
def act(here: Here, number: int) -> HttpResponse:
    """Back to where it was done; with what is wrong and what was typed on the alert's own page."""
    gate.require(here.member, "write")
    story, posted = _story(here, number), here.request.POST
    try:
        done = _done(here, story, posted.get("do", ""))
    except (NotAllowed, NotFound):
        raise
    except HeadwayError as error:
        problem = f"{error.message} {error.fix}".strip()
        return _shown(here, _story(here, number), problem=problem, typed=posted)
    messages.success(here.request, done)
    return here.go_on("alert", number)


@inside
def watching(here: Here, key: str) -> HttpResponse:
    """How readily alerts of a KPI are raised."""
    metric, posted = metric_of(here, key), here.request.POST
    problem = ""
    if here.request.method == "POST":
        try:
            _watch(here, metric)
        except NotAllowed:
            raise
        except HeadwayError as error:
            problem = f"{error.message} {error.fix}".strip()
        else:
            messages.success(here.request, "It is watched like this from the next pass on.")
            return here.go("kpi", key)
    said = _asked(posted) if posted else (metric.profile.get("alerts") or {})
    return here.show(
        "watching.html",
        title=f"How {metric} is watched",
        metric=metric,
        said={"sensitivity": "usual", "mute": [], "target": "", **said},
        sensitivities=SENSITIVITIES,
        kinds=[(kind, KIND_WORDS[kind], ABOUT[kind]) for kind in ALERT_KINDS],
        problem=problem,
        status=422 if problem else 200,
    )


ABOUT = {
    "silent": "two periods in a row have no value, or its source has fallen silent",
    "burning": "failures use up the budget that a target leaves, faster than it lasts",
    "out of range": "outside its healthy range twice in a row, or once by far",
    "unusual": "outside what its own past lets expect",
    "worse than before": "a jump for the worse, while too little is known to expect anything",
    "worse than last year": "worse than in the same periods a year ago, beyond noise",
    "slipping": "a slow change for the worse, where a key result depends on it",
}


def _watch(here: Here, metric: Metric) -> None:
    said = _asked(here.request.POST)
    target = said.pop("target")
    actions.watch(
        metric, **said, target=_share(target) if target else None, by=here.member,
        now=timezone.now(),
    )  # fmt: skip


def _asked(posted: Any) -> dict[str, Any]:
    return {
        "sensitivity": posted.get("sensitivity", "usual"),
        "mute": posted.getlist("mute"),
        "target": posted.get("target", "").strip(),
    }


def _share(text: str) -> float:
    """`99.9 %` or `0.999`."""
    plain = text.replace(",", ".").strip()
    try:
        found = float(plain.rstrip("%").strip())
    except ValueError:
        raise InputError(
            f"`{text}` is not a share.", where="target", fix="Write `99.9 %` or `0.999`."
        ) from None
    return round(found / 100, 9) if plain.endswith("%") or found > 1 else found


def _shown(here: Here, story: Story, *, problem: str = "", typed: Any = None) -> HttpResponse:
    sign = story.gravest
    (row,) = warned(here, [story])
    return here.show(
        "alert.html",
        title=story.title,
        row=row,
        story=story,
        sign=sign,
        shown=_shows_in(story)[:MOST_SHOWN],
        more=_shows_in(story)[MOST_SHOWN:],
        picture=_picture(here, story),
        chart_url=here.url("kpi_chart", sign.metric.key, grain=sign.grain),
        happenings=happenings(here, Q(subject__in=_subjects(story)), MOST),
        choices=CHOICES,
        problem=problem,
        typed=typed or {},
        status=422 if problem else 200,
    )


def _shows_in(story: Story) -> list[tuple[Metric, list[tuple[Sign, str, str]]]]:
    """By metric, its signs with their kind and what they say."""
    return [
        (metric, [(s, KIND_WORDS[s.kind], sentence(s)) for s in signs])
        for metric, signs in story.by_metric
    ]


def _subjects(story: Story) -> list[str]:
    """Its own, and those of what is part of it."""
    return [subject(story.alert), *(subject(part) for part in story.alert.parts.all())]


def _picture(here: Here, story: Story) -> Picture:
    sign = story.gravest
    grain = Grain(sign.grain)
    since = min(sign.since, here.today) - timedelta(days=REACH[grain])
    drawn = picture(sign.metric, series(sign.metric, grain, start=since), here.workspace.currency)
    return alerted(drawn, sign.metric, [story])


def _done(here: Here, story: Story, do: str) -> str:
    posted, now = here.request.POST, timezone.now()
    alert, note = story.alert, posted.get("note", "")
    verbs: dict[str, tuple[Callable[[], Any], str]] = {
        "acknowledge": (
            lambda: actions.acknowledge(alert, note=note, by=here.member, now=now),
            "You look after it: no mail tells of it any more.",
        ),
        "snooze": (
            lambda: actions.snooze(alert, **_until(here), note=note, by=here.member, now=now),
            "It is told again when that time is over, unless it is gone by then.",
        ),
        "note": (
            lambda: actions.write_note(alert, note, by=here.member, now=now),
            "The note is kept with the alert.",
        ),
        "put_back": (
            lambda: actions.put_back(alert, by=here.member, now=now),
            "It is open again.",
        ),
        "mute": (
            lambda: actions.mute(story.gravest.metric, story.gravest.kind, by=here.member, now=now),
            f"{story.gravest.metric} raises no such alerts any more; this one goes with the next "
            "pass.",
        ),
    }
    if do not in verbs:
        raise InputError("There is nothing to do like this.", where="do")
    verb, words = verbs[do]
    verb()
    return words


def _until(here: Here) -> dict[str, Any]:
    """A day, if one was chosen, else a number of days."""
    day, days = here.request.POST.get("until", ""), here.request.POST.get("days", "")
    if day:
        return {"until": written_day(day, "until")}
    return {"days": whole(days)}


def _story(here: Here, number: int) -> Story:
    return reading.story(here.workspace, number, here.today)


def _of_team(here: Here, state: str) -> list[Story]:
    """With a team chosen: what its people own, or what its key results depend on."""
    found = reading.stories(here.workspace, here.today, state)
    if not here.team:
        return found
    members = set(
        here.workspace.members.filter(teams__in=here.team_ids).values_list("pk", flat=True)
    )
    return [s for s in found if _concerns(s, members, here.team_ids)]


def _concerns(story: Story, members: set[int], teams: set[int]) -> bool:
    owned = any(metric.owner_id in members for metric in story.metrics)
    return owned or any(k.objective.team_id in teams for k in story.key_results)


def _has(story: Story, kind: str) -> bool:
    return any(sign.kind == kind for sign in story.signs)


def _row(story: Story) -> dict[str, Any]:
    return {
        "id": story.alert.pk,
        "title": story.title,
        "words": story.sentence,
        "cause": story.alert.cause,
        "since": story.since.isoformat(),
        "state": story.state,
        "metrics": [metric.key for metric in story.metrics],
        "key_results": [f"{k.objective.key}/{k.key}" for k in story.key_results],
        "note": story.alert.note,
    }
