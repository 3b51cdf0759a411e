"""What a formula means before any row is read: names, units and degree.

Degree is the power of ``quantity``: a term fed by rows must be of degree 1. ``+ -`` need equal degrees, ``*``
adds them; a divisor, a power, a comparison or an argument has degree 0. A literal zero fits any unit and degree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from netprint.errors import did_you_mean
from netprint.formula.functions.registry import LANGUAGE, functions
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
    write,
)
from netprint.units import DIMENSIONLESS, Unit, same_dimension


class CardLike(Protocol):
    """What the check needs of a factor's card."""

    @property
    def unit(self) -> str: ...
    @property
    def index(self) -> tuple[str, ...]: ...
    @property
    def measure(self) -> Unit: ...


@dataclass(frozen=True)
class Kind:
    """Unit and degree of a piece of formula; ``None`` where a literal zero fits any."""

    unit: Unit | None
    degree: int | None = 0


@dataclass(frozen=True)
class Scope:
    """The names that a formula may use.

    ``values``: names that stand for amounts, with their units (``quantity`` and numeric columns; in a cell term
    or an indicator the activities and terms). ``labels``: columns and axes that serve as index. ``cards``: the
    factors. ``summable``: names that ``sum(x, over=[…])`` accepts.
    """

    values: Mapping[str, Unit]
    labels: frozenset[str]
    cards: Mapping[str, CardLike]
    degrees: Mapping[str, int] = field(default_factory=dict)
    summable: frozenset[str] = frozenset()

    def known(self) -> list[str]:
        return [*self.values, *self.labels, *self.cards, *functions(), *LANGUAGE]


def check(tree: Tree, scope: Scope) -> Kind:
    """Unit and degree of ``tree``. Raises :class:`FormulaError` where a name, unit or degree does not hold."""
    match tree:
        case Number(value):
            return Kind(None, None) if value == 0 else Kind(DIMENSIONLESS)
        case Text(value):
            raise FormulaError(
                f"the text {value!r} stands where a number is needed",
                "texts only inside an index or compared with a label",
                "Put it into the brackets of a factor, or compare a column with it.",
            )
        case Name(name):
            return _name(name, scope)
        case Lookup():
            return _lookup(tree, scope)
        case Negative(operand):
            return check(operand, scope)
        case Binary():
            return _binary(tree, scope)
        case Compare():
            return _compare(tree, scope)
        case Call():
            return _call(tree, scope)


def _name(name: str, scope: Scope) -> Kind:
    if name in scope.values:
        return Kind(scope.values[name], scope.degrees.get(name, 0))
    card = scope.cards.get(name)
    if card is not None:
        if card.index:
            raise FormulaError(
                f"the factor `{name}` stands without its index",
                f"`{name}[{', '.join(card.index)}]`",
                "Write the index that its card names.",
            )
        return Kind(card.measure)
    if name in scope.labels:
        raise FormulaError(
            f"the column `{name}` stands where a number is needed",
            "a column with a unit, or the column inside an index",
            f"Declare a unit for it under `columns:` (`{name}: {{unit: …}}`), or use it as an index.",
        )
    raise _unknown("name", name, scope)


def _unknown(what: str, name: str, scope: Scope) -> FormulaError:
    return FormulaError(
        f"the {what} `{name}` is not known",
        "an activity, factor, column, term or function that is known",
        did_you_mean(name, scope.known()) or "Declare it, or add it to the factor table.",
    )


def _lookup(tree: Lookup, scope: Scope) -> Kind:
    card = scope.cards.get(tree.factor)
    if card is None:
        raise _unknown("factor", tree.factor, scope)
    if len(tree.index) != len(card.index):
        raise FormulaError(
            f"`{write(tree)}` has an index of {len(tree.index)}",
            f"`{tree.factor}[{', '.join(card.index)}]`"
            if card.index
            else f"`{tree.factor}` without an index",
            "The index follows the order of the factor's card.",
        )
    for part in tree.index:
        check_label(part, scope)
    return Kind(card.measure)


def check_label(tree: Tree, scope: Scope) -> None:
    """An index entry: a column or axis, a text or whole number, or whole-number arithmetic on them."""
    match tree:
        case Text() | Number():
            return
        case Name(name):
            if name not in scope.labels:
                quoted = f"If it is a label, write it in quotes: '{name}'."
                raise FormulaError(
                    f"the index `{name}` is neither a column nor an axis",
                    "a column of the activity table, an axis of `over`, or a text in quotes",
                    " ".join(filter(None, [did_you_mean(name, scope.labels), quoted])),
                )
        case Negative(operand):
            check_label(operand, scope)
        case Binary(operator, left, right) if operator in "+-":
            check_label(left, scope)
            check_label(right, scope)
        case _:
            raise FormulaError(
                f"`{write(tree)}` stands in an index",
                "a column, an axis, a text, a number or their sum",
                "Compute the label in `columns:` and name it here.",
            )


