"""What files of events become, and which rows are refused with which words."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headway.engine.errors import DefinitionError, InputError
from headway.stores.reading import Batch, Mapping, Reject, digest_of, read_events

NOW = datetime(2026, 1, 15, tzinfo=UTC)
HEAD = "event,happened_at,user_id\n"


def written(folder: Path, content: str | bytes, name: str = "events.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def batches(path: Path, mapping: Mapping | None = None) -> list[Batch]:
    return list(read_events(path, mapping, now=NOW))


def table(path: Path, mapping: Mapping | None = None) -> pa.Table:
    return pa.concat_tables([b.table for b in batches(path, mapping)], promote_options="default")


def rejects(path: Path, mapping: Mapping | None = None) -> list[Reject]:
    return [reject for batch in batches(path, mapping) for reject in batch.rejects]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("order,2025-02-30,u1", "The date in `2025-02-30` does not exist."),
        ("order,2025-13-01 10:00:00,u1", "The date in `2025-13-01 10:00:00` does not exist."),
        ("order,2025-01-01T25:00:00Z,u1", "`2025-01-01T25:00:00Z` is not a date or time."),
        ("order,yesterday,u1", "`yesterday` is not a date or time."),
        ("order,31/12/2025,u1", "`31/12/2025` is not a date or time."),
        ("order,,u1", "The time is empty."),
        ("order,1969-12-31,u1", "The time `1969-12-31` is before 1970."),
        ("order,-86400,u1", "The time `-86400` is before 1970."),
        ("order,2026-01-17,u1", "The time `2026-01-17` is more than a day in the future."),
        (",2025-01-01,u1", "The event has no name."),
        ("  ,2025-01-01,u1", "The event has no name."),
        ("order,2025-01-01", "The row has 2 values, the header 3."),
        ("order,2025-01-01,u1,extra", "The row has 4 values, the header 3."),
    ],
)
def test_bad_row_is_refused_with_its_line_and_the_good_ones_go_in(
    tmp_path: Path, row: str, reason: str
) -> None:
    path = written(tmp_path, f"{HEAD}order,2025-01-01,good\n{row}\norder,2025-01-02,good\n")
    assert table(path)["user_id"].to_pylist() == ["good", "good"]
    assert rejects(path) == [Reject(3, reason, row.strip())] or (
        [(r.line, r.reason) for r in rejects(path)] == [(3, reason)]
    )


def test_latin_1_rows_are_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD.encode() + b"caf\xe9,2025-01-01,u1\norder,2025-01-01,u2\n")
    assert table(path)["user_id"].to_pylist() == ["u2"]
    assert [(r.line, r.reason) for r in rejects(path)] == [(2, "The row is not UTF-8 text.")]


def test_latin_1_header_says_how_to_convert(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="iconv -f latin1"):
        batches(written(tmp_path, b"event,happened_at,stra\xdfe\norder,2025-01-01,x\n"))


def test_utf_16_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="UTF-16"):
        batches(written(tmp_path, HEAD.encode("utf-16")))


def test_byte_order_mark_quoted_newlines_and_blank_lines(tmp_path: Path) -> None:
    text = (
        'event,happened_at,note\norder,2025-01-01,"two\nlines, and a comma"\n\norder,2025-01-02,\n'
    )
    path = written(tmp_path, b"\xef\xbb\xbf" + text.encode())
    assert table(path)["p:note"].to_pylist() == ["two\nlines, and a comma", None]


def test_numbers_of_rejects_do_not_shift_identities(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}a,2025-01-01,1\nb\nc,2025-02-30,3\nd,2025-01-01,4\n")
    digest = digest_of(path)[:16]
    assert table(path)["message_id"].to_pylist() == [f"{digest}:2", f"{digest}:5"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "2", ""], [1, 2, None]),
        (["1", "2.5"], [1.0, 2.5]),
        (["true", "False"], [True, False]),
        (["00012", "13"], ["00012", "13"]),
        (["1", "true"], ["1", "true"]),
        (["12345678901234567890", "1"], ["12345678901234567890", "1"]),
        (["", ""], [None, None]),
    ],
)
def test_type_of_a_csv_column_is_the_narrowest_that_holds_all(
    tmp_path: Path, values: list[str], expected: list[Any]
) -> None:
    rows = "".join(f"order,2025-01-01,{value}\n" for value in values)
    found = table(written(tmp_path, f"event,happened_at,x\n{rows}"))["p:x"].to_pylist()
    assert found == expected
    assert [type(v) for v in found] == [type(v) for v in expected]


def test_a_late_odd_value_makes_the_whole_column_text(tmp_path: Path) -> None:
    rows = "".join(f"order,2025-01-01,{i},{'x' * 60}\n" for i in range(300_000))
    path = written(tmp_path, f"event,happened_at,x,pad\n{rows}order,2025-01-01,007,y\n")
    assert len(batches(path)) > 1
    assert {b.table.schema.field("p:x").type for b in batches(path)} == {pa.string()}


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-07-01", "2025-06-30T22:00:00"),
        ("2025-07-01 10:00", "2025-07-01T08:00:00"),
        ("2025-07-01T10:00:00Z", "2025-07-01T10:00:00"),
        ("2025-07-01T10:00:00.25+02:00", "2025-07-01T08:00:00.250000"),
        ("2025-07-01 10:00:00-0530", "2025-07-01T15:30:00"),
        ("20250701", "2025-06-30T22:00:00"),
        ("1751364000", "2025-07-01T10:00:00"),
        ("1751364000123", "2025-07-01T10:00:00.123000"),
        ("1751364000123456", "2025-07-01T10:00:00.123456"),
        ("2025-03-30 02:30", "2025-03-30T01:00:00"),
        ("2025-10-26 02:30", "2025-10-26T00:30:00"),
    ],
)
@pytest.mark.parametrize("beside", ["", "order,1751364000,u2\norder,2025-01-01T00:00:00Z,u3\n"])
def test_times_alone_and_among_other_forms(
    tmp_path: Path, text: str, utc: str, beside: str
) -> None:
    path = written(tmp_path, f"{HEAD}order,{text},u1\n{beside}")
    found = table(path, Mapping(timezone="Europe/Berlin"))["happened_at"][0].as_py()
    assert found == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_stated_format(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}order,31/01/2025 10:15,u1\norder,2025-01-31,u1\n")
    mapping = Mapping(time_format="%d/%m/%Y %H:%M")
    assert table(path, mapping)["happened_at"].to_pylist() == [
        datetime(2025, 1, 31, 10, 15, tzinfo=UTC)
    ]
    assert [r.line for r in rejects(path, mapping)] == [3]


def test_columns_are_mapped_and_the_others_are_properties(tmp_path: Path) -> None:
    text = "when,customer,order_no,amount,event\n2025-01-01,00042,A1,9.5,web\n"
    mapping = Mapping(
        name="order_placed", happened_at="when", user_id="customer", message_id="order_no"
    )
    assert table(written(tmp_path, text), mapping).to_pylist() == [
        {
            "message_id": "A1",
            "event": "order_placed",
            "happened_at": datetime(2025, 1, 1, tzinfo=UTC),
            "user_id": "00042",
            "account_id": None,
            "received_at": None,
            "p:amount": 9.5,
            "p:event": "web",
        }
    ]


def test_only_the_asked_properties(tmp_path: Path) -> None:
    path = written(tmp_path, "event,happened_at,a,b\norder,2025-01-01,1,2\n")
    names = table(path, Mapping(properties=("b",))).column_names
    assert [n for n in names if n.startswith("p:")] == ["p:b"]


def test_missing_column_names_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, "event,happend_at\norder,2025-01-01\n")
    with pytest.raises(InputError, match="Did you mean `happend_at`"):
        batches(path)


def test_semicolons_are_noticed(tmp_path: Path) -> None:
    path = written(tmp_path, 'event;happened_at;"a,b"\norder;2025-01-01;x\n')
    assert table(path)["p:a,b"].to_pylist() == ["x"]


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        ("", "events.csv", "empty"),
        (HEAD, "events.xlsx", "Names end in .csv"),
        ("event,event,happened_at\n", "events.csv", "names `event` twice"),
        (HEAD + 'order,2025-01-01,"open\n', "events.csv", "quotation mark"),
        ("PAR1 no", "events.parquet", "Parquet"),
        ("not gzip", "events.csv.gz", "unpacked"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, content: str, name: str, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        batches(written(tmp_path, content, name))


def test_unknown_time_zone() -> None:
    with pytest.raises(DefinitionError, match="Europe/Berlin"):
        Mapping(timezone="Europe/Berln")


def test_ndjson_nests_types_and_bad_lines(tmp_path: Path) -> None:
    lines = [
        '{"event":"order","happened_at":1751364000,"user_id":42,"cart":{"total":3.5,"tags":["a"]}}',
        "",
        "{broken",
        "[1]",
        '{"event":"order","happened_at":"2025-07-01","user_id":"43","paid":true,"code":"00012"}',
    ]
    path = written(tmp_path, "\n".join(lines), "events.ndjson")
    found = table(path)
    assert found["user_id"].to_pylist() == ["42", "43"]
    assert found["p:cart.total"].to_pylist() == [3.5, None]
    assert found["p:cart.tags"].to_pylist() == ['["a"]', None]
    assert found["p:paid"].to_pylist() == [None, True]
    assert found["p:code"].to_pylist() == [None, "00012"]
    assert [r.line for r in rejects(path)] == [3, 4]
    assert all(r.reason.startswith("The line is not a JSON object") for r in rejects(path))


def test_gzip_reads_the_same(tmp_path: Path) -> None:
    text = f"{HEAD}order,2025-01-01,u1\n"
    path = written(tmp_path, gzip.compress(text.encode()), "events.csv.gz")
    assert table(path)["user_id"].to_pylist() == ["u1"]


def test_parquet_keeps_types(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    columns = {
        "event": pa.array(["a", "b"]).dictionary_encode(),
        "happened_at": pa.array([datetime(2025, 7, 1, 10), None], pa.timestamp("ns")),
        "user_id": pa.array([7.0, None]),
        "day": pa.array([date(2025, 7, 1)] * 2),
        "n": pa.array([1, 2], pa.int32()),
        "cart": pa.array([{"total": 1.5}, None]),
    }
    pq.write_table(pa.table(columns), path)
    row = table(path, Mapping(timezone="Europe/Berlin")).to_pylist()[0]
    assert row["happened_at"] == datetime(2025, 7, 1, 8, tzinfo=UTC)
    assert (row["user_id"], row["p:day"], row["p:n"], row["p:cart.total"]) == (
        "7",
        "2025-07-01",
        1,
        1.5,
    )
    assert [r.reason for r in rejects(path)] == ["The time is empty."]


def test_markers_pass_with_their_previous_id(tmp_path: Path) -> None:
    path = written(
        tmp_path, "event,happened_at,user_id,previous_id\n$alias,2025-01-01,ada,anon-1\n"
    )
    row = table(path).to_pylist()[0]
    assert (row["event"], row["user_id"], row["p:previous_id"]) == ("$alias", "ada", "anon-1")


def test_a_header_alone_is_an_empty_file_of_events(tmp_path: Path) -> None:
    assert sum(b.read for b in batches(written(tmp_path, HEAD))) == 0
