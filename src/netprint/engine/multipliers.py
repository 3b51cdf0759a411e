"""`times`: the expression over factors that a collapsed row is multiplied by.

It comes with the data (a reference case with -1, a practice with -saving), so names and units are checked here.
"""

from __future__ import annotations

from collections.abc import Mapping

from netprint.engine.plan import Plan
from netprint.engine.rows import Rows
from netprint.errors import InputError, Problem
from netprint.formula.check import Scope, check
from netprint.formula.parse import FormulaError, Name, Tree, parse, walk
from netprint.units import DIMENSIONLESS, same_dimension


def multipliers(rows: Rows, plan: Plan) -> dict[str, Tree]:
    """The expressions of the rows by their text; rows without one are left out.

    Raises :class:`InputError` with every expression that cannot be read, names what is not known or carries a unit.
    """
    column = rows.labels.get("times")
    columns = [c for c in plan.key if c not in ("times", "error_group")]
    values = {c: u for c, u in plan.numeric.items() if c in columns}
    scope = Scope(values, frozenset(columns), plan.cards)
    found: dict[str, Tree] = {}
    problems = []
    for text in () if column is None else column.values:
        if text:
            try:
                found[text] = _checked(text, scope)
            except FormulaError as error:
                told = (f"`{text}`: {error.found}", error.expected, error.remedy)
                problems.append(Problem("activities", None, "times", *told))
    if problems:
        raise InputError(problems)
    return found


def _checked(text: str, scope: Scope) -> Tree:
    tree = parse(text)
    unit = check(tree, scope).unit
    if unit is not None and not same_dimension(unit, DIMENSIONLESS):
        raise FormulaError(f"it is in {unit}", "a number without unit", "Divide it by what it is a share of.")
    return tree


def columns_named(trees: Mapping[str, Tree], plan: Plan) -> set[str]:
    """The columns of the key that multipliers name."""
    return {n.id for t in trees.values() for n in walk(t) if isinstance(n, Name)} & set(plan.key)
