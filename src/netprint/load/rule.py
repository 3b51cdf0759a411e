"""Rules: what the rows of activity data must hold together for a method to be applied to them."""

from __future__ import annotations

from dataclasses import dataclass

from netprint.formula.parse import Tree
from netprint.load.document import Fields
from netprint.load.selector import read_selector


@dataclass(frozen=True)
class Exclusion:
    """No row of one selector may agree with a row of the other in all columns of ``same`` (none of them empty).

    A leased site stands in Scope 2 or in category 8, and not in both.
    """

    id: str
    either: Tree
    other: Tree
    same: tuple[str, ...]
    title: str = ""
    cites: str = ""


@dataclass(frozen=True)
class Requirement:
    """Every row of the selector has one of ``labels`` in ``column``; without labels, anything but an empty cell."""

    id: str
    when: Tree
    column: str
    labels: tuple[str, ...]
    title: str = ""
    cites: str = ""


Rule = Exclusion | Requirement


def read_rules(fields: Fields) -> tuple[Rule, ...]:
    """The `rules:` of a method: `either, or, same`, or `when, column, labels`; each with `id, title, cites`."""
    found = (_requirement(f) if f.has("when") else _exclusion(f) for f in fields.listing("rules"))
    return tuple(rule for rule in found if rule is not None)


def _exclusion(fields: Fields) -> Exclusion | None:
    either, other = read_selector(fields, "either", required=True), read_selector(fields, "or", required=True)
    same = tuple(fields.texts("same"))
    if not same:
        fields.wrong(
            "same", "no columns", "the columns in which no two rows may agree", "Write same: [site, year]."
        )
    name, title, cites = _named(fields)
    return None if either is None or other is None else Exclusion(name, either, other, same, title, cites)


def _requirement(fields: Fields) -> Requirement | None:
    when, column = read_selector(fields, "when", required=True), fields.text("column", "", required=True)
    labels = tuple(fields.texts("labels"))
    name, title, cites = _named(fields)
    return None if when is None else Requirement(name, when, column, labels, title, cites)


def _named(fields: Fields) -> tuple[str, str, str]:
    name, title, cites = fields.name("id"), fields.text("title", ""), fields.text("cites", "")
    fields.text("status", "")
    fields.nothing_else()
    return name, title, cites
