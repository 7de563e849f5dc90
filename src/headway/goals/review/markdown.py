"""A review as Markdown, for wikis and repositories; its charts are pictures inside the text."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from headway.charts import formats
from headway.charts.picture import Picture
from headway.charts.render import standalone
from headway.goals.launch.launches import Launch
from headway.goals.review.review import Review, ReviewedKeyResult, ReviewedObjective
from headway.goals.review.words import advice_of, score_of, score_words, unknown_words

SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def markdown(review: Review) -> str:
    return "\n".join(_lines(review)).strip() + "\n"


def _lines(review: Review) -> Iterator[str]:
    yield f"# {plain(review.title)}\n"
    yield f"{plain(review.standing)} Score: **{score_words(review.score)}**.\n"
    if review.provisional_until:
        yield f"Provisional until {formats.day(review.provisional_until)}.\n"
    if review.learnt:
        yield f"{_paragraphs(review.learnt)}\n"
    yield "| Objective | Aims | Status | Score |\n|---|---|---|---|"
    for one in review.objectives:
        yield f"| {plain(str(one))} | {one.ambition} | {one.status} | {score_of(one.frozen)} |"
    yield ""
    for one in review.objectives:
        yield from _objective(one)
    if review.launches:
        yield "## What was launched\n"
        yield from (_launch(one) for one in review.launches)
        yield ""
    if review.calibration:
        yield f"## Calibration\n\n{advice_of(review.calibration)}\n"


def _objective(one: ReviewedObjective) -> Iterator[str]:
    yield f"## {plain(str(one))}\n"
    unknown = unknown_words(one)
    yield f"Score {score_of(one.frozen)}, {one.status}, {one.ambition}.{unknown}\n"
    if one.frozen.learnt:
        yield f"**What was learnt.** {_paragraphs(one.frozen.learnt)}\n"
    for found in one.key_results:
        yield from _key_result(found)


def _key_result(found: ReviewedKeyResult) -> Iterator[str]:
    yield f"### {plain(str(found))}\n"
    yield f"- {found.course}: {found.status}, score {score_of(found.frozen)}"
    for text in (found.frozen.said, found.basis, found.provisional, found.restated, *found.why):
        if text:
            yield f"- {plain(text)}"
    if found.choice:
        reason = f": {plain(found.frozen.reason)}" if found.frozen.reason else ""
        yield f"- Next: {found.choice.lower()}{reason}"
    yield ""
    if found.picture.dots:
        yield f"{_drawn(found.picture)}\n"


def _launch(launch: Launch) -> str:
    output = launch.output
    day = f", {formats.day(output.launched)}" if output.launched else ""
    moves = " ".join(plain(move.sentence) for move in launch.moves)
    return f"- **{plain(output.name)}**{day}. {moves or 'It names nothing that it should move.'}"


def _drawn(picture: Picture) -> str:
    text = base64.b64encode(standalone(picture).encode()).decode()
    return f"![{plain(picture.title)}](data:image/svg+xml;base64,{text})"


def plain(text: str) -> str:
    """Text that people wrote, on one line and without the signs of Markdown."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _paragraphs(text: str) -> str:
    return "\n\n".join(plain(part) for part in text.split("\n\n") if part.strip())
