"""The value of a formula for one index, per draw.

Every array is ``(1 + N,)`` with the point in column 0, or ``(1,)`` where nothing is uncertain; amounts are in the
coherent units of :mod:`netprint.units`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netprint.formula.functions.registry import functions
from netprint.formula.parse import (
    Binary,
    Call,
    Compare,
    Lookup,
    Name,
    Negative,
    Number,
    Text,
    Tree,
    walk,
    write,
)

Array = NDArray[np.float64]
Index = tuple[str, ...]
Asked = tuple[str, Index]


class DivisionByZero(ArithmeticError):
    """A divisor is zero; the message is the divisor's formula."""


@dataclass(frozen=True)
class Names:
    """What the names of a formula stand for at one index.

    ``labels``: column or axis → label. ``values``: name → array in coherent units. ``factor``: the array of a
    (factor, index), coherent. ``held``: whether a (factor, index) resolves. ``sums``: (name, over) → array.
    ``strict``: whether a zero divisor raises; not inside the branches of a ``where`` that draws decide.
    """

    labels: Mapping[str, str]
    values: Mapping[str, Array]
    factor: Callable[[Asked], Array]
    held: Callable[[Asked], bool]
    sums: Mapping[tuple[str, tuple[str, ...]], Array] | None = None
    strict: bool = True


class NoWholeNumber(ValueError):
    """A label in arithmetic is no whole number; the message says which."""


def _whole(tree: Tree, labels: Mapping[str, str]) -> int:
    text = label(tree, labels)
    try:
        return int(text)
    except ValueError:
        raise NoWholeNumber(f"`{write(tree)}` is {text!r} and stands in arithmetic") from None


def label(tree: Tree, labels: Mapping[str, str]) -> str:
    """An index entry as text; whole-number arithmetic on years and ages stays whole.

    Raises :class:`NoWholeNumber`.
    """
    match tree:
        case Text(value):
            return value
        case Number(value):
            return str(int(value)) if value.is_integer() else repr(value)
        case Name(name):
            return labels[name]
        case Negative(operand):
            return str(-_whole(operand, labels))
        case Binary("+", left, right):
            return str(_whole(left, labels) + _whole(right, labels))
        case Binary("-", left, right):
            return str(_whole(left, labels) - _whole(right, labels))
    raise TypeError(f"`{write(tree)}` is no index")


def label_condition(tree: Tree, labels: Mapping[str, str], values: Mapping[str, object]) -> bool | None:
    """The truth of a comparison of labels, or None where the tree is not one."""
    if not isinstance(tree, Compare):
        return None
    sides = (tree.left, tree.right)
    if any(
        isinstance(s, Text) or (isinstance(s, Name) and s.id in labels and s.id not in values) for s in sides
    ):
        equal = label(tree.left, labels) == label(tree.right, labels)
        return equal == (tree.operator == "==")
    return None


def asked(
    tree: Tree, labels: Mapping[str, str], values: Mapping[str, object], cards: Mapping[str, object]
) -> list[Asked]:
    """Every (factor, index) that the formula may need at these labels; branches that labels exclude are left out."""
    match tree:
        case Lookup(factor, index):
            return [(factor, tuple(label(i, labels) for i in index))]
        case Name(name):
            return [(name, ())] if name in cards and name not in values and name not in labels else []
        case Call("where", (condition, yes, no)):
            truth = label_condition(condition, labels, values)
            if truth is not None:
                return asked(yes if truth else no, labels, values, cards)
            return [a for t in (condition, yes, no) for a in asked(t, labels, values, cards)]
        case Call(arguments=parts):
            return [a for t in parts for a in asked(t, labels, values, cards)]
        case Negative(operand):
            return asked(operand, labels, values, cards)
        case Binary(left=left, right=right):
            return asked(left, labels, values, cards) + asked(right, labels, values, cards)
        case Compare(left=left, right=right):
            if label_condition(tree, labels, values) is not None:
                return []
            return asked(left, labels, values, cards) + asked(right, labels, values, cards)
    return []


