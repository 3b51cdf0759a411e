"""Fuel heat and water behind electricity: derived from the mix, against the figures that they come from."""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

import pytest

import netprint
from netprint.load.factors import catalog, sources

ROOT = Path(__file__).resolve().parents[1]
CATALOG = Path(netprint.__file__).parent / "catalog"
sys.path.insert(0, str(ROOT / "tools"))
import import_grid_energy as tool  # noqa: E402

ROWS = catalog().rows
ENERGY, WATER = "grid_primary_energy_nonrenewable", "grid_water"


def value(factor: str, *index: str) -> float:
    return ROWS[factor][index].value


def test_heat_rates_are_those_of_the_table_in_joules():
    """10 689 Btu per kWh of coal, at 1055.06 J a Btu: an efficiency of 31.9 %."""
    assert value("technology_heat_rate", "coal") == pytest.approx(10689 * 1.05505585e-3, rel=1e-3)
    assert 3.6 / value("technology_heat_rate", "coal") == pytest.approx(0.319, abs=0.001)
    assert 3.6 / value("technology_heat_rate", "gas") == pytest.approx(0.441, abs=0.001)


def test_water_lies_in_the_middle_of_the_medians_by_cooling():
    """Macknick et al.: 687 gallons per MWh with towers, 250 with rivers; 3.785 L a gallon."""
    assert value("technology_water", "coal") == pytest.approx((687 + 250) / 2 * 3.785411784e-3, rel=1e-3)
    assert value("technology_water", "hydro") == pytest.approx(4491 * 3.785411784e-3, rel=1e-3)
    assert value("technology_water", "wind") == 0
    with (CATALOG / "evidence" / "grid_energy.csv").open(encoding="utf-8", newline="") as file:
        medians = list(csv.DictReader(file))
    for item, (_, first, other, second, _) in tool.WATER.items():
        kept = [float(r["value"]) for r in medians if r["item"] == item]
        assert kept == pytest.approx(
            [tool.litres(g) for g in ((first, second) if other else (first,))], rel=1e-3
        )


def test_a_country_is_the_sum_over_its_mix():
    shares = {"coal": 0.5, "gas": 0.25, "hydro": 0.25}
    heat = sum(share * tool.heat(item) for item, share in shares.items())
    assert heat == pytest.approx(0.5 * 11.277 + 0.25 * 8.166, rel=1e-3)
    assert tool.heat("wind") == tool.heat("hydro") == 0


def test_spreads_are_weighted_with_the_parts_of_the_sum():
    """3 of 4 with a gsd of 2: √((0.75 ln 2)² + (0.25 ln 1.5)²)."""
    found = tool.combined({"a": 3.0, "b": 1.0}, {"a": 2.0, "b": 1.5})
    assert math.log(found) == pytest.approx(math.hypot(0.75 * math.log(2), 0.25 * math.log(1.5)))


def test_values_are_ordered_as_the_mixes_are():
    energy = {index[0]: row.value for index, row in ROWS[ENERGY].items() if len(index[0]) == 3}
    water = {index[0]: row.value for index, row in ROWS[WATER].items() if len(index[0]) == 3}
    assert len(energy) == len(water) == 213
    assert max(energy.values()) <= value("technology_heat_rate", "oil") + 1e-9
    assert {c for c, v in energy.items() if v == 0} >= {"ALB", "ISL", "PRY"}
    assert energy["NOR"] < 0.3 < energy["DEU"] < energy["FRA"] < energy["ZAF"]
    assert water["NLD"] < water["USA"] < water["BRA"] < water["NOR"] <= value("technology_water", "hydro")


def test_a_mix_without_fuel_is_an_exact_zero_and_says_why():
    row = ROWS[ENERGY]["PRY",]
    assert (row.value, row.shape.distribution) == (0, "exact")
    assert row.note.endswith("renewable alone")
    assert all(r.shape.gsd > 1 for r in ROWS[ENERGY].values() if r.value)


def test_the_world_is_the_mean_of_the_countries():
    for factor in (ENERGY, WATER):
        own = [row.value for index, row in ROWS[factor].items() if len(index[0]) == 3]
        assert value(factor, "WORLD") == pytest.approx(sum(own) / len(own), rel=1e-3)


def test_all_of_it_is_derived_and_under_a_permissive_licence():
    for factor in (ENERGY, WATER):
        assert {row.status for row in ROWS[factor].values()} == {"provisional"}
        assert {row.licence for row in ROWS[factor].values()} == {"CC-BY-4.0"}
    assert sources()["eia-heat-rates-2022"]["url"].endswith("epa_08_01.html")
