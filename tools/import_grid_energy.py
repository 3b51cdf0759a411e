"""Write ``catalog/factors/grid_energy.csv``, its cards and sources, and ``catalog/evidence/grid_energy.csv``.

``python tools/import_grid_energy.py [cache folder]``. Reads, without importing it, codecarbon 3.3.2 (generation by
technology of one year per country) and multiplies the shares with two figures by technology:

* ``technology_heat_rate``: fuel heat per kWh generated, the fleet of the United States in 2022 (EIA, Table 8.1), on
  the gross calorific value. Its sum over the mix is ``grid_primary_energy_nonrenewable``.
* ``technology_water``: water consumed on site, medians of a review (Macknick et al. 2012). Thermal plants are cooled
  by towers or by rivers and seas, which mix a country has is not known: the default is the middle of the two medians.
  Its sum over the mix is ``grid_water``.

Spreads. Heat rates: 1.15 between fleets, an own estimate (coal fleets run at 30 to 42 %, gas at 35 to 55 %); it is
taken as common to all technologies. Water: each technology has the spread of :data:`WATER`, own estimates after the
range of the medians by cooling; hydropower 2.5, as evaporation is that of reservoirs in the United States. The
logarithmic spreads are added in squares, weighted with the technologies' parts of the sum. A mix without the
technology has an exact zero. WORLD and groups are unweighted means of their countries.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import grid_facts
import import_grid as base
from fetch import unpacked
from import_grid import Row, row, spread

MJ_PER_BTU = 1055.05585262e-6
LITRES_PER_GALLON = 3.785411784
HEAT_RATES = {"coal": 10689, "oil": 11166, "gas": 7740, "nuclear": 10448}
"""Btu per kWh, 2022."""
HEAT_GSD = 1.15
MEAN_GSD = 1.15
"""gsd of the means over countries, in which one country's reservoirs and plants weigh little; own estimate."""
WATER: dict[str, tuple[str, float, str, float, float]] = {
    "coal": ("tower, generic", 687, "once-through, generic", 250, 1.5),
    "gas": ("combined cycle, tower", 205, "combined cycle, once-through", 100, 1.6),
    "oil": ("gas steam turbine, tower", 826, "gas steam turbine, once-through", 240, 1.6),
    "nuclear": ("tower", 672, "once-through", 269, 1.5),
    "bioenergy": ("steam, tower", 553, "steam, once-through", 300, 1.5),
    "hydro": ("reservoirs", 4491, "", 0, 2.5),
    "solar": ("photovoltaic", 1, "", 0, 1.5),
    "wind": ("wind", 0, "", 0, 1.0),
    "other renewable": ("geothermal flash, tower", 15, "", 0, 2.0),
}
"""Technology -> (kind, median in US gallons per MWh, other kind, its median, gsd of the default)."""
EIA, NREL, MIX = "eia-heat-rates-2022", "macknick-2012", "owid-mix-energy"
PUBLIC, FACT, CC = grid_facts.PUBLIC, grid_facts.FACT, grid_facts.CC
SEEN = "2026-11-22"
NO_TRADE = "grid losses and imports left out"
CARDS = (
    ("grid_primary_energy_nonrenewable", "MJ/kWh", "country", "non-renewable primary energy, generation mix",
     "heat of fossil and nuclear fuel in the power plant, gross calorific value; fuel supply, plant, renewable energy, "
     + NO_TRADE, "group world", "0.9", "Fossil and nuclear energy behind electricity",
     "Not all primary energy: renewable generation counts nothing, so Norway has 0.1. Mix of one year (2009 to 2023,"
     " mostly 2022) times heat rates of the United States. WORLD: mean of the countries"),
    ("grid_water", "L/kWh", "country", "water consumption, generation mix",
     "water evaporated by power plants incl. reservoirs; " + NO_TRADE, "group world", "0.9",
     "Water consumed to generate electricity",
     "Consumption, not withdrawal; without the scarcity of the place. Hydropower decides, with the evaporation of"
     " reservoirs in the United States: rivers with little storage and cool places have far less. WORLD: mean of the"
     " countries"),
    ("technology_heat_rate", "MJ/kWh", "item", "fuel heat by technology",
     "heat of the fuel in the power plant over electricity sent out, gross calorific value", "", "0",
     "Fuel heat per kWh by generation technology", "Behind grid_primary_energy_nonrenewable"),
    ("technology_water", "L/kWh", "item", "water consumption by technology", "water evaporated on site, operation",
     "", "0", "Water consumption by generation technology", "Behind grid_water; see the evidence for kinds of cooling"),
    *((f"proxy:{factor}", "1", "level lag", "spread", "mean one", "", "0", f"Spread of a stand-in for {factor}",
       "Leave-one-out over the catalogue, by level")
      for factor in ("grid_primary_energy_nonrenewable", "grid_water")),
)  # fmt: skip
SOURCES = (
    (EIA, "U.S. Energy Information Administration", "Electric Power Annual: Average Operating Heat Rate",
     "EIA", "2023", "Table 8.1, 2022", "https://www.eia.gov/electricity/annual/html/epa_08_01.html", PUBLIC,
     "U.S. Energy Information Administration, Electric Power Annual, Table 8.1", SEEN + ": the table on eia.gov", ""),
    (NREL, "Macknick, Newmark, Heath, Hallett", "Operational water consumption and withdrawal factors for electricity"
     " generating technologies: a review of existing literature", "Environmental Research Letters 7, 045802", "2012",
     "medians", "https://doi.org/10.1088/1748-9326/7/4/045802", FACT,
     "Macknick et al. 2012, Environmental Research Letters 7, 045802",
     SEEN + ", transcription: GitHub Lucas-Doctorate-Project/env_research_scripts, intensity-factors", ""),
    (MIX, "Our World in Data; codecarbon; this project", "Generation mix times figures by technology", "this project",
     "2026", "codecarbon 3.3.2, global_energy_mix.json", "", CC,
     "Generation by technology: Our World in Data (Ember; Energy Institute), CC BY 4.0, by way of codecarbon 3.3.2;"
     " heat rates: EIA; water: Macknick et al. 2012", SEEN + ": the file in the package", "computed"),
)  # fmt: skip
EVIDENCE_COLUMNS = (
    "factor",
    "item",
    "value",
    "unit",
    "source",
    "page",
    "licence",
    "status",
    "note",
    "scope_note",
)
COLUMNS = (*base.COLUMNS[: base.COLUMNS.index("gsd")], "min", "max", "gsd",
           *base.COLUMNS[base.COLUMNS.index("gsd") + 1 :])  # fmt: skip


