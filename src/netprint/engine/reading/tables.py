"""Any source of rows as one lazy DuckDB view, each row with the number that the user sees.

A source is a path (CSV, TSV, Parquet, XLSX; gzip or Zstandard for text), a list, glob or folder of them, a
table of a database (``file.duckdb#table``, ``file.sqlite#table``, ``postgresql://host/db#table``), or rows in
memory: any dataframe that narwhals knows, an Arrow table, a DuckDB relation, a list of dicts or a dict of
columns. Every table gets the column ``_row`` (BIGINT): the line of a text file, the row of a sheet, else the
position from 1. A table made of several files also gets ``_file``.
"""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netprint.engine.reading.arrow import text_column, whole_column
from netprint.engine.reading.paths import PARQUET, TEXT, files, is_many, listed
from netprint.errors import Problems, UsageError, did_you_mean, nearest

if TYPE_CHECKING:
    import duckdb

_SERIAL = itertools.count(1)
_SHEET = re.compile(r"\.(xlsx|xlsm)$", re.IGNORECASE)
_DATABASE = re.compile(r"\.(duckdb|sqlite|sqlite3|db)$", re.IGNORECASE)
_PART = re.compile(r"^(?P<path>.*\.(?:xlsx|xlsm|duckdb|sqlite|sqlite3|db))#(?P<part>.*)$", re.IGNORECASE)
_URL = re.compile(r"^postgres(?:ql)?://", re.IGNORECASE)
_KINDS = "CSV, TSV (also .gz or .zst), Parquet, XLSX, DuckDB or SQLite"
_RESERVED = ("_row", "_file")


@dataclass(frozen=True)
class Table:
    """A source that has been opened: the name of its DuckDB view and the name by which messages call it.

    ``text`` says that every column is text (CSV, XLSX, SQLite, PostgreSQL), empty cells being NULL;
    ``header`` is the line or row of the header, where there is one.
    """

    relation: str
    name: str
    text: bool
    header: int | None = None


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory: no extension is fetched, time is UTC, spilled data goes to a folder
    of its own that is removed with the connection."""
    import duckdb

    folder = tempfile.mkdtemp(prefix="netprint-")
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "false",
            "temp_directory": folder,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    weakref.finalize(connection, shutil.rmtree, folder, ignore_errors=True)
    return connection


def open_table(
    source: object,
    *,
    connection: duckdb.DuckDBPyConnection,
    problems: Problems,
    root: Path | None = None,
    name: str | None = None,
) -> Table | None:
    """``source`` as a view in ``connection``, or None where it cannot be opened (``problems`` says why).

    A relative path is taken from ``root``; with a ``root``, no path may lead out of it. ``name`` is what
    messages call the source. Rows whose shape is wrong are problems; the others are in the view.
    Raises :class:`~netprint.errors.UsageError` for an object that is no table, or a missing driver.
    """
    if isinstance(source, (str, Path)):
        text = str(source)
        if _URL.match(text):
            from netprint.engine.reading.databases import open_postgres

            return open_postgres(text, name, connection, problems)
        match = _PART.match(text)
        path, part = (match["path"], match["part"]) if match else (text, "")
        found = files(path, name or text, root, problems)
        if not found:
            return None
        if len(found) == 1 and not is_many(path, root):
            return _open_file(found[0], part, name or text, connection, problems)
        return _open_files(found, name or text, root, connection, problems)
    paths = listed(source)
    if paths:
        label = name or ", ".join(paths)
        each = [files(path, name or path, root, problems) for path in paths]
        return _open_files([file for found in each for file in found], label, root, connection, problems)
    return _open_rows(source, name or "rows", connection, problems)


def quoted(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def scanned(path: Path) -> str:
    """``path`` as an SQL string for DuckDB's readers, which would take brackets and stars for a glob."""
    return literal(re.sub(r"[*?\[]", r"[\g<0>]", path.as_posix()))


def new_name() -> str:
    """A name for a view that no other view has."""
    return f"source_{next(_SERIAL)}"


