"""World Bank, World Development Indicators: grid losses, population and subscriptions, page by page."""

from __future__ import annotations

from typing import Any

from netprint.exchange.imports.client import Client
from netprint.exchange.imports.source import (
    FIRST_YEAR,
    Asked,
    Part,
    Raw,
    Rows,
    Source,
    country_of,
    has_fields,
    is_number,
    json_of,
)

ADDRESS = "https://api.worldbank.org/v2/country/{countries}/indicator/{indicator}"
PER_PAGE, PAGES = 5000, 200
FIELDS = ("indicator", "countryiso3code", "date", "value")
IEA = "This indicator rests on data of the IEA, whose terms apply besides: for your own study only."
INDICATORS = {
    "EG.ELC.LOSS.ZS": ("grid_losses_generated", "%", IEA),
    "SP.POP.TOTL": ("population", "person", ""),
    "IT.CEL.SETS.P2": ("mobile_subscriptions_per_person", "%", "published per 100 people"),
    "IT.NET.BBND.P2": ("fixed_broadband_subscriptions_per_person", "%", "published per 100 people"),
    "IT.NET.USER.ZS": ("internet_users_share", "%", ""),
}
"""Indicator -> factor, unit as published, note.

Losses are a share of output, so per unit generated: `grid_losses` of the catalogue is per unit fed into the grid, with
what is imported, and another quantity.
"""


def fetch(client: Client, asked: Asked) -> Raw:
    parts: list[Part] = []
    address = {"countries": ";".join(asked.countries) or "all"}
    for indicator in INDICATORS:
        page = pages = 1
        while page <= min(pages, PAGES):
            query: dict[str, str | int] = {"format": "json", "per_page": PER_PAGE, "page": page}
            if asked.first != FIRST_YEAR:
                query["date"] = f"{asked.first}:{asked.last}"
            got = client.get(ADDRESS.format(indicator=indicator, **address), query)
            parts.append(Part.of(f"{indicator}-{page}.json", got))
            pages = _pages(parts[-1])
            page += 1
    return tuple(parts)


def _pages(part: Part) -> int:
    """How many pages there are; what is wrong with the answer is said when it is read."""
    from netprint.errors import Problems

    answer = json_of(part, Problems())
    head = answer[0] if isinstance(answer, list) and answer else None
    text = str(head.get("pages", "")) if isinstance(head, dict) else ""
    return int(text) if text.isdigit() else 0


def read(raw: Raw, asked: Asked, rows: Rows) -> None:
    for part in raw:
        for record in _records(part, rows):
            if not has_fields(part.name, record, FIELDS, rows.problems):
                return
            _enter(record, asked, rows)


def _records(part: Part, rows: Rows) -> list[Any]:
    """The records of a page: the second of `[about, records]`. An error is `[{"message": [...]}]`."""
    answer = json_of(part, rows.problems)
    if isinstance(answer, list) and len(answer) == 2 and isinstance(answer[1], list | None):
        return answer[1] or []
    rows.problems.add(
        part.name, None, None, found=f"the answer is no page of records: {str(answer)[:160]}",
        expected="[about, records]", remedy="Check the countries and years asked for, then try again.",
    )  # fmt: skip
    return []


def _enter(record: Any, asked: Asked, rows: Rows) -> None:
    indicator = str(record["indicator"]["id"]) if isinstance(record["indicator"], dict) else ""
    country, year = country_of(str(record["countryiso3code"] or "")), str(record["date"])
    if indicator not in INDICATORS:
        rows.skip(f"the indicator {indicator}, which netprint does not use")
    elif not country:
        rows.skip("a group of countries, whose members netprint does not know")
    elif asked.wants(country, year):
        factor, unit, note = INDICATORS[indicator]
        value = "" if record["value"] is None else str(record["value"])
        if is_number(value):
            rows.add(factor, value, unit, country=country, year=year, page=indicator, note=note)
        else:
            rows.skip("no value published")


SOURCE = Source(
    name="world-bank",
    title="World Development Indicators",
    publisher="World Bank",
    address="https://api.worldbank.org/v2/",
    licence="CC-BY-4.0",
    duties="Name the World Bank and the data set, link to the licence. "
    + IEA.replace("This indicator", "EG.ELC.LOSS.ZS"),
    kind="grid_losses_generated: losses per unit generated, not fed in; population and subscriptions as drivers of "
    "your own formulas",
    fetch=fetch,
    read=read,
    cards=tuple(
        {"factor": factor, "unit": unit, "index": "country year", "kind": "statistic", "fallback": "year",
         "correlation": "0.9", "title": title}
        for factor, unit, title in (
            ("population", "person", "Population"),
            ("mobile_subscriptions_per_person", "%", "Mobile-cellular subscriptions per person"),
            ("fixed_broadband_subscriptions_per_person", "%", "Fixed-broadband subscriptions per person"),
            ("internet_users_share", "%", "Share of people who use the Internet"),
        )
    ),
)  # fmt: skip
