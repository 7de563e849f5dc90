"""Words that tie a goal to somebody's pay, rating or rank."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from headway.coach import lexicon
from headway.coach.finding import Rule, Seen, Severity
from headway.coach.values import KeyResult, Objective
from headway.coach.words import is_english, is_one_of, singular, words


def tied_to_pay(text: str) -> str:
    """The words that do it, or nothing. A bonus, a salary or a rating may also be the product."""
    if not is_english(text):
        return ""
    low = [w.low for w in words(text)]
    stems = [singular(w) for w in low]
    for pair in pairwise(stems):
        if pair in lexicon.PAY_ALWAYS:
            return " ".join(pair)
    paid = next((w for w in low if is_one_of(w, lexicon.PAY)), "")
    if paid and _is_tied(low, paid):
        return paid
    return _ranked(low)


def _is_tied(low: list[str], paid: str) -> bool:
    staff = any(is_one_of(w, lexicon.RANKABLE - lexicon.RANKABLE_NOT) for w in low)
    return staff and any(w in lexicon.TIES for w in low if w != paid)


def _ranked(low: list[str]) -> str:
    ranked = next((w for w in low if w in lexicon.RANKED), "")
    if ranked and any(is_one_of(w, lexicon.RANKABLE - lexicon.RANKABLE_NOT) for w in low):
        return ranked
    return ""


def _objective(objective: Objective) -> Iterator[Seen]:
    for field, text in (("title", objective.title), ("why", objective.why)):
        if said := tied_to_pay(text):
            yield Seen(
                f"“{said}” ties the goal to what somebody earns or how they are judged.", field
            )


def _key_result(key_result: KeyResult) -> Iterator[Seen]:
    if said := tied_to_pay(key_result.text):
        yield Seen(f"“{said}” ties the goal to what somebody earns or how they are judged.")


TITLE = "Tied to pay, rating or rank"
WHY = "Goals that decide about pay are set low, and their numbers are made to look good."
FIX = "Take the pay, the rating or the rank out; judge people elsewhere."
OBJECTIVE = Rule("objective-pay", Severity.warning, TITLE, WHY, FIX, _objective)
KEY_RESULT = Rule("key-result-pay", Severity.warning, TITLE, WHY, FIX, _key_result)
