"""The rows that reading rejected, written so that they can be mended one by one."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netprint.engine.reading.tables import literal, quoted
from netprint.load.cells import guarded

if TYPE_CHECKING:
    import duckdb

_TABLE = "netprint_rejected"


def store(rejected: Sequence[tuple[Any, ...]], connection: duckdb.DuckDBPyConnection) -> None:
    """Keep the rejected rows in the connection for :func:`write_rejected`."""
    kinds = "relation VARCHAR, file VARCHAR, row BIGINT, field VARCHAR, reason VARCHAR"
    connection.execute(f"CREATE OR REPLACE TABLE {_TABLE} ({kinds})")
    if not rejected:
        return
    import pyarrow as pa

    names = ("relation", "file", "row", "field", "reason")
    types = (pa.string(), pa.string(), pa.int64(), pa.string(), pa.string())
    columns = [pa.array([row[at] for row in rejected], kind) for at, kind in enumerate(types)]
    connection.register("netprint_new", pa.table(columns, names=list(names)))
    connection.execute(f"INSERT INTO {_TABLE} SELECT * FROM netprint_new")
    connection.unregister("netprint_new")


def write_rejected(path: Path, connection: duckdb.DuckDBPyConnection) -> int:
    """Write the rows that the last ``read`` on ``connection`` rejected as CSV; the number of lines.

    Columns: file, row, field, reason, then the row's cells as they were found. A row stands once for each of
    its problems. Lines that could not be split into cells have none. A text that a spreadsheet would compute has an
    apostrophe in front.
    """
    relations = [
        r[0] for r in connection.execute(f"SELECT DISTINCT relation FROM {_TABLE} ORDER BY 1").fetchall()
    ]
    selects = []
    for relation in relations:
        about = f"SELECT r.file, r.row, r.field, r.reason FROM {_TABLE} AS r WHERE r.relation = {literal(relation)}"
        if relation:
            columns = [str(row[0]) for row in connection.execute(f"DESCRIBE {relation}").fetchall()]
            own = [c for c in columns if c not in ("_row", "_file")]
            cells = ", ".join(f"CAST(s.{quoted(c)} AS VARCHAR) AS {quoted(f'cell: {c}')}" for c in own)
            part = "AND s._file = r.file" if "_file" in columns else ""
            about = (
                f"SELECT r.file, r.row, r.field, r.reason, {cells} FROM {_TABLE} AS r LEFT JOIN {relation} AS s "
                f"ON s._row = r.row {part} WHERE r.relation = {literal(relation)}"
            )
        selects.append(about)
    if not selects:
        selects = ["SELECT 1 AS file, 1 AS row, 1 AS field, 1 AS reason WHERE false"]
    table = connection.execute(f"{' UNION ALL BY NAME '.join(selects)} ORDER BY file, row, field")
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(guarded(column[0]) for column in table.description or ())
        rows = table.fetchall()
        writer.writerows([guarded(cell) for cell in row] for row in rows)
    return len(rows)
