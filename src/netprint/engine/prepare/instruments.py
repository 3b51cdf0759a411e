"""Contractual instruments as activity data: GHG Protocol Scope 2 Guidance, ch. 6, matching by volume.

Columns of the table: `type, market, vintage, quantity, unit, factor, registry_id, from, to`. The type becomes the
item, the vintage (else the year of `from`) the year, the factor (kg CO2e/kWh) the column `instrument_factor`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netprint.engine.computed import quoted
from netprint.engine.reading.tables import Table, open_table
from netprint.errors import Problems

if TYPE_CHECKING:
    import duckdb

REQUIRED = ("type", "market", "quantity", "unit", "factor")
_RENAMED = {"type": "item", "vintage": "year", "factor": "instrument_factor", "registry id": "registry"}
_LEFT_OUT = ("from", "to", "activity")


def as_activities(
    source: Any, connection: duckdb.DuckDBPyConnection, problems: Problems, root: Path | None
) -> Table | None:
    """The table of instruments as a table of the activity `instrument`, for :func:`netprint.engine.reading.read.read`.

    Adds a problem for each column that is missing; returns None where the table cannot be used.
    """
    table = open_table(
        source,
        connection=connection,
        problems=problems,
        root=root,
        name=None if isinstance(source, str | Path) else "instruments",
    )
    if table is None:
        return None
    columns = [str(row[0]) for row in connection.execute(f"DESCRIBE {table.relation}").fetchall()]
    missing = [c for c in REQUIRED if c not in columns]
    if not {"vintage", "from", "year"} & set(columns):
        missing.append("vintage")
    for column in missing:
        problems.add(
            table.name, table.header, column, found=f"no column '{column}' (there are: {', '.join(columns)})",
            expected="the columns type, market, vintage, quantity, unit, factor", remedy=f"Add the column '{column}'.",
        )  # fmt: skip
    if missing:
        return None
    select = ["'instrument' AS activity"]
    select += [f"{quoted(c)} AS {quoted(_RENAMED.get(c, c))}" for c in columns if c not in _LEFT_OUT]
    if "vintage" not in columns and "year" not in columns:
        select.append('left("from"::VARCHAR, 4) AS year')
    if "country" not in columns:
        select.append("market AS country")
    view = f"{table.relation}_instruments"
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT {', '.join(select)} FROM {table.relation}"
    )
    return replace(table, relation=view)
