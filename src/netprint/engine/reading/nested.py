"""Rows that count the same thing twice: a record id or certificate that stands twice, a sub-meter beside its parent,
bills of one meter for the same days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netprint.engine.reading.checks import DETAILED
from netprint.errors import Problem

if TYPE_CHECKING:
    import duckdb


def repeated_ids(view: str, connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    """Each row of ``view`` whose record_id another row before it has, both named; the first ``DETAILED``."""
    rows = connection.execute(
        f"""WITH twice AS (SELECT record_id FROM {view} WHERE record_id <> '' GROUP BY record_id HAVING count(*) > 1)
        SELECT source_file, _row, record_id, first_value(source_file) OVER ids, first_value(_row) OVER ids,
               row_number() OVER ids
        FROM {view} SEMI JOIN twice USING (record_id)
        WINDOW ids AS (PARTITION BY record_id ORDER BY source_file, _row)
        QUALIFY row_number() OVER ids > 1 ORDER BY 1, 2 LIMIT {DETAILED}"""
    ).fetchall()
    for file, row, key, first_file, first_row, _ in rows:
        yield Problem(file, row, "record_id", f"'{key}', which {first_file}:{first_row} has too",
                      "each record_id once",
                      "Remove the row if it is the same record, else give it an id of its own.")  # fmt: skip


def submeters(view: str, connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    """Each row that is part of another row of ``view``: what a sub-meter shows, its parent shows too.

    ``part_of`` names the parent's record_id or meter. The parent counts as the same only for the same
    activity, year and, where both have dates, an overlapping period. A row whose parent is not in the tables
    is counted: nothing stands twice then.
    """
    columns = {str(row[0]) for row in connection.execute(f"DESCRIBE {view}").fetchall()}
    if "part_of" not in columns:
        return
    if connection.execute(f"SELECT 1 FROM {view} WHERE part_of <> '' LIMIT 1").fetchone() is None:
        return
    same = ["p.activity = c.activity", "p.year = c.year"]
    if {"start", "end"} <= columns:
        same += ['coalesce(p.start <= c."end", true)', 'coalesce(p."end" >= c.start, true)']
    if "time" in columns:
        same.append("coalesce(p.time = c.time, true)")
    names = [name for name in ("record_id", "meter") if name in columns]
    found = " UNION ALL ".join(
        f"SELECT c.source_file AS file, c._row AS row, c.part_of AS parent, p.source_file AS pf, p._row AS pr "
        f"FROM {view} AS c JOIN {view} AS p ON p.{name} = c.part_of AND {' AND '.join(same)} "
        f"WHERE c.part_of <> '' AND (c.source_file <> p.source_file OR c._row <> p._row)"
        for name in names
    )
    query = f"SELECT file, row, parent, min(pf), min(pr) FROM ({found}) GROUP BY ALL ORDER BY 1, 2 LIMIT {DETAILED}"
    for file, row, parent, parent_file, parent_row in connection.execute(query).fetchall():
        yield Problem(file, row, "part_of", f"a part of '{parent}', whose whole stands at {parent_file}:{parent_row}",
                      "the whole or its parts, not both",
                      "Remove this row and the other parts, or the whole.")  # fmt: skip


def repeated_certificates(view: str, connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    """Each contractual instrument whose registry id another one before it has: a certificate is cancelled once."""
    columns = {str(row[0]) for row in connection.execute(f"DESCRIBE {view}").fetchall()}
    if "registry" not in columns:
        return
    rows = connection.execute(
        f"""SELECT source_file, _row, registry, first_value(source_file) OVER ids, first_value(_row) OVER ids
        FROM {view} WHERE activity = 'instrument' AND registry <> ''
        WINDOW ids AS (PARTITION BY registry ORDER BY source_file, _row)
        QUALIFY row_number() OVER ids > 1 ORDER BY 1, 2 LIMIT {DETAILED}"""
    ).fetchall()
    for file, row, key, first_file, first_row in rows:
        yield Problem(file, row, "registry_id", f"'{key}', which {first_file}:{first_row} has too",
                      "each certificate once", "Remove the row, or give each part of a batch its own id.")  # fmt: skip


#: What tells one meter or site from another, where the tables have it.
_METER = (
    "entity",
    "activity",
    "item",
    "country",
    "site",
    "meter",
    "part_of",
    "category",
    "counterparty",
    "supplier",
)
_SHOWN = 3


def overlapping(view: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What is told of bills of one meter or site that have days in common: they may count the same thing twice."""
    columns = {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE {view}").fetchall()}
    if not {"start", "end"} <= columns.keys() or not {"site", "meter"} & columns.keys():
        return []
    one = ", ".join(c for c in _METER if c in columns)
    named = " OR ".join(f"{c} <> ''" for c in ("site", "meter") if c in columns)
    at = (
        "coalesce(nullif(meter, ''), site)"
        if {"site", "meter"} <= columns.keys()
        else next(c for c in ("site", "meter") if c in columns)
    )
    before = f'max("end") OVER (PARTITION BY {one} ORDER BY start, "end", source_file, _row ROWS BETWEEN UNBOUNDED '
    rows = f"SELECT *, {before} PRECEDING AND 1 PRECEDING) AS _before FROM {view} WHERE start IS NOT NULL AND ({named})"
    found = connection.execute(
        f"SELECT source_file, _row, activity, {at}, count(*) OVER () FROM ({rows}) WHERE start <= _before "
        f"ORDER BY 1, 2 LIMIT {_SHOWN}"
    ).fetchall()
    if not found:
        return []
    named_rows = ", ".join(f"{activity} of {where} ({file}:{row})" for file, row, activity, where, _ in found)
    more = " and others" if found[0][4] > _SHOWN else ""
    return [
        f"{found[0][4]:,} records have days in common with another record of the same site or meter, and all count: "
        f"{named_rows}{more}."
    ]
