"""Key figures of data centres, networks, software and whole organisations: ratios of sums, never summed themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import netprint
from netprint.errors import InputError, Problems
from netprint.formula.parse import write
from netprint.load.method import find, shipped


def row(activity: str, quantity: float, unit: str, **labels: Any) -> dict[str, Any]:
    return {"activity": activity, "quantity": quantity, "unit": unit, **labels}


def assess(method: str | list[str], rows: list[dict[str, Any]], **more: Any) -> netprint.Result:
    base = {"title": "t", "method": method, "period": "2023", "entity": "E", "country": "KEN", "draws": 200}
    return netprint.assess(base | {"activities": rows} | more)


def figures(result: netprint.Result, column: str = "") -> dict[Any, float]:
    """Indicators by name, or by name and the label of a column; cells of a finer grain left out."""
    found = {}
    for r in result.indicators:
        if r["cell"].startswith(("entity", "all of")) and not (column and r["cell"].startswith("all of")):
            continue
        found[(r["indicator"], r[column]) if column else r["indicator"]] = r["point"]
    return found


def factor(name: str, value: float, unit: str, **index: Any) -> dict[str, Any]:
    return {"factor": name, "value": value, "unit": unit, "source": "for this test", **index}


HALLS = [
    row("electricity", 1200, "MWh", site="a"),
    row("it_electricity", 1000, "MWh", site="a"),
    row("electricity", 900, "MWh", site="b"),
    row("it_electricity", 500, "MWh", site="b"),
]


# ---- data centres


def test_published_key_figures_of_data_centres():
    """The worked values of data_centres' indicators: 1.20, 0.60, 0.67, 0.54, 2.16 and 1.59."""
    rows = [
        row("electricity", 1200, "kWh", site="pue"),
        row("it_electricity", 1000, "kWh", site="pue"),
        row("electricity", 3000, "kWh", site="cue"),
        row("it_electricity", 2500, "kWh", site="cue"),
        row("electricity", 600_000, "kWh", site="wue"),
        row("it_electricity", 582.6, "MWh", site="wue"),
        row("water", 928, "m3", site="wue"),
        row("electricity", 147, "MWh", site="ref"),
        row("renewable_electricity", 99, "MWh", site="ref"),
        row("energy_reused", 79, "MWh", site="ref"),
        row("heat_removed", 95, "MWh", site="ref"),
        row("cooling_electricity", 44, "MWh", site="ref"),
    ]
    factors = [factor("grid_direct", 0.5, "kg CO2e/kWh", country="KEN", year=2023)]  # 1500 kg
    found = figures(assess("iso-iec-30134", rows, by=["site"], factors=factors), "site")
    assert found["pue", "pue"] == pytest.approx(1.20)
    assert found["cue", "cue"] == pytest.approx(0.60)
    assert round(found["wue", "wue"], 2) == 1.59
    assert round(found["renewable_energy_factor", "ref"], 2) == 0.67
    assert round(found["energy_reuse_factor", "ref"], 2) == 0.54
    assert round(found["cooling_efficiency_ratio", "ref"], 2) == 2.16


def test_cue_of_a_data_centre_on_the_grid_is_pue_times_the_factor():
    rows = [row("electricity", 1450, "kWh"), row("it_electricity", 1000, "kWh")]
    result = assess(
        "iso-iec-30134", rows, factors=[factor("grid_direct", 0.3497, "kg CO2e/kWh", country="KEN")]
    )
    found = figures(result)
    assert round(found["cue"], 3) == 0.507
    assert found["cue"] == pytest.approx(found["pue"] * 0.3497)
    assert not [w for w in result.warnings if "Carbon usage" in w]


def test_a_ratio_of_a_group_is_no_mean_of_the_ratios_of_its_parts():
    found = figures(assess("iso-iec-30134", HALLS, by=["site"]), "site")
    assert (found["pue", "a"], found["pue", "b"]) == (1.2, 1.8)
    assert found["pue", ""] == pytest.approx(2100 / 1500)
    assert found["pue", ""] != pytest.approx((1.2 + 1.8) / 2)
    assert "pue" not in {c.get("category") for c in assess("iso-iec-30134", HALLS).cells}


def test_a_key_figure_has_the_uncertainty_of_its_meters():
    rows = [dict(r, uncertainty=5) for r in HALLS]
    (pue,) = [
        r for r in assess("iso-iec-30134", rows).indicators if r["indicator"] == "pue" and not r["cell"]
    ]
    assert pue["low"] < 1.38 and pue["high"] > 1.42


