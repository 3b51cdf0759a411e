"""Boavizta, environmental footprint data: what manufacturers declare for their goods."""

from __future__ import annotations

from netprint.exchange.imports.client import Client
from netprint.exchange.imports.source import Asked, Part, Raw, Row, Rows, Source, csv_rows, is_number

ADDRESS = "https://raw.githubusercontent.com/Boavizta/environmental-footprint-data/main/boavizta-data-us.csv"
COLUMNS = (
    "manufacturer", "name", "category", "subcategory", "gwp_total", "gwp_use_ratio", "yearly_tec", "lifetime",
    "use_location", "report_date", "sources",
)  # fmt: skip
MEASURES = {
    "gwp_total": (
        "declared_footprint_boavizta",
        "kg CO2e/unit",
        "Declared footprint over the life of a good, use included",
    ),
    "gwp_use_ratio": ("declared_use_share", "1", "Declared share of use in the footprint of a good"),
    "yearly_tec": ("declared_use_energy", "kWh/year", "Declared typical energy of a good in a year"),
    "lifetime": ("declared_lifetime", "year", "Years of use that the declaration assumes"),
}
"""Column -> factor, unit, title."""
EMBODIED = "=declared_footprint_boavizta[manufacturer, item] * (1 - declared_use_share[manufacturer, item])"


def fetch(client: Client, asked: Asked) -> Raw:
    return (Part.of("boavizta-data-us.csv", client.get(ADDRESS)),)


def read(raw: Raw, asked: Asked, rows: Rows) -> None:
    taken: set[tuple[str, str]] = set()
    for part in raw:
        for line, row in csv_rows(part, COLUMNS, rows.problems):
            if row["manufacturer"] and row["name"]:
                _enter(row, _item(row, line, taken), rows)
            else:
                rows.skip("no manufacturer or name")


def _item(row: Row, line: int, taken: set[tuple[str, str]]) -> str:
    """The name of a good; that of a further declaration for the same good says its date, or its line."""
    for item in (row["name"], f"{row['name']} ({row['report_date']})", f"{row['name']} (line {line})"):
        if (row["manufacturer"], item) not in taken:
            taken.add((row["manufacturer"], item))
            return item
    raise AssertionError


def _enter(row: Row, item: str, rows: Rows) -> None:
    at = {"manufacturer": row["manufacturer"], "item": item}
    note = "; ".join(
        f"{k} {row[k]}" for k in ("category", "subcategory", "use_location", "report_date") if row[k]
    )
    for column, (factor, unit, _) in MEASURES.items():
        if is_number(row[column]):
            rows.add(factor, row[column], unit, page=row["sources"], note=note, **at)
        else:
            rows.skip(f"no {column} declared")
    if is_number(row["gwp_total"]) and is_number(row["gwp_use_ratio"]):
        told = "derived: declared footprint without the share of use"
        rows.add("declared_embodied", EMBODIED, "kg CO2e/unit", status="provisional", note=told, **at)


SOURCE = Source(
    name="boavizta",
    title="Environmental footprint data",
    publisher="Boavizta",
    address=ADDRESS,
    licence="ODbL-1.0",
    duties="Name Boavizta and the manufacturer. A table derived from it that is published stays under the ODbL.",
    kind="declared footprints of goods, by manufacturer; a declaration is not device_embodied of the catalogue",
    fetch=fetch,
    read=read,
    cards=tuple(
        {"factor": factor, "unit": unit, "index": "manufacturer item", "kind": "manufacturer's declaration",
         "title": title}
        for factor, unit, title in (
            *MEASURES.values(), ("declared_embodied", "kg CO2e/unit", "Declared footprint of a good without its use")
        )
    ),
    share_alike=True,
)  # fmt: skip
