"""CSV files that do not fit into memory: turned once into a Parquet file in the connection's own folder.

DuckDB reads the file when its lines are regular; that no line is lost is checked by counting them. Where the
count does not agree (blank lines, mixed line ends) or DuckDB cannot read the file, Python's csv module does, a
chunk at a time: slower, but with every line number right.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from netprint.engine.reading.tables import (
    Table,
    check_header,
    first_line,
    literal,
    quoted,
    scanned,
    trimmed_view,
)
from netprint.engine.reading.textfile import (
    BOMS_UTF16,
    DAMAGED,
    LONGEST_LINE,
    RFC,
    SHOWN,
    TOO_FEW,
    TOO_MANY,
    Header,
    decoded,
    exact,
    header_of,
    unpacked,
)
from netprint.errors import Problems

if TYPE_CHECKING:
    import duckdb

_REFUSED = {
    "TOO MANY COLUMNS": ("more cells than the header", TOO_MANY),
    "MISSING COLUMNS": ("fewer cells than the header", TOO_FEW),
    "UNQUOTED VALUE": ("a quotation mark that is not closed, or is followed by text",
                       "Close it, or write it twice to mean the mark itself."),
    "LINE SIZE OVER MAXIMUM": ("a line of more than 1 MB", "Check that every quotation mark is closed."),
    "INVALID ENCODING": ("bytes that are not UTF-8", "Save it again as 'CSV UTF-8'."),
}  # fmt: skip


class _Refused(NamedTuple):
    """A record that DuckDB refused: its number from 1 with the header, the kind of error, its message."""

    record: int
    kind: str
    message: str


def open_large(
    path: Path, head: bytes, name: str, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Table | None:
    """The file, which begins with ``head``, as a table of text columns; None where it cannot be read."""
    if head.startswith(BOMS_UTF16):
        problems.add(name, None, None, found="a UTF-16 file of more than 16 MB", expected="UTF-8",
                     remedy="Save it again as 'CSV UTF-8'.")  # fmt: skip
        return None
    cut = head[: 2 * LONGEST_LINE]
    text = decoded(cut[: max(cut.rfind(b"\n"), cut.rfind(b"\r")) + 1], name, problems)
    if text is None:
        return None
    header = header_of(text, path)
    if not check_header(header.names, name, header.skipped + 1, problems):
        return None
    row = connection.execute("SELECT current_setting('temp_directory')").fetchone()
    copy = Path(tempfile.mkdtemp(dir=str(row[0]) if row else None)) / "rows.parquet"
    try:
        table = _by_duckdb(path, copy, header, name, connection, problems)
        return table or _by_csv(path, copy, header, name, connection, problems)
    except DAMAGED as error:
        problems.add(name, None, None, found=f"a file that cannot be read to its end ({first_line(error)})",
                     expected="a whole file", remedy="Copy or compress it again.")  # fmt: skip
    except UnicodeDecodeError as error:
        problems.add(name, None, None, found=f"the byte 0x{error.object[error.start]:02X}, which is not UTF-8",
                     expected="UTF-8", remedy="Save it again as 'CSV UTF-8'.")  # fmt: skip
    return None


def _by_csv(
    path: Path,
    copy: Path,
    header: Header,
    name: str,
    connection: duckdb.DuckDBPyConnection,
    problems: Problems,
) -> Table:
    """Every row by Python's csv module."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [*header.names, "_row"]
    schema = pa.schema([*((n, pa.large_string()) for n in header.names), ("_row", pa.int64())])
    with unpacked(path) as stream, pq.ParquetWriter(copy, schema) as writer:
        source = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        for chunk in exact(source, header, name, problems):
            writer.write_table(pa.table(chunk, names=columns))
    view = trimmed_view(f"read_parquet({scanned(copy)})", header.names, "_row", connection)
    return Table(view, name, text=True, header=header.skipped + 1)


