"""Sentences as words: tokens, forms of verbs, and whether a text is English at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from headway.coach import lexicon

TOKEN = re.compile(
    r"[€$£¥]|\d+(?:[.,:/]\d+)*(?:[^\W\d_]+)?|[^\W\d_]+(?:['’-][^\W_]+|\d+)*|[%&;,:–—+/()]",
)
VOWELS = "aeiou"


class Form(StrEnum):
    base = "base"
    third = "third"
    ing = "ing"
    past = "past"


@dataclass(frozen=True, slots=True)
class Word:
    """`at` is where it starts in the text."""

    text: str
    at: int

    @property
    def low(self) -> str:
        return self.text.lower().replace("’", "'")

    @property
    def is_number(self) -> bool:
        return self.text[0].isdigit()

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


Words = Sequence[Word]


def words(text: str) -> list[Word]:
    return [Word(m.group(), m.start()) for m in TOKEN.finditer(text)]


def said(text: str, part: Words) -> str:
    """The piece of a text from its first to its last word."""
    return text[part[0].at : part[-1].at + len(part[-1].text)]


def singular(word: str) -> str:
    """Good enough to look a noun up: `dashboards`, `policies`, `processes`."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "sis", "xis")):
        return word[:-1]
    return word


def is_one_of(word: str, nouns: Iterable[str]) -> bool:
    last = word.rpartition("-")[2]
    return any(w in nouns for w in (word, singular(word), last, singular(last)))


def forms(base: str) -> dict[str, Form]:
    """The forms of a verb, British and American."""
    found = {base: Form.base, _third(base): Form.third, _stem(base) + "ing": Form.ing}
    past = lexicon.IRREGULAR.get(base) or (_stem(base) + "ed",)
    if base.endswith("y") and base[-2] not in VOWELS and base not in lexicon.IRREGULAR:
        past = (base[:-1] + "ied",)
    found |= {p: Form.past for p in past if p != base}
    if base.endswith("ise"):
        found |= forms(base[:-3] + "ize")
    return found


def table(bases: Iterable[str]) -> dict[str, tuple[str, Form]]:
    """Each form of each verb: the verb and which form it is."""
    return {form: (base, kind) for base in bases for form, kind in forms(base).items()}


def _third(base: str) -> str:
    if base.endswith("y") and base[-2] not in VOWELS:
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def _stem(base: str) -> str:
    if base.endswith("e") and not base.endswith("ee"):
        return base[:-1]
    doubled = (
        len(base) >= 3
        and base[-1] not in VOWELS + "wxy"
        and base[-2] in VOWELS
        and base[-3] not in VOWELS
        and (len([c for c in base if c in VOWELS]) == 1 or base in lexicon.DOUBLING)
    )
    return base + base[-1] if doubled else base


def is_english(text: str) -> bool:
    """False when words of another language outweigh English ones; names alone count as English."""
    if any(c.isalpha() and not unicodedata.name(c, "").startswith("LATIN") for c in text):
        return False
    found = [w.low for w in words(text) if w.is_word]
    foreign = sum(w in lexicon.FOREIGN or not w.isascii() for w in found)
    return foreign == 0 or sum(w in lexicon.ENGLISH for w in found) > foreign