def litres(gallons_per_mwh: float) -> float:
    """L/kWh of US gallons per MWh."""
    return gallons_per_mwh * LITRES_PER_GALLON / 1000


def water(item: str) -> float:
    """The default of a technology in L/kWh: the middle of its two medians, or its one."""
    _, first, other, second, _ = WATER[item]
    return litres((first + second) / 2 if other else first)


def heat(item: str) -> float:
    """MJ of fuel per kWh of a technology; renewable ones have none."""
    return HEAT_RATES.get(item, 0) * MJ_PER_BTU


def mixes(folder: Path) -> Iterator[tuple[str, int, dict[str, float]]]:
    """Country, year of its mix, and the share of each technology of what the technologies known generate."""
    path = unpacked("codecarbon", "3.3.2", folder) / "codecarbon" / "data" / "private_infra"
    for code, mix in sorted(
        json.loads((path / "global_energy_mix.json").read_text(encoding="utf-8")).items()
    ):
        amounts = {item: float(mix[told[0]]) for item, told in grid_facts.TECHNOLOGIES.items()}
        total = math.fsum(amounts.values())
        if total > 0:
            yield base.country_code(code), mix["year"], {i: a / total for i, a in amounts.items()}


def combined(parts: dict[str, float], gsds: dict[str, float]) -> float:
    """The gsd of a sum of independent ``parts``, their logarithmic spreads weighted with their size."""
    total = math.fsum(parts.values())
    return math.exp(math.sqrt(math.fsum((p / total * math.log(gsds[i])) ** 2 for i, p in parts.items())))


