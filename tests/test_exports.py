"""Forms filled from a bundle: every number is the bundle's, every empty field says why."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import numpy as np
import openpyxl
import pytest

import netprint
from netprint import bundle
from netprint.cli import exports as cli
from netprint.cli import main
from netprint.engine.contract import Quantities
from netprint.errors import InputError, UsageError
from netprint.exchange import exports
from netprint.exchange.exports import crosswalk
from netprint.exchange.exports.held import Absent, Held, is_certificate, is_ppa, renewable
from netprint.load.activities import load_activities
from netprint.units import parse, ratio, same_dimension

SCHEMA = json.loads(
    (Path(netprint.__file__).parent / "catalog/crosswalks/pact.schema.json").read_text("utf-8")
)


def factor(name, value, unit, **index):
    return {"factor": name, "value": value, "unit": unit, "statistic": "mean", "source": "invented",
            "status": "provisional", **index}  # fmt: skip


GRIDS = [
    factor("grid_direct", value, "kg CO2e/kWh", country=country, year=year)
    for country, value in (("KEN", 0.1), ("DEU", 0.4))
    for year in (2022, 2023)
]


def row(activity, quantity, unit, country="KEN", year=2023, **more):
    return {
        "activity": activity,
        "quantity": quantity,
        "unit": unit,
        "country": country,
        "year": year,
        **more,
    }


ROWS = [
    row("electricity", 1000, "MWh", uncertainty=5),
    row("electricity", 500, "MWh", "DEU"),
    row("electricity", 900, "MWh", year=2022),
    row("electricity_generated", 100, "MWh"),
    row("heat", 36, "GJ", "DEU"),
    row("fuel", 10_000, "L", item="diesel", uncertainty=3),
    row("subscribers", 20_000, "subscriber", item="mobile"),
    row("subscribers", 3_000, "subscriber", item="fixed broadband"),
    row("traffic", 5, "PB"),
]
INSTRUMENTS = [
    {"type": "I-REC", "market": "KEN", "vintage": 2023, "quantity": 300, "unit": "MWh", "factor": 0},
    {"type": "wind PPA", "market": "DEU", "vintage": 2023, "quantity": 800, "unit": "MWh", "factor": 0},
    {"type": "nuclear", "market": "KEN", "vintage": 2023, "quantity": 50, "unit": "MWh", "factor": 0},
]


def assessed(rows=ROWS, instruments=INSTRUMENTS, **more):
    study = {"title": "Savanna", "method": "itu-t-l1420", "period": "2022..2023", "entity": "Savanna",
             "by": ["year", "country", "scope", "category", "flow"], "factors": GRIDS, "draws": 300,
             "activities": rows, **more}  # fmt: skip
    if instruments:
        study["instruments"] = instruments
    return netprint.assess(study)


@pytest.fixture(scope="module")
def result():
    return assessed()


def at(export, field, year="2023", **more):
    return export.rows.one(field=field, year=year, **more)


# -- the crosswalk ---------------------------------------------------------------------------------------------------


def test_every_field_of_the_crosswalk_is_sound():
    fields = crosswalk.load()
    assert {f.target for f in fields} == set(crosswalk.TARGETS) == set(cli.FORMS)
    named = {f.words[0] for f in fields if f.kind == "activity"} | {f.needs for f in fields} - {""}
    assert named - set(load_activities()) <= {"energy_reused"}  # declared by a method
    for field in fields:
        assert field.citation and field.title
        if field.status == "provisional":
            assert "recalled" in field.citation or "not" in field.citation
        if field.kind == "emissions":
            assert same_dimension(parse(field.unit), parse("kg CO2e"))
            accounts = {a.removesuffix("-based") for a in field.options["account"]}
            assert (
                accounts == {"location", "inventory"}
                if field.options.get("scope") == ("3",)
                else len(accounts) == 1
            )


def test_a_broken_crosswalk_lists_every_problem():
    head = "target,table,per,field,title,unit,selects,needs,absent,reason,citation,status,note\n"
    text = (
        head
        + "cpd,t,country,f,T,furlong,emision scope=1,,XX,,c,seen,\n"
        + "cdp,t,year,g,T,,none,,NE,,c,verified,\n" * 2
    )
    with pytest.raises(InputError) as caught:
        crosswalk.parsed(text, "mine.csv")
    said = str(caught.value)
    for part in (
        "'cpd'",
        "Did you mean 'cdp'?",
        "'emision'",
        "'XX'",
        "'seen'",
        "furlong",
        "'country'",
        "no reason",
        "'g' a second",
    ):
        assert part in said
    with pytest.raises(InputError, match="no such column"):
        crosswalk.parsed("target,field\n", "mine.csv")


# -- no field is blank, no number is another than the bundle's -------------------------------------------------------


@pytest.mark.parametrize("target", crosswalk.TARGETS)
def test_every_field_has_a_value_or_a_key_and_a_reason(result, target):
    found = exports.export(result, target)
    assert {r["field"] for r in found.rows} == {f.name for f in exports.fields_of(target)}
    assert {r["year"] for r in found.rows} == {"2022", "2023"}
    for line in found.rows:
        if line["value"] is None:
            assert line["notation"] in crosswalk.KEYS and len(line["reason"]) > 10
            assert line["low"] is None and line["high"] is None
        else:
            assert not line["notation"] and line["value"] != ""
            assert not isinstance(line["value"], float) or line["unit"]


@pytest.mark.parametrize(
    ("field", "scope", "account"),
    [
        ("7.6 Gross global Scope 1 emissions (metric tons CO2e)", 1, "inventory"),
        ("7.7 Gross global Scope 2, location-based emissions (metric tons CO2e)", 2, "location-based"),
        ("7.7 Gross global Scope 2, market-based emissions (metric tons CO2e)", 2, "market-based"),
    ],
)
def test_emissions_are_those_of_the_bundle(result, field, scope, account):
    cdp = exports.export(result, "cdp")
    for year in ("2022", "2023"):
        if scope == 1 and year == "2022":
            assert at(cdp, field, year)["notation"] == "NE"
            continue
        cell = result.views["scope"].one(year=year, scope=scope, account=account, impact="climate change")
        line = at(cdp, field, year)
        for ours, theirs in (("value", "point"), ("low", "low"), ("high", "high"), ("coverage", "coverage")):
            scale = 1 if ours == "coverage" else 1000
            assert line[ours] * scale == pytest.approx(cell[theirs], rel=1e-12)


def test_location_and_market_are_never_mixed(result):
    gsma = exports.export(result, "gsma")
    location = at(gsma, "GSMA-ENV-01 scope 2 location-based")["value"]
    market = at(gsma, "GSMA-ENV-01 scope 2 market-based")["value"]
    assert location == pytest.approx(100 + 200 + _heat(result))
    assert market == pytest.approx(650 * 0.1 + _heat(result))


def _heat(result):
    rows = result.views["category"].where(year="2023", scope=2, account="inventory")
    return sum(r["point"] for r in rows) / 1000


def test_heat_alone_is_no_market_based_result(tmp_path):
    method = {
        "id": "mine", "title": "Mine", "cites": ["invented"],
        "terms": [
            {"id": "place", "activity": "electricity", "formula": "quantity * grid_direct[country, year]",
             "books": {"flow": "CO2e", "account": "location", "scope": 2}, "cites": "c", "status": "provisional"},
            {"id": "warmth", "activity": "heat", "formula": "quantity * heat_direct[country]",
             "books": {"flow": "CO2e", "account": "inventory", "scope": 2}, "cites": "c", "status": "provisional"},
        ],
        "totals": {"location-based": ["inventory", "location"], "market-based": ["inventory", "market"]},
    }  # fmt: skip
    (tmp_path / "mine.yaml").write_text(json.dumps(method), encoding="utf-8")
    rows = [row("electricity", 10, "MWh"), row("heat", 36, "GJ")]
    found = exports.export(
        assessed(rows, None, method="mine.yaml", root=str(tmp_path), by=["year"], period=2023), "gsma"
    )
    line = at(found, "GSMA-ENV-01 scope 2 market-based")
    assert (line["value"], line["notation"]) == (None, "NE")
    assert "location and not market" in line["reason"]
    assert at(found, "GSMA-ENV-01 scope 2 location-based")["value"] > 1


def test_scope_3_is_taken_by_the_number_of_its_category(tmp_path):
    books = {"flow": "CO2e", "account": "inventory", "scope": 3}
    terms = [
        {"id": f"c{n}", "activity": "electricity", "formula": f"quantity * {n} * grid_direct[country, year]",
         "books": {**books, "category": f"{n} {name}"}, "cites": "c", "status": "provisional"}
        for n, name in ((1, "purchased goods and services"), (11, "use of sold products"))
    ]  # fmt: skip
    (tmp_path / "three.yaml").write_text(
        json.dumps({"id": "three", "title": "Three", "cites": ["invented"], "terms": terms}), encoding="utf-8"
    )
    more = {"method": "three.yaml", "root": str(tmp_path), "by": ["year", "scope"], "period": 2023}
    three = assessed([row("electricity", 10, "MWh")], None, **more)
    found = exports.export(three, "ifrs-s2")
    first, eleventh = (at(found, f"29(a)(vi)(1) category {n}")["value"] for n in (1, 11))
    assert (first, eleventh) == pytest.approx((1.0, 11.0))
    assert at(found, "29(a)(i)(3)")["value"] == pytest.approx(first + eleventh)
    assert "category 2" in at(found, "29(a)(vi)(1) category 2")["reason"]


def test_a_stated_exclusion_is_the_reason():
    rows = [row("electricity", 10, "MWh")]
    found = exports.export(
        assessed(rows, None, exclusions=[{"what": "Scope 3", "reason": "next year"}]), "l1472"
    )
    assert "excluded by the study: Scope 3 (next year)" in at(found, "scope3_category_7")["reason"]


def test_an_exclusion_names_its_category_inside_a_sentence():
    excluded = [
        {"what": "end of life of devices sold (category 12)", "reason": "no data"},
        {"what": "Categories 8, 9 and 13-14", "reason": "does not occur"},
    ]
    found = exports.export(assessed([row("electricity", 10, "MWh")], None, exclusions=excluded), "l1472")
    quoted = {
        n for n in range(1, 16) if "excluded by the study" in at(found, f"scope3_category_{n}")["reason"]
    }
    assert quoted == {8, 9, 12, 13, 14}
    assert "end of life of devices sold" in at(found, "scope3_category_12")["reason"]
    assert "excluded" not in at(found, "scope3")["reason"]


def held_and_not_consolidated():
    """10 MWh of the group at 0.1 kg/kWh, and 20 MWh of which it holds a fifth."""
    entities = [
        {"entity": "Group", "control": "yes"},
        {"entity": "Minor", "parent": "Group", "share": 0.2, "control": "no"},
    ]
    rows = [row("electricity", 10, "MWh", entity="Group"), row("electricity", 20, "MWh", entity="Minor")]
    return assessed(
        rows,
        None,
        entities=entities,
        entity=None,
        consolidation="operational control",
        by=["year"],
        period=2023,
    )


def test_scope_3_holds_electricity_of_what_is_held_and_not_consolidated():
    result = held_and_not_consolidated()
    for target, scope_3, category in (
        ("l1472", "scope3", "scope3_category_15"),
        ("ifrs-s2", "29(a)(i)(3)", "29(a)(vi)(1) category 15"),
    ):
        found = exports.export(result, target)
        for field in (scope_3, category):
            line = at(found, field)
            assert line["value"] == pytest.approx(0.4)
            assert "location-based" in line["reason"]
    assert at(exports.export(result, "l1472"), "electricity_bought")["value"] == pytest.approx(0.01)


def test_a_form_by_year_of_a_result_that_is_not_told_apart_by_year():
    rows = [row("electricity", 10, "MWh", entity=e) for e in ("One", "Two")]
    found = exports.export(assessed(rows, None, by=["entity", "scope"], period=2023), "l1472")
    line = at(found, "scope2_location")
    assert (line["value"], line["entity"]) == (pytest.approx(2.0), "(not told apart)")
    centres = exports.export(assessed(CENTRES, None, by=["site"], period=2023), "eu-2024-1364")
    assert "add year to `by`" in at(centres, "PUE")["reason"]


def test_amounts_with_a_multiplier_are_not_told():
    rows = [row("electricity", 10, "MWh"), row("electricity", 10, "MWh", times="0.5")]
    line = at(exports.export(assessed(rows, None, by=["year"], period=2023), "l1472"), "electricity_bought")
    assert (line["value"], line["notation"]) == (None, "NE")
    assert "multiplier" in line["reason"]


def test_gases_of_scope_1_add_up_to_it(result):
    cdp = exports.export(result, "cdp")
    gases = [
        at(cdp, f"7.15.1 {gas}: Scope 1 emissions (metric tons of CO2e)") for gas in ("CO2", "CH4", "N2O")
    ]
    total = at(cdp, "7.6 Gross global Scope 1 emissions (metric tons CO2e)")["value"]
    assert sum(g["value"] for g in gases) == pytest.approx(total)
    assert at(cdp, "7.15.1 SF6: Scope 1 emissions (metric tons of CO2e)")["notation"] == "NE"


# -- activity data, energies, instruments ----------------------------------------------------------------------------


def test_energies_in_the_unit_of_the_form(result):
    s2, l1472, cdp = (exports.export(result, t) for t in ("ifrs-s2", "l1472", "cdp"))
    held = Held(result)
    fuel = held.fuel({"year": "2023"}, gross=False)
    gross = held.fuel({"year": "2023"}, gross=True)
    assert fuel[0] == pytest.approx(10_000 * 0.84 * 43 / 3.6, rel=0.05)
    assert gross[0] > fuel[0] * 1.03
    total = at(s2, "TC-TL-130a.1 (1)")
    assert total["unit"] == "GJ"
    assert total["value"] == pytest.approx((1_600_000 + 10_000 + gross[0]) * 0.0036)
    assert total["low"] < total["value"] < total["high"]
    net = at(cdp, "7.30.1 Total energy consumption: Total (renewable + non-renewable) MWh")["value"]
    assert net == pytest.approx(1610 + fuel[0] / 1000)
    assert at(s2, "TC-TL-130a.1 (2)")["value"] == pytest.approx(100 * 1500 / (total["value"] / 3.6))
    assert at(
        cdp,
        "7.30.1 Consumption of purchased or acquired heat and steam: Total (renewable + non-renewable) MWh",
    )["value"] == pytest.approx(10)
    assert sum(
        r["value"] for r in l1472.rows.where(field="electricity_bought", year="2023")
    ) == pytest.approx(1.5)


def test_renewable_electricity_by_instruments_and_own_generation(result):
    cdp = exports.export(result, "cdp")
    name = "7.30.1 Consumption of purchased or acquired electricity: MWh from "
    # 800 MWh of agreements cover the 500 MWh of their market; the nuclear instrument is not renewable.
    assert at(cdp, name + "renewable sources")["value"] == pytest.approx(300 + 500)
    assert at(cdp, name + "non-renewable sources")["value"] == pytest.approx(700)
    ppa = "7.30.14 Low-carbon energy consumed via selected sourcing method in the reporting year (MWh): "
    assert at(cdp, ppa + "power purchase agreements")["value"] == pytest.approx(500)
    assert at(cdp, ppa + "unbundled certificates")["value"] == pytest.approx(300)
    share = exports.export(result, "l1472").rows.where(field="electricity_renewable_share", year="2023")
    by_country = {r["country"]: r["value"] for r in share}
    assert by_country == {"KEN": pytest.approx(100 * 400 / 1100, rel=0.01), "DEU": pytest.approx(100)}
    assert at(cdp, name + "renewable sources", "2022")["notation"] == "NE"


def test_what_one_data_centre_counts_as_renewable_is_not_that_of_the_operator():
    rows = [
        row("electricity", 10, "GWh"),
        row("electricity", 0.1, "GWh", site="hall"),
        row("it_electricity", 0.08, "GWh", site="hall"),
        row("renewable_electricity", 0.1, "GWh", site="hall"),
    ]
    agreement = [
        {"type": "wind PPA", "market": "KEN", "vintage": 2023, "quantity": 5, "unit": "GWh", "factor": 0}
    ]
    methods = ["itu-t-l1420", "iso-iec-30134"]
    found = assessed(rows, agreement, method=methods, by=["year", "site"], period=2023)
    line = at(exports.export(found, "l1472"), "electricity_renewable_share")
    assert line["value"] == pytest.approx(100 * 5 / 10.1)
    site = at(exports.export(found, "eu-2024-1364"), "ERES-TOT", site="hall")
    assert site["value"] == pytest.approx(100_000)
    mixed = exports.export(
        assessed(rows, agreement, method=methods, by=["year"], period=2023), "eu-2024-1364"
    )
    assert "site are not told apart" in at(mixed, "ERES-TOT")["reason"]
    alone = assessed(rows[1:], agreement, method=methods, by=["year"], period=2023)
    assert at(exports.export(alone, "eu-2024-1364"), "ERES-TOT")["value"] == pytest.approx(100_000)


@pytest.mark.parametrize(
    ("kind", "what"),
    [("I-REC", "certificate"), ("GO", "certificate"), ("guarantee of origin", "certificate"), ("PPA", "ppa"),
     ("PPA with GO", "ppa"), ("green tariff", "renewable"), ("supplier rate", ""), ("nuclear GO", ""),
     ("residual mix", "")],
)  # fmt: skip
def test_kinds_of_instruments(kind, what):
    assert (is_certificate(kind), is_ppa(kind), renewable(kind)) == (
        what == "certificate",
        what == "ppa",
        bool(what),
    )


def test_sums_have_the_draws_of_the_bundle(result, tmp_path):
    from netprint.assess import restore, within

    kept = bundle.read(bundle.write(result, tmp_path / "b"))
    prepared = restore(kept)
    rows = within(kept.collapsed, prepared.study.period)
    quantities = Quantities(rows, prepared.plan.key, prepared.study.seed, prepared.study.draws)
    chosen = np.flatnonzero(
        rows.labels["activity"].having("electricity") & rows.labels["year"].having("2023")
    )
    np.testing.assert_array_equal(
        Held(kept).activity("electricity", {"year": "2023"}), quantities.sum(chosen.astype(np.int64))
    )


def test_subscribers_are_told_apart_by_their_item(result):
    found = exports.export(result, "ifrs-s2")
    assert at(found, "TC-TL-000.A")["value"] == 20_000
    assert at(found, "TC-TL-000.C")["value"] == 3_000
    assert "not told apart as wireline or fixed" in at(found, "TC-TL-000.B")["reason"]
    assert at(found, "TC-TL-000.D")["value"] == pytest.approx(5)


def test_an_indicator_is_the_bundles_own(result):
    cell = next(
        r
        for r in result.indicators
        if r["indicator"] == "energy_per_subscriber" and r["cell"] == "all of 2023"
    )
    line = at(exports.export(result, "gsma"), "GSMA-ENV-02 energy per connection")
    assert (line["value"], line["low"]) == pytest.approx((cell["point"], cell["low"]))


def test_a_fuel_without_gross_calorific_value_leaves_the_gross_total_open():
    gases = ("CO2", "CH4_fossil", "CH4_biogenic", "N2O")
    own = [factor("net_calorific_value", 12, "MJ_net/kg", item="straw"),
           *(factor("fuel_direct", 1, "kg/TJ_net", item="straw", gas=g) for g in gases),
           factor("fuel_biogenic", 100, "kg CO2/TJ_net", item="straw")]  # fmt: skip
    rows = [row("fuel", 1000, "kg", item="straw"), row("electricity", 1, "MWh")]
    found = assessed(rows, None, factors=[*GRIDS, *own])
    s2 = exports.export(found, "ifrs-s2")
    assert "ratio of net to gross calorific value of straw" in at(s2, "TC-TL-130a.1 (1)")["reason"]
    net = at(exports.export(found, "gsma"), "GSMA-ENV-02 total energy")["value"]
    assert net == pytest.approx(1 + 12 / 3.6)


# -- places ----------------------------------------------------------------------------------------------------------


def test_a_row_for_each_year_and_country(result):
    cdp = exports.export(result, "cdp")
    rows = list(cdp.rows.where(field="7.16 Scope 2, location-based (metric tons CO2e)"))
    assert [(r["year"], r["country"]) for r in rows if r["value"]] == [
        ("2022", "KEN"), ("2023", "DEU"), ("2023", "KEN"),
    ]  # fmt: skip
    total = at(cdp, "7.7 Gross global Scope 2, location-based emissions (metric tons CO2e)")["value"]
    assert sum(r["value"] for r in rows if r["year"] == "2023") == pytest.approx(total)
    several = next(r for r in rows if r["country"] == "DEU")
    assert several["low"] is None and "intervals are not added" in several["reason"]


def test_countries_that_the_study_does_not_tell_apart():
    cdp = exports.export(assessed(by=["year"]), "cdp")
    line = at(cdp, "7.16 Scope 2, location-based (metric tons CO2e)")
    assert line["country"] == "(not told apart)"
    assert (
        "not told apart by scope and flow"
        in at(cdp, "7.15.1 CO2: Scope 1 emissions (metric tons of CO2e)")["reason"]
    )


CENTRES = [
    row("electricity", 1200, "MWh", "DEU", site="Berlin", uncertainty=2),
    row("it_electricity", 1000, "MWh", "DEU", site="Berlin"),
    row("water", 500, "m3", "DEU", site="Berlin"),
    row("electricity", 300, "MWh", "DEU", site="office"),
]


def test_a_data_centre_is_told_by_its_site():
    methods = ["itu-t-l1420", "iso-iec-30134"]
    result = assessed(CENTRES, None, method=methods, by=["year", "site"], period=2023)
    found = exports.export(result, "eu-2024-1364")
    assert {r["site"] for r in found.rows} == {"Berlin"}
    value = {r["field"]: r["value"] for r in found.rows}
    assert (value["name"], value["EDC"], value["EIT"], value["WIN"]) == ("Berlin", 1_200_000, 1_000_000, 500)
    assert (value["PUE"], value["WUE"]) == pytest.approx((1.2, 0.5))
    pue = next(r for r in result.indicators if r["indicator"] == "pue" and r["site"] == "Berlin")
    line = at(found, "PUE")
    assert (line["value"], line["low"], line["high"]) == pytest.approx(
        (pue["point"], pue["low"], pue["high"])
    )
    assert "NE" == at(found, "ERES-TOT")["notation"] == at(found, "TWH")["notation"]


def test_a_data_centre_with_generators_own_generation_and_reused_heat(tmp_path):
    declared = {n: "kWh" for n in ("energy_reused", "generator_electricity") if n not in load_activities()}
    term = {
        "id": "reuse",
        "formula": "energy_reused / it_electricity",
        "unit": "1",
        "cites": "c",
        "status": "provisional",
    }
    method = {"id": "centre", "title": "Centre", "cites": ["invented"], "includes": ["itu-t-l1420"],
              "activities": declared, "terms": [term]}  # fmt: skip
    (tmp_path / "centre.yaml").write_text(json.dumps(method), encoding="utf-8")
    rows = [
        row("electricity", 1000, "MWh"), row("electricity_generated", 100, "MWh"), row("it_electricity", 800, "MWh"),
        row("energy_reused", 200, "MWh"), row("generator_electricity", 50, "MWh"),
        row("fuel", 15_000, "L", item="diesel"),
    ]  # fmt: skip
    result = assessed(rows, None, method="centre.yaml", root=str(tmp_path), by=["year"], period=2023)
    value = {r["field"]: r["value"] for r in exports.export(result, "eu-2024-1364").rows}
    assert (value["EDC"], value["EDC-BG"], value["EREUSE"]) == (1_150_000, 50_000, 200_000)
    assert (value["PUE"], value["ERF"], value["REF"]) == pytest.approx((1150 / 800, 200 / 1150, 100 / 1150))
    without = [r for r in rows if r["activity"] != "generator_electricity"]
    result = assessed(without, None, method="centre.yaml", root=str(tmp_path), by=["year"], period=2023)
    value = {r["field"]: r["value"] for r in exports.export(result, "eu-2024-1364").rows}
    assert value["EDC-BG"] == pytest.approx(15_000 * 10, rel=0.05)
    assert value["EDC"] == pytest.approx(1_100_000 + value["EDC-BG"])


def test_what_is_no_data_centre_is_not_applicable(result):
    found = exports.export(result, "eu-2024-1364")
    assert {r["notation"] for r in found.rows} == {"NA"}
    assert "no activity data of it electricity" in at(found, "PUE", country="KEN")["reason"]


# -- public bundles --------------------------------------------------------------------------------------------------


def test_a_public_bundle_withholds_activity_data_as_confidential(result, tmp_path):
    public = bundle.read(bundle.write(result, tmp_path / "p", public=True))
    cdp, private = exports.export(public, "cdp"), exports.export(result, "cdp")
    scope = "7.7 Gross global Scope 2, market-based emissions (metric tons CO2e)"
    assert at(cdp, scope)["value"] == at(private, scope)["value"]
    held = at(
        cdp, "7.30.1 Consumption of purchased or acquired electricity: Total (renewable + non-renewable) MWh"
    )
    assert (held["value"], held["notation"]) == (None, "C")
    gsma = exports.export(public, "gsma")
    assert at(gsma, "GSMA-ENV-02 energy per connection")["notation"] == "C"
    for target in crosswalk.TARGETS:
        assert all(r["value"] is not None or r["reason"] for r in exports.export(public, target).rows)
    assert {r["notation"] for r in exports.export(public, "eu-2024-1364").rows} == {"C"}
    with pytest.raises(Absent):
        _ = Held(public).rows


# -- PACT ------------------------------------------------------------------------------------------------------------

PRODUCT = {
    "companyName": "Savanna", "companyIds": ["urn:company:savanna"], "productDescription": "One subscriber-year",
    "productIds": ["urn:product:savanna:line"], "productNameCompany": "Line", "declaredUnitOfMeasurement": "piece",
    "declaredUnitAmount": 1, "productMassPerDeclaredUnit": 0, "fossilCarbonContent": 0, "biogenicCO2Uptake": 0,
    "fossilGhgEmissions": "12.5", "crossSectoralStandards": ["ISO14067"], "exemptedEmissionsPercent": 0.00001,
    "packagingEmissionsIncluded": False, "account": "market-based", "quantity": {2022: 20_000, 2023: 23_000},
}  # fmt: skip


def test_pact_json_holds_what_its_schema_allows(result, tmp_path):
    target = tmp_path / "footprint.json"
    exports.export(result, "pact", target, product=PRODUCT)
    written = json.loads(target.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(written)
    old, new = written["data"]
    total = result.total("market-based", "2023")["point"]
    assert float(new["pcf"]["pcfExcludingBiogenicUptake"]) == pytest.approx(total / 23_000)
    assert new["pcf"]["pcfIncludingBiogenicUptake"] == new["pcf"]["pcfExcludingBiogenicUptake"]
    assert new["pcf"]["exemptedEmissionsPercent"] == "0.00001"
    assert new["pcf"]["referencePeriodEnd"] == "2024-01-01T00:00:00Z"
    assert old["id"] != new["id"]
    assert "low" not in json.dumps(written)


def test_the_schema_refuses_what_the_specification_does_not_know(result):
    footprint = exports.export(result, "pact", product=PRODUCT).footprints[0]
    for wrong in (
        {"interval": [1, 2]},
        {"geographyCountry": "Kenya"},
        {"geographyCountry": "KE", "geographyRegionOrSubregion": "Africa"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"data": [{**footprint, "pcf": {**footprint["pcf"], **wrong}}]}, SCHEMA)


def test_pact_json_is_refused_where_a_mandatory_field_is_not_filled(result, tmp_path):
    lacking = {k: v for k, v in PRODUCT.items() if k not in ("fossilGhgEmissions", "companyIds", "account")}
    with pytest.raises(InputError) as caught:
        exports.export(result, "pact", tmp_path / "f.json", product=lacking)
    said = str(caught.value)
    for part in (
        "2023, companyIds",
        "2023, fossilGhgEmissions",
        "names no account of location-based, market-based",
    ):
        assert part in said
    assert not (tmp_path / "f.json").exists()
    table = exports.export(result, "pact", tmp_path / "f.csv", product=lacking)
    assert at(table, "companyIds")["notation"] == "NE"


def test_fossil_emissions_follow_where_every_flow_is_a_gas():
    fuel = assessed([row("fuel", 1000, "L", item="diesel")], None, by=["year"], period=2023)
    product = {k: v for k, v in PRODUCT.items() if k != "fossilGhgEmissions"} | {
        "quantity": 10,
        "account": "inventory",
    }
    pcf = exports.export(fuel, "pact", product=product).footprints[0]["pcf"]
    both = float(pcf["fossilGhgEmissions"]) + float(pcf["biogenicNonCO2Emissions"])
    assert (
        both
        == pytest.approx(float(pcf["pcfExcludingBiogenicUptake"]))
        == pytest.approx(fuel.total("inventory")["point"] / 10)
    )
    electric = assessed([row("electricity", 1, "MWh")], None, period=2023)
    line = at(
        exports.export(electric, "pact", product=product | {"account": "location-based"}),
        "fossilGhgEmissions",
    )
    assert "CO2e only" in line["reason"]


@pytest.mark.parametrize(
    ("product", "said"),
    [({"compnyName": "x"}, "Did you mean 'companyName'"), ({"quantity": 0}, "above zero"),
     ({"quantity": {2023: "x"}}, "above zero")],
)  # fmt: skip
def test_a_description_that_cannot_be_used(result, product, said):
    with pytest.raises(InputError, match=said):
        exports.export(result, "pact", product=product)


def test_one_quantity_does_not_serve_several_years(result):
    found = exports.export(result, "pact", product=PRODUCT | {"quantity": 5})
    assert "several years" in at(found, "pcfExcludingBiogenicUptake")["reason"]


# -- files and the command -------------------------------------------------------------------------------------------


def test_csv_json_and_workbook_hold_the_same(result, tmp_path):
    found = exports.export(result, "cdp", tmp_path / "cdp.csv")
    text = (tmp_path / "cdp.csv").read_text("utf-8").splitlines()
    header = [line[2:] for line in text if line.startswith("# ")]
    assert header == list(found.header)
    assert "provisional fields: 13 of 52" in header
    rows = list(csv.DictReader(text[len(header) :]))
    exports.write(found, tmp_path / "cdp.json")
    told = json.loads((tmp_path / "cdp.json").read_text("utf-8"))
    exports.write(found, tmp_path / "cdp.xlsx")
    book = openpyxl.load_workbook(tmp_path / "cdp.xlsx", read_only=True)
    sheet = list(book["7.7"].iter_rows(values_only=True))
    scope2 = [r for r in rows if r["field"].startswith("7.7 ")]
    assert len(rows) == len(told["rows"]) == len(found.rows)
    value = sheet[0].index("value")
    assert [float(r["value"]) for r in scope2] == [r[value] for r in sheet[1:]]
    assert [r["value"] for r in told["rows"]] == [r["value"] for r in found.rows]
    assert any("provisional fields" in str(r[0]) for r in book["about"].iter_rows(values_only=True))


def test_a_wrong_form_or_ending_is_refused(result, tmp_path):
    with pytest.raises(UsageError, match="Did you mean 'l1472'"):
        exports.export(result, "l1742")
    with pytest.raises(UsageError, match=r"\.csv, \.json, \.xlsx"):
        exports.export(result, "cdp", tmp_path / "cdp.pdf")


def test_the_command_writes_beside_the_bundle_and_prints_json(result, tmp_path, capsys):
    bundle.write(result, tmp_path / "b.zip")
    assert main(["export", str(tmp_path / "b.zip"), "--to", "l1472"]) == 0
    assert (tmp_path / "b-l1472.csv").is_file()
    assert "provisional fields: 39 of 39" in capsys.readouterr().out
    assert main(["export", str(tmp_path / "b.zip"), "--to", "gsma", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["target"] == "gsma"
    assert not (tmp_path / "b-gsma.csv").exists()
    (tmp_path / "product.yaml").write_text(
        json.dumps(PRODUCT | {"quantity": {"2022": 1, "2023": 2}}), "utf-8"
    )
    product = ["--product", str(tmp_path / "product.yaml")]
    assert (
        main(["export", str(tmp_path / "b.zip"), "--to", "pact", "--out", str(tmp_path / "p.json"), *product])
        == 0
    )
    assert main(["export", str(tmp_path / "b.zip"), "--to", "cdp", *product]) == 2
    assert (
        main(["export", str(tmp_path / "b.zip"), "--to", "pact", "--product", str(tmp_path / "none.yaml")])
        == 2
    )
    assert main(["export", str(tmp_path / "none.zip"), "--to", "cdp"]) == 2


def test_the_function_of_the_package(result):
    assert netprint.export(result, "cdp").target == "cdp"
    assert ratio(parse("t CO2e"), parse("kg CO2e")) == 1000
