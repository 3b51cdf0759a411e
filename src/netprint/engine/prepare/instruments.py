"""Contractual instruments as activity data: GHG Protocol Scope 2 Guidance, ch. 6, matching by volume.

Columns of the table: `type, market, vintage, quantity, unit, factor, factor_unit, registry_id, from, to`. The type
becomes the item, the vintage (else the year of `from`) the year, the factor (in its unit, else in kg CO2e/kWh) the
column `instrument_factor` in kg CO2e/kWh. The country is that of the market; it is no part of the matching.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netprint.engine.computed import add_place_code
from netprint.engine.reading.columns import Source
from netprint.engine.reading.tables import Table, literal, open_table, quoted
from netprint.errors import Problems
from netprint.places import WORLD
from netprint.units import Unit, UnitError, parse, ratio, same_dimension

if TYPE_CHECKING:
    import duckdb

REQUIRED = ("type", "market", "quantity", "unit", "factor")
#: The greatest factor, in kg CO2e/kWh, that is believed without a unit: no generation emits as much.
BELIEVED = 3
_UNIT = "kg CO2e/kWh"
_RENAMED = {"type": "item", "vintage": "year", "registry id": "registry", "registry_id": "registry"}
_LEFT_OUT = ("from", "to", "activity", "factor", "factor_unit", "country")
_SHOWN = 1000


def as_activities(
    source: Any, connection: duckdb.DuckDBPyConnection, problems: Problems, root: Path | None
) -> Table | None:
    """The table of instruments as a table of the activity `instrument`, for :func:`netprint.engine.reading.read.read`.

    Adds a problem for each column that is missing and for each factor that cannot be used; returns None where the
    table cannot be used.
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
    types = {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE {table.relation}").fetchall()}
    if _lacks_columns(table, types, problems):
        return None
    read = Source(table.relation, table.name, types, table.text, "_file" in types, table.header)
    select = ["'instrument' AS activity"]
    select += [f"s.{quoted(c)} AS {quoted(_RENAMED.get(c, c))}" for c in types if c not in _LEFT_OUT]
    if "vintage" not in types and "year" not in types:
        select.append('left(s."from"::VARCHAR, 4) AS year')
    select.append(f"{_country(read)} AS country")
    select.append(f"{_factor(read, connection, problems)} AS instrument_factor")
    view = f"{table.relation}_instruments"
    add_place_code(connection)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT {', '.join(select)} FROM {table.relation} AS s"
    )
    return replace(table, relation=view)


def _lacks_columns(table: Table, types: dict[str, str], problems: Problems) -> bool:
    missing = [c for c in REQUIRED if c not in types]
    if not {"vintage", "from", "year"} & set(types):
        missing.append("vintage")
    there = ", ".join(c for c in types if c not in ("_row", "_file"))
    for column in missing:
        problems.add(
            table.name, table.header, column, found=f"no column '{column}' (there are: {there})",
            expected="the columns type, market, vintage, quantity, unit, factor", remedy=f"Add the column '{column}'.",
        )  # fmt: skip
    return bool(missing)


def _country(read: Source) -> str:
    """SQL for the country: the row's own, else the market where that is a place, else the world.

    Every row of activity data has a place, and a market such as a grid operator's is none.
    """
    market = read.filled("market")
    code = f"CASE WHEN {market} IS NOT NULL THEN coalesce(place_code({market}), {literal(WORLD)}) END"
    return f"coalesce({read.filled('country')}, {code})" if "country" in read.types else code


# -- factors -----------------------------------------------------------------------------------------------------------


def _factor(read: Source, connection: duckdb.DuckDBPyConnection, problems: Problems) -> str:
    """SQL for the factor in kg CO2e/kWh, NULL where it cannot be used; each such row is a problem."""
    cell = read.number("factor")
    unit = read.label("factor_unit") if "factor_unit" in read.types else "''"
    units = [
        str(row[0])
        for row in connection.execute(f"SELECT DISTINCT {unit} FROM {read.relation} AS s").fetchall()
    ]
    scales: dict[str, float] = {}
    for text in sorted(units):
        try:
            scales[text] = _scale(text)
        except UnitError as error:
            rows = _rows(read, connection, f"{unit} = {literal(text)}")
            for file, line, *_ in rows:
                problems.add(
                    file, line, "factor_unit", found=error.found, expected=error.expected, remedy=error.remedy
                )
    _add_unusable(read, connection, problems, unit)
    whens = " ".join(f"WHEN {unit} = {literal(text)} THEN {scale!r}" for text, scale in scales.items())
    return f"({cell.value}) * CASE {whens} END" if whens else "NULL::DOUBLE"


