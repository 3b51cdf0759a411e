"""`columns:` of a method or study: deterministic functions of one row, compiled into the same pass as the sums.

What a column's formula may say: columns, texts, numbers, arithmetic, comparisons, `where`, `min`, `max`, and the
parts of a time: `hour(time)`, `month(time)`, `weekday(time)`, `hour_of_year(time)` (UTC), and `place(text)`, the code
of a place that is known, else the text as it stands. What is computed from an empty cell is empty, and so is what has
no finite value, as a division by zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netprint.errors import Problems, did_you_mean
from netprint.formula.parse import (
    Binary,
    Call,
    Compare,
    FormulaError,
    Lookup,
    Name,
    Negative,
    Number,
    Text,
    Tree,
    walk,
    write,
)
from netprint.load.method import Column

if TYPE_CHECKING:
    import duckdb

_TIME = {
    "hour": "hour({0})",
    "month": "month({0})",
    "weekday": "isodow({0})",
    "hour_of_year": "(dayofyear({0}) - 1) * 24 + hour({0})",
}
_EXTREMES = {"min": "least", "max": "greatest"}
#: SQL of a function of one number, and where it has a finite value.
_FUNCTIONS = {
    "exp": ("exp({0})", "{0} < 709"),
    "log": ("ln({0})", "{0} > 0"),
    "sqrt": ("sqrt({0})", "{0} >= 0"),
}
_PLACE = "place_code"
_FACTOR = "instrument_factor"
_LONGEST = 200_000
_COMPARISONS = {"==": "=", "!=": "<>"}
#: What every row has and no column may replace.
KEPT = ("quantity", "unit", "activity", "sd", "uncertainty", "has_uncertainty", "error_group", "times")


def inputs(columns: Mapping[str, Column]) -> set[str]:
    """The columns of the table that computed columns read (a column may read its own value in the table)."""
    return {
        node.id
        for column in columns.values()
        if column.formula is not None
        for node in walk(column.formula)
        if isinstance(node, Name)
    }


def check(columns: Mapping[str, Column], file: str, problems: Problems) -> None:
    """Add a problem for every formula that a column cannot have."""
    for name, column in columns.items():
        if name in KEPT:
            problems.add(
                file, None, f"columns.{name}", found=f"the column `{name}` is computed",
                expected="a name that the engine does not keep for itself", remedy="Give it another name.",
            )  # fmt: skip
        if column.formula is not None:
            try:
                sql(column.formula)
            except FormulaError as error:
                problems.add(
                    file,
                    None,
                    f"columns.{name}",
                    found=error.found,
                    expected=error.expected,
                    remedy=error.remedy,
                )


def with_columns(
    connection: duckdb.DuckDBPyConnection,
    view: str,
    columns: Mapping[str, Column],
    key: tuple[str, ...],
    file: str = "study",
    told_apart: Mapping[str, frozenset[str]] | None = None,
) -> str:
    """A view on ``view`` in which computed columns stand in place, and every column of the key is text.

    A column of ``told_apart`` is empty in rows of other activities than those named there, but for activities of which
    some rows have a multiplier, which may name any column.

    Raises :class:`InputError` for a column that the rows' types do not allow, and for contractual instruments that
    cannot be matched with electricity.
    """
    from netprint.engine.prepare.instruments import check_rows

    factor = columns.get(_FACTOR)
    if factor is not None and factor.formula is None:
        check_rows(connection, view)
    add_place_code(connection)
    _computable(connection, view, columns, file)
    present = [str(row[0]) for row in connection.execute(f"DESCRIBE {view}").fetchall()]
    types = {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE {view}").fetchall()}
    select = []
    for name in dict.fromkeys([*present, *key]):
        column = columns.get(name)
        if column is not None and column.formula is not None:
            select.append(f"{_label(sql(column.formula))} AS {quoted(name)}")
        elif name in key and name not in types:
            select.append(f"'' AS {quoted(name)}")
        elif name in key and types[name] != "VARCHAR":
            select.append(f"{_label(quoted(name))} AS {quoted(name)}")
        else:
            select.append(quoted(name))
    name = f"{view}_computed"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {', '.join(select)} FROM {view}")
    return _apart(connection, name, key, told_apart or {})


def _apart(
    connection: duckdb.DuckDBPyConnection,
    view: str,
    key: tuple[str, ...],
    told_apart: Mapping[str, frozenset[str]],
) -> str:
    """A view in which columns are empty where no term of the row's activity names them."""
    some = {c: activities for c, activities in told_apart.items() if c in key}
    if not some:
        return view
    multiplied = connection.execute(f"SELECT DISTINCT activity FROM {view} WHERE times <> ''").fetchall()
    some = {c: activities.union(a for (a,) in multiplied) for c, activities in some.items()}
    emptied = ", ".join(
        f"CASE WHEN activity IN ({', '.join(sql(Text(a)) for a in sorted(activities))}) "
        f"THEN {quoted(c)} ELSE '' END "
        f"AS {quoted(c)}"
        for c, activities in some.items()
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {view}_apart AS SELECT * REPLACE ({emptied}) FROM {view}"
    )
    return f"{view}_apart"