def test_sites_without_it_are_no_data_centres():
    """An operator's base stations and offices stand in the same tables; what one hall lacks is no zero."""
    more = [
        row("electricity", 50_000, "MWh", site="towers"),
        row("water", 77, "m3", site="office"),
        row("water", 500, "m3", site="a"),
        row("fuel", 1000, "L", item="diesel", site="towers"),
        row("other_site_electricity", 50, "MWh", site="a"),
        row("cooling_electricity", 150, "MWh", site="a"),
    ]
    result = assess("iso-iec-30134", [*HALLS, *more], by=["site"])
    found = figures(result, "site")
    assert found["pue", ""] == pytest.approx(1.4)
    assert found["cue_2", ""] == pytest.approx(found["cue", ""])
    assert found["wue", ""] == found["wue", "a"] == pytest.approx(0.5)  # b's water is not known
    assert ("wue", "b") not in found and ("pue", "towers") not in found
    assert not [w for w in result.warnings if "sub-meters" in w]
    whole = figures(assess("iso-iec-30134", [*HALLS, *more]))
    assert whole["pue"] == pytest.approx(1.4)


def test_own_generation_and_generators_belong_to_the_energy_of_a_data_centre():
    more = [
        row("electricity_generated", 100, "MWh", site="a", item="solar"),
        row("generator_electricity", 50, "MWh", site="a", item="diesel"),
    ]
    found = figures(assess("iso-iec-30134", [*HALLS, *more], by=["site"]), "site")
    assert found["pue", "a"] == pytest.approx(1.35)
    assert found["pue", "b"] == pytest.approx(1.8)


def test_a_pue_below_one_is_refused_with_the_whole_message():
    rows = [row("electricity", 900, "MWh", site="a"), row("it_electricity", 1000, "MWh", site="a")]
    with pytest.raises(InputError) as error:
        assess("iso-iec-30134", rows, by=["site"])
    assert re.fullmatch(
        r"iso-iec-30134\.yaml:\d+, pue: Power usage effectiveness is 0\.9 \(site a\); expected at least 1\. "
        r"Check the activity data behind `data_centre_energy / it_electricity`\.",
        str(error.value.problems[0]),
    )


@pytest.mark.parametrize("driver", ["renewable_electricity", "energy_reused"])
def test_a_share_above_one_is_refused(driver):
    with pytest.raises(InputError, match=r"factor \(\w+\) is 1.04\d+ .* expected"):
        assess("iso-iec-30134", [*HALLS, row(driver, 1250, "MWh", site="a")])


def test_meters_that_do_not_agree_are_told():
    parts = [
        row("cooling_electricity", 150, "MWh", site="a"),
        row("distribution_losses", 40, "MWh", site="a"),
        row("water", 100, "m3", site="a"),
        row("water_metered", 80, "m3", site="a"),
    ]
    agreed = [*HALLS[:2], *parts[:2], row("other_site_electricity", 10, "MWh", site="a")]
    assert not [w for w in assess("iso-iec-30134", agreed).warnings if "sub-meters" in w]
    off = [*HALLS[:2], *parts, row("other_site_electricity", 60, "MWh", site="a")]
    told = [w for w in assess("iso-iec-30134", off).warnings if "sub-meters" in w]
    assert any("Power usage effectiveness by sub-meters" in w and "1.25" in w and "1.2 " in w for w in told)
    assert any("Water usage effectiveness by sub-meters" in w and "0.08" in w for w in told)


def test_categories_of_carbon_usage_effectiveness_add_scopes():
    rows = [*HALLS[:2], row("fuel", 1000, "L", item="diesel", site="a")]
    result = assess("iso-iec-30134", rows)
    found, it = figures(result), 1e6
    scope1 = result.total("inventory")["point"]
    assert found["cue"] == pytest.approx(result.total("location")["point"] / it)
    assert found["cue_2"] - found["cue"] == pytest.approx(scope1 / it)
    assert found["cue_3"] > found["cue_2"]


