"""How long every page takes in a large workspace: `python -m bench.pages`.

    python -m bench.pages [--metrics 200] [--key-results 1000] [--days 1095]
                          [--requests 20] [--page NAME] [--keep FOLDER]

Server time of the whole stack, from the request to the rendered bytes, without the network. Pages
are warm: charts are drawn, as the worker draws them, and each page was asked before it is timed.
"cpu" is what the processor worked: on a busy machine the rest was waiting for it.

`--page` profiles one of them; `--keep` builds into a folder, or uses what was built there before.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

LIMIT = 50.0
"""Milliseconds that the 95th percentile of a page may take."""

COUNTING = ("point_events", "coach")
"""Pages that count events or look at every goal; shown, not held to the limit."""

TYPED = "shape=reach&metric=weekly_active_users&target=5000&over=latest"
"""What somebody is typing into the form of a key result."""

NEWCOMER = ("home of one who owns nothing",)
"""Asked as an admin without key results; the others as one who owns some."""


@dataclass(frozen=True)
class Measured:
    page: str
    milliseconds: tuple[float, ...]
    busy: tuple[float, ...]
    queries: int
    size: int

    @property
    def p95(self) -> float:
        return _p95(self.milliseconds)

    @property
    def slow(self) -> bool:
        return self.p95 > LIMIT and self.page not in COUNTING

    def __str__(self) -> str:
        mark = "  over" if self.slow else ""
        numbers = (
            f"{median(self.milliseconds):9.1f}{self.p95:9.1f}{_p95(self.busy):9.1f}{self.queries:9}"
        )
        return f"{self.page:34}{numbers}{self.size:11,}{mark}"


def _p95(found: tuple[float, ...]) -> float:
    return quantiles(found, n=20, method="inclusive")[-1]


def main() -> None:
    arguments = _arguments()
    with _folder(arguments.keep) as folder:
        os.environ["HEADWAY_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "headway.config.settings"
        os.environ.setdefault("HEADWAY_LOG_LEVEL", "ERROR")
        _prepare(arguments)
        if arguments.page:
            _profile(arguments.page)
        else:
            sys.exit(_measure(arguments.requests))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.pages")
    parser.add_argument("--metrics", type=int, default=200)
    parser.add_argument("--key-results", type=int, default=1000)
    parser.add_argument("--days", type=int, default=3 * 365)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--page", default="", help="profile this page instead")
    parser.add_argument("--keep", default="", help="a folder that stays")
    return parser.parse_args()


@contextmanager
def _folder(keep: str) -> Iterator[str]:
    if keep:
        Path(keep).mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="headway-pages-") as folder:
        yield folder


def _prepare(asked: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from bench.workspace import KEY, Size, build
    from headway.accounts.models import Workspace

    if not Workspace.objects.filter(key=KEY).exists():
        size = Size(metrics=asked.metrics, key_results=asked.key_results, days=asked.days)
        start = time.perf_counter()
        build(size)
        print(f"Built in {time.perf_counter() - start:.0f} s: {size}")


def alert_number(key: str) -> int:
    """Of the first alert of the workspace with this key."""
    return 10 * int.from_bytes(key.encode()[:3], "big")


def pages(workspace: str) -> dict[str, str]:
    """An address for every page of headway.web.urls, and for some that show other things."""
    at = f"/{workspace}"
    objective, kpi = f"{at}/objectives/objective-0", f"{at}/kpis/weekly_active_users"
    return {
        "workspaces": "/",
        "home": f"{at}/",
        "search": f"{at}/search?q=re",
        "check_in": f"{at}/check-in",
        "objectives": f"{at}/objectives",
        "objective_new": f"{at}/objectives/new",
        "objective": objective,
        "objective_edit": f"{objective}/edit",
        "key_result_new": f"{objective}/key-results/new",
        "key_result_baseline": f"{objective}/key-results/baseline?metric=nps&shape=reach&target=9",
        "key_result": f"{objective}/key-result-0",
        "key_result_chart": f"{objective}/key-result-0/chart",
        "key_result_check_in": f"{objective}/key-result-0/check-in",
        "key_result_edit": f"{objective}/key-result-0/edit",
        "key_result_break_down": f"{objective}/key-result-0/break-down",
        "key_result_hand_back": f"{objective}/key-result-0/hand-back",
        "shares": f"{objective}/shares",
        "alignment": f"{at}/alignment",
        "board_journey": f"{at}/boards",
        "board_journey_edit": f"{at}/boards/journey",
        "board_funnel": f"{at}/boards/funnel",
        "board_values": f"{at}/boards/value-map",
        "outcomes": f"{at}/outcomes",
        "launches": f"{at}/outcomes/launches",
        "output_new": f"{at}/outcomes/new",
        "output": f"{at}/outcomes/output-1",
        "output_chart": f"{at}/outcomes/output-1/chart/monthly_active_users",
        "output_edit": f"{at}/outcomes/output-1/edit",
        "output that is an experiment": f"{at}/outcomes/output-0",
        "experiment_edit": f"{at}/outcomes/output-0/experiment",
        "experiment_chart": f"{at}/outcomes/output-0/experiment/chart",
        "annotations": f"{at}/annotations",
        "annotation_new": f"{at}/annotations/new",
        "annotation": f"{at}/annotations/happened-1",
        "annotation_table": f"{at}/annotations/import",
        "alerts": f"{at}/alerts",
        "alert": f"{at}/alerts/{alert_number(workspace)}",
        "kpi_watching": f"{kpi}/watching",
        "reviews": f"{at}/reviews",
        "review": f"{at}/reviews/q1/team-3",
        "close": f"{at}/reviews/q2/team-5/close",
        "close_step": f"{at}/reviews/q2/team-5/close/objective-5",
        "next_cycle": f"{at}/reviews/q1/team-3/next",
        "drivers": f"{at}/kpis/stickiness/drivers",
        "kpis": f"{at}/kpis",
        "kpi_new": f"{at}/kpis/new",
        "packs": f"{at}/kpis/new/packs",
        "pack": f"{at}/kpis/new/packs/marketplace",
        "kpi_new_form": f"{at}/kpis/new/activation_rate",
        "kpi": kpi,
        "kpi_chart": f"{kpi}/chart",
        "lifetime": f"{at}/kpis/mrr_movements/lifetime",
        "kpi_edit": f"{kpi}/edit",
        "kpi_enter": f"{at}/kpis/market_size/enter",
        "kpi_promote": f"{kpi}/promote",
        "kpi_baseline": f"{kpi}/baseline?shape=reach&target=1200",
        "point": f"{kpi}/week/2026-05-25",
        "point_events": f"{kpi}/week/2026-05-25/events",
        "sources": f"{at}/sources",
        "tracking": f"{at}/tracking",
        "tracking_event": f"{at}/tracking/event?event=order_placed",
        "people": f"{at}/settings/people",
        "source_import": f"{at}/sources/import",
        "source_new": f"{at}/sources/new",
        "source_new_form": f"{at}/sources/new/postgres",
        "source": f"{at}/sources/product",
        "source_edit": f"{at}/sources/product/edit",
        "surveys": f"{at}/surveys",
        "survey_new": f"{at}/surveys/new",
        "survey": f"{at}/surveys/survey-0",
        "survey_edit": f"{at}/surveys/survey-0/edit",
        "checks": f"{at}/uptime",
        "check_new": f"{at}/uptime/new",
        "check": f"{at}/uptime/check-0",
        "check_edit": f"{at}/uptime/check-0/edit",
        "coach": f"{at}/coach",
        "coach_objective": f"{at}/coach/objective?title=Launch+the+app",
        "coach_key_result": f"{at}/coach/objectives/objective-0/key-result?{TYPED}",
        "coach_promoted": f"{at}/coach/kpis/weekly_active_users?{TYPED}",
        "settings_coach": f"{at}/settings/coach",
        "settings": f"{at}/settings",
        "settings_members": f"{at}/settings/members",
        "settings_teams": f"{at}/settings/teams",
        "move_in": f"{at}/move-in",
        "move_out": f"{at}/settings/moving",
        "settings_tokens": f"{at}/settings/tokens",
        "settings_mails": f"{at}/settings/mails",
        "settings_links": f"{at}/settings/links",
        "mail_preview": f"{at}/settings/mails/digest",
        "share": f"{at}/share?of=objectives/objective-0",
        "cycles": f"{at}/settings/cycles",
        "cycle_new": f"{at}/settings/cycles/new",
        "cycle_edit": f"{at}/settings/cycles/q0",
        "home of one who owns nothing": f"{at}/",
        "objectives of all cycles": f"{at}/objectives?cycle=all",
        "objectives by what they support": f"{at}/objectives?group=supports",
        "objectives of a team": f"{at}/objectives?team=team-1",
        "check-ins of an objective": f"{at}/check-in?objective=objective-0",
        "alignment as a map": f"{at}/alignment?view=map&cycle=all",
        "drivers by segment": f"{kpi}/drivers?by=plan",
        "every outcome": f"{at}/outcomes?show=all",
        "kpis of a team": f"{at}/kpis?team=team-1&by=team",
        "other metrics": f"{at}/kpis?level=metric",
        "kpi by day": f"{kpi}?grain=day",
        "kpi by day, three years": f"{kpi}?grain=day&from=2023-06-10",
        "kpi by segment": f"{kpi}?segment=plan",
        "funnel": f"{at}/kpis/activation_rate",
        "retention": f"{at}/kpis/retention_week_1",
        "movements by part": f"{at}/kpis/mrr_movements?segment=@part",
        "key result kept": f"{objective}/key-result-2",
        "key result typed": f"{objective}/key-result-3",
        "number of a formula": f"{at}/kpis/stickiness/month/2026-05-01",
        "catalogue that was searched": f"{at}/kpis/new?find=churn",
    }


def clients() -> tuple[Any, Any]:
    """Signed in: one who owns key results, and one who owns none."""
    from django.test import Client

    from bench.workspace import KEY
    from headway.accounts.models import Member

    newcomer, owner = Member.objects.filter(workspace__key=KEY).order_by("pk")[:2]
    found = []
    for member in (owner, newcomer):
        client = Client(SERVER_NAME="localhost")
        client.force_login(member.person)
        found.append(client)
    return found[0], found[1]


def _measure(requests: int) -> int:
    owner, newcomer = clients()
    from bench.workspace import KEY

    print(f"{'page':34}{'median':>9}{'p95 ms':>9}{'cpu p95':>9}{'queries':>9}{'bytes':>11}")
    slow = 0
    for name, path in pages(KEY).items():
        found = _timed(newcomer if name in NEWCOMER else owner, name, path, requests)
        slow += found.slow
        print(found, flush=True)
    print(f"{slow} pages over {LIMIT:g} ms")
    return min(slow, 1)


def _timed(client: Any, name: str, path: str, requests: int) -> Measured:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    _warm(client, path)
    with CaptureQueriesContext(connection) as queries:
        answer = _ask(client, path)
        count = len(queries)
    clocks = [_clocked(client, path) for _ in range(requests)]
    wall, busy = (tuple(found) for found in zip(*clocks, strict=True))
    return Measured(name, wall, busy, count, len(answer.content))


def _clocked(client: Any, path: str) -> tuple[float, float]:
    """Milliseconds that passed, and those that the processor worked for it."""
    wall, busy = time.perf_counter(), time.thread_time()
    _ask(client, path)
    return (time.perf_counter() - wall) * 1000, (time.thread_time() - busy) * 1000


def _warm(client: Any, path: str) -> None:
    """A chart that the page waits for is drawn, as the worker does for those it knows."""
    text = _ask(client, path).content.decode()
    _, found, rest = text.partition('class="chart-wait" hx-get="')
    if found:
        _ask(client, rest.partition('"')[0].replace("&amp;", "&"))
    _ask(client, path)


def _ask(client: Any, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.content[:2000]!r}"
    return answer


def _profile(name: str) -> None:
    from bench.workspace import KEY

    owner, newcomer = clients()
    client, path = (newcomer if name in NEWCOMER else owner), pages(KEY)[name]
    _warm(client, path)
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(5):
        _ask(client, path)
    profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats("headway|execute|render", 60)


if __name__ == "__main__":
    main()
