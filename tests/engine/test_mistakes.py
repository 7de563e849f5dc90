"""What a wrong definition is told."""

from __future__ import annotations

from typing import Any

import pytest

from headway.engine.errors import DefinitionError
from headway.engine.kinds import KINDS, check_inputs, parse, to_document

COUNT = {"kind": "count", "event": "a"}
UNIQUE = {"kind": "unique", "event": "a"}
FUNNEL = {"kind": "funnel", "steps": [{"event": "a"}, {"event": "b"}], "window": "7 days"}
BACK = {"kind": "retention", "start": {"event": "a"}, "returns": {"event": "a"}}
UP = {"kind": "uptime", "event": "a", "ok": "ok"}
DOWN = {"kind": "uptime", "event": "a", "incidents": "seconds"}
NPS = {"kind": "nps", "event": "a", "property": "score"}
CSAT = {"kind": "csat", "event": "a", "property": "stars", "top": [4, 5]}
TIME = {"kind": "elapsed", "from": {"event": "a"}, "to": {"event": "b"}}
SCALAR = "text, a whole number, a number, true or false or a mapping with in, not_in"

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"event": "a"}, "field `kind`: The metric has no `kind`. Use one of count, sum,"),
    ({"kind": "cuont"}, "field `kind`: `cuont` is not a kind of metric. Did you mean `count`?"),
    ({"kind": "count"}, "`event` is missing. Give the name of an event, such as"),
    (COUNT | {"event": 5}, "field `event`: Found `5`, expected the name of an event"),
    ({"kind": "stock", "event": ["a", 5], "value": "v"}, "field `event[1]`: Found `5`, expected"),
    (COUNT | {"evnt": 5}, "`evnt` is not a field. Did you mean `event`?"),
    (COUNT | {"direction": "upp"}, "Found `upp`, expected one of `down`, `none`, `up`. Did you"),
    (COUNT | {"healthy": {"floor": "x"}}, "field `healthy.floor`: Found `x`, expected a number."),
    (COUNT | {"grace": 7}, "field `grace`: Found `7`, expected a duration, such as `30 minutes`"),
    (COUNT | {"where": {"p": None}}, f"field `where.p`: Found nothing, expected {SCALAR}"),
    (COUNT | {"where": {"a": 1, "p": [1]}}, "field `where.p`: Found a list of 1, expected"),
    (
        COUNT | {"where": {"p": {"inn": [1]}}},
        "field `where.p.inn`: `inn` is not a field. Did you mean",
    ),
    (COUNT | {"where": {"p": {"in": "x"}}}, "field `where.p.in`: Found `x`, expected a list."),
    (UNIQUE | {"window": "7 dayz"}, "Found `7 dayz`, expected a duration, such as `30 minutes` or"),
    (
        UNIQUE | {"window": "36 h"},
        "field `window`: `36 h` is not a whole number of days. Write for",
    ),
    (
        COUNT | {"fill": 0},
        "field `fill`: A metric of kind `count` makes no use of `fill`. Leave it",
    ),
    (
        {"kind": "ratio", "numerator": "a", "denominator": "b", "where": {"p": 1}},
        "field `where`: A metric of kind `ratio` makes no use of `where`. Leave it out, or give it",
    ),
    (UNIQUE | {"at_least": 0}, "Found `0`, expected a whole number of at least 1."),
    (FUNNEL | {"steps": [{"event": "a"}]}, "Found a list of 1, expected a list of at least 2"),
    (
        FUNNEL | {"steps": [{"event": "a"}, {"evnt": "b"}]},
        "field `steps[1].evnt`: `evnt` is not a field.",
    ),
    (FUNNEL | {"part": "step_3"}, "field `part`: `step_3` is past the last of 2 steps. Use one of"),
    (FUNNEL | {"count": "events"}, "Found `events`, expected one of `attempts`, `subjects`."),
    (BACK | {"brackets": [3, 1]}, "field `brackets`: `brackets` are days in rising order"),
    (BACK | {"brackets": [1, 3], "at": 2}, "field `at`: `at` 2 is past the last bracket, 1."),
    (BACK | {"clock": "rolling", "bucket": "month"}, "months differ in length. Use `bucket: day`"),
    (BACK | {"mode": "on_or_after"}, "field `horizon`: `mode: on_or_after` needs a `horizon`"),
    ({"kind": "session", "gap": "0 min"}, "field `gap`: `0 min` is no pause: it has to be above 0"),
    ({"kind": "session", "gap": "8 days"}, "at most 7 days. Write for example `30 min`."),
    ({"kind": "steps", "from": {"event": "a"}}, "`to` is missing."),
    (TIME, "`limit` is missing. Give a duration, such as"),
    (TIME | {"limit": "0 days"}, "field `limit`: `0 days` is no limit: it has to be above 0"),
    (TIME | {"limit": "600 w"}, "at most ten years. Write for example `30 days`: what takes"),
    (TIME | {"limit": "1 h", "stat": "p50"}, "Found `p50`, expected one of"),
    (
        {"kind": "quantile", "event": "a", "property": "p", "q": 90},
        "expected a number of at least 0 and of at most 1.",
    ),
    ({"kind": "share", "event": "a"}, "field `where`: Everything is counted above the line and"),
    (
        {"kind": "share", "event": "a", "of": {"event": "b"}},
        "so this is no share. Let `of` include",
    ),
    (NPS | {"valid": [10, 0]}, "field `valid`: `valid` goes from 10 to 0. Give the least score"),
    (NPS | {"valid": [1, 5]}, "From 1 to 5 is no range for a net promoter score"),
    (NPS | {"valid": [0]}, "expected the least and the greatest score that counts, such as"),
    ({"kind": "uptime", "event": "a"}, "field `ok`: Uptime is either read from checks or from"),
    (UP | {"incidents": "s"}, "Give `ok`, the property that says whether a check was good, or"),
    (UP | {"by_time": True}, "field `by_time`: By time, a check has to say for how many seconds"),
    (DOWN | {"duration": "s"}, "field `duration`: An outage has its length in `incidents`. Leave"),
    (DOWN | {"by_time": False}, "field `by_time`: Outages are measured by time. Leave it out."),
    (CSAT | {"top": []}, "field `top`: Found a list of 0, expected a list of at least 1 item."),
    (CSAT | {"valid": [1, 4]}, "field `top`: The top score 5 is outside the valid range. Widen"),
    ({"kind": "stock", "event": "a"}, "A stock needs either `event` and `value`"),
    ({"kind": "ratio", "numerator": "a b", "denominator": "c"}, "Found `a b`, expected a key of"),
    (
        {"kind": "formula", "formula": "a +"},
        "field `formula`: `a +` cannot be read: invalid syntax",
    ),
    (
        {"kind": "formula", "formula": "a ** 2"},
        "`a ** 2` is not allowed in a formula. Use numbers,",
    ),
    ({"kind": "formula", "formula": "open(a)"}, "`open(a)` is not allowed in a formula."),
    ({"kind": "formula", "formula": "a.b.c"}, "`a.b.c` is not allowed in a formula."),
    ({"kind": "formula", "formula": "log10(a, 2)"}, "`log10(a, 2)` is not allowed in a formula."),
    ({"kind": "formula", "formula": "lag(a, -1)"}, "`lag(a, -1)` is not allowed in a formula."),
]


