"""Rows as files hold them: CSV, Parquet and NDJSON in pieces of bounded size."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from headway.engine.errors import InputError
from headway.stores.columns import narrowed, plain, retyped, typed

ROWS_A_BATCH = 200_000
BLOCK = 16 << 20
DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Reject:
    """A row that was left out. `line` counts records from 1; in CSV the header is the first."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class Rows:
    """A piece of a file. `numbers` are the rows' record numbers; `share` how much has been read."""

    table: pa.Table
    numbers: npt.NDArray[np.int64]
    rejects: list[Reject] = field(default_factory=list)
    share: float = 0.0


Reader = Callable[[Path, Collection[str]], Generator[Rows]]


def read_rows(path: Path, texts: Collection[str]) -> Generator[Rows]:
    """The file's rows with typed columns; the columns in `texts` stay text where they are."""
    if not path.is_file():
        raise InputError("There is no such file.", where=str(path))
    if path.stat().st_size == 0:
        raise InputError("The file is empty.", where=str(path), fix="It needs a header line.")
    try:
        yield from _reader(path)(path, texts)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"It cannot be unpacked ({_first_line(error)}).", where=path.name
        ) from None


def _reader(path: Path) -> Reader:
    for ending, reader in READERS.items():
        if path.name.lower().removesuffix(".gz").endswith(ending):
            return reader
    raise InputError(
        "The kind of file is not known from its name.",
        where=path.name,
        fix=f"Names end in {', '.join(READERS)}, and may be followed by .gz.",
    )


def _opened(path: Path) -> tuple[BinaryIO, BinaryIO]:
    """(the bytes, the file they come from): how far the second is read is the progress."""
    file = path.open("rb")
    return (cast(BinaryIO, gzip.GzipFile(fileobj=file)) if _zipped(path) else file), file


def _native(path: Path) -> tuple[pa.NativeFile, pa.NativeFile]:
    """The same for Arrow's threads, which must not wait for Python when the program ends early."""
    file = pa.OSFile(str(path))
    return (pa.CompressedInputStream(file, "gzip") if _zipped(path) else file), file


def _zipped(path: Path) -> bool:
    return path.name.lower().endswith(".gz")


# CSV ---------------------------------------------------------------------------------------------


def _csv(path: Path, texts: Collection[str]) -> Generator[Rows]:
    raw = _header(path)
    names = [name.strip() or f"column {i}" for i, name in enumerate(raw, 1)]
    _no_twins(path, names)
    types = _csv_types(path, raw, names, texts)
    for rows in _csv_texts(path, raw, names):
        columns = [retyped(rows.table[name], types[name]) for name in names]
        yield Rows(pa.table(columns, names=names), rows.numbers, rows.rejects, rows.share)


def _csv_types(
    path: Path, raw: list[str], names: list[str], texts: Collection[str]
) -> dict[str, pa.DataType | None]:
    """The narrowest type of each column over the whole file; None while only empty."""
    types: dict[str, pa.DataType | None] = dict.fromkeys(names)
    types |= {name: pa.string() for name in names if name in texts}
    swallowed = False
    for rows in _csv_texts(path, raw, names):
        for name in names:
            types[name] = narrowed(rows.table[name], types[name])
        last = rows.table.slice(rows.table.num_rows - 1)
        swallowed = any("\n" in (v or "") for c in last.columns for v in c.to_pylist())
    if swallowed and _odd_quotes(path):
        raise InputError(
            "The last row holds a quotation mark that is never closed.",
            where=path.name,
            fix="Close it, or write a quotation mark inside a value twice.",
        )
    return types


def _odd_quotes(path: Path) -> bool:
    stream, file = _opened(path)
    with stream, file:
        return sum(block.count(b'"') for block in iter(lambda: stream.read(BLOCK), b"")) % 2 == 1


def _csv_texts(path: Path, raw: list[str], names: list[str]) -> Iterator[Rows]:
    """Every column as text; ragged rows and rows that are not UTF-8 as rejects."""
    bad: list[Reject] = []
    ragged: set[int] = set()

    def skip(row: pacsv.InvalidRow) -> str:
        reason = f"The row has {row.actual_columns} values, the header {row.expected_columns}."
        bad.append(Reject(row.number, reason, row.text))
        ragged.add(row.number)
        return "skip"

    stream, file = _native(path)
    size, following = path.stat().st_size, 2
    with stream, file:
        try:
            for batch in pacsv.open_csv(stream, *_csv_options(path, raw, skip)):
                numbers, following = _numbered(batch.num_rows, following, ragged)
                table, kept, unreadable = _decoded(pa.table(batch).rename_columns(names), numbers)
                rejects = [*bad, *unreadable]
                bad.clear()
                yield Rows(table, kept, rejects, min(1.0, file.tell() / size))
        except OSError as error:
            if not _zipped(path):
                raise
            raise InputError(
                f"It cannot be unpacked ({_first_line(error)}).", where=path.name
            ) from None
        except pa.ArrowInvalid as error:
            raise InputError(
                f"After about row {following}: {_first_line(error)}",
                where=path.name,
                fix="Is a quotation mark left open, or the file cut off?",
            ) from None
    if bad:
        yield Rows(_empty(names), np.zeros(0, np.int64), bad, 1.0)


