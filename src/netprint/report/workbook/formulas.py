"""Formulas of methods as formulas of a spreadsheet, with every name replaced by the cell that holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from netprint.formula.evaluate import Asked, Names, evaluate, label, label_condition, needed
from netprint.formula.parse import Binary, Call, Compare, Lookup, Name, Negative, Number, Tree, write

#: What Excel takes as one formula.
LONGEST = 8192
_MOST_ARGUMENTS = 250
#: Stands for the row of the formula's own cell.
ROW = "{r}"
_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2}
_COMPARE = {"==": "=", "!=": "<>"}
_FUNCTIONS = {"min": "MIN", "max": "MAX", "exp": "EXP", "log": "LN", "sqrt": "SQRT"}
#: Registered functions that a spreadsheet can say; any other stands as netprint's own number.
_EQUIVALENT: dict[str, Callable[..., str]] = {
    "weibull_survival": lambda age, shape, scale: f"EXP(-POWER(MAX({age},0)/({scale}),{shape}))",
}


class Live(NamedTuple):
    """A live formula and the value that netprint computes for it (shown until a program recalculates)."""

    text: str
    value: float | str


@dataclass(frozen=True)
class Place:
    """Where the names of one formula stand.

    ``names``: labels, point values in base units and factors. ``cells``: name → cell of its value. ``factor``: the
    cell of a (factor, index). ``total``: the cell of (name, over) of ``sum(name, over=[…])``. ``numbers`` collects
    the parts that stay numbers of netprint.
    """

    names: Names
    cells: Mapping[str, str]
    factor: Callable[[Asked], str]
    cards: Mapping[str, object]
    total: Callable[[str, tuple[str, ...]], str] | None = None
    numbers: list[str] = field(default_factory=list)

    def value(self, tree: Tree) -> float:
        """The point value of a piece of the formula, in base units."""
        return float(evaluate(tree, self.names)[0])

    def truth(self, tree: Tree) -> bool | None:
        """The truth of a comparison of labels; None where the tree is not one."""
        return label_condition(tree, self.names.labels, self.names.values)

    def taken(self, alternatives: Sequence[Tree]) -> Tree:
        """The alternative that ``first`` takes."""
        names = self.names
        for tree in alternatives:
            if all(names.held(a) for a in needed(tree, names.labels, names.values, self.cards, names.held)):
                return tree
        return alternatives[-1]


def transcribe(tree: Tree, place: Place) -> str:
    """The formula as a spreadsheet computes it, without its ``=``; of ``where`` on labels and of ``first`` the branch
    that was taken. What a spreadsheet cannot say, or not in one cell, stands as netprint's number."""
    text = _write(tree, place, 0)
    if len(text) < LONGEST:
        return text
    place.numbers.append(write(tree))
    return number(place.value(tree))


def number(value: float) -> str:
    """A number as a spreadsheet reads it; one below zero in brackets."""
    text = repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value)).upper()
    return f"({text})" if value < 0 else text


def _write(tree: Tree, place: Place, around: int) -> str:
    match tree:
        case Number(value):
            return number(value)
        case Name(name):
            return place.cells[name] if name in place.names.values else place.factor((name, ()))
        case Lookup(factor, index):
            return place.factor((factor, tuple(label(i, place.names.labels) for i in index)))
        case Negative(operand):
            return f"(-{_write(operand, place, 3)})"
        case Binary("**", base, exponent):
            return _power(base, exponent, place)
        case Binary(operator, left, right):
            binds = _BINDS[operator]
            text = f"{_write(left, place, binds)}{operator}{_write(right, place, binds + 1)}"
            return f"({text})" if binds < around else text
        case Compare():
            return f"IF({_condition(tree, place)},1,0)"
        case Call():
            return _call(tree, place, around)
    raise TypeError(f"`{write(tree)}` has no value")


def _power(base: Tree, exponent: Tree, place: Place) -> str:
    """A power; anything to the power of zero is one, as in netprint."""
    written = f"POWER({_write(base, place, 0)},{_write(exponent, place, 0)})"
    if isinstance(exponent, Number) and exponent.value:
        return written
    return f"IF({_write(exponent, place, 1)}=0,1,{written})"


def _condition(tree: Tree, place: Place) -> str:
    truth = place.truth(tree)
    if truth is not None:
        return "TRUE" if truth else "FALSE"
    if isinstance(tree, Compare):
        operator = _COMPARE.get(tree.operator, tree.operator)
        return f"{_write(tree.left, place, 1)}{operator}{_write(tree.right, place, 1)}"
    return f"{_write(tree, place, 1)}<>0"


def _call(tree: Call, place: Place, around: int) -> str:
    match tree.function, tree.arguments:
        case "sum", (Name(name),):
            assert place.total is not None
            return place.total(name, tree.over)
        case "first", alternatives:
            return _write(place.taken(alternatives), place, around)
        case "where", (condition, yes, no):
            truth = place.truth(condition)
            if truth is not None:
                return _write(yes if truth else no, place, around)
            branches = f"{_write(yes, place, 0)},{_write(no, place, 0)}"
            return f"IF({_condition(condition, place)},{branches})"
    written = [_write(a, place, 0) for a in tree.arguments]
    if tree.function in _FUNCTIONS:
        return _called(_FUNCTIONS[tree.function], written)
    if tree.function in _EQUIVALENT:
        return _EQUIVALENT[tree.function](*written)
    place.numbers.append(write(tree))
    return number(place.value(tree))


def _called(function: str, arguments: list[str]) -> str:
    """A call; one of more arguments than Excel takes (only MIN and MAX have as many) is nested."""
    parts = [arguments[i : i + _MOST_ARGUMENTS] for i in range(0, len(arguments), _MOST_ARGUMENTS)]
    calls = [f"{function}({','.join(part)})" for part in parts]
    return calls[0] if len(calls) == 1 else f"{function}({','.join(calls)})"


def size(tree: Tree, place: Place) -> float:
    """The sum of absolute values that a formula's value is the difference of: what rounding is measured by."""
    match tree:
        case Negative(operand):
            return size(operand, place)
        case Binary("+" | "-", left, right):
            return size(left, place) + size(right, place)
        case Binary("*", left, right):
            return size(left, place) * size(right, place)
        case Binary("/", left, right):
            divisor = abs(place.value(right))
            return size(left, place) / divisor if divisor else 0.0
        case Call("min" | "max", arguments):
            return max(size(a, place) for a in arguments)
        case Call("first", alternatives):
            return size(place.taken(alternatives), place)
        case Call("where", (condition, yes, no)):
            truth = place.truth(condition)
            chosen = place.value(condition) != 0 if truth is None else truth
            return size(yes if chosen else no, place)
    return abs(place.value(tree))