def _scale(text: str) -> float:
    """What a factor in the unit ``text`` is multiplied by to be in kg CO2e/kWh. Raises :class:`UnitError`."""
    wanted: Unit = parse(_UNIT)
    unit = parse(text.strip() or _UNIT)
    if not same_dimension(unit, wanted):
        raise UnitError(
            f"the unit {text!r}",
            f"CO2e per energy, such as {_UNIT} or g CO2e/kWh",
            "Write the factor's unit.",
        )
    return float(f"{ratio(unit, wanted):.15g}")


def _add_unusable(read: Source, connection: duckdb.DuckDBPyConnection, problems: Problems, unit: str) -> None:
    """A problem for each row whose factor is empty, no number, negative, or too great to be without a unit."""
    cell = read.number("factor")
    number = "a number that is not negative"
    for file, line, *_ in _rows(read, connection, cell.empty):
        problems.add(
            file, line, "factor", found="no factor", expected=number,
            remedy="Write the factor of the instrument; write 0 only where its electricity is without emissions.",
        )  # fmt: skip
    for file, line, raw in _rows(read, connection, f"{cell.bad} OR ({cell.value}) < 0", cell.raw):
        problems.add(
            file, line, "factor", found=f"'{raw}'", expected=number,
            remedy="Write the emissions of one kWh, such as 0.45.",
        )  # fmt: skip
    for file, line, raw in _rows(
        read, connection, f"trim({unit}) = '' AND ({cell.value}) > {BELIEVED}", cell.raw
    ):
        problems.add(
            file, line, "factor", found=f"{raw} without a unit, which is {raw} {_UNIT}",
            expected=f"at most {BELIEVED} {_UNIT}, or a unit",
            remedy="Write the unit in the column 'factor_unit', such as g CO2e/kWh.",
        )  # fmt: skip


def _rows(
    read: Source, connection: duckdb.DuckDBPyConnection, where: str, shown: str = "NULL"
) -> list[tuple[str, int, str | None]]:
    """File, row and shown value of the rows where ``where`` holds; the first thousand."""
    return connection.execute(
        f"SELECT {read.file} AS f, s._row AS r, {shown} FROM {read.relation} AS s WHERE {where} "
        f"ORDER BY f, r LIMIT {_SHOWN}"
    ).fetchall()


# -- instruments among the rows ----------------------------------------------------------------------------------------


def check_rows(connection: duckdb.DuckDBPyConnection, view: str) -> None:
    """What the matching needs of the instruments in ``view``, the rows that have been read: a factor and an entity.

    An instrument belongs to one entity. Where electricity is told by entity, an instrument without one would cover
    nothing. Raises :class:`netprint.errors.InputError` with each such row.
    """
    found = connection.execute(
        f"SELECT source_file, _row, instrument_factor IS NULL, entity = '' FROM {view} "
        "WHERE activity = 'instrument' AND (instrument_factor IS NULL OR entity = '') "
        f"ORDER BY source_file, _row LIMIT {_SHOWN}"
    ).fetchall()
    named = _entities(connection, view) if any(row[3] for row in found) else []
    problems = Problems()
    for file, line, no_factor, no_entity in found:
        if no_factor:
            problems.add(
                file, line, "instrument_factor", found="no factor", expected=f"a number in {_UNIT}",
                remedy="Write the factor of the instrument; write 0 only where its electricity is without emissions.",
            )  # fmt: skip
        if no_entity and named:
            more = " and others" if len(named) > 5 else ""
            problems.add(
                file, line, "entity", found="an instrument without entity",
                expected=f"the entity whose electricity it covers: {', '.join(named[:5])}{more}",
                remedy="Add a column 'entity' to the instruments, or state `entity:` in the study.",
            )  # fmt: skip
    problems.raise_if_any()


def _entities(connection: duckdb.DuckDBPyConnection, view: str) -> list[str]:
    """The entities that electricity is told by."""
    rows = connection.execute(
        f"SELECT DISTINCT entity FROM {view} WHERE activity = 'electricity' AND entity <> '' ORDER BY entity"
    )
    return [str(row[0]) for row in rows.fetchall()]
