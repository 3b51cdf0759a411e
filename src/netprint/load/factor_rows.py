"""Rows of a factor table to records, every problem listed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from netprint import places
from netprint.errors import Problems, did_you_mean
from netprint.formula.parse import FormulaError, Tree, parse
from netprint.load.factor import Card, Factor, Shape
from netprint.load.factor_shapes import ShapeRow
from netprint.units import Unit, UnitError, ratio, same_dimension
from netprint.units import parse as parse_unit

STATUSES = ("verified", "provisional")
NOT_INDEX = frozenset(
    "factor value unit statistic distribution p2_5 p97_5 min max gsd points source page licence status note valid_from "
    "valid_to".split()
)
VALIDITY = ("valid_from", "valid_to")
_DAY = re.compile(r"\d{4}(-\d{2}-\d{2})?")
#: What makes a mass one of CO2 equivalents.
CO2E_TAG = parse_unit("kg CO2e") / parse_unit("kg")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_EQUIVALENTS = re.compile(r"CO2[ -]?e(?:q(?:uiv(?:alents?)?)?)?(?![A-Za-z0-9])")
_GAS = re.compile(
    r"(?<![A-Za-z])(?:[numkMGT]?g|[kMG]?t)?"
    r"((?:CO2|CH4)_(?:fossil|biogenic)|CO2|CH4|N2O|SF6|NF3|NOx|SO2|NH3|CO|NMVOC|HFCs?|PFCs?"
    r"|(?:HFC|PFC|HCFC|CFC|HFO|HCFO|HFE|R|Halon)-[0-9A-Za-z]+)(?![A-Za-z0-9_-])"
)


def gas_of(unit: str) -> str:
    """The gas that the text of a unit names (``CH4`` of ``kg CH4/kWh``); empty for none, and for CO2e."""
    match = _GAS.search(_EQUIVALENTS.sub("", unit.translate(_SUBSCRIPTS)))
    return "" if match is None else match[1]


def lifted(text: str, unit: Unit, card: Card) -> Unit:
    """``unit``, which ``text`` names, as one of CO2e where the card's is: a bare kg of such a factor means kg CO2e.

    Raises :class:`FormulaError` where the text names a gas other than the card's: CH4 is no CO2e, nor is CO2.
    """
    whole = unit * CO2E_TAG
    lifts = same_dimension(whole, card.measure)
    gas, own = gas_of(text), gas_of(card.unit)
    if gas and (lifts or (own and gas != own and same_dimension(unit, card.measure))):
        raise FormulaError(
            f"{card.name} is given in {text}", f"a unit like {card.unit}", not_co2e(gas, lifts)
        )
    return whole if lifts else unit


def not_co2e(gas: str, lifts: bool = True) -> str:
    """What to do with a factor of a gas where another kind is asked for (``lifts``: CO2e)."""
    if not lifts:
        return f"{gas} is another kind: use a factor of another name."
    if gas == "CO2":
        return (
            "CO2 alone is another kind than CO2e: use a factor of another name, or write kg CO2e if it includes the "
            "other gases."
        )
    return (
        f"{gas} becomes CO2e through its global warming potential: use a factor of another name and multiply it by "
        "gwp, or write kg CO2e if the value is one."
    )


def load_rows(
    rows: Iterable[tuple[int, dict[str, str]]], file: str, cards: Mapping[str, Card], problems: Problems
) -> list[Factor]:
    """Factor rows to records, in the unit of their cards; what does not hold goes to ``problems``."""
    factors = []
    for line, row in rows:
        factor = _Row(row, file, line, problems).factor(cards)
        if factor is not None:
            factors.append(factor)
    return factors


class _Row(ShapeRow):
    """One row of a factor table while it is read."""

    def factor(self, cards: Mapping[str, Card]) -> Factor | None:
        before = len(self.problems)
        card = cards.get(self.row.get("factor", ""))
        if card is None:
            name = self.row.get("factor", "")
            self.wrong(
                "factor",
                f"the factor {name!r} has no card",
                "a factor of the catalogue",
                did_you_mean(name, cards) or "Name the factor.",
            )
            return None
        extra = [k for k, v in self.row.items() if k and v and k not in NOT_INDEX and k not in card.index]
        for column in extra:
            self.wrong(
                column,
                f"{card.name} has a value in {column!r}",
                f"values only in {', '.join(card.index) or 'no index column'}",
                "Its card has no such index: leave the cell empty, or use a factor of your own under another name.",
            )
        index = tuple(self.entry(column) for column in card.index)
        scale = self.scale(card)
        self.check_status()
        self.check_validity(card)
        formula, value = self.value()
        if formula is not None:
            self.without_spread()
        shape = self.shape(value * scale, scale) if formula is None and value is not None else Shape()
        if len(self.problems) > before or shape is None or value is None:
            return None
        row = self.row
        return Factor(
            card,
            index,
            value * scale,
            shape,
            source=row.get("source", "") or self.file,
            status=row.get("status", "") or "provisional",
            page=row.get("page", ""),
            licence=row.get("licence", ""),
            note=row.get("note", ""),
            formula=formula,
            text=row["value"],
            file=self.file,
            line=self.line,
            valid_from=row.get("valid_from", ""),
            valid_to=row.get("valid_to", ""),
        )

    def entry(self, column: str) -> str:
        """An index entry; a country given by name or by two letters becomes its code."""
        text = self.row.get(column, "")
        if column != "country" or not text or places.load().known(text):
            return text
        code = places.load().find(text)
        if code is None:
            near = places.load().nearest(text)
            self.wrong(
                column,
                f"the country {text!r} is not known, or more than one place is called so",
                "a country by its code or name, such as KEN or Kenya",
                f"Did you mean {' or '.join(near)}?" if near else "Write its code of three letters.",
            )
        return code or text

    def check_status(self) -> None:
        status = self.row.get("status", "")
        if status and status not in STATUSES:
            self.wrong(
                "status",
                f"the status {status!r} is not known",
                " or ".join(STATUSES),
                did_you_mean(status, STATUSES)
                or "Say `provisional` where nobody has compared it with its source.",
            )

    def check_validity(self, card: Card) -> None:
        """``valid_from`` and ``valid_to`` are years or ISO dates in order; a factor indexed by year has neither."""
        given = {column: text for column in VALIDITY if (text := self.row.get(column, ""))}
        for column, text in given.items():
            if "year" in card.index:
                self.wrong(
                    column,
                    f"{card.name} has a value in {column!r}",
                    "an empty cell: the year of the index is the validity",
                    "Put the year into the column `year`, and a further row for each further year.",
                )
            elif not _is_day(text):
                self.wrong(column, f"{text!r} is no year and no date", "2025 or 2025-06-30", "Mend the cell.")
                return
        if len(given) == len(VALIDITY) and given["valid_from"] > given["valid_to"] + "~":
            self.wrong(
                "valid_to",
                f"the value holds from {given['valid_from']} to {given['valid_to']}",
                "a first day before the last one",
                "Exchange or mend them.",
            )

    def scale(self, card: Card) -> float:
        unit = unit_of(self.row.get("unit", "") or card.unit, self.file, self.line, self.problems)
        if unit is None:
            return 1.0
        try:
            unit = lifted(self.row.get("unit", ""), unit, card)
        except FormulaError as error:
            self.wrong("unit", error.found, error.expected, error.remedy)
            return 1.0
        if not same_dimension(unit, card.measure):
            self.wrong(
                "unit",
                f"{card.name} is given in {unit}",
                f"a unit like {card.unit}",
                "Convert it, or use a factor under another name.",
            )
            return 1.0
        return ratio(unit, card.measure)

    def value(self) -> tuple[Tree | None, float | None]:
        """The formula, or the number; neither where the cell holds none."""
        text = self.row.get("value", "")
        if text.startswith("="):
            try:
                return parse(text[1:]), 0.0
            except FormulaError as error:
                self.wrong("value", error.found, error.expected, error.remedy)
                return None, None
        if not text:
            self.wrong(
                "value",
                "the value is empty",
                "a number, or a formula that starts with =",
                "Leave the row out where the value is not known: absence is not zero.",
            )
        return None, self.number("value")


def _is_day(text: str) -> bool:
    """A year, or a day that the calendar has."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if len(text) > 4 else f"{text}-01-01")
    except ValueError:
        return False
    return True


def unit_of(text: str, file: str, line: int, problems: Problems) -> Unit | None:
    try:
        return parse_unit(text)
    except UnitError as error:
        problems.add(file, line, "unit", found=error.found, expected=error.expected, remedy=error.remedy)
        return None