def test_a_share_is_of_the_data_centres_where_it_is_known_and_zero_is_a_statement():
    rows = [*HALLS, row("renewable_electricity", 600, "MWh", site="a")]
    found = figures(assess("iso-iec-30134", rows, by=["site"]), "site")
    assert found["renewable_energy_factor", ""] == found["renewable_energy_factor", "a"] == 0.5
    zero = [*rows, row("renewable_electricity", 0, "MWh", site="b")]
    found = figures(assess("iso-iec-30134", zero, by=["site"]), "site")
    assert found["renewable_energy_factor", "b"] == 0
    assert found["renewable_energy_factor", ""] == pytest.approx(600 / 2100)


def test_water_is_an_impact_of_its_own():
    rows = [*HALLS[:2], row("water", 1500, "m3", site="a")]
    factors = [factor("grid_water", 3, "L/kWh", country="KEN")]
    result = assess("iso-iec-30134", rows, by=["category"], factors=factors)
    water = {
        c["category"]: c["point"]
        for c in result.cells
        if c["impact"] == "water" and c["account"] == "inventory"
    }
    assert water == pytest.approx({"water on site": 1500, "water of electricity generation": 3600})
    whole = figures(assess("iso-iec-30134", rows, factors=factors))
    assert (whole["wue"], whole["wue_2"]) == pytest.approx((1.5, 5.1))


# ---- networks


def test_network_carbon_intensity_both_ways():
    rows = [row("network_energy", 100, "GWh", item="grid"), row("traffic", 1e6, "TB")]
    factors = [factor("grid_direct", 0.45, "kg CO2e/kWh", country="KEN")]
    result = assess(["itu-t-l1331", "itu-t-l1333"], rows, factors=factors)
    found = figures(result)
    assert found["network_carbon_intensity"] == pytest.approx(45)
    assert round(found["data_efficiency"]) == 22_222
    # kg/kWh over bit/J is kg/bit: 0.45 / 3.6e6 J/kWh / 22 222 bit/J · 8e12 bit/TB
    assert found["network_energy_factor"] / 3.6e6 / found["data_efficiency"] * 8e12 == pytest.approx(45)
    assert not [w for w in result.warnings if "carbon intensity" in w]


def test_each_source_of_a_network_has_its_factor():
    rows = [
        row("network_energy", 100, "MWh", item="grid"),
        row("network_energy", 20, "MWh", item="solar"),
        row("network_energy", 10, "MWh", item="our generators"),
        row("traffic", 1, "PB"),
    ]
    factors = [
        factor("grid_direct", 0.4, "kg CO2e/kWh", country="KEN"),
        factor("source_direct", 0.9, "kg CO2e/kWh", item="our generators"),
    ]
    assert figures(assess("itu-t-l1333", rows, factors=factors))["network_carbon_intensity"] == pytest.approx(
        49
    )
    with pytest.raises(netprint.errors.GapError, match="technology_direct"):
        assess("itu-t-l1333", rows, factors=factors[:1])


def test_classes_are_weighted_by_the_people_who_live_in_them():
    """EE_total = Σ EE_k · PofP_k / Σ PofP_k; a class without area or energy has no weight."""
    classes = {"urban": (100, 10, 3e6), "rural": (1000, 5, 1e6)}
    rows = [
        r
        for name, (area, energy, people) in classes.items()
        for r in (
            row("covered_area", area, "km2", network="4G", demography=name),
            row("network_energy", energy, "MWh", network="4G", demography=name, item="grid"),
            row("population", people, "person", network="4G", demography=name),
        )
    ] + [row("population", 9e6, "person", network="4G", demography="unpopulated")]
    found = figures(assess("itu-t-l1331", rows, by=["network"]), "network")
    each = {n: a * 1e6 / (e * 3.6e9) for n, (a, e, _) in classes.items()}
    assert found["total_coverage_efficiency", "4G"] == pytest.approx((each["urban"] * 3 + each["rural"]) / 4)
    assert found["coverage_efficiency", "4G"] == pytest.approx(1100e6 / (15 * 3.6e9))
    apart = figures(assess("itu-t-l1331", rows, by=["demography"]), "demography")
    assert apart["coverage_efficiency", "rural"] == pytest.approx(each["rural"])


def test_latency_is_weighted_by_data():
    rows = [
        row("traffic", 3, "TB"),
        row("traffic_delay", 3000 * 0.02, "GB s"),
        row("traffic", 1, "TB"),
        row("traffic_delay", 1000 * 0.06, "GB s"),
        row("network_energy", 1, "kWh", item="grid"),
    ]
    found = figures(assess("itu-t-l1331", rows))
    assert found["mean_latency"] == pytest.approx(0.03)
    assert found["latency_efficiency"] == pytest.approx(1 / (0.03 * 3.6e6))