def country_rows(folder: Path) -> Iterator[Row]:
    """The two sums over the mix for every country, and their means over groups and the world."""
    known = list(mixes(folder))
    for factor, unit, figure, gsds in (
        ("grid_primary_energy_nonrenewable", "MJ/kWh", heat, None),
        ("grid_water", "L/kWh", water, {item: told[4] for item, told in WATER.items()}),
    ):
        values: dict[tuple[str, int], float] = {}
        for code, year, shares in known:
            parts = {item: share * figure(item) for item, share in shares.items()}
            value, note = math.fsum(parts.values()), f"derived, mix of {year}"
            values[code, base.LAST] = value
            if value:
                sure = spread(round(combined(parts, gsds), 3) if gsds else HEAT_GSD)
            else:
                sure, note = {"distribution": "exact"}, f"{note}: renewable alone"
            yield row(factor, f"{value:.4g}", unit, MIX, CC, "provisional", country=code, note=note, **sure)
        means = {group: mean for (group, _), mean in base.group_means(values).items()}
        means["WORLD"] = math.fsum(values.values()) / len(values), len(values)
        for group, (mean, count) in means.items():
            more = {"country": group, "note": f"derived, mean of {count}", **spread(MEAN_GSD)}
            yield row(factor, f"{mean:.4g}", unit, MIX, CC, "provisional", **more)


def technology_rows() -> Iterator[Row]:
    for item in HEAT_RATES:
        note = f"{HEAT_RATES[item]} Btu/kWh; spread: own estimate"
        yield row("technology_heat_rate", f"{heat(item):.4g}", "MJ/kWh", EIA, PUBLIC, "verified", item=item, note=note,
                  **spread(HEAT_GSD))  # fmt: skip
    for item, (kind, first, other, second, gsd) in WATER.items():
        note, shape, status = kind, spread(gsd) if first else {"distribution": "exact"}, "verified"
        if other:
            note = f"between {other} ({litres(second):.3g}) and {kind} ({litres(first):.3g})"
            ends = {"min": f"{litres(second):.4g}", "max": f"{litres(first):.4g}"}
            shape, status = {"statistic": "mean", "distribution": "uniform", **ends}, "provisional"
        yield row(
            "technology_water",
            f"{water(item):.4g}",
            "L/kWh",
            NREL,
            FACT,
            status,
            item=item,
            note=note,
            **shape,
        )


def evidence_rows() -> Iterator[Row]:
    """The medians by kind of cooling that the defaults of water lie between."""
    for item, (kind, first, other, second, _) in WATER.items():
        scope = "one kind of cooling: the default is the middle of two" if other else ""
        for told, gallons in ((kind, first), (other, second)):
            if told:
                cells = (
                    "technology_water", item, f"{litres(gallons):.4g}", "L/kWh", NREL, "medians", FACT, "verified",
                    f"{told}: {gallons:g} US gallons per MWh", scope,
                )  # fmt: skip
                yield dict(zip(EVIDENCE_COLUMNS, cells, strict=True))


def main(folder: Path) -> None:
    rows = [*country_rows(folder), *technology_rows()]
    base.write("grid_energy.csv", [c for c in COLUMNS if any(r.get(c) for r in rows)], rows)
    base.write(
        "cards_grid_energy.csv",
        base.CARD_COLUMNS,
        [dict(zip(base.CARD_COLUMNS, c, strict=True)) for c in CARDS],
    )
    base.write(
        "sources_grid_energy.csv",
        base.SOURCE_COLUMNS,
        [dict(zip(base.SOURCE_COLUMNS, s, strict=True)) for s in SOURCES],
    )
    base.write("../evidence/grid_energy.csv", EVIDENCE_COLUMNS, evidence_rows())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
