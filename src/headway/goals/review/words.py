"""What every form of a review says in the same words."""

from __future__ import annotations

from headway.goals.close.calibration import FEWEST, Calibration
from headway.goals.models import ClosedKeyResult, ClosedObjective
from headway.goals.review.review import ReviewedObjective
from headway.goals.review.review import score_words as score_words


def score_of(row: ClosedObjective | ClosedKeyResult) -> str:
    """`0.60 (computed 0.52: one bad week)`."""
    if row.score_given is None:
        return score_words(row.score)
    given, computed = score_words(row.score_given), score_words(row.score)
    return f"{given} (computed {computed}; set: {row.score_reason})"


def unknown_words(one: ReviewedObjective) -> str:
    count = one.frozen.unknown_count
    if not count:
        return ""
    return f" {count} of {len(one.key_results)} key results unknown, left out of the score."


def advice_of(found: Calibration) -> str:
    """`Well judged: mean 0.61 over 5 aspirational goals. …`."""
    if found.mean is None:
        few = f"{found.goals} aspirational goal{'' if found.goals == 1 else 's'} with a score"
        said = f"Too few to tell: {few}, and it takes {FEWEST}."
    else:
        mean = f"mean {score_words(found.mean)} over {found.goals} aspirational goals"
        said = f"{found.words.capitalize()}: {mean}. {found.advice}"
    if not found.committed:
        return said
    return f"{said} {found.kept} of {found.committed} committed goals were reached in full."
