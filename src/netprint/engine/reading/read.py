"""read: activity tables of any kind become one lazy view of typed, checked columns.

Every problem of every source is listed, with its row; no row is dropped in silence. The view is only worth
reading when no problem was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netprint.engine.reading import remedies
from netprint.engine.reading.checks import (
    Profile,
    derived_year,
    keep,
    profile,
    reason,
    report,
)
from netprint.engine.reading.columns import Source
from netprint.engine.reading.nested import repeated_certificates, repeated_ids, submeters
from netprint.engine.reading.rejected import store
from netprint.engine.reading.tables import Table, first_line, literal, new_name, open_table, quoted
from netprint.errors import Problem, Problems
from netprint.load.activities import Schema
from netprint.units import parse, ratio

if TYPE_CHECKING:
    import duckdb

VIEW = "activities"
#: Standard deviations from the mean to the ends of a 95 % interval.
Z95 = 1.959964
REQUIRED = ("activity", "country", "year", "quantity", "unit")
COLUMNS = (
    *REQUIRED, "start", "end", "time", "item", "site", "entity", "counterparty", "network", "supplier", "part_of",
    "record_id", "uncertainty", "tier", "error_group", "note",
)  # fmt: skip
_RESERVED = ("source_file", "sd", "has_uncertainty")
_FIRST = ("source_file", "_row", "activity", "quantity", "sd", "has_uncertainty", "tier", "error_group", "country",
          "year", "record_id", "entity")  # fmt: skip
_TYPED = {"start": "DATE", "end": "DATE", "time": "TIMESTAMP"}
_ERRORS_SHARED = ("estimated", "modelled")


def read(
    sources: object,
    schema: Schema,
    *,
    connection: duckdb.DuckDBPyConnection,
    problems: Problems,
    root: Path | None = None,
) -> str:
    """The name of the view over all ``sources`` (one or a list), for a table each row.

    Columns: source_file, _row (the number the user sees), activity (canonical), quantity (DOUBLE, in the
    activity's unit), sd (relative standard deviation; 0 where none is stated), has_uncertainty, tier,
    error_group (empty for metered and billed), country, year (text), record_id, entity; start, end (DATE) and
    time (TIMESTAMP, UTC; a time without offset is UTC) where a source has them; ``schema.numeric`` as DOUBLE;
    every other column, and those of ``schema.keep``, as text that is never NULL.

    A row without a year takes that of its time, or of its start and end, else the study's. Adds to
    ``problems``; raises nothing for what a table holds.
    """
    rejected: list[tuple[Any, ...]] = []
    opened: list[tuple[Source, Profile]] = []
    for name, item in _each(sources):
        before = len(problems)
        source = _open(item, name, schema, connection, problems, root)
        told = list(problems)[before:]
        rejected += [
            (source.relation if source else "", p.file, p.line, p.field, reason(p))
            for p in told
            if p.line is not None
        ]
        if source is not None and _columns_fit(source, schema, problems):
            found = _judged(source, schema, connection, problems, rejected)
            if found is not None:
                opened.append((source, found))
    _one_spelling([source for source, _ in opened], problems)
    if not any(found.activities or found.failed for _, found in opened):
        _tell_empty([source for source, _ in opened], problems)
    _create_view(opened, schema, connection)
    for issue in _counted_twice([source for source, _ in opened], schema, problems, connection):
        relation = next((s.relation for s, _ in opened if s.name == issue.file), "")
        problems.extend([issue])
        rejected.append((relation, issue.file, issue.line, issue.field, reason(issue)))
    store(rejected, connection)
    return VIEW


def _each(sources: object) -> Iterator[tuple[str | None, object]]:
    """The sources one by one; a list of dicts is one source. Rows in memory are named by position."""
    many = isinstance(sources, (list, tuple)) and not (
        sources and all(isinstance(s, Mapping) for s in sources)
    )
    items: Sequence[object] = sources if many else [sources]  # type: ignore[assignment]
    for position, item in enumerate(items, start=1):
        named = isinstance(item, (str, Path)) or (
            isinstance(item, (list, tuple)) and isinstance(item[0], (str, Path))
        )
        yield (None if named else "rows" if len(items) == 1 else f"rows {position}"), item


def _open(
    item: object,
    name: str | None,
    schema: Schema,
    connection: duckdb.DuckDBPyConnection,
    problems: Problems,
    root: Path | None,
) -> Source | None:
    table = item if isinstance(item, Table) else None
    if table is None:
        table = open_table(item, connection=connection, problems=problems, root=root, name=name)
    if table is None:
        return None
    described = connection.execute(f"DESCRIBE {table.relation}").fetchall()
    types = {str(column): str(kind) for column, kind, *_ in described}
    parts = types.pop("_file", None) is not None
    types.pop("_row")
    stated = dict(schema.defaults)
    if {"time", "start"} & {*types, *stated}:
        stated.pop("year", None)  # the row's own dates go before what the study states
    return Source(table.relation, table.name, types, table.text, parts, table.header, stated)


def _columns_fit(source: Source, schema: Schema, problems: Problems) -> bool:
    """Whether the required columns are there, under their names, and no name is one of the view's own."""
    before = len(problems)
    line = source.header
    names = {column.casefold(): column for column in source.types}
    known = list(dict.fromkeys([*COLUMNS, *schema.keep, *schema.numeric]))
    wrong = remedies.misspelt(names, known)
    for written, meant in wrong.items():
        problems.add(source.name, line, written, found=f"a column '{written}'", expected=f"'{meant}'",
                     remedy=f"Rename it to '{meant}', or to something else if it is another thing.")  # fmt: skip
    for column in _RESERVED:
        if column in names:
            problems.add(source.name, line, column, found=f"a column '{column}'",
                         expected="names that netprint does not use itself",
                         remedy="Rename the column.")  # fmt: skip
    required = [c for c in REQUIRED if c != "country" or c in schema.keep]
    for column in required:
        dated = column == "year" and (source.has("time") or source.has("start"))
        if not source.has(column) and column not in wrong.values() and not dated:
            there = ", ".join(source.types) or "none"
            problems.add(source.name, line, column, found=f"no column '{column}' (there are: {there})",
                         expected=f"the columns {', '.join(required)}",
                         remedy=f"Add the column '{column}' or rename the one that holds it.")  # fmt: skip
    return len(problems) == before


def _judged(
    source: Source,
    schema: Schema,
    connection: duckdb.DuckDBPyConnection,
    problems: Problems,
    rejected: list[tuple[Any, ...]],
) -> Profile | None:
    """The profile of a source, its failing rows told; None where it cannot be read to its end."""
    import duckdb

    try:
        found = profile(source, schema, connection, problems)
        if found.failed:
            wrong = report(source, found.failed, connection)
            rejected += [(source.relation, p.file, p.line, p.field, reason(p)) for p in wrong]
            keep(wrong, found.failed, source, problems)
    except duckdb.Error as error:
        problems.add(source.name, None, None, found=f"a table that cannot be read ({first_line(error)})",
                     expected="rows", remedy="Write the file again.")  # fmt: skip
        return None
    return found


def _one_spelling(sources: Sequence[Source], problems: Problems) -> None:
    """Report a column that two tables spell with different capitals."""
    first: dict[str, tuple[str, str]] = {}
    for source in sources:
        for column in source.types:
            spelling, file = first.setdefault(column.casefold(), (column, source.name))
            if spelling != column:
                problems.add(source.name, source.header, column, found=f"a column '{column}'",
                             expected=f"'{spelling}', as in {file}",
                             remedy="Spell the column alike in all tables.")  # fmt: skip


def _counted_twice(
    sources: Sequence[Source], schema: Schema, problems: Problems, connection: duckdb.DuckDBPyConnection
) -> list[Problem]:
    """Repeated record ids and sub-meters beside their parents, over all sources."""
    import duckdb

    try:
        repeated = (
            repeated_ids(VIEW, connection) if any(source.has("record_id") for source in sources) else ()
        )
        nested = () if schema.nested else submeters(VIEW, connection)
        return [*repeated, *repeated_certificates(VIEW, connection), *nested]
    except duckdb.Error as error:
        names = ", ".join(source.name for source in sources)
        problems.add(names, None, None, found=f"a table that cannot be read ({first_line(error)})",
                     expected="rows", remedy="Write the file again.")  # fmt: skip
        return []


def _tell_empty(sources: Sequence[Source], problems: Problems) -> None:
    """Report tables that are all without rows; one alone among others is a sheet that nobody needed."""
    told = {problem.file for problem in problems}
    for source in sources:
        if source.name not in told:
            found = "a table without rows" if source.header is None else "a header without rows"
            problems.add(source.name, source.header, None, found=found, expected="at least one row",
                         remedy="Check that the right table was named.")  # fmt: skip


# ---- the view


def _create_view(
    opened: Sequence[tuple[Source, Profile]], schema: Schema, connection: duckdb.DuckDBPyConnection
) -> None:
    there = dict.fromkeys(column for source, _ in opened for column in source.types)
    given = [*there, *schema.keep, *schema.numeric, *schema.defaults]
    skip = {*_FIRST, *_RESERVED, "unit", "uncertainty"}
    others = [column for column in dict.fromkeys(given) if column not in skip]
    selects = [_select(source, found, others, schema, connection) for source, found in opened]
    if not selects:
        kinds = {
            "_row": "BIGINT",
            "quantity": "DOUBLE",
            "sd": "DOUBLE",
            "has_uncertainty": "BOOLEAN",
            **_TYPED,
        }
        kinds |= {column: "DOUBLE" for column in schema.numeric}
        empty = [f"NULL::{kinds.get(c, 'VARCHAR')} AS {quoted(c)}" for c in (*_FIRST, *others)]
        selects = [f"SELECT {', '.join(empty)} WHERE false"]
    connection.execute(f"CREATE OR REPLACE VIEW {VIEW} AS {' UNION ALL '.join(selects)}")


def _select(
    source: Source,
    found: Profile,
    others: Sequence[str],
    schema: Schema,
    connection: duckdb.DuckDBPyConnection,
) -> str:
    """The SELECT that normalises one source. Labels that need no change are read as they stand."""
    activity, scale, join = _activity(source, found, connection)
    country, join_country = _country(source, found, connection)
    quantity = source.number("quantity").value
    spread = source.number("uncertainty", percent=True).value if source.has("uncertainty") else "NULL::DOUBLE"
    columns = {
        "source_file": source.file,
        "_row": "s._row",
        "activity": activity,
        "quantity": quantity if scale == "1.0" else f"{quantity} * {scale}",
        "sd": f"coalesce({spread}, 0) / {100 * Z95!r}",
        "has_uncertainty": f"{spread} IS NOT NULL",
        "tier": source.label("tier"),
        "error_group": _error_group(source, found, activity),
        "country": country,
        "year": _year(source, found, schema),
        "record_id": source.label("record_id"),
        "entity": source.label("entity"),
    }
    for column in others:
        columns[column] = _other(source, column, schema)
    listed = ", ".join(f"{sql} AS {quoted(column)}" for column, sql in columns.items())
    return f"SELECT {listed} FROM {source.relation} AS s{join}{join_country}"


def _other(source: Source, column: str, schema: Schema) -> str:
    if column in schema.numeric:
        return source.number(column).value
    if column in ("start", "end"):
        return source.date(column).value if source.has(column) else "NULL::DATE"
    if column == "time":
        return source.time(column).value if source.has(column) else "NULL::TIMESTAMP"
    return source.label(column)


def _activity(source: Source, found: Profile, connection: duckdb.DuckDBPyConnection) -> tuple[str, str, str]:
    """SQL for the activity's name and for the factor to its unit, and the join that they need."""
    scales = {
        pair: float(f"{ratio(parse(pair[1].strip()), parse(meant.unit)):.15g}")
        for pair, meant in found.activities.items()
    }
    same = all(pair[0] == meant.name for pair, meant in found.activities.items())
    if same and len(set(scales.values())) <= 1:
        return source.label("activity"), repr(next(iter(scales.values()), 1.0)), ""
    rows = [(*pair, meant.name, scales[pair]) for pair, meant in found.activities.items()]
    table = _mapping(rows, ("raw", "unit", "name", "scale"), connection)
    on = f"a.raw = {source.label('activity')} AND a.unit = {source.label('unit')}"
    return "a.name", "a.scale", f" LEFT JOIN {table} AS a ON {on}"


def _country(source: Source, found: Profile, connection: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """SQL for the country's code, and the join that it needs."""
    if all(raw == code for raw, code in found.countries.items()):
        return source.label("country"), ""
    table = _mapping(list(found.countries.items()), ("raw", "code"), connection)
    return "c.code", f" LEFT JOIN {table} AS c ON c.raw = {source.label('country')}"


def _year(source: Source, found: Profile, schema: Schema) -> str:
    """SQL for the year: the row's own, else that of its dates, else the study's."""
    year = source.label("year")
    if any(text != text.strip() for text in found.years):
        year = f"trim({year})"
    if "" not in found.years:
        return year
    stated = literal(schema.defaults.get("year", ""))
    return f"coalesce(nullif({year}, ''), {derived_year(source, schema)}, {stated})"


def _error_group(source: Source, found: Profile, activity: str) -> str:
    """SQL for the name of the error that rows share: their own, else that of their estimate."""
    derived = "''"
    if found.tiers & set(_ERRORS_SHARED):
        shared = ", ".join(literal(tier) for tier in _ERRORS_SHARED)
        name = f"concat({activity}, '|', {source.label('tier')}, '|', {source.label('entity')})"
        derived = f"CASE WHEN {source.label('tier')} IN ({shared}) THEN {name} ELSE '' END"
    return f"coalesce({source.filled('error_group')}, {derived})" if source.has("error_group") else derived


def _mapping(
    rows: Sequence[tuple[str | float, ...]], names: Sequence[str], connection: duckdb.DuckDBPyConnection
) -> str:
    """A small table to join with."""
    table = new_name()
    values = (", ".join(literal(v) if isinstance(v, str) else f"{v!r}::DOUBLE" for v in row) for row in rows)
    listed = ", ".join(f"({row})" for row in values)
    connection.execute(f"CREATE TABLE {table} AS FROM (VALUES {listed}) AS t({', '.join(names)})")
    return table
