"""Electricity Maps: life-cycle intensity of what is consumed in a zone, imports traced, one value per year.

Consumption by flow tracing is another thing than generation, so it has a factor of its own and never answers for
`grid_lifecycle`. Only zones that are countries are asked for.
"""

from __future__ import annotations

from typing import Any

from netprint import places
from netprint.exchange.imports.client import Client, Key
from netprint.exchange.imports.source import (
    Asked,
    Part,
    Raw,
    Rows,
    Source,
    country_of,
    is_number,
    records_of,
)

ADDRESS = "https://api.electricitymaps.com/v3/carbon-intensity/past-range"
KEY = Key("ELECTRICITY_MAPS_API_KEY", "auth-token", "header", "https://portal.electricitymaps.com/")
FACTOR = "grid_consumption_lifecycle_electricity_maps"
FIELDS = ("zone", "carbonIntensity", "datetime", "emissionFactorType", "isEstimated")


def fetch(client: Client, asked: Asked) -> Raw:
    years, countries = asked.years(), asked.named()
    KEY.read()
    parts = []
    for country in countries:
        query: dict[str, str | int] = {
            "zone": places.load().alpha2[country],
            "start": f"{years[0]}-01-01T00:00:00Z",
            "end": f"{years[-1] + 1}-01-01T00:00:00Z",
            "temporalGranularity": "yearly",
            "emissionFactorType": "lifecycle",
        }
        parts.append(Part.of(f"{country}.json", client.get(ADDRESS, query, KEY)))
    return tuple(parts)


def read(raw: Raw, asked: Asked, rows: Rows) -> None:
    for _, record in records_of(raw, FIELDS, rows.problems):
        _enter(record, asked, rows)


def _enter(record: Any, asked: Asked, rows: Rows) -> None:
    zone, year = str(record["zone"]), str(record["datetime"])[:4]
    country, value = country_of(zone) if len(zone) == 2 else "", str(record["carbonIntensity"])
    if not country:
        rows.skip("a zone that is no country")
    elif record["emissionFactorType"] != "lifecycle":
        rows.skip("not life-cycle")
    elif asked.wants(country, year):
        if is_number(value):
            estimated = record["isEstimated"] is True
            rows.add(
                FACTOR, value, "gCO2e/kWh", country=country, year=year, page=f"zone {zone}",
                status="provisional" if estimated else "verified", note="estimated by the source" if estimated else "",
            )  # fmt: skip
        else:
            rows.skip("no value published")


SOURCE = Source(
    name="electricity-maps",
    title="Carbon intensity, yearly",
    publisher="Electricity Maps",
    address=ADDRESS,
    licence="ODbL-1.0",
    duties="Name Electricity Maps. A table derived from it that is published stays under the ODbL; "
    "the terms of your key apply besides.",
    kind=f"{FACTOR}: average life-cycle CO2e of consumption, flow-traced; not grid_lifecycle",
    fetch=fetch,
    read=read,
    cards=(
        {"factor": FACTOR, "unit": "kg CO2e/kWh", "index": "country year",
         "kind": "average life-cycle CO2e consumption mix, flow-traced",
         "boundary": "electricity consumed, imports traced, incl. upstream, without grid losses",
         "fallback": "year", "correlation": "0.9",
         "title": "Life-cycle intensity of the electricity consumed, by Electricity Maps"},
    ),
    key=KEY,
    every=1.0,
    share_alike=True,
)  # fmt: skip
