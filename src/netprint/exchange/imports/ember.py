"""Ember, yearly electricity data: life-cycle intensity of generation (see the methodology of Ember).

Since July 2026 the release has one row per area, year and source of electricity; the row `Total generation` holds the
intensity of the whole. With a key in EMBER_API_KEY the interface is asked instead, which sends what was asked only.
"""

from __future__ import annotations

from netprint import places
from netprint.exchange.imports.client import Client, Key
from netprint.exchange.imports.source import (
    Asked,
    Part,
    Raw,
    Rows,
    Source,
    csv_rows,
    has_fields,
    is_number,
    json_of,
)

RELEASE = (
    "https://files.ember-energy.org/public-downloads/generation/outputs/release_generation_yearly_global.csv"
)
INTERFACE = "https://api.ember-energy.org/v1/carbon-intensity/yearly"
KEY = Key("EMBER_API_KEY", "api_key", "query", "https://ember-energy.org/data/api/", required=False)
INTENSITY = "Emissions intensity (gCO2e/kWh)"
COLUMNS = ("Area", "ISO 3 code", "Year", "Area type", "Electricity source", INTENSITY)
FIELDS = ("entity", "entity_code", "date", "emissions_intensity_gco2_per_kwh")


def fetch(client: Client, asked: Asked) -> Raw:
    if not KEY.read():
        return (Part.of("release_generation_yearly_global.csv", client.get(RELEASE)),)
    query: dict[str, str | int] = {"start_date": asked.first, "end_date": asked.last}
    if asked.countries:
        query["entity_code"] = ",".join(asked.countries)
    return (Part.of("carbon-intensity-yearly.json", client.get(INTERFACE, query, KEY)),)


def read(raw: Raw, asked: Asked, rows: Rows) -> None:
    for part in raw:
        if part.body.lstrip()[:1] == b"{":
            _interface(part, asked, rows)
        else:
            _release(part, asked, rows)


def _release(part: Part, asked: Asked, rows: Rows) -> None:
    for _, row in csv_rows(part, COLUMNS, rows.problems):
        if row["Electricity source"] != "Total generation":
            continue
        code = places.WORLD if row["Area"] == "World" else row["ISO 3 code"]
        _enter(code, row["Year"], row[INTENSITY], "Total generation", asked, rows)


def _interface(part: Part, asked: Asked, rows: Rows) -> None:
    answer = json_of(part, rows.problems)
    if not has_fields(part.name, answer, ("data",), rows.problems):
        return
    for record in answer["data"]:
        if not has_fields(part.name, record, FIELDS, rows.problems):
            return
        code = places.WORLD if record["entity"] == "World" else str(record["entity_code"] or "")
        value = record["emissions_intensity_gco2_per_kwh"]
        _enter(
            code, str(record["date"]), "" if value is None else str(value), "carbon-intensity", asked, rows
        )


def _enter(code: str, year: str, value: str, page: str, asked: Asked, rows: Rows) -> None:
    known = places.load()
    if code != places.WORLD and not (code and known.known(code) and known.kinds[code] == "country"):
        rows.skip("a group of countries, whose members netprint does not know")
    elif asked.wants(code, year):
        if is_number(value):
            rows.add("grid_lifecycle", value, "gCO2e/kWh", country=code, year=year, page=page)
        else:
            rows.skip("no value published")


SOURCE = Source(
    name="ember",
    title="Yearly electricity data",
    publisher="Ember",
    address=RELEASE,
    licence="CC-BY-4.0",
    duties="Name Ember, link to the licence and say what was changed.",
    kind="grid_lifecycle: average life-cycle CO2e of generation, not a Scope 2 combustion factor",
    fetch=fetch,
    read=read,
    key=KEY,
)
