"""CSV and TSV, plain or compressed, with exact line numbers.

Files up to ``SMALL`` bytes (when unpacked) go through Python's csv module; for larger ones see
:mod:`netprint.engine.reading.largefile`.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, TextIO, cast

from netprint.engine.reading.arrow import text_column, whole_column
from netprint.engine.reading.tables import Table, check_header, first_line, trimmed_view
from netprint.errors import Problems

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SMALL = 16 << 20
LONGEST_LINE = 1 << 20
_DELIMITERS = ",;\t|"
_BOM_UTF8 = b"\xef\xbb\xbf"
BOMS_UTF16 = (b"\xff\xfe", b"\xfe\xff")
SHOWN = 1000
_CHUNK = 1 << 16
TOO_MANY = "Put a cell that holds the delimiter into quotation marks."
TOO_FEW = "Add the missing delimiters."
RFC = "cells as CSV has them (RFC 4180)"
_SEP = re.compile(r"sep=(.)", re.IGNORECASE)
DAMAGED = (OSError, EOFError, zlib.error)


def open_text(
    path: Path, name: str, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Table | None:
    """The text file as a table of text columns; None where nothing can be read."""
    try:
        with unpacked(path) as stream:
            head = stream.read(SMALL + 1)
    except DAMAGED as error:
        problems.add(name, None, None, found=f"a file that cannot be unpacked ({first_line(error)})",
                     expected="a whole file", remedy="Copy or compress it again.")  # fmt: skip
        return None
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        problems.add(name, None, None, found="an empty file", expected="a header and rows",
                     remedy="Check that the right file was saved.")  # fmt: skip
        return None
    if not _lines_fit(head, name, problems):
        return None
    if len(head) > SMALL:
        from netprint.engine.reading.largefile import open_large

        return open_large(path, head, name, connection, problems)
    text = decoded(head, name, problems)
    return None if text is None else _open_small(text, path, name, connection, problems)


def unpacked(path: Path) -> IO[bytes]:
    """The unpacked bytes of the file."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if suffix == ".zst":
        import pyarrow as pa

        return cast("IO[bytes]", pa.CompressedInputStream(str(path), "zstd"))
    return path.open("rb")


def _lines_fit(head: bytes, name: str, problems: Problems) -> bool:
    """Whether no line is longer than ``LONGEST_LINE`` bytes."""
    start = 0
    while len(head) - start > LONGEST_LINE:
        window = (start, start + LONGEST_LINE + 1)
        end = max(head.rfind(b"\n", *window), head.rfind(b"\r", *window))
        if end < 0:
            line = head.count(b"\n", 0, start) + 1
            problems.add(name, line, None, found="a line of more than 1 MB", expected="one row on each line",
                         remedy="Check that the file is a table with line breaks.")  # fmt: skip
            return False
        start = end + 1
    return True


def decoded(data: bytes, name: str, problems: Problems) -> str | None:
    """The text: UTF-8 with or without byte order mark, or UTF-16 with one."""
    if data.startswith(BOMS_UTF16):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            problems.add(name, None, None, found="bytes that are not UTF-16, though the file begins as UTF-16 does",
                         expected="UTF-8", remedy="Save it again as 'CSV UTF-8'.")  # fmt: skip
            return None
    else:
        try:
            text = data.removeprefix(_BOM_UTF8).decode("utf-8")
        except UnicodeDecodeError as error:
            body = data.removeprefix(_BOM_UTF8)
            problems.add(name, body.count(b"\n", 0, error.start) + 1, None,
                         found=f"the byte 0x{body[error.start]:02X}, which is not UTF-8 (the file is in another "
                         "encoding, such as Windows-1252)",
                         expected="UTF-8",
                         remedy="Save it again as 'CSV UTF-8' (in Excel: Save As, CSV UTF-8).")  # fmt: skip
            return None
    if "\0" in text:
        problems.add(name, text.count("\n", 0, text.index("\0")) + 1, None, found="a NUL character",
                     expected="text", remedy="Save it again as 'CSV UTF-8': it is damaged, or UTF-16 without a "
                     "byte order mark.")  # fmt: skip
        return None
    return text


def _delimiter(first: str, path: Path) -> str:
    """The delimiter that the header uses most, outside quotation marks; a comma where there is none."""
    if ".tsv" in path.name.lower():
        return "\t"
    bare = re.sub(r'"(?:[^"]|"")*"', "", first)
    return max(_DELIMITERS, key=bare.count)


class Header(NamedTuple):
    """What stands before the rows: ``skipped`` lines, then the header on ``lines`` lines."""

    skipped: int
    delimiter: str
    names: list[str]
    lines: int


