"""Is it an output, something a team makes or does, and not what it brings about?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from headway.coach import lexicon
from headway.coach.lexicon import bag
from headway.coach.numbers import SMALL, TENS, quantity
from headway.coach.words import Form, Words, is_english, is_one_of, said, singular, table, words

DEEDS = table(lexicon.DEEDS)
MAKING = table(lexicon.MAKING)
ACTING = table(lexicon.ACTING)
INVENTING = table(lexicon.INVENTING)
PHRASAL = table(lexicon.PHRASAL)
CHANGING, NAMING = table(lexicon.CHANGING), table(lexicon.NAMING)
DONE = {form for form, (_, kind) in table(lexicon.DONE).items() if kind is Form.past}
WORKED = {form for form, (_, kind) in DEEDS.items() if kind is Form.past}
ROLLED = frozenset([("rolled", "out"), ("set", "up"), ("kicked", "off"), ("switched", "over")])
DONE |= {"-".join(pair) for pair in ROLLED}
INTO = bag("service production operation place use")
PLACED = bag("to in on for across at by into as with")
HOMOGRAPHS = bag("build design release ship set")
"""Nouns, too: `build minutes`, `release notes`."""
SPLITS = bag(", ; : – — and & then plus")
PHASES = bag("phase stage wave part step v2 v3 v1 ii iii 1 2 3 one two three")


@dataclass(frozen=True, slots=True)
class Deed:
    """`said` is the work; `rest` the result that is named beside it, if there is one."""

    said: str
    rest: str = ""


def deed(text: str, *, result: bool = False) -> Deed | None:
    """None when the text names no output, or is not English. `result`: of a key result, whose
    words are plainer than those of an objective.
    """
    if not is_english(text):
        return None
    found = words(text)
    parts = _clauses(found)
    for n, part in enumerate(parts):
        if part and (_works(part, result) or _done(part)):
            others = [p for m, p in enumerate(parts) if m != n]
            return Deed(said(text, part), _result(text, others))
    if found and (_is_name_of_work(found) or _is_effort(found)):
        return Deed(text.strip())
    return None


def _clauses(found: Words) -> list[Words]:
    """Where each starts anew: after commas, `and`, `then`; a list of nouns stays harmless."""
    parts: list[list] = [[]]  # type: ignore[type-arg]
    for word in found:
        if word.low in SPLITS:
            parts.append([])
        else:
            parts[-1].append(word)
    return [p for p in parts if p]


def _result(text: str, others: list[Words]) -> str:
    return next((said(text, p) for p in others if quantity(said(text, p))), "")


def _works(part: Words, result: bool) -> bool:
    """Does the clause open with a verb of work?"""
    at = next((n for n, w in enumerate(part) if w.low not in lexicon.LEADS), None)
    if at is None or not part[at].is_word:
        return False
    low, rest = part[at].low, part[at + 1 :]
    return any(looks(low, rest, result) for looks in WAYS)


def _phrasal(low: str, rest: Words, _: bool) -> bool:
    """`roll out`, `put the system live`."""
    if low not in PHRASAL:
        return False
    verb, form = PHRASAL[low]
    for n, word in enumerate(rest[:6]):
        if word.low in lexicon.PHRASAL[verb]:
            after = rest[n + 1 :]
            return n > 0 or form is Form.past or _is_used_as_verb(form, after)
        if word.low in lexicon.PREPOSITIONS:
            return verb == "put" and any(w.low in INTO for w in rest[n + 1 : n + 2])
    return False


def _deed(low: str, rest: Words, _: bool) -> bool:
    return low in DEEDS and _is_used_as_verb(DEEDS[low][1], rest) and not _takes_in(rest)


def _obtains(low: str, rest: Words, _: bool) -> bool:
    """`get the portal live`, `get certified`."""
    if low not in ("get", "getting", "become", "achieve", "obtain", "gain") or not rest:
        return False
    if any(w.low in lexicon.CERTIFIED for w in rest[:3]):
        return True
    return low.startswith("get") and len(rest) > 1 and rest[-1].low in lexicon.OBTAINED


def _acts(low: str, rest: Words, result: bool) -> bool:
    if low not in ACTING or not rest:
        return False
    verb, form = ACTING[low]
    if rest[0].low in lexicon.PARTICLES and len(rest) > 1:
        rest = rest[1:]
    if not _is_used_as_verb(form, rest) or not _points(rest):
        return False
    return not _is_gained(verb, rest) if result else verb in lexicon.DELIBERATE


def _is_gained(verb: str, rest: Words) -> bool:
    """`sign 20 dealers`, `create 300 apprenticeships`: counted, and nothing that a team makes."""
    found = _object(rest)
    if verb not in lexicon.BRINGING or not found:
        return False
    return _is_counted(found) and not _made(found[-1].low)


def _changes_to(low: str, rest: Words, _: bool) -> bool:
    """`switch to a new provider`."""
    if low not in CHANGING or not rest or rest[0].low not in ("to", "over"):
        return False
    head = _object(rest[1:])
    new = any(w.low in lexicon.TECHNICAL for w in head)
    return bool(head) and (new or _made(head[-1].low) or head[0].text[0].isupper())


def _names(low: str, rest: Words, _: bool) -> bool:
    """`add PayPal to the checkout`, `ship v3`."""
    if not rest or (low not in NAMING and low not in MAKING):
        return False
    version = rest[0].low == "version" or re.fullmatch(r"v\d+", rest[0].low) is not None
    return version or (low in NAMING and rest[0].text[0].isupper())


def _invention(low: str, rest: Words, result: bool) -> bool:
    return result and low in INVENTING and _invents(*INVENTING[low], rest)


def _making(low: str, rest: Words, _: bool) -> bool:
    if low not in MAKING or not _is_used_as_verb(MAKING[low][1], rest):
        return False
    definite = _points(rest) or (bool(rest) and rest[0].low in lexicon.TECHNICAL)
    if MAKING[low][1] is Form.ing and not definite:
        return False
    return _makes(MAKING[low][0], rest)


def _points(rest: Words) -> bool:
    """At something definite: `the audit`, `40 customers`; a share of something is a measure."""
    if not rest or _is_share(rest):
        return False
    return rest[0].low in ("a", "an", "the", "all", "our") or _is_counted(rest)


def _is_counted(found: Words) -> bool:
    return found[0].is_number or found[0].low in SMALL | TENS


def _is_share(rest: Words) -> bool:
    return any(w.text == "%" or w.low in ("percent", "share") for w in rest[:3])


def _invents(verb: str, form: Form, rest: Words) -> bool:
    found = _object(rest)
    if not found or _is_share(rest) or not _is_used_as_verb(form, rest):
        return False
    made = _made(found[-1].low)
    if _is_counted(found) and not made:
        return False
    definite = _points(rest) or rest[0].low in lexicon.TECHNICAL or made
    if not definite and (form is Form.ing or verb in HOMOGRAPHS):
        return False
    return not any(is_one_of(w.low, lexicon.GAINED) or w.text in "€$£" for w in found)


def _is_used_as_verb(form: Form, rest: Words) -> bool:
    """`launch days`, `migrated customers who stay`, `launches` are nouns or describe one."""
    if not rest:
        return form in (Form.base, Form.ing)
    if rest[0].low in lexicon.NOT_A_DEED or form is Form.third:
        return False
    if form is Form.past:
        return rest[0].low in lexicon.ARTICLES or rest[0].is_number
    return rest[0].low not in ("is", "are", "that", "which", "of", "feels", "per", "every")


def _takes_in(rest: Words) -> bool:
    """To integrate newcomers is no piece of work."""
    head = _object(rest)
    return bool(head) and is_one_of(head[-1].low, lexicon.NEWCOMERS)


def _makes(verb: str, rest: Words) -> bool:
    found = _object(rest)
    share = any(w.text == "%" or w.low == "percent" for w in rest)
    if verb in lexicon.NOT_SHARES and found and not share:
        return True
    after = rest[len(found) :]
    if (
        not found
        or (after and after[0].low in lexicon.RELATIVES)
        or any(_is_superlative(w.low) for w in found)
    ):
        return False
    if any(w.low in ("legacy", "automated") for w in found):
        return True
    return is_one_of(found[-1].low, lexicon.ARTEFACTS | lexicon.WORKS)


def _object(rest: Words) -> Words:
    """The words up to the next preposition, relative pronoun or mark."""
    stop = lexicon.PREPOSITIONS | lexicon.RELATIVES | SPLITS
    for n, word in enumerate(rest):
        if word.low in stop or not (word.is_word or word.is_number):
            return rest[:n]
    return rest


def _is_superlative(word: str) -> bool:
    return word in ("best", "most", "least", "first") or (
        len(word) > 5
        and word.endswith("est")
        and word not in ("request", "interest", "digest", "contest", "harvest", "invest", "latest")
    )


def _done(part: Words) -> bool:
    """`booking system is live`, `migration completed`, but not `share of features released`."""
    subject = _object(part)
    low = [w.low for w in part]
    low = [f"{a}-{b}" if (a, b) in ROLLED else b for a, b in zip(["", *low], low, strict=False)]
    if low[-1] in WORKED and any(_made(w) for w in low) and not _told(low):
        return True
    if any(w in lexicon.SHARES for w in low) or any(w.text == "%" for w in part):
        return False
    for n, word in enumerate(low[1:], 1):
        if word not in DONE and word not in lexicon.FINISHED:
            continue
        known = word in DONE or low[n - 1] in lexicon.BEING
        before = [w for w in low[:n] if w not in lexicon.BEING]
        last = n == len(low) - 1 or low[n + 1] in PLACED
        made = any(_made(w) for w in before)
        if known and last and made and not any(w in lexicon.RELATIVES for w in low[:n]):
            return bool(subject)
    return False


def _told(low: list[str]) -> bool:
    return any(w in lexicon.RELATIVES for w in low)


def _made(word: str) -> bool:
    return is_one_of(word, lexicon.ARTEFACTS | lexicon.WORKS)


def _is_name_of_work(found: Words) -> bool:
    """A noun phrase without a verb whose head is a piece of work: `CRM migration`, `Project X`."""
    if found[0].low in ("project", "programme", "program", "initiative", "operation", "workstream"):
        return 1 < len(found) <= 4 and found[1].text[:1].isupper()
    if any(w.low in lexicon.RELATIVES or w.low in lexicon.SHARES for w in found):
        return False
    head = _object(found)
    if found[0].low in lexicon.TECHNICAL and len(head) == len(found) and _made(head[-1].low):
        return True
    while head and (head[-1].low in PHASES or head[-1].is_number):
        head = head[:-1]
    return (
        bool(head)
        and len(head) <= 5
        and singular(head[-1].low) in lexicon.WORKS
        and not _people(head)
    )


def _people(head: Words) -> bool:
    """`A migration nobody notices` says what people feel."""
    return any(w.low in ("nobody", "everyone", "everybody", "people", "customers") for w in head)


def _is_effort(found: Words) -> bool:
    low = frozenset(w.low for w in found)
    return any(effort <= low for effort in lexicon.EFFORT)


WAYS = (_phrasal, _deed, _obtains, _acts, _changes_to, _names, _invention, _making)
"""In which a clause can say work: by the verb, what follows it, and whether it is a key result."""
