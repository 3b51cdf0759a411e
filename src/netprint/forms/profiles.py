"""What a form asks for, read from ``profiles.yaml``: sheets, their columns, and which of them a profile has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

READ_ME, OVERVIEW, LISTS, ORGANISATION = "Read_me", "Overview", "Lists", "Organisation"
ROLES = ("activities", "instruments", "entities")


@dataclass(frozen=True)
class Column:
    """A column of the sheets. ``kind``: text, code (kept as it is typed), formula (of the form
    itself), list, number, factor, percent, year or date.

    Its drop-down offers ``choices``, the labels that ``factor`` has for it, or (``rules``) what the rules of the
    methods demand of an activity's rows.
    """

    name: str
    kind: str = "text"
    width: float = 15
    choices: tuple[str, ...] = ()
    factor: str = ""
    rules: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet for data, as a profile has it.

    ``role`` is the key of the study that reads it; ``activities`` are the words that its first column offers;
    ``needed`` the columns that no row may leave empty; ``credits`` says that a credit note may be negative.
    """

    name: str
    role: str
    columns: tuple[Column, ...]
    needed: tuple[str, ...]
    activities: tuple[str, ...] = ()
    decimals: int = 2
    credits: bool = False
    example: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def typed(self) -> tuple[str, ...]:
        """The columns that the user fills in."""
        return tuple(column.name for column in self.columns if column.kind != "formula")

    def at(self, name: str) -> int:
        """The place of a column, counted from 0."""
        return self.names.index(name)


@dataclass(frozen=True)
class Profile:
    """One kind of organisation: its methods, best first, its sheets, and how its results are grouped."""

    name: str
    methods: tuple[str, ...]
    by: tuple[str, ...]
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class Offers:
    """Which units and items the drop-downs offer: the units by the unit that the catalogue keeps, the items by
    activity, as a list of words or the names of factors whose items they are."""

    units: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]]
    factors: Mapping[str, tuple[str, ...]]
    common: tuple[str, ...]


def profiles() -> Mapping[str, Profile]:
    """The profiles by name."""
    return _read()[0]


def offers() -> Offers:
    """What the drop-downs offer."""
    return _read()[1]


def columns() -> tuple[Column, ...]:
    """Every column of any sheet, in the order in which they are explained."""
    return _read()[2]


def statements() -> tuple[str, ...]:
    """The statements of a study that the sheet *Organisation* asks for."""
    return _read()[3]


@lru_cache(maxsize=1)
def _read() -> tuple[Mapping[str, Profile], Offers, tuple[Column, ...], tuple[str, ...]]:
    import yaml

    path = resources.files("netprint").joinpath("forms", "profiles.yaml")
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    known = {name: _column(name, about or {}) for name, about in given["columns"].items()}
    found = {name: _profile(name, about, given, known) for name, about in given["profiles"].items()}
    return found, _offers(given), tuple(known.values()), tuple(given["statements"])


def _column(name: str, about: Mapping[str, Any]) -> Column:
    return Column(name, **{**about, "choices": tuple(about.get("choices", ()))})


def _profile(
    name: str, about: Mapping[str, Any], given: Mapping[str, Any], known: Mapping[str, Column]
) -> Profile:
    sheets = [
        _sheet(sheet, tuple(activities or ()), given["sheets"][sheet], given["layouts"], known)
        for sheet, activities in about["sheets"].items()
    ]
    return Profile(name, tuple(about["methods"]), tuple(about["by"]), tuple(sheets))


def _sheet(
    name: str,
    activities: tuple[str, ...],
    about: Mapping[str, Any],
    layouts: Mapping[str, list[str]],
    known: Mapping[str, Column],
) -> Sheet:
    named = layouts[about["columns"]] if isinstance(about["columns"], str) else about["columns"]
    role = about.get("role", ROLES[0])
    needed = about.get("needed", ("activity", "country", "year", "quantity", "unit"))
    return Sheet(
        name=name,
        role=role,
        columns=tuple(known[column] for column in named),
        needed=tuple(needed),
        activities=activities,
        decimals=about.get("decimals", 2),
        credits=about.get("credits", False),
        example=about.get("example", {}),
    )


def _offers(given: Mapping[str, Any]) -> Offers:
    words = {
        name: tuple(map(str, listed)) for name, listed in given["items"].items() if isinstance(listed, list)
    }
    tables = {
        name: tuple(listed["factors"]) for name, listed in given["items"].items() if isinstance(listed, dict)
    }
    units = {unit: tuple(listed) for unit, listed in given["units"].items()}
    return Offers(units, words, tables, tuple(given["common"]))
