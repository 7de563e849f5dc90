"""A review as PDF, set by Typst: its text and charts are data, never markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst

from headway.charts import formats
from headway.charts.render import standalone
from headway.goals.launch.launches import Launch
from headway.goals.review.review import Review, ReviewedKeyResult, ReviewedObjective, score_words
from headway.goals.review.words import advice_of, score_of, unknown_words

TEMPLATE = Path(__file__).with_name("review.typ")


def pdf(review: Review) -> bytes:
    data = json.dumps(_document(review), ensure_ascii=False)
    made = typst.compile(TEMPLATE.read_bytes(), sys_inputs={"review": data}, format="pdf")
    if not isinstance(made, bytes):
        raise TypeError("Typst gave several files where one was asked for.")
    return made


def _document(review: Review) -> dict[str, Any]:
    until = review.provisional_until
    return {
        "title": review.title,
        "workspace": review.team.workspace.name,
        "standing": review.standing,
        "day": formats.day(review.today),
        "provisional": f"Provisional until {formats.day(until)}." if until else "",
        "score": score_words(review.score),
        "learnt": review.learnt,
        "objectives": [_objective(one) for one in review.objectives],
        "launches": [_launch(one) for one in review.launches],
        "calibration": advice_of(review.calibration) if review.calibration else "",
    }


def _objective(one: ReviewedObjective) -> dict[str, Any]:
    return {
        "title": str(one),
        "ambition": one.ambition,
        "status": one.status,
        "score": score_of(one.frozen),
        "unknown": unknown_words(one),
        "learnt": one.frozen.learnt,
        "key_results": [_key_result(found) for found in one.key_results],
    }


def _key_result(found: ReviewedKeyResult) -> dict[str, Any]:
    frozen = found.frozen
    notes = (frozen.said, found.basis, found.provisional, found.restated, *found.why)
    reason = f": {frozen.reason}" if frozen.reason else ""
    return {
        "title": str(found),
        "course": found.course,
        "status": found.status,
        "score": score_of(frozen),
        "notes": [text for text in notes if text],
        "next": f"{found.choice}{reason}" if found.choice else "",
        "chart": standalone(found.picture) if found.picture.dots else "",
    }


def _launch(launch: Launch) -> dict[str, Any]:
    output = launch.output
    return {
        "name": output.name,
        "day": formats.day(output.launched) if output.launched else "",
        "moves": [move.sentence for move in launch.moves],
    }
