"""Which words name a measure, and which measures only ever grow or flatter."""

from __future__ import annotations

from headway.coach import lexicon
from headway.coach.deeds import SPLITS
from headway.coach.lexicon import bag
from headway.coach.words import Form, Words, is_english, is_one_of, table, words

CHANGE = table(lexicon.CHANGE)
BETTERING = table(lexicon.BETTERING)
UP, DOWN = table(lexicon.UPWARD), table(lexicon.DOWNWARD)
TAILS = bag("count counts total totals number numbers figure figures")
COUNTS = bag("number count amount")
NOT_VANITY_UNITS = bag("percent ratio score ms s min h d")


def phrase(found: Words) -> Words:
    """The first noun phrase: without verbs of change and articles, up to a preposition."""
    at = 0
    while at < len(found) and _opens(found, at):
        at += 1
    rest = found[at:]
    for n in (1, 2):
        if len(rest) > n + 1 and rest[n - 1].low in COUNTS and rest[n].low == "of":
            return phrase(rest[n + 1 :])
    stop = lexicon.PREPOSITIONS | lexicon.RELATIVES | SPLITS
    for n, word in enumerate(rest):
        if word.low in stop or not word.is_word:
            return rest[:n]
    return rest


def _opens(found: Words, at: int) -> bool:
    low = found[at].low
    if found[at].is_number or (at and low in ("up", "down")):
        return at + 1 < len(found)
    if low in CHANGE and at + 1 < len(found):
        return CHANGE[low][1] is not Form.past or at == 0
    return low in lexicon.ARTICLES | lexicon.LEADS | lexicon.COMPARED | lexicon.DEGREES


def changes(found: Words) -> bool:
    """Does it open with a verb of change or a comparison?"""
    opening = [w.low for w in found if w.low not in lexicon.LEADS | lexicon.ARTICLES][:1]
    return bool(opening) and (opening[0] in CHANGE or compares(opening[0]))


def compares(word: str) -> bool:
    """`happier`, `lower`: a comparative."""
    return word in lexicon.COMPARED | lexicon.DEGREES or (word.endswith("ier") and len(word) > 5)


def way(text: str) -> int:
    """1 for a verb that goes up, -1 for one that goes down, 0 when the words do not say."""
    if not is_english(text):
        return 0
    opening = [w.low for w in words(text) if w.low not in lexicon.LEADS][:1]
    if not opening:
        return 0
    return (opening[0] in UP) - (opening[0] in DOWN)


def is_measure(head: Words) -> bool:
    """Is the last word of the phrase a measure?"""
    if not head:
        return False
    last, before = head[-1], [w.low for w in head[:-1]]
    if last.text.rstrip("s") in lexicon.ACRONYMS or last.text in lexicon.ACRONYMS:
        return True
    if is_one_of(last.low, bag("rate")):
        return bool(before) and before[-1] not in lexicon.PLAIN_RATES
    if last.low == "share":
        return bool(before)
    if is_one_of(last.low, lexicon.COUNTED):
        return any(w in lexicon.COUNTING for w in before)
    if is_one_of(last.low, lexicon.VALUES):
        return (bool(before) and is_one_of(before[-1], lexicon.VALUED)) or last.low in (
            "cost",
            "costs",
            "revenue",
        )
    return is_one_of(last.low, lexicon.METRICS)


def metric_in(title: str) -> str:
    """The measure that an objective names as what is to change, or nothing."""
    if not is_english(title):
        return ""
    found = words(title)
    for word in found:
        if word.text in lexicon.ACRONYMS:
            return word.text
    low = [w.low for w in found if w.low not in lexicon.LEADS]
    if not low:
        return ""
    head = phrase(found)
    told = low[0] in BETTERING or low[0] in lexicon.DEGREES
    if told and is_measure(head):
        return " ".join(w.text for w in head)
    return _rate(found)


def _rate(found: Words) -> str:
    for n, word in enumerate(found[1:], 1):
        if word.low in ("rate", "rates") and found[n - 1].is_word:
            before = found[n - 1].low
            if before not in lexicon.PLAIN_RATES | lexicon.PREPOSITIONS | lexicon.ARTICLES:
                return f"{found[n - 1].text} {word.text}"
    return ""


def vanity(text: str, unit: str = "") -> str:
    """The count that flatters, or nothing: a share, a cost or a time of the same thing is fine."""
    if unit in NOT_VANITY_UNITS or not is_english(text):
        return ""
    found = words(text)
    low = [w.low for w in found]
    if "by" in low:
        low = low[: low.index("by")]
    if any((w in lexicon.SHARES and w != "per") or w in lexicon.EARNED for w in low):
        return ""
    if "per" in low and low[low.index("per") + 1 :][:1] not in ([], ["day"], ["week"], ["month"]):
        return ""
    if any(w in lexicon.RELATIVES for w in low):
        return ""
    head = phrase(found)
    if len(head) > 1 and head[-1].low in TAILS:
        head = head[:-1]
    return " ".join(w.text for w in head) if head and _flatters(head, low) else ""


def _flatters(head: Words, low: list[str]) -> bool:
    last, before = head[-1].low, [w.low for w in head[:-1]]
    if last == "created" and before:
        last, before = before[-1], before[:-1]
        return is_one_of(last, lexicon.COUNTED)
    if before and (before[-1], last) in lexicon.LISTS:
        return True
    piled = low[0] in lexicon.CUMULATIVE or any(w in lexicon.CUMULATIVE for w in before)
    piled = piled or "registered" in before
    if piled and is_one_of(last, lexicon.PILED_UP):
        return True
    if is_one_of(last, lexicon.ONLY_VANITY):
        return True
    here = before[-1:] + [w for w in low if w in lexicon.SITES]
    return is_one_of(last, lexicon.REACHED) and any(is_one_of(w, lexicon.SITES) for w in here)
