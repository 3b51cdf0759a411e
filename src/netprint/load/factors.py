"""Factor tables and their cards, the catalogue's and the user's: files to frozen records."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from netprint.errors import Problems, UsageError, did_you_mean
from netprint.formula.check import Scope, check
from netprint.formula.parse import FormulaError, Lookup, Name, Tree, walk
from netprint.load import release
from netprint.load.factor import Card, Factor, FactorTable, Shape
from netprint.load.factor_rows import CO2E_TAG, NOT_INDEX, gas_of, load_rows, not_co2e, unit_of
from netprint.load.factor_tables import read_csv, read_table
from netprint.load.lazy import Shelf, repeated, with_groups
from netprint.units import UnitError, same_dimension
from netprint.units import parse as parse_unit

CATALOG = release.CATALOG
FALLBACKS = ("year", "group", "world")
OPTIONAL = CATALOG / "optional"
PREFIX = "catalog:"
CARD_COLUMNS = ("factor", "unit", "index", "kind", "boundary", "fallback", "correlation", "title", "note")

__all__ = [
    "CARD_COLUMNS",
    "NOT_INDEX",
    "PREFIX",
    "Card",
    "Factor",
    "FactorTable",
    "Shape",
    "cards_of",
    "catalog",
    "check_formulas",
    "optional_names",
    "optional_table",
    "own_table",
    "read_csv",
    "read_table",
    "sources",
]


def cards_of(rows: Iterable[tuple[int, dict[str, str]]], file: str, problems: Problems) -> dict[str, Card]:
    """Factor cards by name."""
    cards: dict[str, Card] = {}
    for line, row in rows:
        name = row.get("factor", "")
        if not name or name in cards:
            problems.add(
                file, line, "factor",
                found=f"the factor {name!r} has a card already" if name else "the card names no factor",
                expected="one card for each factor", remedy="Remove one of them." if name else "Name the factor.",
            )  # fmt: skip
        unit_of(row.get("unit", ""), file, line, problems)
        fallback = tuple(row.get("fallback", "").split())
        for level in fallback:
            if level not in FALLBACKS:
                problems.add(
                    file,
                    line,
                    "fallback",
                    found=f"the fallback {level!r} is not known",
                    expected=" ".join(FALLBACKS),
                    remedy="Use these, nearest first.",
                )
        try:
            rho = float(row.get("correlation") or 0)
        except ValueError:
            rho = math.nan
        if not 0 <= rho <= 1:
            problems.add(
                file,
                line,
                "correlation",
                found=f"the correlation is {row.get('correlation')!r}",
                expected="a number from 0 to 1",
                remedy="It says how much of a factor's error its years share.",
            )
            rho = 0.0
        cards[name] = Card(
            name=name, unit=row.get("unit", ""), index=tuple(row.get("index", "").split()),
            kind=row.get("kind", ""), boundary=row.get("boundary", ""), fallback=fallback, rho=rho,
            title=row.get("title", ""), note=row.get("note", ""),
        )  # fmt: skip
    return cards


def catalog() -> FactorTable:
    """The factors that netprint ships, or those of the release that :func:`netprint.load.release.using` names.

    Rows become records when they are first asked for; see :mod:`netprint.load.lazy`.
    """
    chosen = release.chosen()
    return _shipped() if chosen is None or chosen.shipped else _snapshot(chosen)


@lru_cache(maxsize=1)
def _shipped() -> FactorTable:
    folder = CATALOG / "factors"
    problems = Problems()
    cards: dict[str, Card] = {}
    for path in sorted(folder.glob("cards*.csv")):
        cards |= cards_of(read_csv(path), path.name, problems)
    problems.raise_if_any()
    shelf = Shelf(cards)
    for path in sorted(folder.glob("*.csv")):
        if not path.name.startswith(("cards", "sources")):
            with path.open(encoding="utf-8-sig", newline="") as stream:
                shelf.add(stream, path.name)
    return FactorTable(cards, shelf)


@lru_cache(maxsize=4)
def _snapshot(chosen: release.Release) -> FactorTable:
    """The table as it was in a release."""
    problems = Problems()
    with release.opened(chosen.cards) as stream:
        lines = list(csv.DictReader(stream))
    cards = cards_of(((i, row) for i, row in enumerate(lines, 2)), chosen.cards.name, problems)
    problems.raise_if_any()
    shelf = Shelf(cards)
    with release.opened(chosen.rows) as stream:
        shelf.add(stream, chosen.rows.name)
    return FactorTable(cards, shelf)


@lru_cache(maxsize=1)
def sources() -> dict[str, dict[str, str]]:
    """The sources of the catalogue by id."""
    found: dict[str, dict[str, str]] = {}
    for path in (
        *sorted((CATALOG / "factors").glob("sources*.csv")),
        *sorted(OPTIONAL.glob("*/sources.csv")),
    ):
        found.update({row["source"]: row for _, row in read_csv(path)})
    return found


def optional_names() -> list[str]:
    """The tables that are shipped beside the catalogue and no part of it: their licences are not permissive."""
    return sorted(path.name for path in OPTIONAL.iterdir() if path.is_dir())


@lru_cache(maxsize=8)
def optional_table(name: str) -> FactorTable:
    """The table that a study takes in as ``factors: catalog:<name>``.

    A factor to which it gives a card is its alone, as with a user's own table; its rows are not marked as the user's.
    Raises :class:`UsageError` where there is no such table, :class:`InputError` where its files do not hold.
    """
    if name not in optional_names():
        near = did_you_mean(name, optional_names()) or f"There are: {', '.join(optional_names())}."
        raise UsageError(f"The catalogue has no optional table {name!r}. {near}")
    folder, problems = OPTIONAL / name, Problems()
    cards = cards_of(read_csv(folder / "cards.csv"), f"{name}/cards.csv", problems)
    found: dict[str, dict[tuple[str, ...], Factor]] = {}
    rows = read_csv(folder / "factors.csv")
    _enter(load_rows(rows, f"{name}/factors.csv", cards, problems), found, problems)
    problems.raise_if_any()
    return FactorTable(cards, found)


def own_table(
    rows: list[tuple[int, dict[str, str]]],
    file: str,
    known: FactorTable,
    problems: Problems,
    own_cards: Mapping[str, Card] | None = None,
) -> FactorTable:
    """A user's factor table.

    A factor that the user gives a card (``own_cards``), that the catalogue does not know or knows in another unit
    or with another index is the user's own altogether; without a card it has its non-empty index columns and no
    fallback. Rows of a factor that the catalogue knows stand on top of the catalogue's.
    """
    mine = dict(own_cards or {})
    for name in dict.fromkeys(row.get("factor", "") for _, row in rows):
        here = [(line, row) for line, row in rows if row.get("factor") == name]
        if name and name not in mine and not _fits(known.cards.get(name), here):
            columns = dict.fromkeys(k for _, row in here for k in row if k and k not in NOT_INDEX)
            index = tuple(k for k in columns if any(row.get(k) for _, row in here))
            mine[name] = Card(name, _common_unit([row.get("unit", "") for _, row in here]), index)
            unit_of(here[0][1].get("unit", ""), file, here[0][0], problems)
    found: dict[str, dict[tuple[str, ...], Factor]] = {}
    cards = {**known.cards, **mine}
    _enter([replace(f, own=True) for f in load_rows(rows, file, cards, problems)], found, problems)
    return FactorTable(mine, with_groups(found, problems))


def check_mapping(formula: Tree, card: Card, cards: Mapping[str, Card]) -> None:
    """Raise :class:`FormulaError` where a formula over a factor's index cannot stand for that factor."""
    unit, wanted = check(formula, Scope({}, frozenset(card.index), cards)).unit, card.measure
    if unit is not None and same_dimension(unit * CO2E_TAG, wanted):
        _without_gas(formula, card, cards)
    if unit is not None and not any(same_dimension(u, wanted) for u in (unit, unit * CO2E_TAG)):
        found, remedy = f"the formula gives {unit}", "Mend the formula or the unit."
        raise FormulaError(found, f"the unit of the factor, {card.unit}", remedy)


