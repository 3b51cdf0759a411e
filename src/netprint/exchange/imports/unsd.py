"""United Nations Statistics Division, Global SDG Database: e-waste by country, page by page."""

from __future__ import annotations

from typing import Any

from netprint.errors import Problems
from netprint.exchange.imports.client import Client
from netprint.exchange.imports.source import (
    FIRST_YEAR,
    Asked,
    Part,
    Raw,
    Rows,
    Source,
    by_m49,
    is_number,
    json_of,
    records_of,
)

ADDRESS = "https://unstats.un.org/sdgapi/v1/sdg/Series/Data"
PER_PAGE, PAGES = 1000, 500
FIELDS = ("series", "geoAreaCode", "timePeriodStart", "value", "attributes")
SERIES = {
    "EN_EWT_GENV": ("ewaste_generated", "t/year", ("T", "TONNES", "METRIC_TONS"), "E-waste generated"),
    "EN_EWT_GENPCAP": (
        "ewaste_generated_per_person",
        "kg/(person year)",
        ("KG", "KG_PER_CAP"),
        "E-waste per person",
    ),
    "EN_EWT_RCYV": ("ewaste_recycled", "t/year", ("T", "TONNES", "METRIC_TONS"), "E-waste recycled"),
    "EN_EWT_RCYR": ("ewaste_recycling_rate", "%", ("PERCENT",), "Share of e-waste that is recycled"),
}
"""Series -> factor, unit, the words for it in the attribute `Units`, title."""
ESTIMATED = frozenset({"E", "M"})
"""Natures of a value that is estimated or modelled."""


def fetch(client: Client, asked: Asked) -> Raw:
    parts: list[Part] = []
    codes = {code: m49 for m49, code in by_m49().items()}
    areas = "".join(f"&areaCode={codes[c]}" for c in asked.countries if c in codes)
    times = "".join(f"&timePeriod={y}" for y in asked.years()) if asked.first != FIRST_YEAR else ""
    for series in SERIES:
        page = pages = 1
        while page <= min(pages, PAGES):
            address = f"{ADDRESS}?seriesCode={series}&pageSize={PER_PAGE}&page={page}{areas}{times}"
            parts.append(Part.of(f"{series}-{page}.json", client.get(address)))
            answer = json_of(parts[-1], Problems())
            text = str(answer.get("totalPages", "")) if isinstance(answer, dict) else ""
            pages = int(text) if text.isdigit() else 0
            page += 1
    return tuple(parts)


def read(raw: Raw, asked: Asked, rows: Rows) -> None:
    for part, record in records_of(raw, FIELDS, rows.problems):
        _enter(part.name, record, asked, rows)


def _enter(file: str, record: Any, asked: Asked, rows: Rows) -> None:
    series, year = str(record["series"]), str(record["timePeriodStart"]).partition(".")[0]
    country = by_m49().get(str(record["geoAreaCode"]).lstrip("0"), "")
    if series not in SERIES:
        rows.skip(f"the series {series}, which netprint does not use")
        return
    if not country:
        rows.skip("a group of countries")
        return
    if not asked.wants(country, year):
        return
    factor, unit, words, _ = SERIES[series]
    attributes = record["attributes"] if isinstance(record["attributes"], dict) else {}
    stated, nature = str(attributes.get("Units", "")), str(attributes.get("Nature", ""))
    if stated and stated not in words:
        rows.problems.add(
            file, None, "Units", found=f"{series} is given in {stated}", expected=" or ".join(words),
            remedy="The service has changed the unit: look for a newer release of netprint.",
        )  # fmt: skip
    elif is_number(str(record["value"])):
        note = "estimated or modelled by the source" if nature in ESTIMATED else ""
        status = "provisional" if note else "verified"
        rows.add(
            factor,
            str(record["value"]),
            unit,
            country=country,
            year=year,
            page=series,
            status=status,
            note=note,
        )
    else:
        rows.skip("no value published")


SOURCE = Source(
    name="unsd",
    title="Global SDG Indicators Database",
    publisher="United Nations Statistics Division",
    address=ADDRESS,
    licence="UN terms of use",
    duties="Name the United Nations Statistics Division and the date; reuse is free with citation.",
    kind="e-waste generated and recycled, indicators 12.4.2 and 12.5.1",
    fetch=fetch,
    read=read,
    cards=tuple(
        {"factor": factor, "unit": unit, "index": "country year", "kind": "statistic", "fallback": "year",
         "correlation": "0.9", "title": title}
        for factor, unit, _, title in SERIES.values()
    ),
    every=0.5,
)  # fmt: skip
