"""Guards: what they catch, what they leave alone, and the whole catalogue under them."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import netprint
from netprint.cli import main
from netprint.errors import InputError, Problems
from netprint.load.factor import FactorTable
from netprint.load.factors import catalog, own_table
from netprint.load.guard_tables import FOLDER, bands, gwp_sets
from netprint.load.guards import Finding, guard, guard_catalog, own_warnings

CARDS = catalog().cards


def own(*rows: dict[str, str]) -> FactorTable:
    problems = Problems()
    table = own_table([(n, r) for n, r in enumerate(rows, start=2)], "mine.csv", catalog(), problems)
    problems.raise_if_any()
    return table


def found(*rows: dict[str, str]) -> list[Finding]:
    return guard(own(*rows), catalog())


def row(factor: str, value: float | str, unit: str = "", **more: str) -> dict[str, str]:
    unit = unit or (CARDS[factor].unit if factor in CARDS else "")
    return {"factor": factor, "value": str(value), "unit": unit, **more}


def guards(*rows: dict[str, str]) -> set[tuple[str, bool]]:
    return {(f.guard, f.error) for f in found(*rows)}


# ---- the catalogue


def test_the_catalogue_passes():
    assert [str(f) for f in guard_catalog()] == []


def test_every_review_still_answers_a_finding_and_gives_a_reason():
    with (FOLDER / "reviewed.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    now = {(f.guard, f.factor, " ".join(f.index)) for f in guard(catalog())}
    assert [r for r in rows if (r["guard"], r["factor"], r["index"]) not in now] == []
    assert all(r["reason"] for r in rows)


def test_no_finding_of_the_catalogue_is_an_error_that_was_waved_through():
    assert [str(f) for f in guard(catalog()) if f.error] == []


@pytest.mark.parametrize("times", [1000, 0.001])
def test_a_slip_of_1000_is_caught_in_nearly_every_row_of_the_catalogue(times: float):
    """Every value that is no plain share of a blend, price or potential, read as another unit of a factor of 1000.

    A quantity that may be below zero has no lower end: near zero everything is plausible.
    """
    checked, missed = 0, []
    for name in sorted({b.factor for held in bands().values() for b in held if b.factor and b.low > 0}):
        rows = [f for f in catalog().rows.get(name, {}).values() if f.formula is None and f.value > 0]
        for factor in rows[:12]:
            at = dict(zip(factor.card.index, factor.index, strict=True))
            checked += 1
            if not any(f.error for f in found(row(name, factor.value * times, **at))):
                missed.append(factor.label)
    assert checked > 400
    assert missed == []


@pytest.mark.parametrize(
    ("factor", "index", "value"),
    [
        ("network_equipment_power", ("OLT, per GPON port",), 23000.0), ("ewaste_weight", ("0306",), 90.0),
        ("ewaste_life_scale", ("0306",), 3000.0), ("grid_primary_energy_nonrenewable", ("KEN",), 700.0),
        ("grid_water", ("KEN",), 3900.0), ("net_import_share", ("LUX", "2023"), 1.4),
        ("power_supply_efficiency", ("rectifier, 48 V",), 1.1),
        ("network_capacity_power", ("core router of 2010",), 0.05),
        ("technology_water", ("coal",), 0.0026), ("exchange_rate", ("JPY", "2022"), 0.0076),
    ],
)  # fmt: skip
def test_newer_factors_have_bands_too(factor: str, index: tuple[str, ...], value: float):
    assert mutated(factor, index, value=value) & {("band", True), ("percent", True)}


def test_factors_without_a_band_are_few():
    """Potentials have guards of their own; a worked example and a plain definition need none."""
    without = {
        name for name, rows in catalog().rows.items()
        if name not in bands() and any(f.formula is None and f.value for f in rows.values())
    }  # fmt: skip
    assert {n for n in without if not n.startswith(("proxy:", "gwp_"))} == {
        "allocation_by_drivers", "refurbishment_example",
    }  # fmt: skip


# ---- GWP


def cases() -> list[tuple[str, float, str, str]]:
    """Entries of a public list and what they are: gas, value, label, the set it is of (empty where it is right)."""
    return [
        ("R-410A", 2256, "ar6", ""), ("HFC-227ea", 3220, "ar6", "AR4"), ("Halon-1211", 1890, "ar6", "AR4"),
        ("HCFC-123", 77, "ar6", "AR4"), ("SF6", 23500, "ar6", "AR5"), ("R-404A", 4728, "ar6", ""),
        ("R-507A", 3985, "ar6", "AR5"), ("N2O", 310, "ar4", "SAR"), ("CH4_fossil", 28, "ar4", "AR5"),
        ("SF6", 23900, "ar5", "SAR"), ("HFC-134a", 4140, "ar6", "AR6 over 20 years"), ("SF6", 25200, "ar6", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(("gas", "value", "label", "of"), cases())
def test_a_value_labelled_with_the_wrong_report_is_named(gas: str, value: float, label: str, of: str):
    said = [f for f in found(row(f"gwp_{label}", value, flow=gas)) if f.guard == "gwp set"]
    assert [f.error for f in said] == ([True] if of else [])
    if of:
        assert f"{of} value, labelled {label.upper()}" in str(said[0])
        assert f"{label.upper()} says" in str(said[0])


def test_a_potential_of_no_report_is_looked_at_again():
    assert guards(row("gwp_ar6", 1234, flow="SF6")) == {("gwp value", False)}


def test_the_sets_are_told_apart():
    assert {"SAR", "TAR", "AR4", "AR5", "AR6", "AR6 over 20 years"} <= set(gwp_sets())


# ---- mutations: a right row of the catalogue made wrong


def mutated(factor: str, index: tuple[str, ...], **changes: Any) -> set[tuple[str, bool]]:
    """What the guards find in the catalogue's own table once one of its rows is changed, beyond what they found."""
    rows = catalog().rows[factor]
    changed = {i: replace(f, **changes) if i == index else f for i, f in rows.items()}
    assert changed != dict(rows)

    def all_of(table: dict[tuple[str, ...], Any]) -> set[tuple[str, bool, tuple[str, ...]]]:
        return {(f.guard, f.error, f.index) for f in guard(FactorTable(CARDS, {factor: table}))}

    return {(name, error) for name, error, at in all_of(changed) - all_of(dict(rows)) if at == index}


