"""Good files give a document; bad ones give every mistake, with its place and the way out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from headway.engine.errors import NotFound
from headway.engine.kinds import KINDS
from headway.files import sheet
from headway.files.document import Document
from headway.files.problems import DocumentError
from headway.files.reading import read, reads
from headway.files.references import Known

WORKSPACE = Path(__file__).parent / "workspace"
GOALS = """
workspace: {key: w, currency: EUR}
teams: [{key: growth}]
cycles: [{key: q4, starts: 2026-10-01, ends: 2026-12-31}]
metrics:
  - {key: orders, kind: count, event: order}
  - {key: happy, kind: share, event: answer, where: {score: 5}, unit: percent}
objectives:
  - key: start
    cycle: q4
    team: growth
    title: Start well
    key_results:
      - %s
"""


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        reads(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_folder_is_one_document() -> None:
    document = read(WORKSPACE)
    assert [m.key for m in document.metrics][:2] == ["average_order", "revenue"]
    assert [c.key for c in document.cycles] == ["2026-q4", "2026"]
    assert document.cycles[0].starts == date(2026, 10, 1)
    assert [k.key for k in document.objectives[0].key_results][-1] == "vienna"


def test_one_file_is_a_document_too(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("teams: [{key: growth}]")
    assert [t.key for t in read(tmp_path / "one.yml").teams] == ["growth"]


def test_an_empty_file_is_an_empty_document() -> None:
    assert reads("# nothing yet\n") == Document()


def test_a_folder_without_yaml_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="holds no definitions"):
        read(tmp_path)


def test_words_that_yaml_1_1_took_for_booleans_stay_words() -> None:
    metric = "{key: m, kind: retention, start: {event: a}, returns: {event: b}, mode: on}"
    assert reads(f"metrics: [{metric}]").metrics[0].mode == "on"


def test_names_may_look_like_numbers() -> None:
    text = "cycles: [{key: 2026, starts: 2026-01-01, ends: 2026-12-31}]"
    assert reads(text).cycles[0].key == "2026"


def test_aliases_are_followed() -> None:
    text = "teams: [{key: a, members: &us [a@x.org]}, {key: b, members: *us}]"
    assert reads(text).teams[1].members == ["a@x.org"]


def test_merged_fields_are_those_that_are_not_given() -> None:
    text = (
        "metrics:\n  - &usual {key: a, kind: count, event: e, unit: h, level: kpi}\n"
        "  - <<: [*usual, {product: web, unit: d}]\n    key: b\n    level: metric\n"
    )
    first, second = reads(text).metrics
    assert (first.level, second.key, second.level) == ("kpi", "b", "metric")
    assert (second.event, second.unit, second.product) == ("e", "h", "web")


def test_aliases_cannot_stand_for_a_billion_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST", 20_000)
    more = "".join(f"  - &t{n} [{', '.join([f'*t{n - 1}'] * 10)}]\n" for n in range(1, 12))
    assert problems(f"teams:\n  - &t0 [a]\n{more}") == [
        "document:1: The files hold, or their aliases stand for, more than 20\u202f000 values. "
        "Make several workspaces, or fewer aliases."
    ]


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    file = tmp_path / "windows.yml"
    file.write_text("teams: [{key: a}]", encoding="utf-16")
    with pytest.raises(DocumentError, match=r"windows\.yml:1: This is not text in UTF-8\. Save it"):
        read(file)
    file.write_bytes(b"\xef\xbb\xbfteams:\r\n  - key: a\r\n    nme: A\r\n")
    with pytest.raises(
        DocumentError, match=r"windows\.yml:3: teams\[a\]\.nme: `nme` is not a field"
    ):
        read(file)


def test_what_the_workspace_has_may_be_named() -> None:
    known = Known(teams={"growth"}, cycles={"q4": (date(2026, 10, 1), date(2026, 12, 31))})
    text = "objectives: [{key: o, team: growth, cycle: q4, title: T}]"
    assert reads(text, lambda _: known).objectives[0].team == "growth"
    with pytest.raises(DocumentError, match="There is no team `growth`"):
        reads(text)


BAD_FILES = {
    "malformed": (
        "metrics:\n  - {key: a, kind: count\nteams: []\n",
        [
            "document:3: This is not YAML: while parsing a flow mapping, "
            "expected ',' or '}', but got ':'."
        ],
    ),
    "tabs": (
        "teams:\n\t- key: a\n",
        [
            "document:2: This is not YAML: while scanning for the next token, "
            "found character '\\t' that cannot start any token. "
            "Indent with spaces in place of tabs."
        ],
    ),
    "a colon, and a thing that begins elsewhere": (
        "teams:\n  - key: a\n    name: A: B\n",
        [
            "document:3: This is not YAML: mapping values are not allowed here. "
            "Put a text that holds `: ` in quotes."
        ],
    ),
    "two documents": (
        "teams: []\n---\nmetrics: []\n",
        [
            "document:2: This is not YAML: expected a single document in the stream, but found "
            "another document. Take the `---` out, or make it two files."
        ],
    ),
    "a tag": (
        "teams:\n  - !!python/object:os.system {key: a}\n  - {key: !secret b}\n",
        [
            "document:2: The tag `!!python/object:os.system` is not understood. Leave it out.",
            "document:3: The tag `!secret` is not understood. Leave it out.",
        ],
    ),
    "the character NUL": (
        'teams: [{key: a, name: "a\\0b"}]',
        ["document:1: A text holds the character NUL. Take `\\0` out."],
    ),
    "too deep": (
        f"teams: {'[' * 150}{']' * 150}",
        ["document:1: This is nested too deeply."],
    ),
    "much too deep": (
        f"teams: {'{a: ' * 2000}1{'}' * 2000}",
        ["document:1: This is nested too deeply. Use at most 100 levels."],
    ),
    "a section without anything": (
        "teams:\n# - {key: a}\nmetrics: []\n",
        [
            "document:1: teams: Found nothing, expected a list. "
            "Write `teams: []` where there are none."
        ],
    ),
    "merged with what is no mapping": (
        "teams: [{<<: [a], key: b}]",
        ["document:1: `<<` takes in a mapping. Name one that is marked with `&`."],
    ),
    "no mapping": (
        "- key: a\n",
        ["document:1: A file of definitions is a mapping such as `metrics: [...]`."],
    ),
    "alias of itself": ("teams: &t [*t]", ["document:1: An alias holds itself."]),
    "field twice": (
        "teams:\n  - key: a\n    name: A\n    name: B\n",
        ["document:4: teams[1].name: `name` is given twice, first on line 3."],
    ),
    "unknown section": (
        "metricks: []\n",
        ["document:1: metricks: `metricks` is not a field. Did you mean `metrics`?"],
    ),
    "section of a later version": (
        "forecasts: []\n",
        [
            "document:1: forecasts: `forecasts` is not a field. "
            "Known here: workspace, sources, tracking, surveys, checks, teams, metrics, cycles, "
            "objectives, outputs, annotations, closes."
        ],
    ),
    "not a list": ("teams: {key: a}", ["document:1: teams: Found a mapping, expected a list."]),
    "unknown field": (
        "teams:\n  - key: a\n    nme: A\n",
        ["document:3: teams[a].nme: `nme` is not a field. Did you mean `name`?"],
    ),
    "unknown field deep inside": (
        "metrics:\n  - key: m\n    kind: count\n    event: e\n"
        "    where:\n      plan: {inn: [pro]}\n",
        ["document:6: metrics[m].where.plan.inn: `inn` is not a field. Did you mean `in`?"],
    ),
    "wrong type": (
        "sources: [{key: s, usual_gap_days: three}]",
        [
            "document:1: sources[s].usual_gap_days: Found `three`, "
            "expected a whole number of at least 1 and of at most 366."
        ],
    ),
    "wrong word": (
        "workspace: {key: w, week_starts: mondy}",
        [
            "document:1: workspace.week_starts: Found `mondy`, expected one of `friday`, `monday`, "
            "`saturday`, `sunday`, `thursday`, `tuesday`, `wednesday`. Did you mean `monday`?"
        ],
    ),
    "missing field": (
        "cycles:\n  - key: q4\n    starts: 2026-10-01\n",
        [
            "document:2: cycles[q4]: `ends` is missing. "
            "Give a date that exists, written `2026-10-01`."
        ],
    ),
    "no such day": (
        "cycles:\n  - {key: q1, starts: 2026-02-30, ends: 2026-03-31}\n",
        [
            "document:2: cycles[q1].starts: Found `2026-02-30`, "
            "expected a date that exists, written `2026-10-01`."
        ],
    ),
    "ends before it starts": (
        "cycles:\n  - {key: q4, starts: 2026-12-31, ends: 2026-10-01}\n",
        [
            "document:2: cycles[q4].ends: The cycle ends on 2026-10-01, before it starts on "
            "2026-12-31. Give an end that is not before the start."
        ],
    ),
    "unknown kind of source": (
        "sources: [{key: s, kind: postgrse}]",
        [
            "document:1: sources[s].kind: `postgrse` is not a kind of source. "
            "Did you mean `postgres`?"
        ],
    ),
    "a table without its fields": (
        "sources:\n  - {key: s, kind: postgres, dsn_env: SHOP_DSN, at: created_at}",
        [
            "document:2: sources[s].event: Give either `event` or `event_column`. "
            "Use `event` for one name of all rows, `event_column` for the column with the names.",
            "document:2: sources[s].id: `id` is missing. "
            "Name the column that identifies a row, so that none counts twice.",
            "document:2: sources[s].table: `table` is missing. "
            "Give the table that is read, such as `shop.orders`.",
        ],
    ),
    "fields of another kind of source": (
        "sources: [{key: s, table: orders}]",
        [
            "document:1: sources[s].table: `table` says nothing about a source of kind `ingest`. "
            "Leave it out; it takes `key`, `name`, `kind`, `usual_gap_days`."
        ],
    ),
    "a source that is read too often": (
        "sources:\n  - {key: s, kind: spark, table: a.b, id: id, at: at, event: e, every: 5 s, "
        "timeout: 2 days}",
        [
            "document:2: sources[s].every: `5 s` is too often to look at somebody else's database. "
            "Give 1 minute or more.",
            "document:2: sources[s].timeout: `2 days` is no time-out for a query. "
            "Give between 1 s and 1 hour.",
        ],
    ),
    "one of Headway's own secrets as a source": (
        "sources:\n  - {key: s, kind: postgres, dsn_env: HEADWAY_DATABASE_URL, table: t, id: id, "
        "at: at, event: e}",
        [
            "document:2: sources[s].dsn_env: `HEADWAY_DATABASE_URL` is one of Headway's own "
            "settings. Put the address into a variable of another name."
        ],
    ),
    "an address instead of the name of a variable": (
        "sources:\n  - {key: s, kind: postgres, dsn_env: 'postgres://me:pw@db/shop', table: t, "
        "id: id, at: at, event: e}",
        [
            "document:2: sources[s].dsn_env: This looks like an address, which is a secret. "
            "Put it into an environment variable, and give the name of that."
        ],
    ),
    "a kind that is a list": (
        "metrics: [{key: m, kind: [count]}]",
        [f"document:1: metrics[m].kind: Found a list of 1, expected one of {', '.join(KINDS)}."],
    ),
    "a field of another kind": (
        "metrics: [{key: m, kind: count, event: e, window: 7 days}]",
        [
            "document:1: metrics[m].window: `window` says nothing about a metric of kind `count`. "
            "Leave it out; it belongs to unique, funnel."
        ],
    ),
    "numbers that are none": (
        "metrics: [{key: m, kind: count, event: e, healthy: {at_least: .nan, floor: -.inf}}]",
        [
            "document:1: metrics[m].healthy.at_least: Found `.nan`, expected a number.",
            "document:1: metrics[m].healthy.floor: Found `-.inf`, expected a number.",
        ],
    ),
    "ranges that hold nothing": (
        "metrics:\n  - {key: m, kind: count, event: e, healthy: {at_least: 5, at_most: 3}}\n"
        "  - {key: n, kind: count, event: e, healthy: {floor: 5, goal: 5}}\n",
        [
            "document:2: metrics[m].healthy: `at_least` is 5, more than `at_most`, 3. "
            "Let `at_least` be the smaller one.",
            "document:3: metrics[n].healthy: `floor` and `goal` are both 5, so that nothing lies "
            "between. Let `floor` be what is worth 0, and `goal` what is worth 100.",
        ],
    ),
    "events, subjects and segments without a name": (
        "metrics:\n  - {key: m, kind: count, event: []}\n"
        "  - {key: n, kind: unique, event: e, by: ''}\n"
        "  - {key: o, kind: count, event: e, segments: [plan, plan]}\n",
        [
            "document:2: metrics[m].event: Found a list of 0, expected the name of an event, such "
            "as `order_placed`, or a list of names.",
            "document:3: metrics[n].by: It says of nothing whose number it is. "
            "Give `user`, `account` or a property, or leave it out.",
            "document:4: metrics[o].segments: A segment is given twice, or has no name. "
            "Name each property once.",
        ],
    ),
    "too long ago": (
        "metrics:\n  - {key: m, kind: manual}\n"
        "  - {key: n, kind: formula, formula: 'lag(m, 99999999999)'}\n"
        "  - {key: o, kind: unique, event: e, window: 99999999 days}\n",
        [
            "document:3: metrics[n].formula: `lag` looks back at most 1\u202f000 periods. "
            "Give a smaller number, or a longer grain.",
            "document:4: metrics[o]: `99999999 days` is too long a time. "
            "Give at most 36\u202f500 days.",
        ],
    ),
    "a year that is a slip": (
        "cycles: [{key: q4, starts: 0026-10-01, ends: 2026-12-31}]",
        ["document:1: cycles[q4].starts: The year is 26. Give one from 1970 to 2200."],
    ),
    "a rate of no day": (
        "workspace: {key: w, rates: {USD: {2026-13-01: 0.9}, usd: {2026-01-01: 0.9}}}",
        [
            "document:1: workspace.rates.USD.2026-13-01: Found `2026-13-01`, "
            "expected a date that exists, written `2026-10-01`.",
            "document:1: workspace.rates.usd: Found `usd`, "
            "expected text (Three letters, such as `EUR`).",
        ],
    ),
    "a long word": (
        f"teams: [{{key: a, parent: {'B' * 500}}}]",
        [
            f"document:1: teams[a].parent: Found `{'B' * 80}…`, "
            "expected a key of small letters, digits, - and _."
        ],
    ),
    "unknown kind of metric": (
        "metrics: [{key: m, kind: sun}]",
        ["document:1: metrics[m].kind: `sun` is not a kind of metric. Did you mean `sum`?"],
    ),
    "no kind of metric": (
        "metrics: [{key: m}]",
        [f"document:1: metrics[m]: `kind` is missing. Give one of {', '.join(KINDS)}."],
    ),
    "same key twice": (
        "teams:\n  - {key: a}\n  - {key: a}\n",
        ["document:3: teams[a].key: `a` is defined 2 times. Give each its own key."],
    ),
    "formula of itself": (
        "metrics: [{key: a, kind: formula, formula: a + 1}]",
        [
            "document:1: metrics[a].formula: `a` is computed from itself: a → a. "
            "Take one metric out of the loop."
        ],
    ),
    "formulas in a loop": (
        "metrics:\n  - {key: a, kind: formula, formula: 2 * b}\n"
        "  - {key: b, kind: ratio, numerator: c, denominator: d}\n"
        "  - {key: c, kind: formula, formula: a + d}\n  - {key: d, kind: manual}\n",
        [
            "document:2: metrics[a].formula: `a` is computed from itself: a → b → c → a. "
            "Take one metric out of the loop."
        ],
    ),
    "formula that cannot be read": (
        "metrics: [{key: a, kind: formula, formula: 2 ** 3}]",
        [
            "document:1: metrics[a].formula: `2 ** 3` is not allowed in a formula. Use numbers, "
            "metric keys, parts of metrics such as onboarding.dropoff, + − × ÷, parentheses, "
            "min, max, log10 and lag(key, periods)."
        ],
    ),
    "unknown input": (
        "metrics:\n  - {key: revenue, kind: manual}\n"
        "  - {key: r, kind: ratio, numerator: revenu, denominator: revenue}\n",
        ["document:3: metrics[r].numerator: There is no metric `revenu`. Did you mean `revenue`?"],
    ),
    "unknown source, owner, driven and tree": (
        "metrics:\n  - key: m\n    kind: manual\n    source: web\n    owner: ada@x.org\n"
        "    drives: [profit]\n    tree: m * q\n",
        [
            "document:4: metrics[m].source: There is no source `web`. Define a source first.",
            "document:5: metrics[m].owner: `ada@x.org` is no member of the workspace. "
            "Invite them, or name them among the members of a team.",
            "document:6: metrics[m].drives[1]: There is no metric `profit`. There are: m.",
            "document:7: metrics[m].tree: There is no metric `q`. There are: m.",
        ],
    ),
    "team below itself": (
        "teams:\n  - {key: a, parent: b}\n  - {key: b, parent: a}\n",
        [
            "document:2: teams[a].parent: `a` stands below itself: a → b → a. "
            "Take one team out of the loop."
        ],
    ),
    "unknown names in an objective": (
        "teams: [{key: growth}]\nobjectives:\n"
        "  - {key: o, team: grwth, cycle: q4, title: T, supports: [p], guardrails: [nps]}\n",
        [
            "document:3: objectives[o].cycle: There is no cycle `q4`. Define a cycle first.",
            "document:3: objectives[o].guardrails[1]: "
            "There is no metric `nps`. Define a metric first.",
            "document:3: objectives[o].supports[1]: There is no objective `p`. There are: o.",
            "document:3: objectives[o].team: There is no team `grwth`. Did you mean `growth`?",
        ],
    ),
    "unknown names in an output": (
        "teams: [{key: growth}]\nmetrics: [{key: m, kind: manual}]\noutputs:\n"
        "  - {key: o, team: grwth, owner: a@x.org, moves: mm, launched: soon}\n"
        "  - {key: p, moves: [m, n], audience: {where: {plan: {inn: [a]}}}}\n"
        "  - {key: p, team: grwth, moves: [m, n]}\n",
        [
            "document:4: outputs[o].launched: "
            "Found `soon`, expected a date that exists, written `2026-10-01`.",
            "document:5: outputs[p].audience.where.plan.inn: `inn` is not a field. "
            "Did you mean `in`?",
            "document:6: outputs[p].key: `p` is defined 2 times. Give each its own key.",
            "document:6: outputs[p].moves[2]: There is no metric `n`. There are: m.",
            "document:6: outputs[p].team: There is no team `grwth`. Did you mean `growth`?",
        ],
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_mistakes_are_named_with_their_place_and_the_way_out(name: str) -> None:
    text, expected = BAD_FILES[name]
    assert problems(text) == expected


BAD_KEY_RESULTS = {
    "{key: k, metric: ordrs, to: 5}": ".metric: There is no metric `ordrs`. Did you mean `orders`?",
    "{key: k, metric: orders, to: 5, due: 2027-01-01}": (
        ".due: 2027-01-01 is outside the cycle `q4`, 2026-10-01 to 2026-12-31. "
        "Give a day of the cycle, or another cycle."
    ),
    "{key: k, metric: orders, from: 5, to: 5.0}": (
        ".to: The target is the same as the baseline, so nothing is to be reached. "
        "Change `from` or `to`; to hold a value, use `keep`."
    ),
    "{key: k, metric: happy, from: 0.05, to: 5 %}": (
        ".to: The target is the same as the baseline, so nothing is to be reached. "
        "Change `from` or `to`; to hold a value, use `keep`."
    ),
    "{key: k, metric: orders, to: 4,500}": (
        ".500: `500` is not a field. "
        "Inside braces a comma ends a value: leave it out of the number, or use quotes."
    ),
    "{key: k, metric: orders}": (
        ": No target is given. "
        "Give exactly one of `to`, `increase_by`, `reduce_by`, `keep`, `grades`, `milestones`."
    ),
    "{key: k, metric: orders, to: 5, reduce_by: 5 %}": (
        ": Found `to` and `reduce_by`. "
        "Give exactly one of `to`, `increase_by`, `reduce_by`, `keep`, `grades`, `milestones`."
    ),
    "{key: k, metric: orders, to: 5 %}": (
        ".to: `5 %` is a percentage, but the metric's unit is `number`. "
        "Give a plain amount, or set `unit: percent` on the metric."
    ),
    "{key: k, metric: orders, increase_by: '5'}": (
        ".increase_by: `5` is not a change. "
        "Say percent or points: `25 %` (of the baseline) or `5 points` (added to it)."
    ),
    "{key: k, metric: orders, reduce_by: -5 %}": (
        ".reduce_by: `-5 %` is no change upwards from zero. "
        "Write it without a sign: `increase_by` or `reduce_by` gives the direction."
    ),
    "{key: k, metric: happy, keep: {at_least: 90 %, at_most: 80 %}}": (
        ".keep: `at_least` is more than `at_most`. Let `at_least` be the smaller one."
    ),
    "{key: k, metric: happy, keep: {}}": (
        ".keep: `keep` has no bound. Give `at_least`, `at_most` or both."
    ),
    "{key: k, metric: happy, to: 90 %, over: cycle_to_date}": (
        ".over: Days of `happy` cannot be added up: its kind is `share`. "
        "Use `latest` or `{mean: 4}`."
    ),
    "{key: k, metric: orders, to: 90, over: latst}": (
        ".over: Found `latst`, expected one of `cycle_to_date`, `latest` "
        "or a mapping with mean, trailing. Did you mean `latest`?"
    ),
    "{key: k, metric: orders, to: 90, over: {trailing: 36 hours}}": (
        ".over.trailing: `36 hours` is not a whole number of days. Write for example `7 days`."
    ),
    "{key: k, title: Deals, increase_by: 5 %}": (
        ".increase_by: Without a metric only `to` can be typed. "
        "Name a `metric`, or give `from` and `to`, or `milestones`."
    ),
    "{key: k, to: 5}": ": `title` is missing. Without a metric there is no name to go by.",
    "{key: k, metric: orders, to: 5, weight: 0}": ".weight: Found `0`, expected a number above 0.",
}


@pytest.mark.parametrize("key_result", BAD_KEY_RESULTS)
def test_a_key_result_that_cannot_be_scored_is_refused(key_result: str) -> None:
    expected = f"document:14: objectives[start].key_results[k]{BAD_KEY_RESULTS[key_result]}"
    assert problems(GOALS % key_result) == [expected]


def test_all_mistakes_of_all_files_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("teams:\n  - {key: a, parent: zz}\n  - {kye: b}\n")
    (tmp_path / "b.yml").write_text("teams:\n  - key: c\n    nam: C\nmetrics: [{key: m}]\n")
    with pytest.raises(DocumentError) as caught:
        read(tmp_path)
    found = [(Path(p.file).name, p.line, p.field) for p in caught.value.problems]
    assert found == [
        ("a.yml", 2, "teams[a].parent"),
        ("a.yml", 3, "teams[2]"),
        ("a.yml", 3, "teams[2].kye"),
        ("b.yml", 3, "teams[c].nam"),
        ("b.yml", 4, "metrics[m]"),
    ]
    assert str(caught.value).endswith("5 problems; nothing was changed.")


def test_one_mistake_does_not_make_others_of_what_names_it() -> None:
    text = "teams: [{key: a, nam: A}, {key: b, parent: a}]"
    assert problems(text) == [
        "document:1: teams[a].nam: `nam` is not a field. Did you mean `name`?"
    ]