def test_site_efficiency_by_site_and_above_one_refused():
    rows = [
        row("network_energy", 10, "MWh", item="grid", site="a"),
        row("telecom_electricity", 7, "MWh", site="a"),
        row("network_energy", 10, "MWh", item="solar", site="b"),
        row("telecom_electricity", 9, "MWh", site="b"),
    ]
    found = figures(assess("itu-t-l1350", rows, by=["site"]), "site")
    assert found == pytest.approx(
        {("site_efficiency", s): v for s, v in {"a": 0.7, "b": 0.9, "": 0.8}.items()}
    )
    with pytest.raises(InputError, match="Site energy efficiency"):
        assess("itu-t-l1350", [*rows, row("telecom_electricity", 8, "MWh", site="a")], by=["site"])


def test_intensities_of_an_organisation():
    rows = [
        row("electricity", 1000, "MWh"),
        row("subscribers", 2e5, "subscriber"),
        row("traffic", 1e6, "GB"),
        row("sites", 50, "site"),
        row("employees", 20, "employee"),
        row("revenue", 1e7, "USD"),
    ]
    found = figures(
        assess("kpi-intensity", rows, factors=[factor("grid_direct", 0.1, "kg CO2e/kWh", country="KEN")])
    )
    wanted = {"subscriber": 0.5, "traffic": 0.1, "site": 2000, "employee": 5000, "revenue": 0.01}
    location = {**{k: f"intensity_location_{k}" for k in wanted}, "subscriber": "location_per_subscriber"}
    energy = {k: f"intensity_electricity_{k}" for k in wanted}
    energy |= {"subscriber": "energy_per_subscriber", "traffic": "energy_per_traffic"}
    assert {k: found[name] for k, name in location.items()} == pytest.approx(wanted)
    assert {k: found[name] for k, name in energy.items()} == pytest.approx(
        {k: v * 10 for k, v in wanted.items()}
    )
    method = find("kpi-intensity", Path(), Problems(), ("", None))
    assert method is not None
    formulas = [write(t.formula) for t in method.terms if t.indicator]
    assert len(formulas) == len(set(formulas))  # no figure stands twice
    assert found["intensity_market_site"] == pytest.approx(2000)


# ---- software


SERVER = [
    factor("device_embodied", 1000, "kg CO2e/unit", item="srv"),
    factor("device_lifetime", 4, "year", item="srv"),
]


def test_embodied_share_of_an_hour():
    """1000 kg over four years, one hour: 28.54 g."""
    result = assess("iso-iec-21031", [row("hardware_reserved", 1, "h", item="srv")], factors=SERVER)
    assert round(result.total("first_order")["point"] * 1000, 2) == 28.54
    assert "sci" not in figures(result)  # without energy and functional units there is none


def test_software_carbon_intensity_is_operation_and_hardware_over_units():
    rows = [
        row("software_energy", 200, "kWh"),
        row("hardware_reserved", 8760, "h", item="srv"),
        row("functional_units", 1000, "unit"),
    ]
    factors = [
        *SERVER,
        factor("grid_direct", 0.5, "kg CO2e/kWh", country="KEN"),
        factor("resource_share", 0.4, "1"),
    ]
    result = assess("iso-iec-21031", rows, factors=factors)
    assert figures(result)["sci"] == pytest.approx((200 * 0.5 + 1000 / 4 * 0.4) / 1000 * 1000)
    known = [*factors, factor("sci_intensity", 0.2, "kg CO2e/kWh", country="KEN", year=2023)]
    assert figures(assess("iso-iec-21031", rows, factors=known))["sci"] == pytest.approx(140)


def test_no_contractual_instrument_enters_software_carbon_intensity():
    rows = [
        row("software_energy", 200, "kWh"),
        row("software_embodied", 5, "kg CO2e"),
        row("functional_units", 10, "unit"),
        row("electricity", 200, "kWh"),
    ]
    instrument = row("instrument", 200, "kWh", item="certificate", instrument_factor=0)
    method = ["iso-iec-21031", "itu-t-l1420"]
    without, with_ = (assess(method, r) for r in (rows, [*rows, instrument]))
    assert figures(with_)["sci"] == figures(without)["sci"]
    assert with_.total("market")["point"] == 0 < without.total("market")["point"]
    assert {c["account"] for c in assess("iso-iec-21031", rows[:3]).cells} == {"first_order"}


