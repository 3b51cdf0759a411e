"""What the inventory form asks for: its sheets, their columns, and what their drop-downs offer.

The words in the cells (names of sheets, columns, activities, items, units) are English in every language, because
that is how they are read back; explanations are in ``texts/``.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from netprint import places
from netprint.load.factors import catalog

READ_ME, LISTS = "Read me", "Lists"
REQUIRED = ("activity", "country", "year", "quantity", "unit")
TIERS = ("metered", "billed", "estimated", "modelled")

#: The columns of all sheets, in the order in which they are explained.
COLUMNS = (
    "activity", "entity", "site", "country", "market", "year", "start", "end", "item", "quantity", "unit",
    "instrument_factor", "tier", "uncertainty", "supplier", "record_id", "note",
)  # fmt: skip

_WHERE = ("activity", "entity", "site", "country")
_DATES = ("year", "start", "end")
_AMOUNT = ("item", "quantity", "unit", "tier", "uncertainty")
_RECORD = ("supplier", "record_id", "note")
_BILL = (*_WHERE, *_DATES, *_AMOUNT, *_RECORD)


@dataclass(frozen=True)
class Sheet:
    """One sheet for data. ``activities`` are the words that its first column offers, ``decimals`` the places of
    its quantities that are shown (all are kept), ``credits`` whether a credit note may be negative."""

    name: str
    activities: tuple[str, ...]
    columns: tuple[str, ...] = _BILL
    decimals: int = 2
    credits: bool = False


SHEETS = (
    Sheet(
        "Electricity",
        ("electricity", "electricity_generated", "it_electricity"),
        (*_WHERE, "market", *_DATES, *_AMOUNT, *_RECORD),
        credits=True,
    ),
    Sheet("Fuel", ("fuel",)),
    Sheet("Vehicles", ("vehicle_fuel",)),
    Sheet("Heat", ("heat",), credits=True),
    Sheet("Refrigerants", ("refrigerant",), (*_WHERE, "year", *_AMOUNT, *_RECORD), decimals=3),
    Sheet(
        "Instruments",
        ("instrument",),
        ("activity", "entity", "country", "market", "year", "item", "quantity", "unit", "instrument_factor", *_RECORD),
    ),
    Sheet(
        "Drivers",
        ("subscribers", "traffic", "revenue", "floor_area", "employees", "sites", "water"),
        (*_WHERE, "year", *_AMOUNT, "record_id", "note"),
    ),
)  # fmt: skip

_ENERGY = ("kWh", "MWh", "GWh")
_FUEL = ("L", "m3", "kg", "t", "kWh_net", "kWh_gross", "MWh_net", "MWh_gross", "GJ_net", "GJ_gross")
#: The units that the drop-downs offer; any other of the same dimension is read as well.
UNITS: dict[str, tuple[str, ...]] = {
    "electricity": _ENERGY,
    "electricity_generated": _ENERGY,
    "it_electricity": _ENERGY,
    "fuel": _FUEL,
    "vehicle_fuel": _FUEL,
    "heat": ("GJ", "MJ", "kWh", "MWh"),
    "refrigerant": ("kg", "g", "t"),
    "instrument": ("MWh", "kWh", "GWh"),
    "subscribers": ("subscriber",),
    "traffic": ("GB", "TB", "PB", "EB"),
    "revenue": ("USD",),
    "floor_area": ("m2",),
    "employees": ("employee",),
    "sites": ("site",),
    "water": ("m3", "L"),
}

#: Items that most users look for, put first where the catalogue has them.
_COMMON = (
    "diesel", "petrol", "natural gas", "LPG", "fuel oil",
    "R-410A", "R-134a", "R-32", "R-407C", "R-404A", "R-22", "R-507A", "HFC-227ea", "SF6",
)  # fmt: skip
_ITEM_FACTORS = {
    "Fuel": ("fuel_direct",),
    "Vehicles": ("vehicle_fuel_direct",),
    "Refrigerants": ("blend", "blend_outside_kyoto"),
}
_ITEMS = {
    "Electricity": ("solar", "wind", "hydro"),
    "Heat": ("heat", "hot water", "steam"),
    "Instruments": ("guarantee of origin", "I-REC", "REC", "power purchase agreement", "supplier contract"),
}


def units(sheet: Sheet) -> tuple[str, ...]:
    """The units that the sheet's drop-down offers."""
    return tuple(dict.fromkeys(unit for activity in sheet.activities for unit in UNITS[activity]))


def items(sheet: Sheet) -> tuple[str, ...]:
    """The items that the sheet's drop-down offers: those for which the catalogue has a factor, common ones first."""
    if sheet.name in _ITEMS:
        return _ITEMS[sheet.name]
    rows, cards = catalog().rows, catalog().cards
    found: dict[str, None] = {}
    for factor in _ITEM_FACTORS.get(sheet.name, ()):
        at = cards[factor].index.index("item")
        found |= dict.fromkeys(sorted({index[at] for index in rows[factor]} - {""}))
    return tuple(dict.fromkeys([*(item for item in _COMMON if item in found), *sorted(found)]))


def countries(lang: str) -> tuple[str, ...]:
    """Every country by its name in ``lang``, then every code; both are read back."""
    known = places.load()
    names = sorted((known.name(code, lang) for code in known.countries), key=_letters)
    return (*names, *sorted(known.countries))


def _letters(name: str) -> str:
    """``name`` without accents and letter case, for an order in which Åland stands beside Albania."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()


def lists(lang: str, period: tuple[int, int]) -> dict[str, tuple[str | int, ...]]:
    """Everything that a drop-down offers, by the name of its list."""
    found: dict[str, tuple[str | int, ...]] = {
        "country": countries(lang),
        "year": tuple(range(period[0], period[1] + 1)),
        "tier": TIERS,
    }
    for sheet in SHEETS:
        found[f"activity_{sheet.name}"] = sheet.activities
        found[f"unit_{sheet.name}"] = units(sheet)
        if items(sheet):
            found[f"item_{sheet.name}"] = items(sheet)
    return found


def list_of(sheet: Sheet, column: str) -> str | None:
    """The name of the list that feeds a column's drop-down, or None."""
    if column in ("country", "year", "tier"):
        return column
    has = column in ("activity", "unit") or (column == "item" and bool(items(sheet)))
    return f"{column}_{sheet.name}" if has else None
