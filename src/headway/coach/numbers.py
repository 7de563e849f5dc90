"""Quantities in a sentence: in digits and in words, but not the numbers in names."""

from __future__ import annotations

from collections.abc import Iterator

from headway.coach import lexicon
from headway.coach.lexicon import bag
from headway.coach.words import Word, Words, is_english, is_one_of, words

SMALL = bag("two three four five six seven eight nine ten eleven twelve")
TENS = bag(
    """thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty
    seventy eighty ninety"""
)
LARGE = bag("dozen dozens hundred thousand million billion")
PARTS = bag("third quarter fifth tenth half")
TIMES = bag(
    """second seconds minute minutes hour hours day days week weeks month months click clicks step
    steps times percent per-cent point points tap taps % k euros dollars pounds"""
)
LIMITS = bag("under below within over above least most than fewer less only by to")
FOLDS = bag("""double triple quadruple treble halve doubles doubled doubling tripling""")
FOLD_NAMES = bag("shift shifts standard standards booking bookings down check act click")
NAMED = bag(
    """iso soc phase version tier level industry formula web windows vision day number no generation
    route gate terminal line article section type class stage series horizon agenda expo olympics
    euro chapter grade year room ward pci hl7 basel psd area channel studio"""
)
PEOPLE = lexicon.STAFF | bag(
    """player woman women man men adult child children student patient parent anyone everyone those
    everybody rider guest member listener reader gamer voter citizen resident"""
)
CURRENCIES = frozenset("€$£¥")
NEAR = bag("% percent percentage k m bn million billion thousand pp")


def quantities(text: str) -> Iterator[str]:
    """Each as it is written. Words for numbers count in English only."""
    found = words(text)
    english = is_english(text)
    for at, word in enumerate(found):
        if (word.is_number and not _in_a_name(found, at)) or (english and _in_words(found, at)):
            yield _written(text, found, at)


def quantity(text: str) -> str:
    return next(quantities(text), "")


def _in_a_name(found: Words, at: int) -> bool:
    """Years, 24/7, ordinals, 5G, ISO 27001, Windows 11."""
    word, before = found[at], found[at - 1] if at else None
    after = found[at + 1].low if at + 1 < len(found) else ""
    if (before and before.text in CURRENCIES) or after in NEAR | TIMES or after in CURRENCIES:
        return False
    digits = word.low.rstrip("abcdefghijklmnopqrstuvwxyz")
    tail = word.low[len(digits) :]
    if tail:
        return tail not in ("k", "m", "bn", "mn", "x", "h", "min", "ms", "s", "pp", "pts", "mio")
    if _is_year(digits) or "/" in digits or digits in ("1", "24/7", "360", "365"):
        return True
    return before is not None and (_names(before, first=at == 1) or _is_age(found, at, after))


def _is_age(found: Words, at: int, after: str) -> bool:
    """`players over 40 feel at home`: who, not how many."""
    if at < 2 or after in TIMES or found[at - 1].low not in ("over", "under", "above", "aged"):
        return False
    return is_one_of(found[at - 2].low, PEOPLE)


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and digits.isdigit() and digits[:2] in ("19", "20")


def _names(before: Word, *, first: bool) -> bool:
    """A word in capitals before a number makes it a name, except the first of the sentence."""
    if before.low in NAMED or (before.is_word and len(before.text) > 1 and before.text.isupper()):
        return before.text not in lexicon.ACRONYMS
    return not first and before.is_word and before.text[0].isupper()


def _in_words(found: Words, at: int) -> bool:
    low = found[at].low
    before = found[at - 1].low if at else ""
    after = found[at + 1].low if at + 1 < len(found) else ""
    if low in LARGE:
        return before in ("a", "one", "per") or before in SMALL | TENS or low == "million"
    if low in FOLDS:
        return (at == 0 or before in ("to", "and")) and after not in FOLD_NAMES and after != ""
    if low in ("twice", "thrice"):
        return after not in ("", "and")
    if low in PARTS:
        return (
            before in ("by", "in")
            if low == "half"
            else before in ("a", "one", "two") and _cut(found, at)
        )
    if low in TENS:
        return after not in ("", "and", ",") and after not in lexicon.PREPOSITIONS
    if low in SMALL | {"one"} and after in ("in", "out") and _out_of(found, at):
        return True
    if low in SMALL:
        return after in TIMES or (before in ("under", "below", "within", "least") and after != "")
    return low.endswith("fold") and len(low) > 4


def _out_of(found: Words, at: int) -> bool:
    """`seven in ten`, `three out of four`."""
    rest = [w.low for w in found[at + 1 : at + 4]]
    return any(w in SMALL or w.isdigit() for w in (rest[1:2] if rest[0] == "in" else rest[2:3]))


def _cut(found: Words, at: int) -> bool:
    return at > 1 and found[at - 2].low == "by"


def _written(text: str, found: Words, at: int) -> str:
    """With the currency before and the unit after it."""
    first = found[at - 1] if at and found[at - 1].text in CURRENCIES else found[at]
    last = found[at]
    if at + 1 < len(found) and (found[at + 1].low in NEAR | TIMES | LARGE):
        last = found[at + 1]
    return text[first.at : last.at + len(last.text)]
