"""ICT goods, networks and shared sites by ITU-T L.1410: what is embodied, used, allocated and refurbished."""

from __future__ import annotations

from typing import Any

import pytest

import netprint
from netprint.errors import GapError, InputError

A_B_D = "A, B and D, not told apart"
A_B = "A and B, raw materials and production"


def row(activity: str, quantity: float, unit: str = "unit", **labels: Any) -> dict[str, Any]:
    return {"activity": activity, "quantity": quantity, "unit": unit, **labels}


def assess(method: str | list[str], rows: list[dict[str, Any]], **more: Any) -> netprint.Result:
    base = {"title": "t", "method": method, "period": "2023", "entity": "E", "country": "KEN", "draws": 200}
    return netprint.assess(base | {"activities": rows} | more)


def factor(name: str, value: float | str, unit: str, **index: Any) -> dict[str, Any]:
    return {"factor": name, "value": value, "unit": unit, "source": "for this test", **index}


def by(result: netprint.Result, *columns: str) -> dict[Any, float]:
    found: dict[Any, float] = {}
    for cell in result.cells:
        key = tuple(cell[c] for c in columns) if len(columns) > 1 else cell[columns[0]]
        found[key] = found.get(key, 0.0) + cell["point"]
    return found


def used(item: str, energy: float = 0, years: float = 4) -> list[dict[str, Any]]:
    return [
        factor("device_use_energy", energy, "kWh/year", item=item),
        factor("device_lifetime", years, "year", item=item),
    ]


GRID = [
    factor("grid_lifecycle", 0.45, "kg CO2e/kWh", country="KEN"),
    factor("grid_losses", 0, "1", country="KEN"),
]


# ---- a bill of materials


def server() -> list[dict[str, Any]]:
    """Boavizta's worked example: 2 × 24 cores of 24.5 mm², 192 GB, two 400 GB drives, two disks, two 10 kg supplies."""
    bills: dict[str, tuple[str, dict[str, float]]] = {
        "bom": ("1", {"CPU base": 2, "RAM base": 8, "SSD base": 2, "HDD": 2, "motherboard": 1}),
        "bom_die": ("cm2", {"CPU": 2 * 24 * 0.245}),
        "bom_memory": ("GB", {"RAM": 4 * 32 + 4 * 16, "SSD": 2 * 400}),
        "bom_mass": ("kg", {"power supply": 20}),
    }
    return [
        *(
            factor(b, n, u, item="srv", component=c)
            for b, (u, parts) in bills.items()
            for c, n in parts.items()
        ),
        factor("assembly_embodied", "=component_embodied_unit['assembly']", "kg CO2e/unit", item="srv"),
        factor("component_embodied_unit", 31.11, "kg CO2e/unit", item="HDD"),
        factor("component_density", 1.79, "GB/cm2", item="RAM"),
        factor("component_density", 50.6, "GB/cm2", item="SSD"),
        *used("srv"),
    ]


def test_a_server_from_its_components():
    """41.45 + 277.74 + 47.46 + 62.22 + 66.1 + 486 + 6.68 = 987.65 kg, and 150 kg of rack casing."""
    rows = [row("ict_goods_modelled", 1, item="srv")]
    result = assess("itu-t-l1410", rows, factors=server(), by=["category", "approach", "stage"])
    found = by(result, "category")
    assert found["CPU"] + found["CPU base"] == pytest.approx(41.45, abs=0.01)
    assert found["RAM"] + found["RAM base"] == pytest.approx(277.74, abs=0.01)
    assert found["SSD"] + found["SSD base"] == pytest.approx(47.46, abs=0.01)
    assert found["assembly"] == 6.68
    assert sum(found.values()) == pytest.approx(987.65, abs=0.01)
    assert {(c["approach"], c["stage"]) for c in result.cells if c["point"]} == {("bottom-up", A_B)}
    cased = [*server(), factor("bom", 1, "1", item="srv", component="rack casing")]
    assert assess("itu-t-l1410", rows, factors=cased).total("first_order")["point"] == pytest.approx(
        1137.65, abs=0.01
    )


def test_a_component_carries_its_own_spread():
    result = assess("itu-t-l1410", [row("ict_goods_modelled", 1, item="srv")], factors=server(), draws=2000)
    total = result.total("first_order")
    assert total["low"] < 850 and total["high"] > 1100  # components of 1.3 each, independent