def _by_duckdb(
    path: Path,
    copy: Path,
    header: Header,
    name: str,
    connection: duckdb.DuckDBPyConnection,
    problems: Problems,
) -> Table | None:
    """Every row by DuckDB; None where it fails or where rows and refused records are not all lines there are."""
    import duckdb

    types = ", ".join(f"{literal(n)}: 'VARCHAR'" for n in header.names)
    scan = (
        f"read_csv({scanned(path)}, columns = {{{types}}}, auto_detect = false, header = true, "
        f"skip = {header.skipped}, delim = {literal(header.delimiter)}, quote = '\"', escape = '\"', "
        f"max_line_size = {LONGEST_LINE}, strict_mode = true, store_rejects = true, "
        f"rejects_scan = 'netprint_scan', rejects_table = 'netprint_rejects', rejects_limit = {SHOWN})"
    )
    try:
        connection.execute("SET preserve_insertion_order = true")
        connection.execute(f"COPY (SELECT * FROM {scan}) TO {literal(copy.as_posix())} (FORMAT parquet)")
        refused = [
            _Refused(*row)
            for row in connection.execute(
                "SELECT line::BIGINT, min(error_type::VARCHAR), any_value(error_message) FROM netprint_rejects "
                "GROUP BY line ORDER BY line"
            ).fetchall()
        ]
    except duckdb.Error:
        return None
    finally:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("DROP TABLE IF EXISTS netprint_rejects")
        connection.execute("DROP TABLE IF EXISTS netprint_scan")
    rows = f"read_parquet({scanned(copy)})"
    breaks = _breaks(rows, header, connection)
    read, inside = _one(connection, f"SELECT count(*), {f'sum({breaks})' if breaks else '0'} FROM {rows}")
    lines = header.skipped + header.lines + read + int(inside or 0) + len(refused)
    if lines != _count_lines(path) and len(refused) < SHOWN:
        return None
    _tell(refused, rows, breaks, header, name, connection, problems)
    line = _line([r.record - count for count, r in enumerate(refused)], breaks, header)
    view = trimmed_view(rows, header.names, line, connection)
    return Table(view, name, text=True, header=header.skipped + 1)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return tuple(connection.execute(query).fetchall()[0])


def _count_lines(path: Path) -> int:
    """The lines of the file, the last one also where no line break ends it."""
    lines, last = 0, b"\n"
    with unpacked(path) as stream:
        while block := stream.read(1 << 24):
            lines += block.count(b"\n")
            last = block[-1:]
    return lines + (last != b"\n")


def _breaks(rows: str, header: Header, connection: duckdb.DuckDBPyConnection) -> str:
    """SQL for the number of line breaks inside the cells of a row; empty where no cell has any."""
    cells = [quoted(name) for name in header.names]
    broken = " OR ".join(f"contains({cell}, chr(10))" for cell in cells)
    if connection.execute(f"SELECT 1 FROM {rows} WHERE {broken} LIMIT 1").fetchone() is None:
        return ""
    return " + ".join(f"coalesce(length({cell}) - length(replace({cell}, chr(10), '')), 0)" for cell in cells)


def _line(lost: list[int], breaks: str, header: Header) -> str:
    """SQL for the line on which a row starts: the rows, refused records and line breaks in cells before it.

    ``lost`` are the numbers of the refused records, each less the refused ones before it.
    """
    record = f"file_row_number + {header.skipped + header.lines + 1}"
    if lost:
        shifted = [number + header.lines - 1 for number in lost]
        record = f"({record} + len(list_filter({shifted}, lambda x: x <= {record})))"
    if not breaks:
        return record
    before = "(ORDER BY file_row_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    return f"{record} + coalesce(sum({breaks}) OVER {before}, 0)::BIGINT"


def _tell(
    refused: list[_Refused],
    rows: str,
    breaks: str,
    header: Header,
    name: str,
    connection: duckdb.DuckDBPyConnection,
    problems: Problems,
) -> None:
    """The refused records as problems, each on the line where it starts."""
    for count, (record, kind, message) in enumerate(refused):
        line = record + header.lines - 1
        if breaks:
            upto = record - count - header.skipped - 2
            above = f"SELECT coalesce(sum({breaks}), 0)::BIGINT FROM {rows} WHERE file_row_number < {upto}"
            line += _one(connection, above)[0]
        other = (first_line(ValueError(message)), "Mend the line.")
        found, remedy = _REFUSED.get(kind.replace("_", " "), other)
        problems.add(name, line, None, found=found, expected=RFC, remedy=remedy)
    if len(refused) >= SHOWN:
        problems.add(name, None, None, found=f"{SHOWN} or more lines that cannot be read", expected="none",
                     remedy="Check the delimiter and the quotation marks.")  # fmt: skip
