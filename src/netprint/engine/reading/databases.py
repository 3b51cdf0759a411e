"""Tables of databases: DuckDB files, SQLite files (standard library), PostgreSQL (any installed driver).

No DuckDB extension is needed. SQLite's and PostgreSQL's values become text, exactly as a CSV export would hold
them, because SQLite types each cell and decimals must not pass through a float.
"""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from netprint.engine.reading.arrow import text_column, whole_column
from netprint.engine.reading.frames import cell_text
from netprint.engine.reading.tables import (
    Table,
    check_header,
    first_line,
    known_tables,
    literal,
    new_name,
    quoted,
    trimmed_view,
)
from netprint.errors import Problems, UsageError

if TYPE_CHECKING:
    import duckdb

_BATCH = 50_000
_DRIVERS = ("psycopg", "psycopg2")
_SQLITE = b"SQLite format 3\0"


def open_database(
    path: Path, table: str, name: str, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Table | None:
    """``table`` of the database file; what kind it is, its first bytes say."""
    with path.open("rb") as stream:
        start = stream.read(16)
    if start == _SQLITE:
        return _open_sqlite(path, table, name, connection, problems)
    if start[8:12] == b"DUCK":
        return _open_duckdb(path, table, name, connection, problems)
    problems.add(name, None, None, found="a file that is neither a DuckDB nor an SQLite database",
                 expected="one of the two", remedy="Check the name of the file.")  # fmt: skip
    return None


def _no_table(table: str, names: Iterable[str], name: str, problems: Problems) -> None:
    found = f"no table '{table}'" if table else "a database and no word which table to read"
    problems.add(name, None, None, found=found, expected="file#table", remedy=known_tables(names, table))


def _open_duckdb(
    path: Path, table: str, name: str, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Table | None:
    """A table of a DuckDB file, attached to read only and never copied.

    Views are left out: their names would be looked up in the wrong database.
    """
    import duckdb

    whole = str(path.resolve())
    attached = connection.execute(
        "SELECT database_name FROM duckdb_databases() WHERE path = ?", [whole]
    ).fetchone()
    alias = str(attached[0]) if attached else new_name()
    view = new_name()
    try:
        if attached is None:
            connection.execute(f"ATTACH {literal(whole)} AS {alias} (READ_ONLY)")
        listed = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ?", [alias]
        ).fetchall()
        known = {(t if s == "main" else f"{s}.{t}"): (s, t) for s, t in listed}
        if table not in known:
            _no_table(table, known, name, problems)
            return None
        origin = ".".join([alias, *map(quoted, known[table])])
        names = [str(row[0]) for row in connection.execute(f"DESCRIBE {origin}").fetchall()]
        if not check_header(names, name, None, problems):
            return None
        connection.execute(f"CREATE VIEW {view} AS SELECT *, rowid + 1 AS _row FROM {origin}")
    except duckdb.Error as error:
        problems.add(name, None, None, found=f"a database that cannot be opened ({first_line(error)})",
                     expected="a DuckDB file that no other program holds open",
                     remedy="Close the other program, or write the file again.")  # fmt: skip
        return None
    return Table(view, name, text=False)


def _open_sqlite(
    path: Path, table: str, name: str, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Table | None:
    """A table or view of an SQLite file."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            listed = database.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
            ).fetchall()
            known = [str(row[0]) for row in listed if not str(row[0]).startswith("sqlite_")]
            if table not in known:
                _no_table(table, known, name, problems)
                return None
            cursor = database.execute(f"SELECT * FROM {quoted(table)}")
            return _fetched(cursor, name, connection, problems)
    except sqlite3.Error as error:
        problems.add(name, None, None, found=f"a database that cannot be read ({first_line(error)})",
                     expected="an SQLite file", remedy="Write the file again.")  # fmt: skip
        return None


def open_postgres(
    url: str, name: str | None, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Table | None:
    """``postgresql://user@host/database#schema.table`` through psycopg or psycopg2.

    The password stays out of every message. Raises :class:`~netprint.errors.UsageError` where no driver is
    installed.
    """
    address, _, table = url.partition("#")
    parts = urlsplit(address)
    shown = name or f"postgresql://{parts.hostname or ''}{parts.path}#{table}"
    driver = _driver()
    try:
        with closing(driver.connect(address)) as database:
            named = database.cursor()
            named.execute(
                "SELECT table_schema, table_name FROM information_schema.tables "
                "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
            )
            known = {(t if s == "public" else f"{s}.{t}"): (s, t) for s, t in named.fetchall()}
            if table not in known:
                _no_table(table, known, shown, problems)
                return None
            cursor = database.cursor(name="netprint")  # on the server: rows come in batches
            cursor.itersize = _BATCH
            cursor.execute(f"SELECT * FROM {'.'.join(map(quoted, known[table]))}")
            return _fetched(cursor, shown, connection, problems)
    except driver.Error as error:
        told = first_line(error)
        if parts.password:
            told = told.replace(parts.password, "***")
        problems.add(shown, None, None, found=f"a database that cannot be read ({told})",
                     expected="a PostgreSQL server that answers",
                     remedy="Check the address, the user and the password.")  # fmt: skip
        return None


def _driver() -> Any:
    """The PostgreSQL driver that is installed."""
    for module in _DRIVERS:
        try:
            return importlib.import_module(module)
        except ImportError:
            continue
    raise UsageError("reading PostgreSQL needs the package psycopg or psycopg2; install one of them")


def _fetched(
    cursor: Any, name: str, connection: duckdb.DuckDBPyConnection, problems: Problems
) -> Table | None:
    """The rows of a DB-API cursor as text columns, fetched in batches; ``_row`` is the position from 1."""
    import pyarrow as pa

    first: Sequence[Sequence[object]] = cursor.fetchmany(_BATCH)  # psycopg2 describes a cursor after a fetch
    names = [str(column[0]) for column in cursor.description]
    if not check_header(names, name, None, problems):
        return None
    if not first:
        problems.add(name, None, None, found="a table without rows", expected="at least one row",
                     remedy="Check that the right table was named.")  # fmt: skip
        return None
    batches: list[pa.Table] = []
    count = 0
    while first:
        columns = [text_column([cell_text(value) for value in column]) for column in zip(*first, strict=True)]
        columns.append(whole_column(range(count + 1, count + len(first) + 1)))
        batches.append(pa.table(columns, names=[*names, "_row"]))
        count += len(first)
        first = cursor.fetchmany(_BATCH)
    return Table(trimmed_view(pa.concat_tables(batches), names, "_row", connection), name, text=True)
