"""Two results in one sentence, as against a list inside one result."""

from __future__ import annotations

from headway.coach import lexicon
from headway.coach.measures import changes, compares, is_measure, phrase
from headway.coach.numbers import quantity
from headway.coach.words import Words, is_english, said, words


def two_results(text: str) -> tuple[str, str] | None:
    """The two, when each could stand alone as a key result."""
    if not is_english(text):
        return None
    found = words(text)
    for at, after in _joins(found):
        left, right = found[:at], found[after:]
        if left and right and not _is_list(left, right) and _both(text, left, right):
            return said(text, left), said(text, right)
    return None


def _joins(found: Words) -> list[tuple[int, int]]:
    """Where the joining words start, and where what follows them does."""
    low = [w.low for w in found]
    joins = []
    for n, word in enumerate(low):
        if word in lexicon.JOINS:
            joins.append((n, n + 1))
        elif low[n : n + 3] == ["as", "well", "as"] or low[n : n + 3] == ["at", "the", "same"]:
            joins.append((n, n + 3))
    return joins


def _is_list(left: Words, right: Words) -> bool:
    """`who register and order`, `between 8 and 6`, `sales and marketing`."""
    low = [w.low for w in left]
    if "between" in low or any(w in lexicon.RELATIVES for w in low):
        return True
    return (low[-1], right[0].low) in lexicon.COMPOUNDS


def _both(text: str, left: Words, right: Words) -> bool:
    if compares(right[0].low) and len(right) > 1 and changes(left):
        return not all(compares(w.low) or not w.is_word for w in left)
    if changes(right) and _is_result(text, right):
        return changes(left) or _is_result(text, left)
    if not is_measure(phrase(right)):
        return False
    if quantity(said(text, right)) and quantity(said(text, left)):
        return True
    plain = not any(w.low in lexicon.PREPOSITIONS for w in left)
    return plain and is_measure(phrase(left))


def _is_result(text: str, part: Words) -> bool:
    return is_measure(phrase(part)) or bool(quantity(said(text, part)))
