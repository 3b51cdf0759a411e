"""Losses, trade and margins of grids, and the optional table of energy, minerals and water: what is shipped, what is
refused, second sources."""

from __future__ import annotations

import csv
import statistics
import sys
from pathlib import Path

import pytest

import netprint
from netprint import places
from netprint.ask.attributions import flags
from netprint.engine.resolve import Gap, Resolver
from netprint.errors import UsageError
from netprint.load.factors import catalog, optional_table, sources
from netprint.units import parse

ROOT = Path(__file__).resolve().parents[1]
CATALOG = Path(netprint.__file__).parent / "catalog"
sys.path.insert(0, str(ROOT / "tools"))
import import_grid_more as tool  # noqa: E402


def read(name: str) -> list[dict[str, str]]:
    with (CATALOG / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = read("factors/grid_more.csv")
OPTIONAL = "optional/ecologits/"
ECOLOGITS = read(OPTIONAL + "factors.csv")
CARDS = {row["factor"]: row for row in read("factors/cards_grid_more.csv")}
OWN_SOURCES = {row["source"]: row for row in read("factors/sources_grid_more.csv")}
CHECKS = read("evidence/crosschecks/grid.csv")
EVIDENCE = read("evidence/grid.csv")
IMPACTS = ("grid_primary_energy_nonrenewable", "grid_abiotic_depletion", "grid_water")


def values(factor: str) -> dict[str, float]:
    rows = ECOLOGITS if factor in IMPACTS else ROWS
    return {row["country"]: float(row["value"]) for row in rows if row["factor"] == factor}


# ---- form


def test_places_sources_and_licences_are_known():
    known = places.load()
    assert [row["country"] for row in ROWS if not known.known(row["country"])] == []
    assert [r for r in ROWS if r["licence"] != OWN_SOURCES[r["source"]]["licence"]] == []
    assert [r for r in (*ROWS, *EVIDENCE) if r["status"] not in ("verified", "provisional")] == []
    assert {row["source"] for row in EVIDENCE} <= set(sources())
    assert all(row["licence"] and row["seen"] and row["attribution"] for row in OWN_SOURCES.values())


def test_data_that_are_share_alike_by_file_are_no_part_of_the_catalogue():
    assert {row["licence"] for row in ECOLOGITS} == {"MPL-2.0"}
    table, known = catalog(), sources()
    asked = {
        flag
        for rows in table.rows.values()
        for row in rows.values()
        for flag in flags(row.licence or known.get(row.source, {}).get("licence", ""))
    }
    assert asked == set()
    evidence = [
        r for path in (CATALOG / "evidence").rglob("*.csv") for r in read(str(path.relative_to(CATALOG)))
    ]
    assert len(evidence) > 700
    assert [r for r in evidence if flags(r.get("licence", ""))] == []


def test_cards_have_rows_or_say_why_they_have_none():
    spreads = {row["factor"] for row in read("factors/proxy.csv")}
    with_rows = {row["factor"] for row in ROWS} | spreads
    assert {row["factor"] for row in ROWS} <= set(CARDS) | {"grid_losses", "grid_losses_generated"}
    empty = set(CARDS) - with_rows
    assert empty == {"grid_operating_margin", "grid_abiotic_depletion", "grid_hourly_shape"}
    assert all(CARDS[name]["note"].startswith("No row in this release") for name in empty)


def test_no_value_stands_beside_one_of_the_first_table():
    first = {(r["factor"], r["country"], r["year"]) for r in read("factors/grid.csv")}
    assert [r for r in ROWS if (r["factor"], r["country"], r.get("year", "")) in first] == []


# ---- values nobody would believe

BANDS = {
    "grid_losses": (0.002, 0.55), "net_import_share": (-3, 1.1), "gross_import_share": (0, 1.7),
    "grid_primary_energy_nonrenewable": (0.01, 25), "grid_abiotic_depletion": (1e-8, 3e-7), "grid_water": (1, 20),
    "grid_build_margin": (0.3, 0.6),
}  # fmt: skip


@pytest.mark.parametrize("factor", sorted(BANDS))
def test_values_are_plausible(factor: str):
    low, high = BANDS[factor]
    found = values(factor)
    assert found
    assert {place: value for place, value in found.items() if not low <= value <= high} == {}


def test_losses_far_from_other_systems_are_provisional():
    low, high = tool.TYPICAL
    for row in ROWS:
        if row["factor"] == "grid_losses":
            assert (row["status"] == "verified") == (low <= float(row["value"]) <= high), row


def test_losses_are_ordered_as_known():
    losses = values("grid_losses")
    assert len(losses) > 200
    assert losses["KOR"] < losses["USA"] < losses["FRA"] < losses["BRA"] < losses["IND"] < losses["VEN"]
    assert 0.06 < losses["WORLD"] < statistics.mean(losses.values())


def test_trade_in_both_directions_hides_from_the_net_share():
    net, gross = values("net_import_share"), values("gross_import_share")
    assert net["ALB"] < 0 < 0.2 < gross["ALB"]
    assert net["LUX"] > 0.8 and net["PRY"] < -1 and net["NOR"] < 0
    assert net["LAO"] == min(net.values())
    silent = [r for r in ROWS if r["factor"] == "net_import_share" and "no imports or exports" in r["note"]]
    assert {float(row["value"]) for row in silent} == {0.0}
    assert {row["status"] for row in silent} == {"provisional"}
    assert "AUS" in {row["country"] for row in silent}


# ---- impacts per kWh


def test_countries_filled_with_the_world_value_are_left_out():
    refused = {row["factor"]: float(row["value"]) for row in read(OPTIONAL + "refused.csv")}
    assert set(refused) == set(IMPACTS)
    for factor in IMPACTS:
        assert refused[factor] not in values(factor).values()
    assert "AFG" not in values("grid_primary_energy_nonrenewable") and "KEN" not in values("grid_water")


@pytest.mark.parametrize("factor", IMPACTS)
def test_the_world_is_the_mean_of_the_countries(factor: str):
    found = values(factor)
    own = [value for place, value in found.items() if len(place) == 3]
    assert found["WORLD"] == pytest.approx(statistics.fmean(own), rel=1e-5)
    assert {row["status"] for row in ECOLOGITS if row["factor"] == factor} == {"provisional"}


def test_primary_energy_is_the_non_renewable_part_only():
    """Below 3.6 MJ/kWh only renewables get; systems without any fossil or nuclear plant are near zero."""
    energy = values("grid_primary_energy_nonrenewable")
    assert max(energy[c] for c in ("ISL", "PRY", "ALB", "NOR", "NPL")) < 0.3
    assert min(energy[c] for c in ("FRA", "POL", "ZAF", "CHN", "USA")) > 8


# ---- the optional table


def test_a_country_without_a_value_gets_that_of_its_group():
    rows = optional_table("ecologits").rows["grid_primary_energy_nonrenewable"]
    assert ("RWA",) not in rows
    assert any((group,) in rows for group in places.load().groups("RWA"))


def test_the_optional_table_replaces_the_factors_that_it_has_cards_for():
    extra, table = optional_table("ecologits"), catalog()
    assert set(extra.cards) == set(extra.rows) == set(IMPACTS)
    assert not any(row.own for rows in extra.rows.values() for row in rows.values())
    resolver = Resolver((extra, table), {**table.cards, **extra.cards}, places.load().groups)
    found = {factor: resolver((factor, ("FRA",))) for factor in IMPACTS}
    assert {name: f.factor.licence for name, f in found.items()} == dict.fromkeys(IMPACTS, "MPL-2.0")
    assert resolver(("grid_losses", ("FRA", "2023"))).factor.licence != "MPL-2.0"
    alone = Resolver((table,), table.cards, places.load().groups)
    assert isinstance(alone(("grid_abiotic_depletion", ("FRA",))), Gap)
    assert {s["licence"] for name, s in sources().items() if name.startswith("ecologits-0")} == {"MPL-2.0"}


def test_an_optional_table_of_another_name_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="ecologits"):
        optional_table("ecologit")