def test_transport_and_disposal_are_stages_of_their_own():
    more = [
        factor("bom_transport", 30, "t km", item="srv", mode="HGV"),
        factor("bom_disposal", 25, "kg", item="srv", treatment="recycling"),
    ]
    result = assess(
        "itu-t-l1410", [row("ict_goods_modelled", 2, item="srv")], factors=[*server(), *more], by=["stage"]
    )
    found = by(result, "stage")
    assert found["G1, transport"] == pytest.approx(2 * 30 * (0.10163 + 0.02359))
    assert found["D, end of life treatment"] == pytest.approx(2 * 25 * 4.68568e-3)
    assert found[A_B] == pytest.approx(2 * 987.65, abs=0.02)


def test_a_good_without_a_bill_or_declaration_is_a_gap():
    """An archetype of the same name does not stand in: another activity says so."""
    with pytest.raises(GapError, match=r"assembly_embodied\[laptop\]"):
        assess("itu-t-l1410", [row("ict_goods_modelled", 1, item="laptop")])
    with pytest.raises(GapError, match=r"declared_footprint\[laptop\]"):
        assess("itu-t-l1410", [row("ict_goods_declared", 1, item="laptop")])


# ---- the three ways, and the label of each


def test_every_result_says_how_it_was_found():
    rows = [
        row("ict_goods", 1, item="laptop"),
        row("ict_goods_declared", 1, item="phone X"),
        row("ict_goods_modelled", 1, item="srv"),
    ]
    factors = [*server(), factor("declared_footprint", 60, "kg CO2e/unit", item="phone X"), *used("phone X")]
    result = assess("itu-t-l1410", rows, factors=factors, by=["item", "approach"], draws=2000)
    spread = {
        (c["item"], c["approach"]): (c["high"] - c["low"]) / c["point"] for c in result.cells if c["approach"]
    }
    assert set(spread) == {("laptop", "archetype"), ("phone X", "declaration"), ("srv", "bottom-up")}
    assert spread["phone X", "declaration"] < spread["laptop", "archetype"]
    assert by(result, "approach")["declaration"] == 60


@pytest.mark.parametrize("other", ["ict_goods_declared", "ict_goods_modelled"])
def test_one_good_in_two_ways_is_refused(other):
    rows = [row("ict_goods", 1, item="laptop"), row(other, 1, item="laptop")]
    factors = [*server(), factor("declared_footprint", 60, "kg CO2e/unit", item="laptop")]
    factors.append(factor("assembly_embodied", 1, "kg CO2e/unit", item="laptop"))
    with pytest.raises(InputError, match="One good is assessed in one way"):
        assess("itu-t-l1410", rows, factors=factors)


# ---- use


@pytest.mark.parametrize(
    ("days", "years", "tonnes"), [(40, 5, 162), (60, 5, 243), (60, 8, 388.8), (20, 5, 81), (20, 8, 129.6)]
)
def test_products_of_300_watts_over_their_lifetime(days, years, tonnes):
    """The guidance's TG-B.1: 1000 units of 300 W for 6 h on so many days of so many years at 0.45 kg/kWh."""
    factors = [
        *GRID,
        factor("assembly_embodied", 0, "kg CO2e/unit", item="tv"),
        *used("tv", 0.3 * 6 * days, years),
    ]
    result = assess("itu-t-l1410", [row("ict_goods_modelled", 1000, item="tv")], factors=factors)
    assert result.total("first_order")["point"] / 1000 == pytest.approx(tonnes)


def test_use_is_on_the_grid_of_the_years_to_come_and_the_last_year_counts_in_part():
    grid = [factor("grid_lifecycle", v, "kg CO2e/kWh", country="KEN", year=y) for y, v in
            ((2023, 0.5), (2024, 0.4), (2025, 0.3))]  # fmt: skip
    factors = [*grid, GRID[1], *used("laptop", 100, 2.5)]
    result = assess("itu-t-l1410", [row("ict_goods", 1, item="laptop")], factors=factors, by=["stage"])
    assert by(result, "stage")["C, use"] == pytest.approx(100 * (0.5 + 0.4 + 0.5 * 0.3))


def test_losses_and_support_goods_raise_use():
    factors = [GRID[0], factor("grid_losses", 0.1, "1", country="KEN"), *used("laptop", 100, 1)]
    factors.append(factor("use_overhead", 1.5, "1", item="laptop"))
    result = assess("itu-t-l1410", [row("ict_goods", 1, item="laptop")], factors=factors, by=["stage"])
    assert by(result, "stage")["C, use"] == pytest.approx(100 * 1.5 * 0.45 / 0.9)


# ---- whole, or by year of life