def value(factor: str, *index: str) -> float:
    return catalog().rows[factor][index].value


@pytest.mark.parametrize(
    ("factor", "index"),
    [
        ("grid_lifecycle", ("KEN", "2023")), ("grid_lifecycle", ("POL", "2010")), ("technology_lifecycle", ("coal",)),
        ("fuel_direct", ("diesel", "CO2")), ("net_calorific_value", ("diesel",)), ("density", ("diesel",)),
        ("device_embodied", ("laptop",)), ("device_use_energy", ("laptop",)), ("device_weight", ("laptop",)),
        ("gpu_power_full", ("A100",)), ("base_station_power_base", ("macro",)),
        ("network_energy_per_subscription", ("mobile",)), ("travel_direct", ("flight long-haul",)),
        ("freight_direct", ("HGV",)), ("car_direct", ("car",)), ("paper_production", ("paper",)),
        ("spend_intensity", next(iter(catalog().rows["spend_intensity"]))), ("heat_direct", ("GBR",)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("times", [1000.0, 0.001])
def test_a_factor_of_1000_in_the_catalogue_is_an_error(factor, index, times):
    """kg against t, g against kg, W against kW, both ways."""
    rows = catalog().rows[factor]
    index = index if index in rows else next(i for i, f in rows.items() if f.formula is None and f.value)
    assert ("band", True) in mutated(factor, index, value=rows[index].value * times)


@pytest.mark.parametrize("times", [1000.0, 0.001])
def test_nine_in_ten_of_all_rows_are_caught_at_a_factor_of_1000(times):
    wrong, number = {}, 0
    for name, rows in catalog().rows.items():
        if not name.startswith("proxy:"):
            wrong[name] = {
                i: replace(f, value=f.value * times) for i, f in rows.items() if f.value and not f.formula
            }
            number += len(wrong[name])
    caught = {(f.factor, f.index) for f in guard(FactorTable(CARDS, wrong))
              if f.guard in ("band", "percent", "gwp value", "gwp set")}  # fmt: skip
    assert len(caught) > 0.9 * number


def test_a_potential_of_another_report_in_the_catalogue_is_an_error():
    for flow in ("SF6", "CH4_fossil", "N2O", "HFC-134a"):
        older = value("gwp_ar4", flow)
        assert mutated("gwp_ar6", (flow,), value=older) == {("gwp set", True)}, flow
    assert ("gwp set", True) in mutated("gwp_ar4", ("SF6",), value=value("gwp_ar5", "SF6"))


def test_a_zero_in_the_catalogue_is_an_error():
    """A null residual, or a country whose mix nobody knows."""
    assert mutated("grid_lifecycle", ("KEN", "2023"), value=0.0) == {("zero", True)}
    residual = own(row("residual_mix", 0.4, market="AUT", year="2023")).rows["residual_mix"]
    null = {i: replace(f, value=0.0) for i, f in residual.items()}
    assert {f.guard for f in guard(FactorTable(CARDS, {"residual_mix": null})) if f.error} == {"zero"}


@pytest.mark.parametrize("times", [3.0, 0.3])
def test_an_outlier_in_a_series_of_the_catalogue_is_found(times):
    at = ("DEU", "2015")
    assert ("series", False) in mutated("grid_lifecycle", at, value=value("grid_lifecycle", *at) * times)


def test_a_percentage_in_the_losses_of_the_catalogue_is_an_error():
    at = next(
        i for i, f in catalog().rows["grid_losses"].items() if f.formula is None and 0.03 < f.value < 0.2
    )
    assert mutated("grid_losses", at, value=value("grid_losses", *at) * 100) == {("percent", True)}
    assert ("losses base", False) in mutated("grid_losses", at, note="share of the electricity sold")


def test_a_year_that_nobody_has_measured_is_found():
    index = ("KEN", "2023")
    rows = dict(catalog().rows["grid_lifecycle"])
    rows["KEN", "2060"] = replace(rows.pop(index), index=("KEN", "2060"))
    said = [f for f in guard(FactorTable(CARDS, {"grid_lifecycle": rows})) if f.index == ("KEN", "2060")]
    assert {f.guard for f in said} >= {"year"}


def test_two_rows_for_one_index_are_refused():
    same = row("grid_lifecycle", 0.09, country="KEN", year="2023")
    with pytest.raises(InputError, match="expected one row for one index"):
        own(same, {**same, "value": "0.1"})


# ---- each guard


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("grid_lifecycle", 90, country="KEN", year="2023")], {("band", True), ("slip", True)}),
        ([row("grid_lifecycle", 0.00009, country="KEN", year="2023")], {("band", True), ("slip", True)}),
        ([row("device_use_energy", 30_000, item="laptop")], {("band", True), ("slip", True)}),
        ([row("residual_mix", 0, market="AUT", year="2023")], {("zero", True)}),
        ([row("grid_lifecycle", 0, country="KEN", year="2023")], {("zero", True)}),
        ([row("grid_direct", 0, country="PRY", year="2023")], {("zero", False)}),
        ([row("grid_losses", 23, country="KEN", year="2023")], {("percent", True)}),
        ([row("grid_losses", 0.23, "%", country="KEN", year="2023")], {("percent", True)}),
        ([row("grid_losses", 0.23 / 0.77, country="KEN", year="2023")], {("losses base", True)}),
        ([row("grid_losses", 0.2, country="KEN", year="2023", note="of electricity sold")], {("losses base", False)}),
        ([row("grid_losses", 0.21, country="KEN", year="2023")], set()),
        ([row("grid_losses", 17.5, "%", country="LUX", year="2023")], {("losses base", True)}),
        ([row("grid_losses", 0.2, country="KEN", year="2023", page="EG.ELC.LOSS.ZS")], {("losses base", False)}),
        ([row("grid_losses_generated", 0.0236, country="LUX", year="2023")], {("losses base", True)}),
        ([row("grid_losses_generated", 0.21, country="KEN", year="2023", page="EG.ELC.LOSS.ZS")], set()),
        ([row("grid_direct", 0, country="KEN", year="2023")], {("zero", False), ("direct", True)}),
        ([row("grid_direct_share", 0, country="CAF")], {("direct", True)}),
        ([row("grid_direct", 0.2, country="KEN", year="2023")], {("direct", False)}),
        ([row("net_import_share", 88.6, country="LUX", year="2023")], {("percent", True)}),
        ([row("grid_lifecycle", 0.09, country="KEN", year="2050")], {("year", False)}),
        ([row("grid_lifecycle", 0.09, country="KEN", year="2023/24")], {("year", True)}),
        ([row("grid_lifecycle", 0.9, country="NOR", year="2023")], {("far", False)}),
        ([row("net_calorific_value", 36, "MJ_net/L", item="diesel")], {("dimension", True)}),
        ([row("my_factor", 420, "kg CO2e/kWh", country="KEN")], {("band", True)}),
        ([row("my_factor", 420, "gCO2e/kWh", country="KEN")], set()),
        ([row("my_contract", 0, "kg CO2e/kWh")], set()),
        ([row("my_factor", 5, "1", distribution="lognormal", gsd="20")], {("gsd", False)}),
        ([row("my_factor", 5, "1", item="A b"), row("my_factor", 6, "1", item="a  b")], {("twin", True)}),
    ],
)  # fmt: skip
def test_what_is_caught(rows: list[dict[str, str]], expected: set[tuple[str, bool]]):
    assert guards(*rows) == expected


