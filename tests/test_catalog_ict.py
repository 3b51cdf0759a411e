"""ICT goods, networks, data centres and AI in the catalogue: its evidence, the rule that chooses, published cases."""

from __future__ import annotations

import csv
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import netprint
from netprint.load.factors import catalog, sources
from netprint.units import parse, ratio

ROOT = Path(__file__).resolve().parents[1]
CATALOG = Path(netprint.__file__).parent / "catalog"
sys.path.insert(0, str(ROOT / "tools"))
import choose as tool  # noqa: E402

EVIDENCE = tool.evidence()
CARDS = {row["factor"]: row for row in tool.read(tool.CARDS)}
ROWS = tool.read(tool.TABLE)
LISTED = [(key, row) for key, rows in EVIDENCE.items() if key[0] in CARDS for row in rows]

# Least and greatest default that anyone would believe, in the unit of the card. A wrong prefix falls outside.
BANDS = {
    "device_embodied": (0.1, 20_000), "device_use_energy": (0.1, 10_000), "device_lifetime": (1.5, 30),
    "device_weight": (0.02, 100), "device_embodied_share": (0.05, 0.95), "component_embodied_unit": (1, 1500),
    "component_embodied_die": (0.5, 10), "component_embodied_mass": (5, 100), "component_density": (0.2, 300),
    "component_embodied_capacity": (0.0005, 1), "iot_block_embodied": (0.01, 20), "battery_embodied": (20, 300),
    "processor_power_share": (0.05, 1.3), "vcpu_power_idle": (0.1, 4), "vcpu_power_full": (1, 15),
    "memory_power": (0.05, 1.5), "storage_power": (0.1, 10), "data_centre_pue": (1.02, 2.5),
    "data_centre_wue": (0.005, 5), "data_centre_water_total": (1, 20),
    "network_energy_per_subscription": (2, 150), "network_energy_per_data": (0.0005, 5),
    "access_line_power": (0.1, 10), "network_power_base": (0.1, 50), "network_power_slope": (0.005, 5),
    "base_station_power_base": (1, 500), "base_station_power_slope": (1, 20), "base_station_power_sleep": (1, 300),
    "base_station_site_energy": (5_000, 150_000), "ai_energy_per_token": (1e-8, 1e-4),
    "ai_energy_per_request": (1e-6, 0.02), "ai_water_per_request": (1e-5, 0.5),
    "ai_carbon_per_request": (1e-5, 0.1), "ai_training_energy": (1e4, 1e9), "ai_research_multiple": (1, 20),
    "ai_server_power": (50, 5000), "gpu_power_idle": (3, 200), "gpu_power_full": (30, 1500),
    "swdm_v4_grid": (0.3, 0.7), "network_equipment_power": (1, 500), "network_capacity_power": (0.02, 200),
    "power_supply_efficiency": (0.8, 0.995), "ewaste_life_shape": (0.7, 3.5), "ewaste_life_scale": (3, 30),
    "ewaste_weight": (0.05, 200),
}  # fmt: skip


# ---- the evidence


def test_every_value_of_the_evidence_has_a_known_source_and_a_readable_unit():
    known = sources()
    assert [key for key, row in LISTED if row["source"] not in known] == []
    assert [key for key, row in LISTED if row["status"] not in ("verified", "provisional")] == []
    assert all(ratio(parse(row["unit"]), parse(CARDS[key[0]]["unit"])) > 0 for key, row in LISTED)
    assert all(math.isfinite(float(row["value"])) for _, row in LISTED)


def test_verified_values_rest_on_a_source_that_was_read():
    unread = {name for name, source in sources().items() if source["seen"] in ("", "not yet")} | {"estimate"}
    assert [key for key, row in LISTED if row["status"] == "verified" and row["source"] in unread] == []


def test_factors_have_evidence_and_indexes_where_their_card_has_them():
    assert {key[0] for key, _ in LISTED} == set(CARDS)
    for (factor, network, item), _ in LISTED:
        given = {name for name, cell in (("network", network), ("item", item)) if cell}
        assert given == set(CARDS[factor]["index"].split()), (factor, network, item)


# ---- the rule


def test_the_table_is_what_the_rule_gives():
    run = subprocess.run([sys.executable, str(ROOT / "tools" / "choose.py"), "--check"], check=False)
    assert run.returncode == 0


def test_every_default_lies_in_the_range_of_its_evidence():
    outside = []
    for row in ROWS:
        key = (row["factor"], row.get("network") or "", row["item"])
        ends = [x for r in tool.used(EVIDENCE[key]) for x in tool.limits(r)]
        if not min(ends) <= float(row["value"]) <= max(ends):
            outside.append(key)
    assert outside == []


