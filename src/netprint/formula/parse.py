"""The formula language: text to a small immutable tree.

Parsed with Python's :mod:`ast` and whitelisted node by node; never evaluated by Python. What is not listed here
(attributes, calls of anything but a plain name, comprehensions, lambdas, assignments …) is refused with the
place in the text.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 4000
DEEPEST = 60


class FormulaError(ValueError):
    """A formula that cannot be read or does not hold; ``remedy`` says how to mend it."""

    def __init__(self, found: str, expected: str, remedy: str) -> None:
        super().__init__(f"{found}; expected {expected}. {remedy}")
        self.found, self.expected, self.remedy = found, expected, remedy


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Name:
    id: str


@dataclass(frozen=True)
class Lookup:
    """``factor[index, …]``"""

    factor: str
    index: tuple[Tree, ...]


@dataclass(frozen=True)
class Call:
    """``function(arguments…)``; ``over`` holds the columns of ``sum(x, over=[…])``."""

    function: str
    arguments: tuple[Tree, ...]
    over: tuple[str, ...] = ()


@dataclass(frozen=True)
class Negative:
    operand: Tree


@dataclass(frozen=True)
class Binary:
    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Compare:
    operator: str
    left: Tree
    right: Tree


Tree = Number | Text | Name | Lookup | Call | Negative | Binary | Compare

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_FOREIGN = {
    ast.Attribute: "attribute access",
    ast.Lambda: "lambda",
    ast.ListComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.Starred: "an unpacked argument",
    ast.NamedExpr: "an assignment",
    ast.JoinedStr: "an f-string",
    ast.BoolOp: "`and`, `or`",
    ast.IfExp: "`if … else`",
    ast.Dict: "a dictionary",
    ast.List: "a list outside `over=[…]`",
}
_LANGUAGE = "numbers, names, factor[index], + - * / **, comparisons and the functions of the formula language"


@lru_cache(maxsize=4096)
def parse(text: str) -> Tree:
    """Read one formula. Raises :class:`FormulaError` with the place of what is not part of the language."""
    text = str(text).strip()
    if not text:
        raise FormulaError(
            "the formula is empty", _LANGUAGE, "Write a formula, for example quantity * factor[item]."
        )
    if len(text) > LONGEST:
        raise FormulaError(
            f"the formula has {len(text)} characters", f"at most {LONGEST}", "Split it into several terms."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            body = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        column = getattr(error, "offset", None)
        place = f" at column {column}" if column else ""
        raise FormulaError(
            f"`{_short(text)}` is not a formula{place}", _LANGUAGE, "Check brackets, commas and operators."
        ) from None
    return _Reader(text).tree(body, 0)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text

    def tree(self, node: ast.expr, depth: int) -> Tree:
        if depth > DEEPEST:
            raise FormulaError(
                f"`{_short(self.text)}` nests deeper than {DEEPEST}",
                "a flatter formula",
                "Split it into several terms.",
            )
        deeper = depth + 1
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self.number(node, value)
            case ast.Constant(value=str() as value):
                return Text(value)
            case ast.Constant(value=value):
                raise self.refuse(node, f"the constant {value!r}")
            case ast.Name():
                return Name(self.name(node))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self.tree(operand, deeper))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.tree(operand, deeper)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return Binary(_BINARY[type(op)], self.tree(left, deeper), self.tree(right, deeper))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                return Compare(_COMPARE[type(op)], self.tree(left, deeper), self.tree(right, deeper))
            case ast.Subscript(value=ast.Name() as factor, slice=index):
                parts = index.elts if isinstance(index, ast.Tuple) else [index]
                return Lookup(self.name(factor), tuple(self.tree(p, deeper) for p in parts))
            case ast.Call(func=ast.Name() as function, args=arguments, keywords=keywords):
                inner = tuple(self.tree(a, deeper) for a in arguments)
                return Call(self.name(function), inner, self.over(node, keywords))
        raise self.refuse(node, _FOREIGN.get(type(node), type(node).__name__))

    def name(self, node: ast.Name) -> str:
        if node.id.startswith("__"):
            raise self.refuse(node, f"the name `{node.id}`")
        return node.id

    def number(self, node: ast.expr, value: int | float) -> Number:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.refuse(node, "a number that is not finite")
        return Number(number)

    def over(self, node: ast.Call, keywords: list[ast.keyword]) -> tuple[str, ...]:
        match keywords:
            case []:
                return ()
            case [ast.keyword(arg="over", value=ast.List(elts=elements))] if all(
                isinstance(e, ast.Name) for e in elements
            ):
                return tuple(e.id for e in elements if isinstance(e, ast.Name))
        raise self.refuse(node, "a keyword other than over=[column, …]")

    def refuse(self, node: ast.expr, what: str) -> FormulaError:
        piece = ast.get_source_segment(self.text, node) or self.text
        return FormulaError(
            f"`{_short(piece)}` at column {node.col_offset + 1} uses {what}",
            _LANGUAGE,
            "What the language cannot say is a registered function that the formula calls by name.",
        )


def children(tree: Tree) -> tuple[Tree, ...]:
    match tree:
        case Lookup(index=parts):
            return parts
        case Call(arguments=parts):
            return parts
        case Negative(operand=operand):
            return (operand,)
        case Binary(left=left, right=right) | Compare(left=left, right=right):
            return (left, right)
    return ()


def walk(tree: Tree) -> Iterator[Tree]:
    """Every node of ``tree``, the tree itself first."""
    yield tree
    for child in children(tree):
        yield from walk(child)


def write(tree: Tree) -> str:
    """The formula as text again, with no more brackets than the same tree needs."""
    return _write(tree, 0)


_BINDS = {"+": 2, "-": 2, "*": 3, "/": 3, "**": 5}


def _write(tree: Tree, around: int) -> str:
    match tree:
        case Number(value):
            return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case Text(value):
            return repr(value)
        case Name(name):
            return name
        case Lookup(factor, index):
            return f"{factor}[{', '.join(_write(i, 0) for i in index)}]"
        case Call(function, arguments, over):
            inside = [_write(a, 0) for a in arguments] + ([f"over=[{', '.join(over)}]"] if over else [])
            return f"{function}({', '.join(inside)})"
        case Negative(operand):
            return f"-{_write(operand, 4)}" if around <= 2 else f"(-{_write(operand, 4)})"
        case Binary(operator, left, right):
            binds = _BINDS[operator]
            right_binds = binds + (operator != "**")
            left_binds = binds + (operator == "**")
            text = f"{_write(left, left_binds)} {operator} {_write(right, right_binds)}"
            return f"({text})" if binds < around else text
        case Compare(operator, left, right):
            text = f"{_write(left, 2)} {operator} {_write(right, 2)}"
            return f"({text})" if around else text