def _csv_options(path: Path, raw: list[str], skip: Callable[[pacsv.InvalidRow], str]) -> list[Any]:
    return [
        pacsv.ReadOptions(use_threads=False, block_size=BLOCK),
        pacsv.ParseOptions(
            delimiter=_delimiter(path), newlines_in_values=True, invalid_row_handler=skip
        ),
        pacsv.ConvertOptions(
            column_types=dict.fromkeys(raw, pa.binary()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        ),
    ]


def _numbered(count: int, following: int, ragged: set[int]) -> tuple[npt.NDArray[np.int64], int]:
    """Numbers of `count` good rows from `following` on, leaving out those of ragged rows."""
    inside = sorted(number for number in ragged if number >= following)
    end = following + count
    for number in inside:
        end += number < end
    numbers = np.arange(following, end)
    numbers = np.delete(numbers, [number - following for number in inside if number < end])
    return numbers, end


def _decoded(
    table: pa.Table, numbers: npt.NDArray[np.int64]
) -> tuple[pa.Table, npt.NDArray[np.int64], list[Reject]]:
    try:
        return table.cast(_empty(table.column_names).schema), numbers, []
    except pa.ArrowInvalid:
        bad = [i for i, row in enumerate(zip(*_bytes(table), strict=True)) if not _utf8(row)]
    rejects = [
        Reject(int(numbers[i]), "The row is not UTF-8 text.", _shown(table.slice(i, 1)))
        for i in bad
    ]
    kept = np.delete(np.arange(len(numbers)), bad)
    return table.take(kept).cast(_empty(table.column_names).schema), numbers[kept], rejects


def _bytes(table: pa.Table) -> list[list[bytes | None]]:
    return [column.to_pylist() for column in table.columns]


def _utf8(row: tuple[bytes | None, ...]) -> bool:
    try:
        b"".join(value or b"" for value in row).decode()
    except UnicodeDecodeError:
        return False
    return True


def _shown(row: pa.Table) -> str:
    return ",".join((v[0] or b"").decode("utf-8", "replace") for v in _bytes(row))


def _header(path: Path) -> list[str]:
    stream, file = _opened(path)
    with stream, file:
        if stream.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise InputError("The file is UTF-16.", where=path.name, fix="Save it as UTF-8.")
        stream.seek(0)
        lines = io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="")
        try:
            header = next(csv.reader(lines, delimiter=_delimiter(path)))
        except (StopIteration, csv.Error) as error:
            raise InputError(f"No header can be read ({error}).", where=path.name) from None
    return [_name(path, text) for text in header]


def _name(path: Path, text: str) -> str:
    try:
        return text.encode().decode()
    except UnicodeEncodeError:
        raise InputError(
            "The header is not UTF-8 text.",
            where=path.name,
            fix="Save the file as UTF-8, for example with `iconv -f latin1 -t utf-8`.",
        ) from None


def _delimiter(path: Path) -> str:
    stream, file = _opened(path)
    with stream, file:
        first = stream.readline(1 << 16).decode("utf-8", "replace")
    unquoted = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=unquoted.count)


def _no_twins(path: Path, names: list[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise InputError(
            f"The header names {', '.join(f'`{t}`' for t in twins)} twice.",
            where=path.name,
            fix="Give each column its own name.",
        )


def _empty(names: list[str]) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in names})


# Parquet -----------------------------------------------------------------------------------------


def _parquet(path: Path, _: Collection[str]) -> Generator[Rows]:
    try:
        with pq.ParquetFile(path) as file:
            seen, total = 0, max(1, file.metadata.num_rows)
            for batch in file.iter_batches(batch_size=ROWS_A_BATCH):
                numbers = np.arange(seen + 1, seen + 1 + batch.num_rows)
                seen += batch.num_rows
                yield Rows(plain(pa.table(batch)), numbers, [], seen / total)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            f"It cannot be read as Parquet ({_first_line(error)}).", where=path.name
        ) from None


# NDJSON ------------------------------------------------------------------------------------------


def _ndjson(path: Path, _: Collection[str]) -> Generator[Rows]:
    stream, file = _opened(path)
    size = path.stat().st_size
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    good: list[dict[str, Any]] = []
    numbers: list[int] = []
    rejects: list[Reject] = []
    with stream, file:
        for number, line in enumerate(stream, 1):
            text = line.removeprefix(b"\xef\xbb\xbf").strip()
            if not text:
                continue
            try:
                good.append(_flat(decode(text)))
                numbers.append(number)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                reason = f"The line is not a JSON object ({_first_line(error)})."
                rejects.append(Reject(number, reason, text.decode("utf-8", "replace")))
            if len(good) + len(rejects) >= ROWS_A_BATCH:
                yield Rows(_columns(good), np.array(numbers), rejects, file.tell() / size)
                good, numbers, rejects = [], [], []
    yield Rows(_columns(good), np.array(numbers, dtype=np.int64), rejects, 1.0)


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    if not prefix and not any(type(value) is dict for value in record.values()):
        return record
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def _columns(records: list[dict[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for record in records for name in record)
    return pa.table({name: typed([r.get(name) for r in records]) for name in names})


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


READERS: dict[str, Reader] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".txt": _csv,
    ".parquet": _parquet,
    ".ndjson": _ndjson,
    ".jsonl": _ndjson,
    ".json": _ndjson,
}