def test_verified_defaults_rest_on_verified_values_only():
    for row in ROWS:
        key = (row["factor"], row.get("network") or "", row["item"])
        found = {r["status"] for r in tool.used(EVIDENCE[key])}
        assert (row["status"] == "verified") == (found == {"verified"})


def evidence_row(value: float, **cells: str) -> dict[str, str]:
    given = {
        "value": str(value),
        "unit": "kg CO2e/unit",
        "source": "s",
        "status": "verified",
        "scope_note": "",
    }
    return given | {"note": ""} | cells


def gsd(shape: dict[str, str]) -> float:
    return float(shape["gsd"])


def test_verified_values_come_before_provisional_and_other_boundaries_are_left_out():
    verified, provisional = evidence_row(1), evidence_row(2, status="provisional")
    other = evidence_row(3, scope_note="whole life cycle with use")
    assert tool.used([verified, provisional, other]) == [verified]
    assert tool.used([provisional, other]) == [provisional]
    assert tool.used([other]) == []


def test_three_values_give_the_prediction_interval_of_a_new_unit():
    """Against the definition: mean of logs ± t(0.975, 2) · s · √(1 + 1/3), with t = 4.303."""
    values = [50.0, 100.0, 200.0]
    shape = tool.shape("device_embodied", [evidence_row(v) for v in values])
    assert float(shape["value"]) == pytest.approx(100)
    half = 4.303 * math.log(2) * math.sqrt(4 / 3)
    assert math.log(gsd(shape)) * 1.959964 == pytest.approx(half, rel=1e-3)


def test_the_degrees_of_freedom_are_those_of_all_items_of_the_factor():
    """Three values beside twelve of another item: t(0.975, 13) = 2.160, not 4.303."""
    values = [evidence_row(v) for v in (20.0, 100.0, 500.0)]
    half = 2.160 * math.log(5) * math.sqrt(4 / 3)
    assert math.log(gsd(tool.shape("device_embodied", values, 13))) * 1.959964 == pytest.approx(
        half, rel=1e-3
    )
    by_item = {key: tool.used(rows) for key, rows in EVIDENCE.items() if key[0] == "device_embodied"}
    freedom = sum(len(rows) - 1 for rows in by_item.values() if len(rows) > 2)
    assert freedom > 20
    (row,) = [r for r in ROWS if (r["factor"], r["item"]) == ("device_embodied", "monitor")]
    chosen = by_item["device_embodied", "", "monitor"]
    assert len(chosen) == 3
    assert row["gsd"] == tool.shape("device_embodied", chosen, freedom)["gsd"]


def test_a_default_of_one_value_has_the_validity_that_its_source_states():
    by_key = {(r["factor"], r["network"], r["item"]): r for r in ROWS}
    row = by_key["network_energy_per_data", "end to end", "Aslan 2018"]
    assert (row["valid_from"], row["valid_to"]) == ("2015", "2015")
    assert by_key["network_energy_per_data", "fixed", "Traficom 2021"]["valid_from"] == ""


def test_two_values_span_their_widest_range_and_one_has_the_floor_or_what_its_source_states():
    ranged = [evidence_row(2500, min="1000", max="4000"), evidence_row(4400)]
    shape = tool.shape("base_station_site_energy", ranged)
    assert float(shape["value"]) == pytest.approx(math.sqrt(1000 * 4400), rel=1e-3)
    assert gsd(shape) ** (2 * 1.959964) == pytest.approx(4.4, rel=0.01)
    assert gsd(tool.shape("device_embodied", [evidence_row(7)])) == pytest.approx(1.6)
    stated = tool.shape("device_embodied", [evidence_row(7, min="5", max="9", distribution="uniform")])
    assert (stated["distribution"], stated["min"], stated["max"]) == ("uniform", "5", "9")


def test_power_usage_effectiveness_is_never_drawn_below_one():
    rows = catalog().rows["data_centre_pue"].values()
    for row in rows:
        shape = row.shape
        assert row.value > 1
        assert (shape.points[0][1] if shape.points else shape.low) > 1


# ---- plausibility


def test_defaults_are_of_a_size_that_one_believes():
    outside = [
        f"{row['factor']}[{row['item']}] {row['value']}"
        for row in ROWS
        if row["factor"] in BANDS
        and not BANDS[row["factor"]][0] <= float(row["value"]) <= BANDS[row["factor"]][1]
    ]
    assert outside == []
    banded = re.compile(
        r"device|component_(emb|den)|data_centre_[pw]|network|base_station_(site|power_[bs])|ai_[^t]"
    )
    assert [factor for factor in CARDS if banded.match(factor) and factor not in BANDS] == []


def test_idle_stays_below_full_power_and_sleep_below_idle():
    rows = catalog().rows
    for low, high in (
        ("vcpu_power_idle", "vcpu_power_full"),
        ("gpu_power_idle", "gpu_power_full"),
        ("base_station_power_sleep", "base_station_power_base"),
    ):
        for index, row in rows[low].items():
            assert row.value < rows[high][index].value