def _binary(tree: Binary, scope: Scope) -> Kind:
    left, right = check(tree.left, scope), check(tree.right, scope)
    match tree.operator:
        case "+" | "-":
            return _alike([left, right], [tree.left, tree.right], f"`{write(tree)}`")
        case "*":
            return Kind(_times(left.unit, right.unit), _sum(left.degree, right.degree))
        case "/":
            _degree_zero(right, tree.right, "a divisor")
            if left.unit is None or right.unit is None:
                return Kind(left.unit, left.degree)
            return Kind(left.unit / right.unit, left.degree)
    return _power(tree, left, right, scope)


def _times(a: Unit | None, b: Unit | None) -> Unit | None:
    return None if a is None or b is None else a * b


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def _power(tree: Binary, base: Kind, exponent: Kind, scope: Scope) -> Kind:
    _degree_zero(base, tree.left, "the base of a power")
    _degree_zero(exponent, tree.right, "an exponent")
    _dimensionless(exponent, tree.right)
    if base.unit is None or same_dimension(base.unit, DIMENSIONLESS):
        return Kind(DIMENSIONLESS)
    match tree.right:
        case Number(value) if value.is_integer() and abs(value) <= 9:
            return Kind(base.unit ** int(value))
        case Negative(Number(value)) if value.is_integer() and abs(value) <= 9:
            return Kind(base.unit ** -int(value))
    raise FormulaError(
        f"`{write(tree)}` raises {base.unit} to a power that is not a whole number",
        "a base without unit, or a whole number as exponent",
        "Divide the base by its reference value first.",
    )


def _compare(tree: Compare, scope: Scope) -> Kind:
    for side in (tree.left, tree.right):
        if isinstance(side, Name) and not any(
            side.id in n for n in (scope.values, scope.labels, scope.cards)
        ):
            raise _unknown("name", side.id, scope)
    if is_label_comparison(tree, scope.labels, scope.values):
        return Kind(DIMENSIONLESS)
    left, right = check(tree.left, scope), check(tree.right, scope)
    _degree_zero(left, tree.left, "a comparison")
    _degree_zero(right, tree.right, "a comparison")
    _alike([left, right], [tree.left, tree.right], f"`{write(tree)}`")
    return Kind(DIMENSIONLESS)


def is_label_comparison(tree: Compare, labels: frozenset[str], values: Mapping[str, object]) -> bool:
    """Whether the comparison is between labels (``item == 'diesel'``), which a row's index decides alone."""

    def label(side: Tree) -> bool:
        return isinstance(side, Text) or (
            isinstance(side, Name) and side.id in labels and side.id not in values
        )

    if label(tree.left) or label(tree.right):
        both = all(label(s) or isinstance(s, Number) for s in (tree.left, tree.right))
        if not both or tree.operator not in ("==", "!="):
            raise FormulaError(
                f"`{write(tree)}` compares a label",
                "`==` or `!=` with a text in quotes",
                "Labels have no order.",
            )
        return True
    return False


def _call(tree: Call, scope: Scope) -> Kind:
    if tree.over and tree.function != "sum":
        raise FormulaError(f"`{tree.function}` has `over`", "`over` only in sum(x, over=[…])", "Remove it.")
    match tree.function:
        case "min" | "max":
            kinds = [_argument(a, scope) for a in _at_least(tree, 2)]
            return Kind(_alike(kinds, tree.arguments, f"`{write(tree)}`").unit)
        case "first":
            return _first(tree, scope)
        case "where":
            return _where(tree, scope)
        case "exp" | "log":
            (argument,) = _exactly(tree, 1)
            _dimensionless(_argument(argument, scope), argument)
            return Kind(DIMENSIONLESS)
        case "sqrt":
            (argument,) = _exactly(tree, 1)
            kind = _argument(argument, scope)
            return Kind(None if kind.unit is None else kind.unit ** Fraction(1, 2))
        case "sum":
            return _sum_over(tree, scope)
        case "items":
            raise FormulaError(
                "`items` stands in a formula", "`items(factor)` as an axis of `over`", "Move it there."
            )
    return _registered(tree, scope)


