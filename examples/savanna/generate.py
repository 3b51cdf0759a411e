"""Write the activity data of Savanna, an operator that does not exist: 2 000 sites, five countries, three years.

Every number is drawn from a seeded generator; nothing here was measured anywhere, and nothing was fitted to a real
operator. `python generate.py [FOLDER]` writes the tables that study.yaml reads into `data/` beside it, or into FOLDER.
"""

from __future__ import annotations

import csv
import math
import sys
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

SEED = 1429
YEARS = (2021, 2022, 2023)
#: Entity, country, sites, share of them with a grid connection, subscribers in 2021 (millions).
NETWORKS = (
    ("Savanna Kenya", "KEN", 700, 0.90, 12.0),
    ("Savanna Uganda", "UGA", 450, 0.72, 7.5),
    ("Lakes Tanzania", "TZA", 380, 0.78, 6.0),
    ("Savanna Rwanda", "RWA", 250, 0.85, 3.1),
    ("Savanna Malawi", "MWI", 220, 0.60, 2.4),
)
TOWERS = "Savanna Towers"
DATA_CENTRE = "NBO1"
BOUGHT = "2022-07-01"  # Savanna Malawi joins the group
Row = dict[str, object]


@dataclass(frozen=True)
class Site:
    name: str
    entity: str
    country: str
    grid: bool
    daily: float  # kWh of electricity a day, or litres of diesel where there is no grid
    opened: int  # months after January 2021
    leased: bool  # run by another tower company


def main(folder: Path) -> None:
    random = Random(SEED)
    sites = list(network(random))
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "energy.csv", [*energy(sites, random), *data_centre(random)])
    write(folder / "drivers.csv", list(drivers(random)))
    write(folder / "value_chain.csv", list(value_chain(random)))
    write(folder / "instruments.csv", list(instruments(random)))


def network(random: Random) -> Iterator[Site]:
    for entity, country, count, connected, _ in NETWORKS:
        for i in range(count):
            grid = random.random() < connected
            daily = (
                random.lognormvariate(math.log(62), 0.45)
                if grid
                else random.lognormvariate(math.log(17), 0.3)
            )
            opened = random.randrange(1, 30) if random.random() < 0.08 else 0
            yield Site(f"{country}-{i:04}", entity, country, grid, daily, opened, random.random() < 0.15)


def energy(sites: list[Site], random: Random) -> Iterator[Row]:
    """Bills by month; some months were estimated, some of those read later, some are missing."""
    for site in sites:
        if site.leased:
            yield from leased(site, random)
            continue
        for year in YEARS:
            for month in range(1, 13):
                if (year - YEARS[0]) * 12 + month <= site.opened:
                    continue
                days = monthrange(year, month)[1]
                season = 1 + 0.08 * math.cos((month - 2) / 6 * math.pi)
                amount = site.daily * days * season * random.lognormvariate(0, 0.06)
                chance = random.random()
                if chance < 0.02:
                    continue  # the bill was lost
                row: Row = {
                    "entity": site.entity,
                    "country": site.country,
                    "site": site.name,
                    "network": "mobile",
                }
                row |= {"start": f"{year}-{month:02}-01", "end": f"{year}-{month:02}-{days}"}
                tier = "estimated" if chance < 0.07 else "metered" if site.grid else "billed"
                row |= {"tier": tier, "uncertainty": 25 if tier == "estimated" else 2 if site.grid else 4}
                if site.grid:
                    row |= {"activity": "electricity", "quantity": round(amount, 1), "unit": "kWh"}
                else:
                    row |= {"activity": "fuel", "item": "diesel", "quantity": round(amount, 1), "unit": "L"}
                yield row
                if tier == "estimated" and chance < 0.04:
                    yield {**row, "tier": "metered", "quantity": round(amount * random.lognormvariate(0, 0.1), 1),
                           "uncertainty": 2}  # fmt: skip
        if not site.grid or random.random() < 0.3:
            for year in YEARS:
                yield {
                    "entity": site.entity, "country": site.country, "site": site.name, "year": year,
                    "activity": "refrigerant", "item": "R-410A", "quantity": round(random.uniform(0.05, 0.4), 3),
                    "unit": "kg", "tier": "billed", "uncertainty": 10,
                }  # fmt: skip


def leased(site: Site, random: Random) -> Iterator[Row]:
    """Sites that a tower company runs: category 8, once by the year, and never in Scope 2 as well."""
    if not site.grid:
        return
    for year in YEARS:
        yield {
            "entity": site.entity, "country": site.country, "site": site.name, "year": year,
            "activity": "partner_electricity", "category": "8 upstream leased assets", "supplier": "tower company",
            "quantity": round(site.daily * 365 * random.lognormvariate(0, 0.1), 0), "unit": "kWh",
            "tier": "estimated", "uncertainty": 20, "approach": "asset-specific", "data_quality": "fair",
        }  # fmt: skip


def data_centre(random: Random) -> Iterator[Row]:
    base: Row = {"entity": "Savanna Kenya", "country": "KEN", "site": DATA_CENTRE, "network": "data centre"}
    for year in YEARS:
        for month in range(1, 13):
            days = monthrange(year, month)[1]
            dates: Row = {"start": f"{year}-{month:02}-01", "end": f"{year}-{month:02}-{days}"}
            load = 24 * days * 1_150 * (1 + 0.06 * (year - 2021)) * random.lognormvariate(0, 0.02)
            pue = 1.52 - 0.02 * (year - 2021) + 0.03 * math.cos((month - 2) / 6 * math.pi)
            for activity, amount, unit in (
                ("electricity", load * pue, "kWh"),
                ("it_electricity", load, "kWh"),
                ("water", load * 0.0011, "m3"),
                ("renewable_electricity", load * pue * 0.35, "kWh"),
            ):
                yield {**base, **dates, "activity": activity, "quantity": round(amount, 1), "unit": unit,
                       "tier": "metered", "uncertainty": 1.5}  # fmt: skip