def _without_gas(formula: Tree, card: Card, cards: Mapping[str, Card]) -> None:
    """Raise :class:`FormulaError` where a formula that stands for CO2e has the mass of one gas."""
    for node in walk(formula):
        name = node.id if isinstance(node, Name) else node.factor if isinstance(node, Lookup) else ""
        other = cards.get(name)
        gas = "" if other is None else gas_of(other.unit)
        if other is not None and gas:
            found = f"the formula of {card.name} takes {name}, which is given in {other.unit}"
            raise FormulaError(found, f"the unit of the factor, {card.unit}", not_co2e(gas))


def check_formulas(table: FactorTable, known: Mapping[str, Card], problems: Problems) -> None:
    """Add a problem for every factor given by a formula whose names, index or unit do not hold.

    Such a formula names its own index, texts and other factors; its unit is that of the factor's card.
    """
    cards = {**known, **table.cards}
    for factor in (f for rows in table.rows.values() for f in rows.values()):
        if factor.formula is None:
            continue
        try:
            check_mapping(factor.formula, factor.card, cards)
        except FormulaError as error:
            problems.add(
                factor.file, factor.line, "value",
                found=error.found, expected=error.expected, remedy=error.remedy,
            )  # fmt: skip


def _common_unit(texts: list[str]) -> str:
    """The unit of a factor's first row; without its annotations (`kg CO2`) where other rows have others."""
    if len(set(texts)) == 1:
        return texts[0]
    try:
        unit = parse_unit(texts[0])
    except UnitError:
        return texts[0]
    return str(replace(unit, written=""))


def _fits(card: Card | None, rows: list[tuple[int, dict[str, str]]]) -> bool:
    """Whether rows of a user's table have the unit and index of the catalogue's card."""
    if card is None:
        return False
    for _, row in rows:
        try:
            unit = parse_unit(row.get("unit", "") or card.unit)
        except UnitError:
            continue
        if not (same_dimension(unit, card.measure) or same_dimension(unit * CO2E_TAG, card.measure)):
            return False
        if any(v and k and k not in NOT_INDEX and k not in card.index for k, v in row.items()):
            return False
    return True


def _enter(
    factors: Iterable[Factor], rows: dict[str, dict[tuple[str, ...], Factor]], problems: Problems
) -> None:
    for factor in factors:
        table = rows.setdefault(factor.card.name, {})
        twin = table.get(factor.index)
        if twin is not None:
            repeated(factor.card, factor.index, (factor.file, factor.line), (twin.file, twin.line), problems)
        else:
            table[factor.index] = factor
