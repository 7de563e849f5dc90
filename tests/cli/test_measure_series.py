"""`headway measure forecast | alerts | impact | experiment`: a file in, words or rows out."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import headway.demo
from headway.cli import main

CDNOW = Path(headway.demo.__file__).parent / "cdnow.parquet"
START = date(2026, 1, 5)
REVENUE = "metrics: [{key: revenue, kind: sum, event: ordered, property: amount}]"

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.chdir(tmp_path)

    def run(command: str, *options: str, files: dict[str, str] | None = None) -> Result:
        for name, text in (files or {}).items():
            (tmp_path / name).write_text(text)
        return CliRunner().invoke(main, ["measure", *command.split(), *options])

    return run


def weekly(n: int = 60, last: float | None = None) -> str:
    draw = random.Random(3)  # noqa: S311 - a simulation
    values = [round(draw.gauss(500, 10), 1) for _ in range(n)]
    values[-1] = values[-1] if last is None else last
    days = [START + timedelta(days=7 * i) for i in range(n)]
    return "day,orders\n" + "".join(f"{d},{v}\n" for d, v in zip(days, values, strict=True))


def test_a_forecast_of_a_file(call: Call) -> None:
    asked = ("forecast orders.csv --steps 4 --at-least 400", "--format", "json")
    found = json.loads(call(*asked, files={"orders.csv": weekly()}).stdout)
    assert (found["grain"], len(found["points"])) == ("week", 4)
    assert found["points"][0]["start"] == str(START + timedelta(days=420))
    for point in found["points"]:
        bounds = [point[name] for name in ("low_95", "low", "middle", "high", "high_95")]
        assert bounds == sorted(bounds)
        assert 450 < point["low"] < 500 < point["high"] < 550
    assert found["chance"]["p"] > 0.9
    words = call("forecast orders.csv --until 2027-03-21 --at-most 400 --keep").stdout
    assert "3 weeks ahead, the week that starts on 2027-03-15: about" in words
    assert "nine in ten" in words or "nine of ten" in words
    rows = list(
        csv.DictReader(io.StringIO(call("forecast orders.csv --steps 2 --format csv").stdout))
    )
    assert set(rows[0]) == set(found["points"][0])
    nothing = call("forecast orders.csv --until 2026-01-01")
    assert nothing.stdout.startswith("Cannot tell: There is no complete period")


def test_what_is_measured_is_asked_the_same(call: Call) -> None:
    """What `measure` writes is a file that the others read; either way the answer is one."""
    of = ["--definitions", "m.yml", "--events", str(CDNOW), "--grain", "week"]
    of += ["--from", "1997-06-02", "--to", "1998-06-29", "--as-of", "1998-07-01"]
    written = call("", *of, "--format", "csv", files={"m.yml": REVENUE})
    assert written.exit_code == 0, written.output
    asked = ["forecast", "--until", "1998-08-02", "--format", "json"]
    from_events = json.loads(call(*asked, *of, "--metric", "revenue").stdout)
    files = {"points.csv": written.stdout}
    assert json.loads(call(*asked, "points.csv", files=files).stdout) == from_events
    assert [point["start"] for point in from_events["points"]] == [
        "1998-06-29", "1998-07-06", "1998-07-13", "1998-07-20", "1998-07-27",
    ]  # fmt: skip
    misplaced = call("--from 1997-06-02 forecast points.csv --steps 2")
    assert misplaced.exit_code == 2
    assert "measure forecast --from" in misplaced.output


def test_alerts_end_with_exit_code_2(call: Call) -> None:
    calm = call("alerts calm.csv --at-least 400", files={"calm.csv": weekly()})
    assert (calm.exit_code, calm.stdout) == (0, "Nothing is wrong as of the last period.\n")
    low = call("alerts low.csv --at-least 400 --format json", files={"low.csv": weekly(last=200)})
    assert low.exit_code == 2
    assert {alert["kind"] for alert in json.loads(low.stdout)} == {"out of range", "unusual"}
    past = call("alerts low.csv --past --incident 2027-02-15:2027-03-30")
    assert (past.exit_code, past.stdout) == (0, "Nothing is wrong as of the last period.\n")


def test_an_impact_beside_a_control_of_the_same_file(call: Call) -> None:
    draw = random.Random(7)  # noqa: S311 - a simulation
    lines = ["day;visits;orders"]
    for i in range(300):
        visits = draw.gauss(100, 8)
        lift = 1.25 if i > 230 else 1
        lines.append(f"{START + timedelta(days=i)};{visits};{3 * lift * visits + draw.gauss(0, 1)}")
    files = {"launch.csv": "\n".join(lines)}
    asked = "impact launch.csv --value orders --on 2026-08-23 --control visits"
    said = call(asked, files=files).stdout
    assert "It went up: +2" in said
    assert "Held against visits" in said
    found = json.loads(call(asked, "--format", "json").stdout)
    assert found["relative_low"] < 0.25 < found["relative_high"]
    alone = json.loads(
        call("impact launch.csv --value orders --on 2026-08-23 --format json").stdout
    )
    assert set(alone) == {"cannot_tell"}


def test_an_experiment_from_sums_with_a_guardrail(call: Call) -> None:
    """The published means: a difference of 0.29, between 0.045 and 0.535, p = 0.0202."""
    rows = (
        "metric,variant,n,x,xx,measure\n"
        "revenue,old,3407,1396.87,52377.9767,mean\n"
        "revenue,new,3461,2422.7,134698.29,mean\n"
        "refund,old,3407,300,,share\n"
        "refund,new,3461,310,,share\n"
    )
    asked = "experiment sums.csv --finished --format csv"
    revenue, refund = csv.DictReader(io.StringIO(call(asked, files={"sums.csv": rows}).stdout))
    assert (revenue["variant"], revenue["verdict"]) == ("new", "better")
    assert float(revenue["difference"]) == pytest.approx(0.29, abs=5e-3)
    assert float(revenue["low"]) == pytest.approx(0.045, abs=1e-3)
    assert float(revenue["high"]) == pytest.approx(0.535, abs=1e-3)
    assert float(revenue["p"]) == pytest.approx(0.0202, abs=1e-4)
    assert (refund["guardrail"], refund["variant"]) == ("refund", "new")
    assert "new: better." in call("experiment sums.csv --finished").stdout


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("day,a,b\n2026-01-05,1,2\n", "", "Name the one with the values: a, b."),
        ("day,a\n2026-01-05,1\n", "--value b", "There is no column `b`."),
        ("x,a\nred,1\n", "", "No column holds the days."),
        ("day,a\n2026-01-05,1\n2026-01-05,2\n", "", "row 2 and row 3: There are two values"),
        ("day,a\n2026-01-05,1\n2026-01-12,x\n", "--value a", "row 3: `x` is not a number."),
        ("day,a\n2026-01-05,1\nsoon,1\n", "", "row 3: `soon` is not a day."),
        ("day,a\n2026-01-05,1\n2026-01-12,1\n2026-01-20,1\n", "", "row 4: 2026-01-20 is a Tuesday"),
        ("day,a\n2026-01-05,1\n", "", "A grain cannot be told from its days."),
        ("day,a\n2026-01-05,1,2\n", "", "row 2: 3 values under 2 headings."),
        ("day,a\n", "", "It has no rows."),
        ("key,start,value\na,2026-01-05,1\nb,2026-01-05,1\n", "", "Choose one metric: a, b."),
    ],
)
def test_what_is_no_series_is_said_with_its_row(
    call: Call, text: str, options: str, said: str
) -> None:
    found = call(f"forecast s.csv --steps 2 {options}", files={"s.csv": text})
    assert found.exit_code == 2
    assert said in found.output


def test_what_is_missing_is_named(call: Call) -> None:
    assert "Missing option '--definitions'" in call("").output
    assert "Name a CSV or Parquet file" in call("forecast --steps 2").output
    missing = call(
        "forecast --definitions m.yml --events e.csv --steps 2", files={"m.yml": REVENUE}
    )
    assert "--from: It is missing." in missing.output
    wrong = call("experiment e.csv", files={"e.csv": "variant,n,m\nold,1,2\n"})
    assert "`m` is no column of variants." in wrong.output
    assert (
        "2026-06-01:2026-06-03"
        in call("alerts s.csv --incident 2026-06-01", files={"s.csv": weekly()}).output
    )