def _registered(tree: Call, scope: Scope) -> Kind:
    function = functions().get(tree.function)
    if function is None:
        raise _unknown("function", tree.function, scope)
    free: list[tuple[Kind, Tree]] = []
    for argument, unit in zip(_exactly(tree, len(function.arguments)), function.arguments, strict=True):
        kind = _argument(argument, scope)
        if unit is None:
            free.append((kind, argument))
        elif kind.unit is not None and not same_dimension(kind.unit, unit):
            raise _differ(f"{write(argument)}` of `{tree.function}", kind.unit, str(unit))
    if free:
        _alike([kind for kind, _ in free], [tree for _, tree in free], f"`{write(tree)}`")
    return Kind(function.unit)


def _first(tree: Call, scope: Scope) -> Kind:
    kinds = [_argument(a, scope) for a in _at_least(tree, 2)]
    return Kind(_alike(kinds, tree.arguments, f"`{write(tree)}`").unit)


def _where(tree: Call, scope: Scope) -> Kind:
    condition, yes, no = _exactly(tree, 3)
    _degree_zero(check(condition, scope), condition, "the condition of where")
    return _alike([check(yes, scope), check(no, scope)], [yes, no], f"`{write(tree)}`")


def _sum_over(tree: Call, scope: Scope) -> Kind:
    (argument,) = _exactly(tree, 1)
    if not isinstance(argument, Name) or argument.id not in scope.summable:
        raise FormulaError(
            f"`{write(tree)}` sums something that is not an activity or a term",
            "sum(activity or term, over=[column, …]) in a cell term or an indicator",
            "Give it a term of its own and sum that.",
        )
    for column in tree.over:
        if column not in scope.labels:
            raise FormulaError(
                f"`{write(tree)}` sums over `{column}`",
                "columns of the activity table",
                did_you_mean(column, scope.labels) or "Name a column that the table has.",
            )
    return Kind(scope.values[argument.id])


def _argument(tree: Tree, scope: Scope) -> Kind:
    kind = check(tree, scope)
    _degree_zero(kind, tree, "an argument of a function")
    return kind


def _at_least(tree: Call, count: int) -> tuple[Tree, ...]:
    if len(tree.arguments) < count:
        raise FormulaError(
            f"`{write(tree)}` has {len(tree.arguments)} arguments",
            f"at least {count}",
            "Add what is missing.",
        )
    return tree.arguments


def _exactly(tree: Call, count: int) -> tuple[Tree, ...]:
    if len(tree.arguments) != count:
        raise FormulaError(
            f"`{write(tree)}` has {len(tree.arguments)} arguments", f"{count}", "Mend the call."
        )
    return tree.arguments


def _alike(kinds: list[Kind], trees: list[Tree] | tuple[Tree, ...], where: str) -> Kind:
    """The one unit and degree that all sides share; a literal zero takes on that of the others."""
    units = [(k.unit, t) for k, t in zip(kinds, trees, strict=True) if k.unit is not None]
    for unit, tree in units[1:]:
        first = units[0][0]
        if first is not None and unit is not None and not same_dimension(first, unit):
            raise FormulaError(
                f"{where} joins {first} (`{write(units[0][1])}`) and {unit} (`{write(tree)}`)",
                "the same dimension on both sides",
                "Convert one of them by a factor with a source.",
            )
    degrees = {k.degree for k in kinds if k.degree is not None}
    if len(degrees) > 1:
        raise FormulaError(
            f"{where} joins parts of degree {' and '.join(map(str, sorted(degrees)))} in quantity",
            "equal degrees in quantity, so that the term is linear",
            "Multiply each part by quantity, or none.",
        )
    return Kind(units[0][0] if units else None, degrees.pop() if degrees else None)


def _degree_zero(kind: Kind, tree: Tree, place: str) -> None:
    if kind.degree:
        raise FormulaError(
            f"`{write(tree)}` has degree {kind.degree} in quantity and stands in {place}",
            "a term that is linear in quantity (degree 1)",
            "Use quantity as a plain factor of the whole term, or make it a cell term (`each`).",
        )


def _dimensionless(kind: Kind, tree: Tree) -> None:
    if kind.unit is not None and not same_dimension(kind.unit, DIMENSIONLESS):
        raise _differ(write(tree), kind.unit, "a number without unit")


def _differ(text: str, unit: Unit, expected: str) -> FormulaError:
    return FormulaError(
        f"`{text}` is in {unit}", expected, "Divide or multiply by a factor that carries the unit."
    )