def test_bits_and_units_of_the_table_come_out_in_the_unit_of_the_card():
    rows = catalog().rows
    assert rows["device_embodied"]["laptop",].value == pytest.approx(182, rel=0.1)
    assert rows["network_energy_per_data"]["fixed", "Carbon Trust 2021"].value == pytest.approx(0.0065)
    assert rows["ai_energy_per_request"]["Gemini Apps, median text prompt",].value == pytest.approx(0.00024)


def test_makers_declarations_of_servers_agree_with_the_default():
    """Totals without use of 38 Dell servers range from 1160 to 1950 kg; the archetypes must lie in or near them."""
    rows = catalog().rows["device_embodied"]
    for item in ("rack server", "blade server", "tower server"):
        assert 1000 < rows[item,].value < 2000


def test_the_table_stays_small():
    assert len(ROWS) < 650


# ---- equipment of networks, power supply, e-waste


def test_equipment_of_networks_and_customers_is_there():
    rows = catalog().rows
    for item in (
        "set-top box",
        "ONT",
        "ONT with Wi-Fi",
        "Wi-Fi access point",
        "femtocell",
        "small cell, pico",
    ):
        assert 10 < rows["device_use_energy"][item,].value < 1500, item
    assert rows["device_use_energy"]["femtocell",].value == pytest.approx(
        2 * (4.8 + 8 * 0.025) * 8.76, rel=1e-3
    )
    per_port, per_line = (
        rows["network_equipment_power"]["OLT, per GPON port",],
        rows["access_line_power"]["fibre",],
    )
    assert 16 < per_port.value / per_line.value < 64  # the lines that share a port
    old, new = (rows["network_capacity_power"][f"coherent transponder of {y}",].value for y in (2013, 2020))
    assert old == pytest.approx(10 * new)
    assert max(row.shape.high for row in rows["power_supply_efficiency"].values()) <= 1


def test_every_good_has_one_e_waste_key_whose_weight_and_life_are_known():
    rows = catalog().rows
    keys = [item for item, _ in rows["ewaste_key"]]
    assert sorted(keys) == sorted(set(keys))
    used = {key for _, key in rows["ewaste_key"]}
    for factor in ("ewaste_weight", "ewaste_life_scale", "ewaste_life_shape"):
        assert len(rows[factor]) == 54
        assert used <= {key for (key,) in rows[factor]}
    weighed = {item for (item,) in rows["device_weight"]} & set(keys)
    assert {"smartphone", "laptop", "rack server", "set-top box", "home gateway"} <= weighed
    made = {item for (item,) in rows["device_embodied"]}
    assert {"base station, macro", "switch, data centre", "ONT"} <= made & set(keys)


def test_half_of_the_laptops_are_waste_after_their_median_life():
    """Median of a Weibull distribution: scale · ln(2)^(1/shape); UNU 0303 gives five years."""
    rows = catalog().rows
    shape, scale = rows["ewaste_life_shape"]["0303",].value, rows["ewaste_life_scale"]["0303",].value
    assert scale * math.log(2) ** (1 / shape) == pytest.approx(5.3, abs=0.2)


def test_shares_of_materials_add_to_one():
    shares = [row.value for (item, _), row in catalog().rows["device_material_share"].items()]
    assert sum(shares) == pytest.approx(1)


# ---- published cases, from the catalogue's constants


def total(**changes: Any) -> float:
    """The point value of a small study."""
    study = {
        "title": "ICT",
        "entity": "publisher",
        "country": "WORLD",
        "period": 2023,
        "draws": 100,
    } | changes
    (row,) = netprint.assess(study).views["all"]
    return float(row["point"])


def method(units: dict[str, str], **formulas: Any) -> dict[str, Any]:
    """``formulas``: activity to formula, or to (formula, more keys of the term)."""
    terms = []
    for activity, given in formulas.items():
        formula, more = given if isinstance(given, tuple) else (given, {})
        terms.append(
            {"id": f"of_{activity}", "activity": activity, "formula": formula, "books": {"flow": "CO2e"}}
            | more
        )
    return {"id": "ict", "activities": units, "terms": terms}


def rows(units: dict[str, str], *given: tuple[str, float, dict[str, str]]) -> list[dict[str, Any]]:
    return [{"activity": a, "quantity": q, "unit": units[a], **labels} for a, q, labels in given]


def test_software_carbon_intensity_embodied_share():
    """SCI: 1000 kg over four years, one hour: 28.54 g."""
    units = {"reserved": "h"}
    found = total(
        method=method(units, reserved="quantity * device_embodied[item] / device_lifetime[item]"),
        activities=rows(units, ("reserved", 1, {"item": "rack server, base without storage"})),
    )
    assert found * 1000 == pytest.approx(28.54, abs=0.005)