def header_of(text: str, path: Path) -> Header:
    """The header of a text, the names of the columns without surrounding blanks."""
    source = io.StringIO(text, newline="")
    skipped, first = 0, source.readline()
    declared = _SEP.fullmatch(first.strip())
    if declared is not None:
        skipped, first = 1, source.readline()
    while first and not first.strip():
        skipped, first = skipped + 1, source.readline()
    while first.count('"') % 2 and len(first) < LONGEST_LINE:
        more = source.readline()
        if not more:
            break
        first += more
    delimiter = declared[1] if declared else _delimiter(first, path)
    names = next(csv.reader(io.StringIO(first, newline=""), delimiter=delimiter), [])
    return Header(skipped, delimiter, [n.strip() for n in names], max(first.count("\n"), 1))


def _open_small(
    text: str, path: Path, name: str, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Table | None:
    """Rows by Python's csv module, each with the line on which it starts."""
    import pyarrow as pa

    before = len(problems)
    header = header_of(text, path)
    names, width = header.names, len(header.names)
    chunks = list(exact(io.StringIO(text, newline=""), header, name, problems))
    while names and not names[-1] and not any(_filled(chunk[len(names) - 1]) for chunk in chunks):
        names.pop()
    if not check_header(names, name, header.skipped + 1, problems):
        return None
    if not chunks and len(problems) == before:
        problems.add(name, header.skipped + 1, None, found="a header without rows", expected="at least one row",
                     remedy="Check that the right file was saved.")  # fmt: skip
    columns = [*names, "_row"]
    picked = [*range(len(names)), width]
    empty = [*(text_column([]) for _ in names), whole_column([])]
    batches = [pa.table([chunk[i] for i in picked], names=columns) for chunk in chunks]
    data = pa.concat_tables(batches or [pa.table(empty, names=columns)])
    return Table(trimmed_view(data, names, "_row", connection), name, text=True, header=header.skipped + 1)


def exact(source: TextIO, header: Header, name: str, problems: Problems) -> Iterator[list[pa.Array]]:
    """Chunks of the rows: a text column for each name, and the line on which each row starts."""
    for _ in range(header.skipped):
        source.readline()
    before = len(problems)
    width = len(header.names)
    rows: list[list[str]] = []
    numbers: list[int] = []
    records = _records(source, header, name, problems)
    next(records, None)  # the header
    for line, row in records:
        if len(row) == width or _fits(row, width, line, name, problems, before):
            rows.append(row)
            numbers.append(line)
            if len(rows) == _CHUNK:
                yield _arrays(rows, numbers, width)
    if rows:
        yield _arrays(rows, numbers, width)


def _arrays(rows: list[list[str]], numbers: list[int], width: int) -> list[pa.Array]:
    """The rows, which are used up, as a text column for each of ``width`` cells, and their line numbers."""
    columns = zip(*(row[:width] for row in rows), strict=True)
    arrays = [*(text_column(column) for column in columns), whole_column(numbers)]
    rows.clear()
    numbers.clear()
    return arrays


def _filled(column: pa.Array) -> bool:
    """Whether any cell of a column without a name holds something."""
    return any(str(cell).strip() for cell in column.to_pylist())


def _records(
    source: TextIO, header: Header, name: str, problems: Problems
) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the line (from 1) on which it starts."""
    reader = csv.reader(source, delimiter=header.delimiter, strict=True)
    broken = 0
    while True:
        line = header.skipped + reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            broken += 1
            if broken <= SHOWN:
                _broken_record(line, str(error), name, problems)
            continue
        if row and (row[0] or any(map(str.strip, row))):
            yield line, row


def _broken_record(line: int, error: str, name: str, problems: Problems) -> None:
    if "unexpected end" in error:
        found, remedy = (
            "a quotation mark that is never closed",
            "Close it, or write it twice to mean the mark itself.",
        )
    elif "field larger" in error:
        found, remedy = "a cell of more than 131 072 characters", "Check that every quotation mark is closed."
    else:
        found, remedy = "text after a closing quotation mark", "Write a quotation mark inside a cell twice."
    problems.add(name, line, None, found=found, expected=RFC, remedy=remedy)


def _fits(row: Sequence[str], width: int, line: int, name: str, problems: Problems, before: int) -> bool:
    """Whether the record has as many cells as the header; empty cells beyond it do no harm."""
    if len(row) == width or (len(row) > width and not any(map(str.strip, row[width:]))):
        return True
    if len(problems) - before < SHOWN:
        remedy = TOO_MANY if len(row) > width else TOO_FEW
        cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
        problems.add(name, line, None, found=cells, expected=f"{width} as in the header", remedy=remedy)
    elif len(problems) - before == SHOWN:
        problems.add(name, None, None, found=f"more than {SHOWN} rows of the wrong length", expected="none",
                     remedy="Check the delimiter and the quotation marks.")  # fmt: skip
    return False
