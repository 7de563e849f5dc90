"""Every case of golden/*.yml, through parts on disk and through `headway.measure` on the file.

A case holds definitions, events as CSV and the numbers worked out by hand from the definitions'
meaning. `expect` maps a metric's key (or "KEY by PROPERTY", then per segment) to one list for each
column of its points, and to its tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

import headway
from headway.engine.ask import SourceState
from headway.engine.kinds import KINDS, parse
from headway.engine.measure import measure, scope_of
from headway.engine.money import Exchange
from headway.engine.period import Calendar, Grain
from headway.engine.series import WHOLE, Answer
from headway.engine.store import Store
from headway.stores.local import LocalStore
from headway.stores.parts import write_parts
from headway.stores.reading import read_events

FOLDER = Path(__file__).parent / "golden"
COLUMNS = {"values": "value", "reasons": "reason"}
LATER = "2030-01-01T00:00:00Z"

Case = Mapping[str, Any]


def cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.yml")):
        for case in yaml.safe_load(path.read_text()):
            for grain in case["expect"] if "grain" not in case else [case["grain"]]:
                one = case | {"grain": grain}
                if "grain" not in case:
                    one["expect"] = case["expect"][grain]
                yield pytest.param(one, id=f"{path.stem}: {case['name']} ({grain})")


def instant(value: str | datetime | date) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return datetime.fromisoformat(value)


@pytest.fixture
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    lines = request.getfixturevalue("case")["events"].splitlines()
    path.write_text("\n".join(",".join(c.strip() for c in ln.split(",")) for ln in lines) + "\n")
    return path


def through_parts(case: Case, file: Path, root: Path) -> list[Answer]:
    table = next(read_events(file, now=instant(LATER))).table
    parts = write_parts(root, table, next(iter(case.get("sources", {})), "events"), ()).parts
    return through(case, LocalStore(root, parts), [p.first_at for p in parts])


def through(case: Case, store: Store, first_at: Iterable[datetime]) -> list[Answer]:
    calendar = Calendar.of(case.get("timezone", "UTC"), case.get("week_starts", "monday"))
    definitions = {d["key"]: parse(d) for d in case["metrics"]}
    scope = scope_of(
        case["from"],
        case["to"],
        Grain(case["grain"]),
        calendar=calendar,
        as_of=instant(case.get("as_of", LATER)),
        first_day=min([case["from"], *map(calendar.day_of, first_at)]),
        sources={
            key: SourceState(None, instant(s["watermark"]) if s["watermark"] else None, s["gap"])
            for key, s in case.get("sources", {}).items()
        },
        entries={k: tuple(map(tuple, v)) for k, v in case.get("entries", {}).items()},
        exchange=Exchange.read(case["currency"], case["rates"]) if "currency" in case else None,
    )
    return measure(definitions, store, scope)


def through_the_file(case: Case, file: Path) -> list[Answer]:
    results = headway.measure(
        case["metrics"],
        file,
        start=case["from"],
        end=case["to"],
        grain=case["grain"],
        timezone=case.get("timezone", "UTC"),
        week_starts=case.get("week_starts", "monday"),
        as_of=instant(case.get("as_of", LATER)),
        currency=case.get("currency", ""),
        rates=case.get("rates"),
    )
    assert not results.rejects
    return list(results.answers)


@pytest.mark.parametrize("case", list(cases()))
def test_through_parts_on_disk(case: Case, file: Path, tmp_path: Path) -> None:
    check(case, through_parts(case, file, tmp_path / "store"))


@pytest.mark.parametrize(
    "case", [c for c in cases() if not {"sources", "entries"} & set(c.values[0])]
)
def test_through_the_file(case: Case, file: Path) -> None:
    check(case, through_the_file(case, file))


def check(case: Case, answers: list[Answer]) -> None:
    found = {name_of(a): a for a in answers}
    for name, wanted in case["expect"].items():
        answer = found[name]
        if " by " not in name:
            compare(name, wanted, answer, WHOLE)
            continue
        assert set(answer.series.segments) == set(wanted), name
        for segment, columns in wanted.items():
            compare(f"{name}, {segment}", columns, answer, segment)


def name_of(answer: Answer) -> str:
    by = answer.series.segment_by
    return f"{answer.key} by {by}" if by else answer.key


def compare(name: str, wanted: Any, answer: Answer, segment: str) -> None:
    columns = wanted if isinstance(wanted, dict) else {"values": wanted}
    for column, expected in columns.items():
        tables = {**answer.tables, **answer.sums}
        if column in tables:
            compare_table(f"{name}, {column}", expected, tables[column])
            continue
        if column == "parts":
            for part, values in expected.items():
                got = [p.value for p in answer.parts[part].of(segment)]
                assert got == [close(part, v) for v in values], f"{name}: {part}"
            continue
        points = answer.series.of(segment)
        got = [getattr(p, COLUMNS.get(column, column)) for p in points]
        got = [g.isoformat() if isinstance(g, date) else g for g in got]
        assert got == [close(column, e) for e in expected], f"{name}: {column}"


def compare_table(name: str, wanted: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    got = [{c: row[c] for c in want} for row, want in zip(rows, wanted, strict=True)]
    assert got == [{c: close(c, v) for c, v in want.items()} for want in wanted], name


def close(column: str, value: Any) -> Any:
    """Bounds are written with five digits, other numbers in full."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [close(column, v) for v in value]
    return pytest.approx(value, abs=6e-6 if column in ("low", "high") else 1e-9, rel=1e-6)


def test_every_kind_has_its_cases() -> None:
    assert {path.stem for path in FOLDER.glob("*.yml")} >= set(KINDS)
