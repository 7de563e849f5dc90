"""What is said of one objective."""

from __future__ import annotations

from collections.abc import Iterator

from headway.coach import lexicon
from headway.coach.deeds import deed
from headway.coach.finding import Rule, Seen, Severity
from headway.coach.measures import metric_in
from headway.coach.numbers import quantity
from headway.coach.pay import OBJECTIVE as PAY
from headway.coach.values import Objective
from headway.coach.words import is_english, is_one_of, words

LONGEST = 15
FEWEST, MOST = 2, 5


def _number(objective: Objective) -> Iterator[Seen]:
    if (said := quantity(objective.title)) and not deed(objective.title):
        yield Seen(f"The title holds the number “{said}”.")


def _metric(objective: Objective) -> Iterator[Seen]:
    title = objective.title
    if quantity(title) or _first(objective) or _says_nothing(title):
        return
    if said := metric_in(title):
        yield Seen(f"The title names the measure “{said}”.")


def _output(objective: Objective) -> Iterator[Seen]:
    if found := deed(objective.title):
        fix = ""
        if found.rest:
            fix = f"Make “{found.rest}” a key result, and list “{found.said}” among the outputs."
        yield Seen(f"“{found.said}” is work, not what it brings about.", fix=fix)


def _long(objective: Objective) -> Iterator[Seen]:
    count = sum(w.is_word for w in words(objective.title))
    if count > LONGEST:
        yield Seen(f"The title has {count} words.")


def _jargon(objective: Objective) -> Iterator[Seen]:
    if said := _says_nothing(objective.title):
        yield Seen(f"All of it is words such as “{said}”.")


def _says_nothing(title: str) -> str:
    """A word of jargon, when there is nothing else."""
    if not is_english(title):
        return ""
    skip = lexicon.ENGLISH | lexicon.PREPOSITIONS | lexicon.ARTICLES | {"and", "or"}
    said = [w.low for w in words(title) if w.is_word and w.low not in skip]
    empty = [w for w in said if is_one_of(w, lexicon.JARGON | lexicon.HOLLOW)]
    telling = [w for w in said if is_one_of(w, lexicon.JARGON)]
    return telling[0] if telling and len(empty) == len(said) else ""


def _owner(objective: Objective) -> Iterator[Seen]:
    if not objective.owner:
        yield Seen("Nobody owns it.", "owner")


def _empty(objective: Objective) -> Iterator[Seen]:
    if not objective.key_results:
        yield Seen("It has no key result.", "key_results")


def _few(objective: Objective) -> Iterator[Seen]:
    if 0 < len(objective.key_results) < FEWEST:
        yield Seen("It has one key result.", "key_results")


def _many(objective: Objective) -> Iterator[Seen]:
    if (count := len(objective.key_results)) > MOST:
        yield Seen(f"It has {count} key results.", "key_results")


def _first(objective: Objective) -> str:
    """The measure of which the title is only the name."""
    said = _content(objective.title)
    names = [n for k in objective.key_results for n in (k.title, k.metric.name if k.metric else "")]
    return next((name for name in names if said and _content(name) == said), "")


def _metric_first(objective: Objective) -> Iterator[Seen]:
    if name := _first(objective):
        yield Seen(f"The title only repeats the measure “{name}”.")
    elif objective.key_results and not objective.title.strip():
        yield Seen("There are key results, and no words for what they are to bring about.")


def _content(text: str) -> frozenset[str]:
    skip = lexicon.ARTICLES | lexicon.PREPOSITIONS | lexicon.BETTERING | lexicon.COMPARED
    return frozenset(w.low for w in words(text) if w.is_word and w.low not in skip)


def _same_metric(objective: Objective) -> Iterator[Seen]:
    seen: dict[str, str] = {}
    for key_result in objective.key_results:
        metric = key_result.metric
        if metric is None:
            continue
        if metric.key in seen:
            yield Seen(
                f"“{seen[metric.key]}” and “{key_result.text}” are both measured by {metric.name}.",
                "key_results",
            )
        seen.setdefault(metric.key, key_result.text)


def _other_population(objective: Objective) -> Iterator[Seen]:
    measured = [k for k in objective.key_results if k.metric]
    for share in measured:
        for count in measured:
            a, b = share.metric, count.metric
            if a and b and a.population and a.population == b.selects and a.key != b.key:
                yield Seen(
                    f"“{share.text}” is a share of what “{count.text}” counts.", "key_results"
                )


ERROR, WARNING, THOUGHT = Severity.error, Severity.warning, Severity.information
RULES = (
    Rule(
        "objective-number",
        WARNING,
        "A number in the title",
        "An objective says what is to be true; the number says how one will know, and it changes.",
        "Move it to a key result, and say in words what it would mean for somebody.",
        _number,
    ),
    Rule(
        "objective-metric",
        WARNING,
        "A measure in the title",
        "A measure says how one knows, not what for; people remember a purpose, not a rate.",
        "Move it to a key result, and say what will be better for whom.",
        _metric,
    ),
    Rule(
        "objective-output",
        WARNING,
        "An output or a project",
        "Work can be finished without anything getting better for anybody.",
        "Ask what it is to bring about, and make that the objective; list the work among outputs.",
        _output,
    ),
    Rule(
        "objective-long",
        THOUGHT,
        "More than 15 words",
        "Nobody remembers a long sentence when it is time to decide.",
        "Keep what is to be true; the reasons have a field of their own.",
        _long,
    ),
    Rule(
        "objective-jargon",
        WARNING,
        "Jargon only",
        "Words that fit every company do not help anybody to choose what to do.",
        "Say who will notice, and what they will see.",
        _jargon,
    ),
    Rule(
        "objective-owner",
        WARNING,
        "No owner",
        "What belongs to everybody is looked after by nobody.",
        "Name one person who speaks for it.",
        _owner,
        absence=True,
    ),
    Rule(
        "objective-empty",
        ERROR,
        "No key result",
        "Without a key result nobody can say whether it came true.",
        "Add two to five key results.",
        _empty,
        absence=True,
    ),
    Rule(
        "objective-few",
        THOUGHT,
        "Only one key result",
        "One number seldom says all of what is meant, and can be reached by harming the rest.",
        "Add the other side of it, for example quality beside quantity.",
        _few,
        absence=True,
    ),
    Rule(
        "objective-many",
        WARNING,
        "More than five key results",
        "What has more than five results has no focus, and each counts for little.",
        "Keep the two to five that would convince you; watch the others as KPIs.",
        _many,
    ),
    Rule(
        "objective-metric-first",
        THOUGHT,
        "The measure came first",
        "A title that repeats its measure was written after it, so nobody asked what for.",
        "Say in words what the measure is to bring about.",
        _metric_first,
    ),
    Rule(
        "key-result-same-metric",
        WARNING,
        "The same metric twice",
        "Two key results of one metric count the same progress twice.",
        "Keep one, or measure the second by something else.",
        _same_metric,
    ),
    Rule(
        "key-result-other-population",
        THOUGHT,
        "A share of what another key result counts",
        "When the second grows, the share falls by itself: one is reached against the other.",
        "Count those who pass both, or keep one and watch the other as a guardrail.",
        _other_population,
    ),
    PAY,
)