# ---- reading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.069 billion kWh (2023 est.)", (3.069e9, "2023")),
        ("27.047 trillion kWh (2023 est.)", (27.047e12, "2023")),
        ("34 million kWh (2020 est.)", (34e6, "2020")),
        ("1,500 kWh (2023 est.)", (1500.0, "2023")),
    ],
)
def test_amounts_are_read_with_their_year(text: str, expected: tuple[float, str]):
    value, year = tool.amount(text)
    assert (value, year) == (pytest.approx(expected[0]), expected[1])


@pytest.mark.parametrize("text", ["3.069 billion kWh", "3.069 billion kW (2023 est.)", "NA"])
def test_amounts_without_year_or_unit_are_refused(text: str):
    with pytest.raises(SystemExit):
        tool.amount(text)


def test_places_of_the_factbook_by_code_or_name():
    def named(text: str) -> dict[str, dict[str, str]]:
        return {"conventional short form": {"text": text}}

    assert tool.place("ke", named("Kenya")) == "KEN"
    assert tool.place("ga", named("The Gambia")) == "GMB"
    assert tool.place("iv", named("C&ocirc;te d'Ivoire")) == "CIV"
    assert tool.place("ee", {}) == "EU" and tool.place("xx", {}) == "WORLD"
    with pytest.raises(SystemExit):
        tool.place("zz", named("Atlantis"))