def test_a_step_unlike_the_others_of_its_series():
    values = [0.50, 0.49, 0.50, 0.48, 0.47, 0.12, 0.46, 0.45, 0.44]
    rows = [row("my_grid", v, "kg CO2e/kWh", year=str(2010 + n)) for n, v in enumerate(values)]
    said = [f for f in found(*rows) if f.guard == "series"]
    assert [f.index for f in said] == [("2015",), ("2016",)]
    assert not any(f.error for f in said)
    smooth = [row("my_grid", 0.5 * 0.9**n, "kg CO2e/kWh", year=str(2010 + n)) for n in range(9)]
    assert found(*smooth) == []


def test_every_message_is_whole_and_names_the_place():
    for finding in found(row("grid_losses", 23, country="KEN", year="2023"), row("my_x", 5, "1", gsd="20")):
        problem = finding.problem
        assert problem.file == "mine.csv" and problem.line and problem.field
        assert problem.expected and problem.remedy.endswith(".")
        assert finding.as_dict()["remedy"] == problem.remedy


# ---- where they speak


def study(factors: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "title": "use", "period": 2023, "entity": "E", "draws": 200, "factors": factors,
        "method": {"id": "use", "terms": [
            {"id": "used", "activity": "electricity", "formula": "quantity * grid_lifecycle[country, year]",
             "books": {"flow": "CO2e"}}]},
        "activities": [
            {"activity": "electricity", "country": "KEN", "year": 2023, "quantity": 1000, "unit": "kWh"}],
    }  # fmt: skip


