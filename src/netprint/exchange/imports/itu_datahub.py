"""ITU DataHub: subscriptions and use of the Internet, country by country."""

from __future__ import annotations

from typing import Any

from netprint.exchange.imports.client import Client
from netprint.exchange.imports.source import Asked, Part, Raw, Rows, Source, has_fields, is_number, json_of

ADDRESS = "https://api.datahub.itu.int/v2/data/bycode/{code}/byiso/{country}"
FIELDS = ("codeID", "dataYear", "answer")
SERIES = {
    "178": ("itu_mobile_subscriptions", "subscription", "Mobile-cellular subscriptions"),
    "11632": ("itu_mobile_broadband_subscriptions", "subscription", "Active mobile-broadband subscriptions"),
    "11624": ("itu_internet_users_share", "%", "Individuals using the Internet"),
    "242": ("itu_international_bandwidth", "Mbit/s", "International bandwidth used"),
}
"""Code of the series -> factor, unit as published, title. The table of codes has been read in public programs."""


def fetch(client: Client, asked: Asked) -> Raw:
    return tuple(
        Part.of(f"{country}-{code}.json", client.get(ADDRESS.format(code=code, country=country)))
        for country in asked.named()
        for code in SERIES
    )


def read(raw: Raw, asked: Asked, rows: Rows) -> None:
    for part in raw:
        records = json_of(part, rows.problems)
        country = _country(part, records, asked, rows)
        for record in records if country else ():
            if not has_fields(part.name, record, FIELDS, rows.problems):
                return
            _enter(record, country, asked, rows)


def _country(part: Part, records: Any, asked: Asked, rows: Rows) -> str:
    """The country of an answer: the name of the part, which the record itself does not always hold."""
    found = part.name.partition("-")[0]
    if not isinstance(records, list):
        rows.problems.add(
            part.name, None, None, found="the answer is no list of records", expected="a JSON list",
            remedy="The service may ask for a registration: fetch the series by hand and give the file.",
        )  # fmt: skip
        return ""
    if len(found) != 3 or not found.isupper():
        rows.problems.add(
            part.name, None, None, found="the name of the file does not say the country",
            expected="a name like KEN-178.json", remedy="Rename the file: the records hold no country.",
        )  # fmt: skip
        return ""
    return found


def _enter(record: Any, country: str, asked: Asked, rows: Rows) -> None:
    code, year = str(record["codeID"]), str(record["dataYear"])
    answers = record["answer"] if isinstance(record["answer"], list) else []
    value = str(answers[0].get("value", "")) if answers and isinstance(answers[0], dict) else ""
    if code not in SERIES:
        rows.skip(f"the series {code}, which netprint does not use")
    elif asked.wants(country, year):
        factor, unit, title = SERIES[code]
        if is_number(value):
            rows.add(factor, value, unit, country=country, year=year, page=f"{title} ({code})")
        else:
            rows.skip("no value published")


SOURCE = Source(
    name="itu-datahub",
    title="DataHub",
    publisher="International Telecommunication Union",
    address="https://datahub.itu.int/",
    licence="CC-BY-NC-SA-3.0-IGO",
    duties="Name ITU, link to the licence. Not for commercial use; what is derived stays under this licence.",
    kind="subscriptions and use of the Internet, as drivers of your own formulas",
    fetch=fetch,
    read=read,
    cards=tuple(
        {"factor": factor, "unit": unit, "index": "country year", "kind": "statistic", "fallback": "year",
         "correlation": "0.9", "title": title}
        for factor, unit, title in SERIES.values()
    ),
    every=0.5,
    share_alike=True,
    non_commercial=True,
)  # fmt: skip