def test_sustainable_web_design_model_4():
    """1 GB at 494 g/kWh: 27.17 + 29.146 + 39.52 + 5.928 + 6.422 + 40.014 g."""
    units = {"transferred": "GB"}
    energy = "swdm_v4_operational[item] + swdm_v4_embodied[item]"
    term = (f"quantity * ({energy}) * swdm_v4_grid", {"over": {"item": "items(swdm_v4_operational)"}})
    found = total(method=method(units, transferred=term), activities=rows(units, ("transferred", 1, {})))
    assert found * 1000 == pytest.approx(148.2, rel=1e-9)


@pytest.mark.parametrize(("good", "expected"), [("laptop", 150.68), ("desktop", 160.69)])
def test_refurbished_goods(good, expected):
    """M + T + R − L of the worked example."""
    units = {"stages": "unit"}
    signs = (("M", 1), ("T", 1), ("R", 1), ("L", -1))
    found = total(
        method=method(units, stages="quantity * refurbishment_example[item]"),
        activities=rows(units, *(("stages", sign, {"item": f"{good} {letter}"}) for letter, sign in signs)),
    )
    assert found == pytest.approx(expected, abs=0.005)


def chosen(factor: str, item: str, source: str, **cells: str) -> dict[str, Any]:
    """A row of the evidence as a user's own factor: the default overruled."""
    (row,) = [
        r
        for r in EVIDENCE[factor, "", item]
        if r["source"] == source and all(r[c] == v for c, v in cells.items())
    ]
    return {"factor": factor, "item": item, "value": float(row["value"]), "unit": row["unit"]}


def test_server_from_its_components():
    """The worked example: 987.65 kg, and 150 kg of rack casing; the method's own drive and density overrule."""
    units = {"die": "mm2", "memory": "GB", "parts": "unit", "supplies": "kg"}
    parts = {"CPU base": 2, "RAM base": 8, "SSD base": 2, "HDD": 2, "motherboard": 1, "assembly": 1}
    found = total(
        method=method(
            units,
            die="quantity * component_embodied_die[item]",
            memory="quantity / component_density[product] * component_embodied_die[item]",
            parts="quantity * component_embodied_unit[item]",
            supplies="quantity * component_embodied_mass[item]",
        ),
        activities=rows(
            units,
            ("die", 2 * 24 * 24.5, {"item": "CPU"}),
            ("memory", 4 * 32 + 4 * 16, {"item": "RAM", "product": "RAM, 10 nm class"}),
            ("memory", 2 * 400, {"item": "SSD", "product": "SSD"}),
            *(("parts", n, {"item": part}) for part, n in parts.items()),
            ("supplies", 2 * 10, {"item": "power supply"}),
        ),
        factors=[
            chosen("component_embodied_unit", "HDD", "uba-green-cloud-2021"),
            chosen("component_density", "SSD", "boavizta-doc", page="worked example"),
        ],
    )
    assert found == pytest.approx(987.65, abs=0.01)
    assert found + catalog().rows["component_embodied_unit"]["rack casing",].value == pytest.approx(
        1137.65, abs=0.01
    )


def test_power_of_a_virtual_machine():
    """Half used, a quarter of the host's size, one of four: 0.5 · 0.25 · 200 + 100 / 4 = 50 W."""
    units = {"running": "h"}
    formula = "quantity * (server_utilisation[item] * size * dynamic + base / machines)"
    given = method(units, running=(formula, {"books": {"flow": "energy"}})) | {"impacts": {"energy": "kWh"}}
    found = total(
        method=given,
        activities=rows(units, ("running", 1, {"item": "hyperscale"})),
        parameters={
            "size": {"value": 0.25, "unit": "1"},
            "dynamic": {"value": 200, "unit": "W"},
            "base": {"value": 100, "unit": "W"},
            "machines": {"value": 4, "unit": "1"},
        },
    )
    assert found == pytest.approx(0.050)


def test_activities_of_ict_fit_their_factors():
    with (CATALOG / "activities" / "activities.csv").open(encoding="utf-8", newline="") as lines:
        units = {row["activity"]: row["unit"] for row in csv.DictReader(lines)}
    for activity, factor, result in (
        ("vcpu_time", "vcpu_power_full", "kWh"),
        ("gpu_time", "gpu_power_full", "kWh"),
        ("data_stored", "storage_power", "kWh"),
        ("ai_tokens", "ai_energy_per_token", "kWh"),
        ("ai_requests", "ai_water_per_request", "L"),
        ("ict_goods", "device_embodied", "kg CO2e"),
    ):
        assert ratio(parse(units[activity]) * parse(CARDS[factor]["unit"]), parse(result)) > 0