def _computable(
    connection: duckdb.DuckDBPyConnection, view: str, columns: Mapping[str, Column], file: str
) -> None:
    """Every formula must fit the types of the columns that it names."""
    import duckdb

    problems = Problems()
    for name, column in columns.items():
        if column.formula is not None:
            try:
                connection.execute(f"SELECT {sql(column.formula)} FROM {view} LIMIT 0")
            except duckdb.Error as error:
                reason = str(error).splitlines()[0].split(": ", 1)[-1]
                problems.add(
                    file, None, f"columns.{name}", found=f"`{write(column.formula)}` cannot be computed: {reason}",
                    expected="texts compared with texts and numbers with numbers",
                    remedy="Write labels in quotes, and give a column of numbers its unit under `columns:`.",
                )  # fmt: skip
    problems.raise_if_any()


def add_place_code(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection the SQL function `place_code(text)`: the code of a known place, else NULL."""
    known = "SELECT 1 FROM duckdb_functions() WHERE function_name = ?"
    if connection.execute(known, [_PLACE]).fetchone() is None:
        connection.create_function(
            _PLACE, _place_codes, ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special"
        )  # type: ignore[call-overload]


def _place_codes(texts: Any) -> Any:
    """The codes of an Arrow array of texts; each distinct text is looked up once."""
    import pyarrow as pa
    from pyarrow import compute

    from netprint import places

    distinct = compute.unique(texts)
    codes = pa.array([places.load().find(t) if t else None for t in distinct.to_pylist()], pa.string())
    return codes.take(compute.index_in(texts, distinct))


def _label(expression: str) -> str:
    """A value as a label: whole numbers without a decimal point, absent values as empty text."""
    text = f"({expression})::VARCHAR"
    return f"coalesce(CASE WHEN {text} LIKE '%.0' THEN left({text}, -2) ELSE {text} END, '')"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def sql(tree: Tree) -> str:
    """One column formula as SQL. Raises :class:`FormulaError` for what one row cannot answer."""
    match tree:
        case Number(value):
            return repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
        case Text(value):
            return "'" + value.replace("'", "''") + "'"
        case Name(name):
            return quoted(name)
        case Negative(operand):
            return f"(-{sql(operand)})"
        case Binary("/", left, right):
            return f"({sql(left)} / nullif({sql(right)}, 0))"
        case Binary("**", left, right):
            power = f"({sql(left)} ** {sql(right)})"
            return _bounded(f"(CASE WHEN isfinite({power}) THEN {power} END)")
        case Binary(operator, left, right):
            return f"({sql(left)} {operator} {sql(right)})"
        case Compare(operator, left, right):
            return f"({sql(left)} {_COMPARISONS.get(operator, operator)} {sql(right)})"
        case Call():
            return _bounded(_call(tree))
        case Lookup():
            raise FormulaError(
                f"`{write(tree)}` stands in a column",
                "columns, texts and numbers of the same row",
                "Use it in a term.",
            )


def _call(tree: Call) -> str:
    """A function of one row as SQL."""
    match tree:
        case Call("where", (condition, yes, no)):
            test = sql(condition)
            return f"(CASE WHEN ({test}) IS NULL THEN NULL WHEN {test} THEN {sql(yes)} ELSE {sql(no)} END)"
        case Call("place", (argument,)):
            text = f"({sql(argument)})::VARCHAR"
            return f"coalesce({_PLACE}({text}), {text})"
        case Call(function, (argument,)) if function in _TIME:
            return f"({_TIME[function].format(sql(argument))})"
        case Call(function, (argument,)) if function in _FUNCTIONS:
            value, holds = (part.format(sql(argument)) for part in _FUNCTIONS[function])
            return f"(CASE WHEN {holds} THEN {value} END)"
        case Call(function, arguments) if function in _EXTREMES and arguments:
            each = [sql(a) for a in arguments]
            empty = " OR ".join(f"({one}) IS NULL" for one in each)
            return f"(CASE WHEN {empty} THEN NULL ELSE {_EXTREMES[function]}({', '.join(each)}) END)"
        case _:
            known = ["where", "place", *_TIME, *_EXTREMES, *_FUNCTIONS]
            raise FormulaError(
                f"`{tree.function}` is no function of one row",
                ", ".join(known),
                did_you_mean(tree.function, known) or "Use a term.",
            )


def _bounded(text: str) -> str:
    """SQL that repeats its parts, unless nested so deeply that it grows beyond bounds."""
    if len(text) > _LONGEST:
        raise FormulaError(
            "`where`, `min`, `max` or powers stand inside each other too many times",
            "a formula that is nested less deeply",
            "Compute a part in a column of its own table, or write the branches one after the other.",
        )
    return text
