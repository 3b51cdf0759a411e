"""Our World in Data, carbon intensity of electricity: Ember's life-cycle figures with a longer past."""

from __future__ import annotations

from netprint import places
from netprint.exchange.imports.client import Client
from netprint.exchange.imports.source import Asked, Part, Raw, Rows, Source, csv_rows, is_number

ADDRESS = "https://ourworldindata.org/grapher/carbon-intensity-electricity.csv"
COLUMNS = ("Entity", "Code", "Year")
CODES = {"OWID_WRL": places.WORLD, "OWID_KOS": "XKX"}


def fetch(client: Client, asked: Asked) -> Raw:
    return (Part.of("carbon-intensity-electricity.csv", client.get(ADDRESS, {"v": 1, "csvType": "full"})),)


def read(raw: Raw, asked: Asked, rows: Rows) -> None:
    known = places.load()
    for part in raw:
        for line, row in csv_rows(part, COLUMNS, rows.problems):
            column = _intensity(list(row))
            if not column:
                rows.problems.add(
                    part.name, line, None, found=f"no column of the intensity among {', '.join(row)}",
                    expected="one column besides Entity, Code and Year, with 'intensity' in its name",
                    remedy="The service has changed its table: look for a newer release of netprint.",
                )  # fmt: skip
                return
            code = CODES.get(row["Code"], row["Code"])
            if code != places.WORLD and not (known.known(code) and known.kinds[code] == "country"):
                rows.skip("a group of countries, whose members netprint does not know")
            elif asked.wants(code, row["Year"]):
                if is_number(row[column]):
                    rows.add(
                        "grid_lifecycle",
                        row[column],
                        "gCO2e/kWh",
                        country=code,
                        year=row["Year"],
                        page=column,
                    )
                else:
                    rows.skip("no value published")


def _intensity(columns: list[str]) -> str:
    """The one column of values; it has had several names."""
    found = [c for c in columns if c not in COLUMNS and "intensity" in c.casefold()]
    return found[0] if len(found) == 1 else ""


SOURCE = Source(
    name="owid",
    title="Carbon intensity of electricity generation",
    publisher="Our World in Data, from Ember and the Energy Institute",
    address=ADDRESS,
    licence="CC-BY-4.0",
    duties="Name Ember, the Energy Institute and Our World in Data, link to the licence and say what was changed.",
    kind="grid_lifecycle: average life-cycle CO2e of generation, not a Scope 2 combustion factor",
    fetch=fetch,
    read=read,
)