def test_losses_over_generation_of_an_invented_balance():
    balance: dict[str, tuple[float, str]] = {
        "consumption": (80.0, "2023"), "imports": (30.0, "2023"), "exports": (10.0, "2023"),
        tool.LOSSES: (20.0, "2023"),
    }  # fmt: skip
    assert tool.over_generation(balance) == pytest.approx(0.25)
    (row,) = tool.generated_rows({"FRA": balance})
    assert (row["factor"], row["value"], row["status"]) == ("grid_losses_generated", "0.25", "provisional")
    assert list(tool.generated_rows({"FRA": balance | {"imports": (200.0, "2023")}})) == []
    assert list(tool.generated_rows({"FRA": balance | {"imports": (30.0, "2020")}})) == []
    assert list(tool.generated_rows({"NGA": balance})) == []  # the World Bank has it


def test_losses_and_trade_of_an_invented_balance():
    balance: dict[str, tuple[float, str]] = {
        "consumption": (80.0, "2023"), "imports": (30.0, "2023"), tool.LOSSES: (20.0, "2023"),
    }  # fmt: skip
    (loss,) = tool.loss_rows({"FRA": balance})
    assert (loss["value"], loss["year"], loss["status"]) == ("0.2", "2023", "verified")
    assert list(tool.loss_rows({"KEN": balance})) == []
    net, gross = tool.trade_rows({"FRA": balance})
    assert (net["value"], gross["value"], net["status"]) == ("0.375", "0.3", "provisional")
    mixed = balance | {"exports": (5.0, "2020")}
    assert list(tool.trade_rows({"FRA": mixed})) == []


# ---- second sources


def test_cross_checks_hold_what_they_say():
    assert sum(row["factor"] in ("grid_losses", "grid_losses_generated") for row in CHECKS) >= 15
    for row in CHECKS:
        first, second = float(row["value"]), float(row["second_value"])
        assert float(row["ratio"]) == pytest.approx(first / second, rel=2e-3), row
        assert row["source"] != row["second_source"] and row["explanation"], row
        assert {row["source"], row["second_source"]} <= set(sources()), row


def test_differences_are_explained_and_second_sources_were_read():
    every = [*CHECKS, *read("evidence/crosschecks/other.csv")]
    assert len(every) >= 60
    assert [
        r for r in every if r["explanation"].startswith("unexplained") or "recalled" in r["second_source"]
    ] == []
    far = [r for r in every if not 0.97 < float(r["ratio"]) < 1.03]
    assert [r for r in far if len(r["explanation"]) < 12] == []


def test_cross_checks_compare_the_values_of_the_catalogue():
    table = catalog()
    for row in CHECKS:
        found = table.rows[row["factor"]][tuple(row["index"].split(" | "))]
        assert float(row["value"]) == pytest.approx(found.value, rel=1e-4), row
        assert found.source == row["source"]


def test_losses_of_one_year_agree_between_sources():
    """Of the same year within a quarter; further apart only years apart, and then with an explanation."""
    apart = {
        r["index"][:3] for r in CHECKS if r["factor"] == "grid_losses" and not 0.75 < float(r["ratio"]) < 1.3
    }
    assert apart == {"BGR", "DEU"}


def test_losses_on_one_base_are_compared_with_losses_on_that_base():
    """On the right base the World Bank and the World Factbook agree; on the other one Luxembourg would not."""
    generated = {r["index"][:3]: float(r["ratio"]) for r in CHECKS if r["factor"] == "grid_losses_generated"}
    assert set(generated) >= {"NGA", "ZAF", "EGY", "GHA", "ETH", "TZA", "KEN"}
    assert [ratio for ratio in generated.values() if not 0.89 < ratio < 1.04] == []
    rows = catalog().rows
    fed, made = (rows[f]["LUX", "2023"].value for f in ("grid_losses", "grid_losses_generated"))
    assert (fed, made) == (pytest.approx(0.0236), pytest.approx(0.175))
    assert not any(f.source.startswith("wdi") for f in rows["grid_losses"].values())
    assert catalog().cards["grid_losses"].kind == "loss per unit fed in"


def test_technologies_have_ranges_that_enclose_the_default():
    defaults = {key[0]: row.value for key, row in catalog().rows["technology_lifecycle"].items()}
    rows = [row for row in EVIDENCE if row["factor"] == "technology_lifecycle"]
    assert {parse(row["unit"]) for row in rows} == {parse("kg CO2e/kWh")}
    medians = [row for row in rows if row["min"]]
    assert len(medians) == 13
    for row in medians:
        assert float(row["min"]) < float(row["value"]) < float(row["max"])
        assert float(row["value"]) == pytest.approx(defaults.get(row["item"], float(row["value"])))
    ends = [(row["item"], float(row["value"])) for row in rows if not row["min"]]
    assert len(ends) == 20
    pairs = list(zip(ends[::2], ends[1::2], strict=True))
    assert [low for low, high in pairs if low[0] != high[0] or low[1] >= high[1]] == []
    assert all("regions and designs" in row["scope_note"] for row in rows if not row["min"])