def needed(
    tree: Tree,
    labels: Mapping[str, str],
    values: Mapping[str, object],
    cards: Mapping[str, object],
    held: Callable[[Asked], bool],
) -> list[Asked]:
    """The (factor, index) pairs that the value rests on: of ``first`` only the alternative that is taken.

    Where no alternative of a ``first`` resolves, those of its last one, so that the gap can be named.
    """
    match tree:
        case Call("first", alternatives):
            for alternative in alternatives:
                wanted = needed(alternative, labels, values, cards, held)
                if all(held(w) for w in wanted):
                    return wanted
            return needed(alternatives[-1], labels, values, cards, held)
        case Call("where", (condition, yes, no)):
            truth = label_condition(condition, labels, values)
            if truth is not None:
                return needed(yes if truth else no, labels, values, cards, held)
            return [w for t in (condition, yes, no) for w in needed(t, labels, values, cards, held)]
        case Call(arguments=parts):
            return [w for t in parts for w in needed(t, labels, values, cards, held)]
        case Negative(operand):
            return needed(operand, labels, values, cards, held)
        case Binary(left=left, right=right) | Compare(left=left, right=right):
            if isinstance(tree, Compare) and label_condition(tree, labels, values) is not None:
                return []
            return needed(left, labels, values, cards, held) + needed(right, labels, values, cards, held)
    return asked(tree, labels, values, cards)


def stand_ins(
    tree: Tree, labels: Mapping[str, str], cards: Mapping[str, object], held: Callable[[Asked], bool]
) -> list[tuple[list[Asked], list[Asked]]]:
    """(what ``first`` asked for first, what it took) for every ``first`` that had to go on to a later alternative."""
    found = []
    for node in walk(tree):
        if isinstance(node, Call) and node.function == "first":
            wanted = needed(node.arguments[0], labels, {}, cards, held)
            taken = needed(node, labels, {}, cards, held)
            if taken != wanted and all(held(t) for t in taken):
                found.append((wanted, taken))
    return found


def evaluate(tree: Tree, names: Names) -> Array:
    """The formula's value; shape ``(1 + N,)`` or ``(1,)``. Raises :class:`DivisionByZero`.

    Whether it is finite is for the caller to see.
    """
    match tree:
        case Number(value):
            return np.array([value])
        case Name(name):
            return names.values[name] if name in names.values else names.factor((name, ()))
        case Lookup(factor, index):
            return names.factor((factor, tuple(label(i, names.labels) for i in index)))
        case Negative(operand):
            return -evaluate(operand, names)
        case Binary():
            return _binary(tree, names)
        case Compare():
            truth = label_condition(tree, names.labels, names.values)
            if truth is not None:
                return np.array([float(truth)])
            return _COMPARE[tree.operator](evaluate(tree.left, names), evaluate(tree.right, names)).astype(
                float
            )
        case Call():
            return _call(tree, names)
    raise TypeError(f"`{write(tree)}` has no value")


def _binary(tree: Binary, names: Names) -> Array:
    left, right = evaluate(tree.left, names), evaluate(tree.right, names)
    match tree.operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            if names.strict and not right.all():
                raise DivisionByZero(write(tree.right))
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                return np.asarray(left / right)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(left**right)


def _call(tree: Call, names: Names) -> Array:
    match tree.function:
        case "sum":
            (argument,) = tree.arguments
            assert isinstance(argument, Name) and names.sums is not None
            return names.sums[argument.id, tree.over]
        case "where":
            return _where(tree, names)
        case "first":
            return evaluate(_taken(tree, names), names)
    arguments = np.broadcast_arrays(*(evaluate(a, names) for a in tree.arguments))
    call = _FUNCTIONS[tree.function] if tree.function in _FUNCTIONS else functions()[tree.function].call
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(call(*arguments))


def _taken(tree: Call, names: Names) -> Tree:
    """The first alternative whose every factor resolves."""
    for alternative in tree.arguments:
        if all(names.held(a) for a in needed(alternative, names.labels, names.values, _Any(), names.held)):
            return alternative
    return tree.arguments[-1]


class _Any(dict[str, object]):
    """Every bare name that is neither value nor label is a parameter once a formula has been checked."""

    def __contains__(self, key: object) -> bool:
        return True


def _where(tree: Call, names: Names) -> Array:
    condition, yes, no = tree.arguments
    truth = label_condition(condition, names.labels, names.values)
    if truth is not None:
        return evaluate(yes if truth else no, names)
    chosen = evaluate(condition, names) != 0
    if chosen.all():
        return evaluate(yes, names)
    if not chosen.any():
        return evaluate(no, names)
    either = replace(names, strict=False)
    return np.where(chosen, evaluate(yes, either), evaluate(no, either))


def _extreme(pick: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    def over_all(first: Array, *others: Array) -> Array:
        for other in others:
            first = pick(first, other)
        return first

    return over_all


_FUNCTIONS: dict[str, Callable[..., Array]] = {
    "min": _extreme(np.minimum),
    "max": _extreme(np.maximum),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
}
_COMPARE: dict[str, Callable[[Array, Array], NDArray[np.bool_]]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
