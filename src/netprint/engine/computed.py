"""`columns:` of a method or study: deterministic functions of one row, compiled into the same pass as the sums.

What a column's formula may say: columns, texts, numbers, arithmetic, comparisons, `where`, `min`, `max`, and the
parts of a time: `hour(time)`, `month(time)`, `weekday(time)`, `hour_of_year(time)` (UTC).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

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
_FUNCTIONS = {
    "min": "least({0})",
    "max": "greatest({0})",
    "exp": "exp({0})",
    "log": "ln({0})",
    "sqrt": "sqrt({0})",
}
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
) -> str:
    """A view on ``view`` in which computed columns stand in place, and every column of the key is text.

    Raises :class:`InputError` for a column that the rows' types do not allow.
    """
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
    return name


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
        case Binary(operator, left, right):
            return f"({sql(left)} {operator} {sql(right)})"
        case Compare(operator, left, right):
            return f"({sql(left)} {_COMPARISONS.get(operator, operator)} {sql(right)})"
        case Call("where", (condition, yes, no)):
            return f"(CASE WHEN {sql(condition)} THEN {sql(yes)} ELSE {sql(no)} END)"
        case Call(function, (argument,)) if function in _TIME:
            return f"({_TIME[function].format(sql(argument))})"
        case Call(function, arguments) if function in _FUNCTIONS and arguments:
            return _FUNCTIONS[function].format(", ".join(sql(a) for a in arguments))
        case Call(function):
            known = ["where", *_TIME, *_FUNCTIONS]
            raise FormulaError(
                f"`{function}` is no function of one row",
                ", ".join(known),
                did_you_mean(function, known) or "Use a term.",
            )
        case Lookup():
            raise FormulaError(
                f"`{write(tree)}` stands in a column",
                "columns, texts and numbers of the same row",
                "Use it in a term.",
            )