def first_line(error: BaseException) -> str:
    """The first line of an error's message, without the full stop."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def check_header(names: Sequence[str], file: str, line: int | None, problems: Problems) -> bool:
    """Whether the names of the columns are there, all different and none of them reserved."""
    before = len(problems)
    if not names:
        problems.add(file, line, None, found="no columns", expected="a header with names",
                     remedy="Check that the right file was saved.")  # fmt: skip
    seen: dict[str, int] = {}
    for position, column in enumerate(names, start=1):
        key = column.casefold()
        if not column:
            problems.add(file, line, f"column {position}", found="no name", expected="a name for each column",
                         remedy="Name the column in the header or remove it.")  # fmt: skip
        elif key in _RESERVED:
            problems.add(file, line, column, found=f"'{column}' as a column's name",
                         expected="a name that netprint does not use itself",
                         remedy="Rename the column.")  # fmt: skip
        elif key in seen:
            problems.add(file, line, column, found=f"the name '{column}' for columns {seen[key]} and {position}",
                         expected="each name once (upper and lower case count as the same)",
                         remedy="Rename or remove one of the two columns.")  # fmt: skip
        seen.setdefault(key, position)
    return len(problems) == before


def register_text(
    columns: Mapping[str, Sequence[str | None]], rows: Sequence[int], connection: duckdb.DuckDBPyConnection
) -> str:
    """A view of text columns with blanks trimmed and empty cells NULL; ``rows`` are the row numbers."""
    import pyarrow as pa

    data = [text_column(values) for values in columns.values()]
    table = pa.table([*data, whole_column(rows)], names=[*columns, "_row"])
    return trimmed_view(table, list(columns), "_row", connection)


def trimmed_view(data: Any, columns: Sequence[str], row: str, connection: duckdb.DuckDBPyConnection) -> str:
    """A view over an Arrow table (or a piece of SQL) that trims the text ``columns`` and has no blank rows."""
    view = new_name()
    if isinstance(data, str):
        origin = data
    else:
        origin = f"{view}_data"
        connection.register(origin, data)
    blank = literal(" \t\r\n\u00a0\u202f\ufeff")
    cells = [f"nullif(trim({quoted(c)}, {blank}), '') AS {quoted(c)}" for c in columns]
    filled = f"coalesce({', '.join(map(quoted, columns))}) IS NOT NULL"
    listed = ", ".join([*cells, f"{row} AS _row"])
    connection.execute(f"CREATE VIEW {view} AS SELECT {listed} FROM {origin} WHERE {filled}")
    return view


# ---- files


def _open_file(
    path: Path, part: str, name: str, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Table | None:
    """One file by its kind."""
    if TEXT.search(path.name):
        from netprint.engine.reading.textfile import open_text

        return open_text(path, name, connection, problems)
    if PARQUET.search(path.name):
        return _open_parquet([path], name, None, connection, problems)
    if _SHEET.search(path.name):
        from netprint.engine.reading.workbook import open_sheet

        return open_sheet(path, part, name, connection, problems)
    if _DATABASE.search(path.name):
        from netprint.engine.reading.databases import open_database

        return open_database(path, part, name, connection, problems)
    remedy = (
        "Save the workbook as .xlsx."
        if path.suffix.lower() in (".xls", ".ods", ".xlsb")
        else "Convert the file."
    )
    problems.add(
        name, None, None, found=f"a file of the kind '{path.suffix}'", expected=_KINDS, remedy=remedy
    )
    return None


def _open_parquet(
    paths: Sequence[Path],
    name: str,
    root: Path | None,
    connection: duckdb.DuckDBPyConnection,
    problems: Problems,
) -> Table | None:
    """One or more Parquet files with the columns of all of them."""
    import duckdb

    parts = ", ".join(scanned(p) for p in paths)
    scan = f"read_parquet([{parts}], union_by_name = {'true' if len(paths) > 1 else 'false'})"
    view = new_name()
    try:
        names = [str(row[0]) for row in connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()]
        if not check_header(names, name, None, problems):
            return None
        extra = ", file_row_number + 1 AS _row"
        if len(paths) > 1:
            extra += f", {_shown(root)} AS _file"
        connection.execute(f"CREATE VIEW {view} AS SELECT *{extra} FROM {scan}")
    except duckdb.Error as error:
        problems.add(name, None, None, found=f"a file that is not Parquet, or damaged ({first_line(error)})",
                     expected="Parquet", remedy="Write the file again.")  # fmt: skip
        return None
    return Table(view, name, text=False)


def _shown(root: Path | None) -> str:
    """SQL for the name of a part, relative to ``root``."""
    if root is None:
        return "filename"
    prefix = f"{root.as_posix()}/"
    inside = f"starts_with(filename, {literal(prefix)})"
    return f"CASE WHEN {inside} THEN filename[{len(prefix) + 1}:] ELSE filename END"


def _open_files(
    files: Sequence[Path],
    name: str,
    root: Path | None,
    connection: duckdb.DuckDBPyConnection,
    problems: Problems,
) -> Table | None:
    """Several files as one table."""
    if not files:
        return None
    if all(PARQUET.search(f.name) for f in files):
        return _open_parquet(files, name, root, connection, problems)
    tables = []
    for file in files:
        label = str(file.relative_to(root)) if root is not None and file.is_relative_to(root) else str(file)
        table = _open_file(file, "", label, connection, problems)
        if table is not None:
            tables.append(table)
    if not tables:
        return None
    view = new_name()
    parts = [f"SELECT *, {literal(t.name)} AS _file FROM {t.relation}" for t in tables]
    connection.execute(f"CREATE VIEW {view} AS {' UNION ALL BY NAME '.join(parts)}")
    return Table(view, name, text=all(t.text for t in tables))


# ---- rows in memory


def _open_rows(
    source: object, name: str, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Table | None:
    """A dataframe, a relation, a list of dicts or a dict of columns."""
    import duckdb

    from netprint.engine.reading.frames import as_arrow

    data: Any = source if isinstance(source, duckdb.DuckDBPyRelation) else as_arrow(source, name, problems)
    if data is None:
        return None
    view = new_name()
    names = list(data.columns if isinstance(data, duckdb.DuckDBPyRelation) else data.schema.names)
    if not check_header(names, name, None, problems):
        return None
    try:
        connection.register(f"{view}_data", data)
    except duckdb.InvalidInputException:  # a relation of another connection
        connection.register(f"{view}_data", data.to_arrow_table())
    connection.execute(f"CREATE VIEW {view} AS SELECT *, row_number() OVER () AS _row FROM {view}_data")
    return Table(view, name, text=False)


def known_tables(names: Iterable[str], wanted: str) -> str:
    """A remedy that names the tables there are and the one that is nearest to ``wanted``."""
    listed = sorted(names)
    if not listed:
        return "There is no table in it."
    near = nearest(wanted, listed) if wanted else []
    return (
        did_you_mean(wanted, listed) if near else f"Choose one of {', '.join(repr(n) for n in listed[:20])}."
    )


def usage(source: object) -> UsageError:
    """The error for an object that holds no rows."""
    return UsageError(
        f"a {type(source).__name__} is no table; give a path, a dataframe, an Arrow table, a list of dicts, "
        f"a dict of columns, or a list of any of these"
    )