def test_what_is_found_in_a_studys_own_factors_is_a_warning_of_its_result():
    wrong = [row("grid_lifecycle", 90, country="KEN", year="2023")]
    warnings = netprint.assess(study(wrong)).warnings
    assert any("90 kg CO2e/kWh" in w and "divided by 1000" in w for w in warnings)
    assert any("divided by 1000" in w for w in netprint.check(study(wrong)).warnings)
    right = [row("grid_lifecycle", 0.09, country="KEN", year="2023")]
    assert not any("Own factor, " in w for w in netprint.assess(study(right)).warnings)
    assert own_warnings(FactorTable({}, {})) == []


def test_check_of_a_table_ends_with_1_for_an_error_only(tmp_path: Path, capsys: Any):
    head = "factor,country,year,value,unit\n"
    for value, code, told in (
        ("90", 1, "error (band)"),
        ("0.9", 0, ""),
        ("0.09", 0, "the guards found nothing"),
    ):
        path = tmp_path / "mine.csv"
        path.write_text(f"{head}grid_lifecycle,KEN,2023,{value},kg CO2e/kWh\n")
        assert main(["factors", "check", str(path)]) == code
        assert told in capsys.readouterr().out
    path.write_text(f"{head}grid_lifecycle,KEN,2023,many,kg CO2e/kWh\n")
    assert main(["factors", "check", str(path)]) == 2
    path.write_text(f"{head.strip()},distribution,p2_5,p97_5\nmine,KEN,2023,5,1,normal,6,8\n")
    assert main(["factors", "check", str(path)]) == 2
    assert "p2_5 6" in capsys.readouterr().err
    assert main(["factors", "check", str(tmp_path / "none.csv")]) == 2
    assert main(["factors", "check"]) == 0