@pytest.mark.parametrize(("fields", "said"), WRONG, ids=[said[:40] for _, said in WRONG])
def test_mistakes(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse({"key": "m"} | fields)
    assert said in str(caught.value)
    assert str(caught.value).startswith("metric `m`")


def test_keys() -> None:
    with pytest.raises(DefinitionError, match="Found `Bad Key`, expected a key of lower case"):
        parse({"key": "Bad Key"} | COUNT)


def test_formulas_that_need_themselves() -> None:
    loop = {
        "a": parse({"key": "a", "kind": "formula", "formula": "b + 1"}),
        "b": parse({"key": "b", "kind": "ratio", "numerator": "a", "denominator": "a"}),
    }
    with pytest.raises(DefinitionError, match="`a` is computed from itself: a → b → a"):
        check_inputs(loop)


def test_inputs_that_do_not_exist() -> None:
    both = {
        "revenue": parse({"key": "revenue"} | COUNT),
        "f": parse({"key": "f", "kind": "formula", "formula": "revenu * 2"}),
    }
    with pytest.raises(DefinitionError, match=r"no metric `revenu`\. Did you mean `revenue`\?"):
        check_inputs(both)


@pytest.mark.parametrize(
    "fields",
    [
        COUNT,
        UNIQUE | {"window": "7 days"},
        FUNNEL,
        BACK,
        TIME | {"limit": "1 h"},
        {"kind": "session"},
        {"kind": "stock", "event": ["a", "b"], "value": "v"},
    ],
)
def test_documents_survive_a_round_trip(fields: dict[str, Any]) -> None:
    definition = parse({"key": "m"} | fields | {"where": {"p": {"in": [1, "x", True]}}})
    assert parse(to_document(definition)) == definition
    assert definition.words().endswith(".")


def test_every_kind_says_what_it_measures() -> None:
    assert all(kind.summary for kind in KINDS.values())


def test_parts_that_do_not_exist() -> None:
    def both(formula: str) -> dict[str, Any]:
        return {
            "start": parse({"key": "start"} | FUNNEL),
            "visits": parse({"key": "visits"} | COUNT),
            "f": parse({"key": "f", "kind": "formula", "formula": formula}),
        }

    check_inputs(both("start.dropoff + visits"))
    with pytest.raises(DefinitionError, match=r"no part `dropof`\. Did you mean `dropoff`\?"):
        check_inputs(both("start.dropof"))
    with pytest.raises(DefinitionError, match=r"no part `mean`\. A metric of kind `count` has no"):
        check_inputs(both("visits.mean"))