def test_a_year_of_life_is_the_whole_over_the_lifetime():
    factors = [*GRID, *used("laptop", 100, 4)]
    whole = by(
        assess("itu-t-l1410", [row("ict_goods", 1, item="laptop")], factors=factors, by=["stage"]), "stage"
    )
    rows = [row("ict_goods_installed", 1, item="laptop"), row("ict_goods_in_use", 1, item="laptop")]
    year = by(assess("itu-t-l1410-annual", rows, factors=factors, by=["stage"]), "stage")
    assert {k: v * 4 for k, v in year.items()} == pytest.approx(whole)
    assert year["C, use"] == pytest.approx(45)


def test_the_whole_and_the_year_are_never_mixed():
    rows = [row("ict_goods", 1, item="laptop")]
    for other in ("itu-t-l1410-annual", "itu-t-l1410-network"):
        with pytest.raises(InputError, match="'goods_archetype' stands twice"):
            assess(["itu-t-l1410", other], rows)


def test_goods_are_no_part_of_the_inventory():
    rows = [row("ict_goods", 1, item="laptop"), row("electricity", 100, "kWh")]
    result = assess(["itu-t-l1410", "itu-t-l1420"], rows)
    alone = assess("itu-t-l1420", rows[1:])
    for total in ("location-based", "market-based"):
        assert result.total(total)["point"] == alone.total(total)["point"]
    assert result.total("first_order")["point"] > 180


# ---- networks and allocation

NETWORK = [
    row("ict_goods_installed", 20, item="base station, macro"),
    row("network_energy", 1000, "MWh", item="grid", network="4G"),
    row("network_energy", 500, "MWh", item="grid", network="5G"),
    row("network_energy", 10, "MWh", item="own turbines", network="5G"),
    row("network_sites", 10, "site", item="tower"),
    row("operator_support", 5000, "kg CO2e", item="shops"),
    row("subscribers", 1e5, "subscriber"),
    row("allocation_own", 30),
    row("allocation_whole", 120),
    row("allocation_own_second", 10),
    row("allocation_whole_second", 20),
]
BUILT = [
    *GRID,
    factor("device_embodied", 2000, "kg CO2e/unit", item="base station, macro"),
    factor("device_lifetime", 10, "year", item="base station, macro"),
    factor("source_lifecycle", 0.02, "kg CO2e/kWh", item="own turbines"),
    factor("site_embodied", 20_000, "kg CO2e/site", item="tower"),
    factor("site_lifetime", 25, "year", item="tower"),
]


def test_a_network_is_its_goods_sites_energy_and_support():
    result = assess("itu-t-l1410-network", NETWORK, factors=BUILT, by=["stage"])
    assert by(result, "stage") == pytest.approx(
        {
            A_B_D: 20 * 2000 / 10,
            "C, use": 1_500_000 * 0.45 + 10_000 * 0.02,
            "B3, construction of ICT-specific sites": 10 * 20_000 / 25,
            "C3, operator support activities": 5000,
        }
    )
    energy = by(
        assess("itu-t-l1410-network", NETWORK, factors=BUILT, by=["network", "stage"]), "network", "stage"
    )
    assert energy["4G", "C, use"] == pytest.approx(450_000)
    assert energy["5G", "C, use"] == pytest.approx(225_200)


def test_parts_of_a_network_without_meters_are_told_apart_from_metered_ones():
    rows = [
        row("network_energy", 10, "MWh", item="grid", network="5G"),
        row("network_lines", 1000, "subscription", item="fibre", network="fixed fibre"),
        row("network_lines", 1000, "subscription", item="copper", network="fixed copper"),
        row("base_station_sites", 3, "site", item="macro site", network="4G"),
    ]
    given = [
        *GRID,
        factor("network_energy_per_subscription", 7, "kWh/year", item="fibre"),
        factor("network_energy_per_subscription", 35, "kWh/year", item="copper"),
        factor("base_station_site_energy", 46_000, "kWh/year", item="macro site"),
    ]
    found = by(
        assess("itu-t-l1410-network", rows, factors=given, by=["network", "approach"]), "network", "approach"
    )
    assert {k: v / 0.45 for k, v in found.items()} == pytest.approx(
        {
            ("5G", "metered"): 10_000,
            ("fixed fibre", "by subscriptions"): 7000,
            ("fixed copper", "by subscriptions"): 35_000,
            ("4G", "by sites"): 138_000,
        }
    )


