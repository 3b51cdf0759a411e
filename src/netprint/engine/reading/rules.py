"""The rules of a method on the rows that were read: what may not stand together, and what must be filled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from netprint.engine.computed import sql
from netprint.engine.reading.checks import DETAILED
from netprint.engine.reading.tables import literal, quoted
from netprint.errors import Problem, did_you_mean
from netprint.formula.parse import Binary, Tree
from netprint.load.rule import Exclusion, Requirement, Rule
from netprint.load.selector import columns_of

if TYPE_CHECKING:
    import duckdb


def broken(rules: Iterable[Rule], view: str, connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    """A problem for each row of ``view`` that breaks a rule; the first ``DETAILED`` of each rule.

    One pass counts the rows that rules are about; only a rule that may be broken is then looked at by itself.
    """
    asked = list(rules)
    for rule in _suspect(asked, view, connection) if asked else ():
        match rule:
            case Exclusion():
                yield from _together(rule, view, connection)
            case Requirement():
                yield from _lacking(rule, view, connection)


def _suspect(rules: list[Rule], view: str, connection: duckdb.DuckDBPyConnection) -> list[Rule]:
    """The rules that may be broken: rows on both sides of an exclusion, or rows that lack what is required."""
    counts, named = [], set[str]()
    for rule in rules:
        match rule:
            case Exclusion(either=either, other=other, same=same):
                full = " AND ".join(f"{quoted(c)} <> ''" for c in same)
                counts.append(f"bool_or({_holds(either)} AND {full}) AND bool_or({_holds(other)} AND {full})")
                named |= columns_of(either) | columns_of(other) | set(same)
            case Requirement(when=when, column=column):
                counts.append(f"bool_or({_holds(when)} AND {_wrong(rule)})")
                named |= columns_of(when) | {column}
    found = connection.execute(
        f"SELECT {', '.join(counts)} FROM ({_filled(view, named, connection)})"
    ).fetchone()
    return [rule for rule, suspect in zip(rules, found or (), strict=True) if suspect]


def _holds(selector: Tree) -> str:
    """A selector as SQL: * is AND, + is OR."""
    match selector:
        case Binary("*" | "+" as operator, left, right):
            return f"({_holds(left)} {'AND' if operator == '*' else 'OR'} {_holds(right)})"
    return sql(selector)


def _filled(view: str, columns: Iterable[str], connection: duckdb.DuckDBPyConnection) -> str:
    """SQL for the rows of ``view`` with ``columns`` as texts; one that no table has is empty."""
    there = {str(row[0]) for row in connection.execute(f"DESCRIBE {view}").fetchall()}
    texts = [
        f"coalesce({quoted(c)}::VARCHAR, '') AS {quoted(c)}" if c in there else f"'' AS {quoted(c)}"
        for c in sorted(set(columns))
    ]
    return f"SELECT source_file, _row, {', '.join(texts)} FROM {view}"


def _together(rule: Exclusion, view: str, connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    named = columns_of(rule.either) | columns_of(rule.other) | set(rule.same)
    rows = _filled(view, named, connection)
    full = " AND ".join(f"{quoted(c)} <> ''" for c in rule.same)
    alike = " AND ".join(f"a.{quoted(c)} = b.{quoted(c)}" for c in rule.same)
    query = f"""WITH r AS ({rows}), a AS (SELECT * FROM r WHERE {_holds(rule.either)} AND {full}),
        b AS (SELECT * FROM r WHERE {_holds(rule.other)} AND {full})
        SELECT b.source_file, b._row, min({{f: a.source_file, r: a._row}}) AS other,
        {", ".join("b." + quoted(c) for c in rule.same)}
        FROM b JOIN a ON {alike} WHERE a.source_file <> b.source_file OR a._row <> b._row
        GROUP BY ALL ORDER BY 1, 2 LIMIT {DETAILED}"""
    for file, row, first, *labels in connection.execute(query).fetchall():
        which = ", ".join(f"{c} {v}" for c, v in zip(rule.same, labels, strict=True))
        yield Problem(
            file, row, rule.same[0],
            f"{which}, which stands at {first['f']}:{first['r']} too ({rule.title or rule.id})",
            f"one of the two: {rule.cites or rule.id}",
            "Remove one of the rows, or mend the column that tells them apart.",
        )  # fmt: skip


def _lacking(rule: Requirement, view: str, connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    rows = _filled(view, columns_of(rule.when) | {rule.column}, connection)
    column = quoted(rule.column)
    wrong = (
        f"{column} NOT IN ({', '.join(map(literal, rule.labels))})" if rule.labels else f"trim({column}) = ''"
    )
    query = f"""SELECT source_file, _row, {column} FROM ({rows}) WHERE {_holds(rule.when)} AND {wrong}
        ORDER BY 1, 2 LIMIT {DETAILED}"""
    for file, row, text in connection.execute(query).fetchall():
        yield Problem(
            file, row, rule.column, f"'{text}'" if text else f"no {rule.column}",
            _listed(rule.labels) or f"a {rule.column} ({rule.title or rule.id})",
            did_you_mean(text, rule.labels) or rule.title or f"Fill the column '{rule.column}'.",
        )  # fmt: skip


def _wrong(rule: Requirement) -> str:
    """SQL for what a row may not have in the column."""
    column = quoted(rule.column)
    return (
        f"{column} NOT IN ({', '.join(map(literal, rule.labels))})" if rule.labels else f"trim({column}) = ''"
    )


def _listed(labels: tuple[str, ...]) -> str:
    return labels[0] if len(labels) == 1 else f"one of {', '.join(labels)}" if labels else ""
