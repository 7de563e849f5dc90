"""Files as they were sent, and what is in them: tables, or a document of JSON."""

from __future__ import annotations

import csv
import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from headway.engine.errors import InputError
from headway.engine.written import grouped
from headway.moving.table import MOST_ROWS, Cell, Table

MOST_BYTES = 100_000_000
"""Of one file, and of what is packed in it."""

MOST_FILES = 50
DEEPEST = 60
DELIMITERS = ",;\t|"
BOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TORN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(ValueError, IndexError, OverflowError, NotImplementedError, RuntimeError),
)
"""What unpacking raises for a file that is broken, protected or packed in a rare way."""

READ = "CSV, XLSX, JSON, or a ZIP of these"


@dataclass(frozen=True)
class File:
    name: str
    content: bytes


@dataclass(frozen=True)
class Document:
    """A file of JSON."""

    name: str
    value: Any


Opened = Table | Document


def opened(file: File) -> list[Opened]:
    """Raises InputError for what cannot be read."""
    if not file.content.strip():
        raise InputError("The file is empty.", where=file.name, fix="Send a file with rows.")
    if len(file.content) > MOST_BYTES:
        raise _too_large(file.name)
    if file.content[:4] == b"PK\x03\x04":
        return _packed(file)
    if file.name.lower().endswith(BOOKS):
        return list(_book(file))
    text = _text(file)
    if text.lstrip()[:1] in ("{", "["):
        return [Document(file.name, _json(file.name, text))]
    return [Table.of(file.name, _lines(file.name, text))]


def _packed(file: File) -> list[Opened]:
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            names = [i.filename for i in archive.infolist() if not i.is_dir()]
            if "[Content_Types].xml" in names or "mimetype" in names:
                _measure(file.name, archive)
                return list(_book(file))
            return list(_members(file.name, archive, names))
    except TORN as error:
        raise _torn(file.name) from error


def _measure(name: str, archive: zipfile.ZipFile) -> None:
    """Unpacks once without keeping it, so that little cannot become very much."""
    left = MOST_BYTES
    for info in archive.infolist():
        left -= _size(name, archive, info, left)


def _size(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> int:
    size = 0
    with _entry(archive, info) as stream:
        while part := stream.read(1 << 16):
            size += len(part)
            if size > left:
                raise _too_large(name)
    return size


def _members(name: str, archive: zipfile.ZipFile, names: list[str]) -> Iterator[Opened]:
    names = [n for n in names if not n.startswith("__MACOSX/") and not n.endswith(".txt")]
    if len(names) > MOST_FILES:
        raise InputError(
            f"It packs {grouped(len(names))} files; up to {MOST_FILES} are read.", where=name
        )
    left = MOST_BYTES
    for inner in names:
        info = archive.getinfo(inner)
        with _entry(archive, info) as stream:
            content = stream.read(left + 1)
        if len(content) > left:
            raise _too_large(name)
        left -= len(content)
        if content[:2] == b"PK" and not inner.lower().endswith(BOOKS):
            raise InputError("It packs another ZIP.", where=f"{name}/{inner}", fix=f"Send {READ}.")
        if content.strip():
            yield from opened(File(inner, content))


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Any:
    return archive.open(info)


def _book(file: File) -> Iterator[Table]:
    """The values of a workbook as they were last computed; formulas are never run."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
        sheets = [(name, _cells(book, name)) for name in book.sheet_names]
    except (CalamineError, ValueError, OSError, MemoryError) as error:
        raise _torn(file.name) from error
    except BaseException as error:
        # A panic of the Rust library is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise _torn(file.name) from error
    full = [(name, rows) for name, rows in sheets if any(any(map(_filled, r)) for _, r in rows)]
    if not full:
        raise InputError("Its sheets are empty.", where=file.name, fix="Send a file with rows.")
    for name, rows in full:
        title = file.name if len(full) == 1 else f"{file.name} › {name}"
        yield Table.of(title, rows, typed=True)


def _cells(book: CalamineWorkbook, name: str) -> list[tuple[int, list[Cell]]]:
    sheet = book.get_sheet_by_name(name)
    rows = islice(sheet.iter_rows(), MOST_ROWS + 2)
    first = sheet.start[0] if sheet.start else 0
    return [(first + n, list(row)) for n, row in enumerate(rows, 1)]


def _filled(cell: Cell) -> bool:
    return cell not in (None, "")


def _text(file: File) -> str:
    content = file.content
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _decoded(file, "utf-16")
    if b"\x00" in content:
        raise InputError("It holds no text.", where=file.name, fix=f"Send {READ}.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded(file, "cp1252")


def _decoded(file: File, encoding: str) -> str:
    try:
        text = file.content.decode(encoding)
    except UnicodeDecodeError:
        raise InputError(
            "Its characters cannot be read.", where=file.name, fix="Save it as UTF-8."
        ) from None
    if "\x00" in text:
        raise InputError("It holds no text.", where=file.name, fix=f"Send {READ}.")
    return text


def _json(name: str, text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, ValueError) else "it nests too deeply"
        raise InputError(f"This is not JSON: {said}.", where=name) from None
    _check_depth(name, value)
    return value


def _check_depth(name: str, value: Any) -> None:
    layer, depth = [value], 0
    while layer:
        if depth > DEEPEST:
            raise InputError("This is not JSON: it nests too deeply.", where=name)
        inner = [v for one in layer if isinstance(one, dict) for v in one.values()]
        layer = inner + [v for one in layer if isinstance(one, list) for v in one]
        depth += 1


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def _lines(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(
                f"Row {number} cannot be read: {error}.",
                where=name,
                fix="Look for a quotation mark that is not closed.",
            ) from None
        if row is None:
            return
        yield number, row


def _delimiter(text: str) -> str:
    """The one that is most often in the first line that says something."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def _torn(name: str) -> InputError:
    return InputError(
        "The file cannot be read; it may be torn, protected or something else than its name says.",
        where=name,
        fix=f"Send {READ}, without a password.",
    )


def _too_large(name: str) -> InputError:
    return InputError(
        f"Unpacked it is larger than {MOST_BYTES // 1_000_000} MB.",
        where=name,
        fix="Send it in parts.",
    )