def test_sustainable_web_design_model():
    """1 GB at 494 g/kWh: 27.17 + 29.146 + 39.52 + 5.928 + 6.422 + 40.014 g."""
    result = assess("swdm-4", [row("web_traffic", 1, "GB")], by=["category", "stage"])
    found = {(c["category"], c["stage"]): round(c["point"] * 1000, 3) for c in result.cells}
    assert found == {
        ("data centre", "operation"): 27.17, ("network", "operation"): 29.146, ("device", "operation"): 39.52,
        ("data centre", "embodied"): 5.928, ("network", "embodied"): 6.422, ("device", "embodied"): 40.014,
    }  # fmt: skip
    assert result.total("first_order")["point"] * 1000 == pytest.approx(148.2)


def test_power_of_a_virtual_machine():
    """0.5 · 0.25 · 200 W + 100 W / 4 = 50 W."""
    given = {"vm_utilisation": (0.5, "1"), "vm_size": (0.25, "1"), "host_power_dynamic": (200, "W"),
             "host_power_base": (100, "W"), "vm_per_host": (4, "1")}  # fmt: skip
    factors = [factor(n, v, u, item="small") for n, (v, u) in given.items()]
    rows = [row("vm_time", 24, "h", item="small", data_centre="AWS")]
    result = assess("ghgp-ict-cloud", rows, factors=factors)
    assert figures(result)["vm_power"] == pytest.approx(50)
    assert not [w for w in result.warnings if "data_centre" in w]


def test_cloud_services_by_reserved_resources():
    """Watts = min + load · (max − min), with the provider's PUE, and data moved without it."""
    rows = [
        row("vcpu_time", 1000, "h", item="AWS", data_centre="AWS"),
        row("memory_reserved", 1000, "GB h", data_centre="AWS"),
        row("data_stored", 1000, "TB h", item="SSD", data_centre="AWS"),
        row("data_moved", 1000, "GB", data_centre="AWS"),
    ]
    factors = [
        factor("vcpu_power_idle", 0.74, "W", item="AWS"),
        factor("vcpu_power_full", 3.5, "W", item="AWS"),
        factor("server_load", 0.25, "1", item="AWS"),
        factor("memory_power", 0.4, "W/GB", item="DRAM"),
        factor("storage_power", 1.2, "W/TB", item="SSD"),
        factor("storage_copies", 3, "1", item="SSD"),
        factor("data_centre_pue", 1.2, "1", item="AWS"),
        factor("grid_lifecycle", 0.5, "kg CO2e/kWh", country="KEN"),
        factor("grid_losses", 0, "1", country="KEN"),
    ]
    total = assess("ghgp-ict-cloud", rows, factors=factors).total("first_order")["point"]
    watts = 0.74 + 0.25 * (3.5 - 0.74) + 0.4 + 3.6
    assert total == pytest.approx((watts * 1.2 + 1) * 0.5)  # 1000 h in W are kWh; 1000 GB at 0.001 kWh
    bare = [{k: v for k, v in r.items() if k != "data_centre"} for r in rows[:1]]
    assert [w for w in assess("ghgp-ict-cloud", bare).warnings if "names no data_centre" in w]


# ---- together


MINE = (
    "iso-iec-30134", "itu-t-l1331", "itu-t-l1333", "itu-t-l1350", "kpi-intensity", "iso-iec-21031", "swdm-4",
    "ghgp-ict-cloud", "shared-sites", "itu-t-l1410-network", "itu-t-l1410-refurbished", "itu-t-l1801",
)  # fmt: skip


def test_methods_of_key_figures_can_be_named_in_one_study():
    result = assess(list(MINE), HALLS)
    assert figures(result)["pue"] == 1.4
    assert result.total("location-based")["point"] > 0


@pytest.mark.parametrize("name", [*MINE, "itu-t-l1410"])
def test_every_term_cites_what_it_implements(name):
    from netprint.errors import Problems
    from netprint.load.method import load_method

    problems = Problems()
    method = load_method(shipped()[name], problems)
    assert method is not None and not list(problems)
    assert [t.id for t in method.terms if not t.cites or not t.title] == []
