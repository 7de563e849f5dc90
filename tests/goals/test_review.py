"""The review document: the same content as Markdown and PDF, frozen where it was closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from headway.accounts.models import Member, Team
from headway.goals import outputs
from headway.goals.close import closing
from headway.goals.close.restating import restate
from headway.goals.models import Cycle, KeyResult, Objective
from headway.goals.review.markdown import markdown
from headway.goals.review.printing import pdf
from headway.goals.review.review import review
from headway.metrics.models import Metric, Point
from tests.goals.conftest import FIRST, make_metric, moment, put
from tests.goals.test_actions import MANUAL

Save = Callable[..., KeyResult]
AFTER = moment(102)
HOSTILE = 'Signs #panic("x") $1 *bold* | [a](b) <b>'


def test_a_review_tells_what_was_reached_what_moved_and_what_was_learnt(
    save: Save, orders: Metric, objective: Objective, team: Team, cycle: Cycle, member: Member
) -> None:
    put(orders, FIRST - timedelta(days=10), [float(n) for n in range(111)])
    save(0, metric=orders, shape="reach", baseline_typed=0.0, target=200.0)
    save(0, **{**MANUAL, "title": HOSTILE})
    outputs.save_output(
        team.workspace, name="Short form", status="launched", launched=FIRST + timedelta(days=40),
        moves=[orders], by=None, now=AFTER,
    )  # fmt: skip
    early = review(team, cycle, now=moment(50))
    assert "runs until 11 Apr 2026" in early.standing
    assert early.objectives[0].key_results[0].frozen.pk is None, "nothing is written by reading"
    close = closing.start(team, cycle, by=member, now=AFTER)
    said = {
        "orders": {"choice": "carry_over", "score": 0.6, "score_reason": "A late start."},
        "signs-panicx-1-bold-ab-b": {"choice": "drop", "reason": "Nobody *looked*."},
    }
    key = close.key_results.last()
    assert key is not None
    said[key.key_result.key] = said.pop("signs-panicx-1-bold-ab-b")
    closing.answer(
        close, objective.key, {"learnt": "Forms scare.", "key_results": said}, by=None, now=AFTER
    )
    closing.close(close, learnt="Ask\nsooner.", by=member, now=AFTER)
    Point.objects.filter(metric=orders, start=FIRST + timedelta(days=100)).update(value=140.0)
    restate(team.workspace, now=moment(110))
    found = review(team, cycle, now=moment(111))
    text = markdown(found)
    for part in (
        "# Growth: Q1",
        "Closed on 13 Apr 2026 by Member. Score: **0.60**",
        "Ask sooner.",
        "**What was learnt.** Forms scare.",
        "- 0 → 110, target 200: missed, score 0.60 (computed 0.55; set: A late start.)",
        "As of 13 Apr 2026, through 11 Apr 2026, definition 1.",
        "Closed at 110; by 21 Apr 2026 it measures 140, which would score 0.70.",
        "- Next: drop: Nobody \\*looked\\*.",
        "1 of 2 key results unknown",
        "**Short form**, 10 Feb 2026. Orders: The next pass of the worker judges it.",
        "](data:image/svg+xml;base64,",
        "Too few to tell",
    ):
        assert part in text, part
    assert "$1 \\*bold\\* \\| \\[a\\](b) \\<b\\>" in text, "nobody's text is markup"
    made = pdf(found)
    assert made.startswith(b"%PDF-")
    assert b"Growth: Q1" in made, "its title"
    assert pdf(review(team, cycle, now=moment(111))) != pdf(early)
    data = found.to_dict()
    first = data["objectives"][0]["key_results"][0]
    assert (first["value"], first["value_now"], first["score_given"]) == (110, 140, 0.6)


def test_what_moved_is_split_among_segments_where_there_is_no_formula(
    save: Save, objective: Objective, team: Team, cycle: Cycle
) -> None:
    visits = make_metric(team.workspace, "visits", profile={"grain": "day"}, unit="visits")
    definition = visits.definitions.get()
    definition.body["segments"] = ["plan"]
    definition.save()
    put(visits, FIRST - timedelta(days=2), [10.0] * 102 + [40.0])
    for start, pro, free in (
        (FIRST - timedelta(days=1), 4.0, 6.0),
        (FIRST + timedelta(days=100), 30.0, 10.0),
    ):
        for segment, value in (("pro", pro), ("free", free)):
            Point.objects.create(
                metric=visits, grain="day", segment_by="plan", segment=segment, start=start,
                end=start + timedelta(days=1), value=value, complete=True,
            )  # fmt: skip
    save(102, metric=visits, shape="reach", target=50.0)
    (one,) = review(team, cycle, now=AFTER).objectives
    why = one.key_results[0].why[0].replace("\u202f", " ")
    assert why.startswith("Visits rose by 30 visits from 31 Dec 2025 to 11 Apr 2026")
    assert "by plan: pro +26" in why
    assert "free +4" in why