def drivers(random: Random) -> Iterator[Row]:
    for entity, country, count, _, millions in NETWORKS:
        for year in YEARS:
            growth = 1.06 ** (year - 2021)
            at: Row = {"entity": entity, "country": country, "year": year, "network": "mobile"}
            subscribers = millions * 1e6 * growth
            traffic = subscribers * 28 * 1.3 ** (year - 2021) * random.lognormvariate(0, 0.03)
            for activity, amount, unit in (
                ("subscribers", subscribers, "subscriber"),
                ("traffic", traffic, "GB"),
                ("sites", count, "site"),
                ("employees", subscribers / 4000, "employee"),
                ("revenue", subscribers * 34, "USD"),
            ):
                yield {**at, "activity": activity, "quantity": round(amount), "unit": unit, "tier": "metered",
                       "uncertainty": 1}  # fmt: skip


PURCHASES = (
    ("1 purchased goods and services", "custom software development", 6.0),
    ("1 purchased goods and services", "advertising", 4.0),
    ("1 purchased goods and services", "facilities support", 9.0),
    ("2 capital goods", "radio and wireless communications equipment", 38.0),
    ("2 capital goods", "fibre optic cable", 7.0),
)


def _bought(
    random: Random,
    at: Row,
    size: float,
    activity: str,
    quantity: float,
    unit: str,
    uncertainty: float,
    **more: object,
) -> Row:
    """A row of the value chain, scaled to the size of its operator."""
    noise = random.lognormvariate(0, 0.05)
    return {**at, "activity": activity, "quantity": round(quantity * size * noise, 1), "unit": unit,
            "uncertainty": uncertainty, "tier": "billed", **more}  # fmt: skip


def value_chain(random: Random) -> Iterator[Row]:
    for entity, country, _, _, millions in NETWORKS:
        for year in YEARS:
            size = millions / 12 * 1.05 ** (year - 2021)
            at: Row = {"entity": entity, "country": country, "year": year}

            row = partial(_bought, random, at, size)
            for category, item, millions_usd in PURCHASES:
                yield row(
                    "spend", millions_usd * 1e6, "USD", 5, category=category, item=item, data_quality="poor"
                )
            yield row("ict_goods", 1500, "unit", 2, category="2 capital goods", item="rack server",
                      data_quality="good")  # fmt: skip
            yield row("goods_units", 150_000, "unit", 2, category="1 purchased goods and services", item="SIM card",
                      supplier="card maker", approach="supplier-specific", data_quality="very good")  # fmt: skip
            yield row("freight", 2.4e6, "tkm", 15, category="4 upstream transportation and distribution",
                      item="HGV", data_quality="fair")  # fmt: skip
            yield row("freight", 3.0e5, "tkm", 15, category="4 upstream transportation and distribution",
                      item="air freight long-haul", data_quality="fair")  # fmt: skip
            yield row("waste", 90_000, "kg", 10, category="5 waste generated in operations", item="WEEE",
                      treatment="recycling", data_quality="good")  # fmt: skip
            yield row("travel", 5.0e6, "pkm", 10, category="6 business travel",
                      item="flight short-haul economy", data_quality="good")  # fmt: skip
            yield row("hotel_nights", 9_000, "night", 10)
            yield row("car_travel", 2.2e7, "km", 25, category="7 employee commuting", item="car petrol")
            yield row("vehicle_fuel", 900_000, "L", 3, item="diesel")
            yield row("sold_goods", 260_000, "unit", 3, item="smartphone", serial="sold handsets")
            yield row(
                "leased_out_goods", 120_000, "unit year", 5, item="home gateway", serial="leased gateways"
            )
            if country == "KEN":
                yield {
                    **row("partner_electricity", 4.0e6, "kWh", 2, category="8 upstream leased assets"),
                    "counterparty": TOWERS,
                    "supplier": TOWERS,
                    "site": "hosted by the group's own tower company",
                }
    for year in YEARS:
        yield {"entity": TOWERS, "country": "KEN", "year": year, "activity": "electricity", "site": "towers",
               "quantity": 9.6e6, "unit": "kWh", "uncertainty": 2, "tier": "metered"}  # fmt: skip
        yield {"entity": TOWERS, "country": "KEN", "year": year, "activity": "partner_electricity",
               "category": "13 downstream leased assets", "quantity": 3.9e6, "unit": "kWh", "uncertainty": 2,
               "tier": "metered", "counterparty": "Savanna Kenya", "site": "towers let"}  # fmt: skip


def instruments(random: Random) -> Iterator[Row]:
    """Certificates of Kenyan geothermal power by month, and a solar contract that ends in 2022."""
    for year in YEARS:
        for month in range(1, 13):
            days = monthrange(year, month)[1]
            at: Row = {
                "entity": "Savanna Kenya",
                "market": "KEN",
                "vintage": year,
                "unit": "kWh",
                "factor": 0,
            }
            at |= {"start": f"{year}-{month:02}-01", "end": f"{year}-{month:02}-{days}"}
            yield {**at, "type": "certificate", "quantity": 450_000, "registry_id": f"KE-{year}{month:02}"}
            if year < 2023:
                sun = (
                    600_000
                    * (1 + 0.15 * math.cos((month - 1) / 6 * math.pi))
                    * random.lognormvariate(0, 0.05)
                )
                yield {**at, "type": "PPA", "quantity": round(sun), "registry_id": f"PPA-{year}{month:02}"}


def write(path: Path, rows: list[Row]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "data")