def test_a_service_takes_its_share_of_the_network_by_two_keys():
    result = assess("itu-t-l1410-network", NETWORK, factors=BUILT)
    found = {r["indicator"]: r["point"] for r in result.indicators}
    whole = result.total("first_order")["point"]
    assert found["service_footprint"] == pytest.approx(whole / 4)
    assert found["service_footprint_second"] == pytest.approx(whole / 2)
    assert found["network_per_subscriber"] == pytest.approx(whole / 1e5)


def test_shared_sites_are_booked_by_the_key_declared():
    rows = [
        row("shared_electricity", 100, "MWh", site="hall"),
        row("allocation_own", 300, site="hall"),
        row("allocation_whole", 1000, site="hall"),
        row("allocation_own_second", 200, site="hall"),
        row("allocation_whole_second", 500, site="hall"),
        row("shared_electricity", 10, "MWh", site="tower"),
        row("shared_emissions", 4, "t CO2e", site="tower"),
        row("electricity", 1, "MWh", site="office"),
    ]
    factors = [
        factor("grid_direct", 0.5, "kg CO2e/kWh", country="KEN"),
        factor(
            "allocation_share", 0.5, "1", site="tower", distribution="beta", p2_5=0.4, p97_5=0.6, min=0, max=1
        ),
    ]
    result = assess("shared-sites", rows, factors=factors, by=["site"])
    found = by(result, "site", "account")
    assert found["hall", "location"] == found["hall", "market"] == pytest.approx(100_000 * 0.3 * 0.5)
    assert found["tower", "location"] == pytest.approx(2500)
    assert found["tower", "inventory"] == pytest.approx(2000)
    assert found["office", "location"] == pytest.approx(500)
    assert ("hall", "inventory") not in found
    effect = {r["site"]: r["point"] for r in result.indicators if r["indicator"] == "shared_key_effect"}
    assert effect["hall"] == pytest.approx(0.4 / 0.3)
    assert effect["tower"] == pytest.approx(1)  # no second-best key was given
    (tower,) = [c for c in result.cells if (c["site"], c["account"]) == ("tower", "inventory")]
    assert tower["low"] < 1700 < 2300 < tower["high"]  # the share is uncertain
    assert any("allocation_by_drivers stands in" in w for w in result.warnings)


def test_a_shared_site_without_a_key_is_refused():
    with pytest.raises(InputError, match="allocation_whole"):
        assess("shared-sites", [row("shared_electricity", 100, "MWh", site="hall")])


@pytest.mark.parametrize(
    ("own", "whole", "said"),
    [((3, "kW"), (2, "kW"), "is 1.5"), ((1, "kW"), (20, "m2"), "allocation_whole is zero")],
)
def test_a_key_of_allocation_is_a_part_of_the_same_thing(own, whole, said):
    rows = [
        row("shared_electricity", 100, "MWh", site="hall"),
        row("allocation_own", own[0], site="hall", item=own[1]),
        row("allocation_whole", whole[0], site="hall", item=whole[1]),
    ]
    with pytest.raises(InputError, match=said):
        assess("shared-sites", rows)


def test_a_shared_site_has_no_electricity_of_its_own_too():
    rows = [row("shared_electricity", 100, "MWh", site="hall"), row("electricity", 30, "MWh", site="hall")]
    with pytest.raises(InputError, match=r"site hall, year .*stands at rows:\d too"):
        assess("shared-sites", rows)


# ---- refurbished goods


@pytest.mark.parametrize(
    ("good", "made", "carried", "mass", "expected"),
    [("laptop", 124.54, 31.7, 3.15, 150.68), ("desktop", 93.6, 75.4, 11.3, 160.69)],
)
def test_refurbished_goods(good, made, carried, mass, expected):
    """M + T + R − L of the worked example, with L as mass times distance times the factor of freight."""
    given = {
        "manufacture": (made, "kg CO2e/unit"),
        "transport": (carried, "kg CO2e/unit"),
        "recycling": (-4.5, "kg CO2e/unit"),
        "mass": (mass, "kg"),
        "distance": (400, "km"),
        "freight": (0.842, "kg CO2e/(t km)"),
    }
    factors = [factor(f"refurbished_{n}", v, u, item=good) for n, (v, u) in given.items()]
    result = assess("itu-t-l1410-refurbished", [row("ict_goods_refurbished", 10, item=good)], factors=factors)
    found = {r["indicator"]: r["point"] for r in result.indicators}
    assert round(found["refurbishment_difference_per_good"], 2) == expected
    assert found["refurbishment_difference"] == pytest.approx(10 * found["refurbishment_difference_per_good"])
    assert list(result.cells) == []  # compared, and taken off nothing
