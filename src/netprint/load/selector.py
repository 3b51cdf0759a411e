"""Selectors: which rows something holds for. Comparisons of a column with a text, joined by * (and) and + (or)."""

from __future__ import annotations

from netprint.formula.parse import Binary, Compare, Name, Number, Text, Tree
from netprint.load.document import Fields

EXAMPLE = "(country == 'KEN') * (scope == '2')"


def read_selector(fields: Fields, key: str, *, required: bool = False) -> Tree | None:
    """The selector under ``key``; what is none is a problem."""
    text = fields.take(key, required=required)
    tree = fields.formula((key,), text)
    if tree is not None and not selects(tree):
        fields.wrong(
            key,
            f"`{key}` is {text!r}",
            "comparisons of a column with a text, joined by * (and) or + (or)",
            f"Write for example {EXAMPLE}: a selector compares columns with texts.",
        )
        return None
    return tree


def selects(tree: Tree) -> bool:
    """Whether a formula is a selector."""
    match tree:
        case Binary("*" | "+", left, right):
            return selects(left) and selects(right)
        case Compare("==" | "!=", left, right):
            sides = (left, right)
            return all(isinstance(s, Name | Text | Number) for s in sides) and any(
                isinstance(s, Name) for s in sides
            )
    return False


def columns_of(tree: Tree) -> set[str]:
    """The columns that a selector names."""
    match tree:
        case Binary(left=left, right=right) | Compare(left=left, right=right):
            return columns_of(left) | columns_of(right)
        case Name(name):
            return {name}
    return set()
