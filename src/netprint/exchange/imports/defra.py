"""United Kingdom, greenhouse gas conversion factors for company reporting: the flat file of a year."""

from __future__ import annotations

import io
import re
from typing import Any

from netprint.errors import UsageError
from netprint.exchange.imports.client import Client
from netprint.exchange.imports.source import (
    CHANGED,
    FIRST_YEAR,
    Asked,
    Part,
    Raw,
    Rows,
    Source,
    has_columns,
    is_number,
)

PAGE = "https://www.gov.uk/government/collections/government-conversion-factors-for-company-reporting"
ADDRESSES = {
    2024: "https://assets.publishing.service.gov.uk/media/6722567c10b0d582ee8c4953/"
    "ghg-conversion-factors-2024-FlatFormat_v1_1.xlsx"
}
COLUMNS = ("ID", "Scope", "Level 1", "Level 2", "Level 3", "Level 4", "Column Text", "UOM", "GHG/Unit")
GASES = {
    "kg CO2e": "CO2e",
    "kg CO2e of CO2 per unit": "CO2",
    "kg CO2e of CH4 per unit": "CH4",
    "kg CO2e of N2O per unit": "N2O",
}
UNITS = {
    "litres": "L", "tonnes": "t", "kwh (net cv)": "kWh_net", "kwh (gross cv)": "kWh_gross", "kwh": "kWh",
    "cubic metres": "m3", "km": "km", "miles": "mile", "passenger.km": "pkm", "tonne.km": "tkm", "kg": "kg",
    "gj": "GJ", "room per night": "night", "per fte working hour": "h",
}  # fmt: skip
"""Units of the file, in small letters -> netprint's."""


def fetch(client: Client, asked: Asked) -> Raw:
    wanted = [max(ADDRESSES)] if asked.first == FIRST_YEAR else list(asked.years())
    missing = [y for y in wanted if y not in ADDRESSES]
    if missing:
        raise UsageError(
            f"The address of the flat file of {', '.join(map(str, missing))} is not known to this release; known: "
            f"{', '.join(map(str, ADDRESSES))}. Fetch the file from {PAGE} and give it with --file."
        )
    return tuple(Part.of(ADDRESSES[y].rpartition("/")[2], client.get(ADDRESSES[y])) for y in wanted)


def read(raw: Raw, asked: Asked, rows: Rows) -> None:
    for part in raw:
        table = _table(part, rows)
        head = next((i for i, cells in enumerate(table) if {"Scope", "Level 1", "UOM"} <= set(cells)), None)
        if head is None:
            has_columns(part.name, table[0] if table else (), COLUMNS, rows.problems)
            continue
        names = table[head]
        value = next((n for n in names if re.fullmatch(r"GHG Conversion Factor \d{4}", n)), "")
        needed = (*COLUMNS, value or "GHG Conversion Factor and a year")
        if has_columns(part.name, names, needed, rows.problems, head + 1):
            for cells in table[head + 1 :]:
                _enter(dict(zip(names, cells, strict=False)), value, asked, rows)


def _table(part: Part, rows: Rows) -> list[list[str]]:
    """The cells of the sheet that has the factors, as texts."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(part.body))
        sheets = [s for s in book.sheet_names if "factor" in s.casefold()] or book.sheet_names[:1]
        cells = book.get_sheet_by_name(sheets[0]).to_python(skip_empty_area=False)
    except (CalamineError, IndexError, OSError) as error:
        rows.problems.add(
            part.name,
            None,
            None,
            found=f"the answer is no workbook ({error})",
            expected="an XLSX file",
            remedy=CHANGED,
        )
        return []
    return [[_text(c) for c in row] for row in cells]


def _text(cell: Any) -> str:
    return repr(cell).removesuffix(".0") if isinstance(cell, float) else str(cell).strip()


def _enter(row: dict[str, str], value: str, asked: Asked, rows: Rows) -> None:
    unit, gas = UNITS.get(row["UOM"].casefold(), ""), GASES.get(row["GHG/Unit"], "")
    year = value[-4:]
    if not any(row.values()) or not asked.has_year(year):
        return
    if not gas:
        rows.skip(f"given in {row['GHG/Unit'] or 'no unit'}")
    elif not unit:
        rows.skip(f"per {row['UOM'] or 'no unit'}, a unit that netprint does not map")
    elif not is_number(row[value]):
        rows.skip("no value published")
    else:
        item = " / ".join(row[c] for c in ("Level 2", "Level 3", "Level 4", "Column Text") if row[c])
        factor = f"uk_{_slug(row['Level 1'])}_per_{_slug(unit)}"
        rows.add(
            factor, row[value], f"kg CO2e/{unit}", item=item, gas=gas, year=year,
            page=f"{row['Scope']}, {row['Level 1']}, {row['ID']}",
        )  # fmt: skip


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")


SOURCE = Source(
    name="defra",
    title="Greenhouse gas reporting: conversion factors",
    publisher="UK Department for Energy Security and Net Zero",
    address=ADDRESSES[2024],
    licence="OGL-UK-3.0",
    duties="Name the department and link to the licence, in the words of the attribution.",
    attribution="Contains public sector information licensed under the Open Government Licence v3.0.",
    kind="one factor for each sheet and unit, uk_fuels_per_l and so on: use, supply (wtt) and losses stay apart",
    fetch=fetch,
    read=read,
)
