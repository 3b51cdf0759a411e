"""E-waste by the harmonised method: published figures, identities in every draw, rules of cleaning, scenarios."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import netprint
from netprint import ewaste
from netprint.errors import GapError, InputError, UsageError
from netprint.ewaste import cleaning, flows, renewal, trade
from netprint.ewaste.cohorts import scale_of_mean
from netprint.load.activities import load_activities

YEARS = range(1990, 2030)
COUNTRIES = ("KEN", "DEU", "FJI", "BRA", "ATA")
ICT = ewaste.groups("ICT")["ICT"]


def one(shape, scale, draws=0):
    return ewaste.stated({"x": (shape, scale)}, draws)


# ---- published figures


@pytest.mark.parametrize(
    ("shape", "scale", "reading", "expected"),
    [
        (1.56, 6.26, "cbs", (0.05936, 0.10054, 0.11738, 0.12017, 0.11396)),  # 0306, Netherlands
        (1.56, 6.26, "cdf", (0.05559, 0.09960, 0.11680, 0.11980, 0.11374)),
        (1.60, 6.57, "cbs", (0.05109, 0.09137, 0.11021, 0.11585, 0.11244)),  # 0303
        (2.20, 16.43, "cbs", (0.00203, 0.00754, 0.01376, 0.02025, 0.02671)),  # 0108
        (1.5, 5.0, "cbs", (0.0919, 0.1394, 0.1490, 0.1397, 0.1212)),
        (1.5, 5.0, "cdf", (0.0856, 0.1380, 0.1482, 0.1394, 0.1210)),
    ],
)
def test_discard_profiles(reading, shape, scale, expected):
    """Parameters of UNITAR's WEEE Calculation Tool manual (2023), Annex III, read as Waste over Time v1.2 does."""
    shares = ewaste.profile(*one(shape, scale).of("x"), 5, reading)[:, 0]
    digits = 4 if shape == 1.5 else 5
    assert tuple(shares.round(digits)) == expected


def test_the_published_reading_does_not_conserve_mass():
    lives = one(1.56, 6.26).of("x")
    assert ewaste.profile(*lives, 61, "cbs").sum() == pytest.approx(1.00539, abs=5e-6)
    assert ewaste.profile(*lives, 200, "cdf").sum() == pytest.approx(1, abs=1e-12)


def test_cohorts_add_up_as_the_published_script_adds_them():
    """WG(n) = Σ placed(t) f(n - t + 1/2) and stock = Σ placed - Σ WG, written out, with exports above supply."""
    placed = np.array([100.0, 250.0, -40.0, 300.0, 0.0, 120.0])
    shape, scale = 1.24, 7.22
    x = (np.arange(6) + 0.5) / scale
    density = shape / scale * x ** (shape - 1) * np.exp(-(x**shape))
    waste = [sum(placed[t] * density[n - t] for t in range(n + 1)) for n in range(6)]
    made = ewaste.account(placed[None, None], one(shape, scale), ["GBR"], range(2008, 2014), reading="cbs")
    assert made.by_country[0, :, 0] == pytest.approx(waste, rel=1e-14)
    assert made.stock("GBR", "x")[:, 0] == pytest.approx(np.cumsum(placed) - np.cumsum(waste), rel=1e-13)
    assert made.negative == [("GBR", "x", 2010, -40.0)]


def test_mean_lives():
    """By the manual's parameters: mean life of desktops 8.0 years, mobile phones 5.6, fridges 14.6 (Netherlands)."""
    lives = ewaste.stated({"0302": (1.58, 8.95), "0306": (1.56, 6.26), "0108": (2.20, 16.43)})
    assert lives.mean[:, 0].round(1).tolist() == [8.0, 5.6, 14.6]
    assert scale_of_mean(lives.mean[0, 0], 1.58) == pytest.approx(8.95)


def test_global_e_waste_monitor():
    """GEM 2024: 62 Mt generated, 13.8 Mt collected and recycled in 2022; 34 Mt in 2010, 82 Mt in 2030. GEM 2020: 53.6
    and 9.3 Mt in 2019."""
    world = ewaste.Management(np.array([62e9]), np.array([13.8e9]), recycled=np.array([13.8e9]))
    assert world.collection_rate[0] == pytest.approx(0.223, abs=5e-4)
    assert world.gap[0] == pytest.approx(48.2e9)
    assert world.undocumented == flows.OTHER_FLOWS
    assert world.per_inhabitant(7.95e9)["generated"][0] == pytest.approx(7.8, abs=0.01)
    y2010, y2022, y2030 = np.array([34e9]), world.generated, np.array([82e9])
    assert flows.change(y2010, y2022)[0] == pytest.approx(0.82, abs=5e-3)
    assert flows.change(y2022, y2030)[0] == pytest.approx(0.32, abs=5e-3)
    with pytest.raises(UsageError, match="above zero"):
        flows.change(np.zeros(1), y2022)
    assert ewaste.Management(np.array([53.6]), np.array([9.3])).collection_rate[0] == pytest.approx(
        0.174, abs=5e-4
    )
    # UN SDG database, 12.4.2 and 12.5.1, 2019: sums of 179 and of 69 countries; the Monitor rounds 9.25 to 9.3
    countries = ewaste.Management(np.array([53_589_890.0]), np.array([9_250_933.0]))
    assert countries.generated[0] / 1e6 == pytest.approx(53.6, abs=0.05)
    assert countries.collection_rate[0] == pytest.approx(0.1726, abs=5e-5)
    standing = ewaste.against(world.recycling_rate, 2022, "connect-2030-3.2")
    assert not standing.due and standing.missing == pytest.approx(0.077, abs=5e-4)
    assert str(ewaste.against(world.recycling_rate, 2024, "connect-2030-3.2")) == (
        "2024: 22.3% share of e-waste that is recycled; 30% was for 2023: 7.7% short"
    )
    with pytest.raises(UsageError, match=r"Did you mean 'connect-2030-3\.2"):
        ewaste.against(world.recycling_rate, 2022, "connect-2030-3-2")


# ---- keys and classifications


def test_classifications_hold_every_key_once():
    for name in ("EU6", "EU10", "ICT"):
        members = [k for keys in ewaste.groups(name).values() for k in keys]
        assert sorted(members) == sorted(ewaste.load_keys()) and len(members) == 54
    assert ewaste.groups("EU6")["2"] == ("0303", "0308", "0309", "0407", "0408")
    assert ewaste.groups("EU6")["6"] == ("0301", "0302", "0304", "0305", "0306", "0702")
    assert tuple(f"03{i:02}" for i in range(1, 10)) == ICT
    assert set(ewaste.harmonised_system().values()) <= set(ewaste.load_keys())
    with pytest.raises(UsageError, match="EU10"):
        ewaste.groups("EU01")


# ---- identities in every draw


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(3)
    placed = rng.lognormal(8, 1, (len(COUNTRIES), len(ICT), len(YEARS)))
    placed[0, 2, 7] = -500.0
    lives = ewaste.lifetimes(ICT, draws=200)
    spread = rng.uniform(0, 30, placed.shape)
    return ewaste.account(placed, lives, COUNTRIES, YEARS, uncertainty=spread)


def test_mass_is_conserved_in_every_draw(world):
    """Σ placed = Σ waste + stock, and the stock is what survives of each cohort, written out."""
    waste, stock = world.by_country.sum(axis=1), world.stock_by_country()[:, -1]
    assert np.allclose(waste + stock, world.placed_by_country().sum(axis=1), rtol=1e-12)
    lives = ewaste.lifetimes(ICT, draws=200)
    ages = YEARS[-1] + 1 - np.array(YEARS)
    left = np.zeros(201)
    for k, key in enumerate(ICT):
        shape, scale = lives.of(key)
        survive = np.exp(-((ages[:, None] / scale) ** shape))
        placed = world.placed[1, k][:, None] + world.shared[1, k][:, None] * world.errors[1]
        left += (placed * survive).sum(axis=0)
    assert np.allclose(stock[1], left, rtol=1e-10)


def test_parts_are_wholes_in_every_draw(world):
    total = world.total()
    for parts in (
        world.by_key.sum(axis=0),
        sum(world.by_group("EU6").values()),
        sum(world.by_group("EU10").values()),
        world.by_group("ICT")["ICT"],
        sum(world.by_continent().values()),
        sum(world.cell(c, k) for c in COUNTRIES for k in ICT),
        world.by_region(["WORLD"])[0],
    ):
        assert np.allclose(parts, total, rtol=1e-12)
    assert set(world.by_continent()) == {"M49-002", "M49-150", "M49-009", "M49-019", "elsewhere"}
    small, rest = world.by_region(["SIDS", "DEU"])
    assert np.array_equal(small, world.by_country[2]) and np.array_equal(rest, world.by_country[1])
    one_country = sum(world.by_group("EU6", ["KEN"]).values())
    assert np.allclose(one_country, world.by_country[0], rtol=1e-12)


def test_moments_are_those_of_the_draws():
    rng = np.random.default_rng(5)
    placed = rng.lognormal(8, 1, (2, 2, 30))
    made = ewaste.account(placed, ewaste.lifetimes(("0306", "0302"), 300), ("KEN", "DEU"), range(1995, 2025))
    mean, deviation = made.moments
    drawn = made.cell("DEU", "0302")[:, 1:]
    assert mean[1, 1] == pytest.approx(drawn.mean(axis=1), rel=1e-12)
    assert deviation[1, 1] == pytest.approx(drawn.std(axis=1), rel=1e-9)


def test_all_cohorts_and_countries_share_one_draw_of_a_lifetime():
    """The same goods in two countries become waste alike in every draw, and twice the goods twice the waste."""
    placed = np.stack([np.full((1, 20), 10.0), np.full((1, 20), 20.0)])
    made = ewaste.account(placed, ewaste.lifetimes(("0306",), 100), ("KEN", "DEU"), range(2000, 2020))
    assert np.allclose(2 * made.by_country[0], made.by_country[1], rtol=1e-13)
    assert made.by_country[0, 5].std() > 0


def test_one_uncertainty_is_the_same_stated_cell_by_cell():
    placed = np.random.default_rng(1).lognormal(3, 1, (2, 1, 10))
    placed[1, 0, 3] = -5
    lives = ewaste.lifetimes(("0306",), 50)
    uneven = np.full(placed.shape, 20.0)
    uneven[0, 0, 0] = 20.000000001
    plain = ewaste.account(placed, lives, ("KEN", "DEU"), range(2000, 2010), uncertainty=20)
    by_cell = ewaste.account(placed, lives, ("KEN", "DEU"), range(2000, 2010), uncertainty=uneven)
    assert np.allclose(plain.by_country, by_cell.by_country, rtol=1e-8)


def test_wrong_tables_are_refused():
    lives = one(1.5, 5)
    with pytest.raises(UsageError, match="missing in 1 cells, the first KEN, x, 2001"):
        ewaste.account(np.array([[[1.0, np.nan]]]), lives, ["KEN"], [2000, 2001])
    with pytest.raises(UsageError, match="without a hole"):
        ewaste.account(np.ones((1, 1, 2)), lives, ["KEN"], [2000, 2002])
    with pytest.raises(UsageError, match="shape"):
        ewaste.account(np.ones((1, 2, 2)), lives, ["KEN"], [2000, 2001])
    with pytest.raises(UsageError, match="twice"):
        ewaste.account(np.ones((2, 1, 2)), lives, ["KEN", "KEN"], [2000, 2001])
    with pytest.raises(UsageError, match="Did you mean 'cdf'"):
        ewaste.account(np.ones((1, 1, 2)), lives, ["KEN"], [2000, 2001], reading="cdff")
    with pytest.raises(GapError, match="9999"):
        ewaste.lifetimes(["9999"])


# ---- one engine


ROWS = [
    {"activity": "eee_placed_mass", "entity": "KEN", "country": "KEN", "year": str(2008 + i), "item": key,
     "quantity": str(100 + 7 * i), "unit": "t"}
    for key in ("0306", "0302") for i in range(12)
]  # fmt: skip


def assessed(method, activities, **more):
    return netprint.assess(
        {"title": "E-waste", "kind": "inventory", "method": method, "period": "2008..2019",
         "activities": activities, "by": ["year", "item"], "draws": 100, "seed": 1429, **more}
    )  # fmt: skip


@pytest.mark.parametrize("reading", ["cdf", "cbs"])
def test_the_engine_and_the_arrays_agree(reading):
    result = assessed(f"ewaste-{reading}", ROWS)
    placed = np.array([[[1000 * (100 + 7 * i) for i in range(12)] for _ in range(2)]], dtype=float)
    made = ewaste.account(
        placed, ewaste.lifetimes(("0306", "0302"), 100), ["KEN"], range(2008, 2020), reading=reading
    )
    for key in ("0306", "0302"):
        waste, stock = made.cell("KEN", key), made.stock("KEN", key)
        for row in result.cells:
            if row["item"] == key and row["impact"] in ("generated_mass", "stock_mass"):
                wanted = (waste if row["impact"] == "generated_mass" else stock)[int(row["year"]) - 2008]
                assert row["point"] == pytest.approx(wanted[0], rel=1e-10)
                assert row["mean"] == pytest.approx(wanted[1:].mean(), rel=1e-10)
    assert {r["impact"] for r in result.cells} >= {"placed_mass", "generated_units"}


def test_errors_of_what_was_placed_are_drawn_as_the_engine_draws_them():
    rows = [row | {"uncertainty": "20", "tier": "modelled"} for row in ROWS if row["item"] == "0306"]
    result = assessed("ewaste-cdf", rows)
    placed = np.array([[[1000.0 * (100 + 7 * i) for i in range(12)]]])
    made = ewaste.account(
        placed, ewaste.lifetimes(("0306",), 100), ["KEN"], range(2008, 2020), uncertainty=20
    )
    shown = {r["year"]: r for r in ewaste.tidy(made)}
    for row in result.cells:
        if row["impact"] == "generated_mass":
            for statistic in ("point", "mean", "median", "low", "high"):
                assert row[statistic] == pytest.approx(shown[int(row["year"])][statistic], rel=1e-8)


def test_longer_lives_are_a_row_of_the_study():
    factors = [
        {"factor": "ewaste_life_scale", "item": "0306", "value": 1.2 * 5.931, "unit": "year", "statistic": "median",
         "distribution": "lognormal", "gsd": 1.1, "source": "own", "status": "provisional"}
    ]  # fmt: skip
    rows = [row for row in ROWS if row["item"] == "0306"]
    result = assessed("ewaste-cdf", rows, factors=factors)
    lives = ewaste.lifetimes(("0306",), 100, factors=factors)
    placed = np.array([[[1000.0 * (100 + 7 * i) for i in range(12)]]])
    made = ewaste.account(placed, lives, ["KEN"], range(2008, 2020))
    shorter = ewaste.account(placed, ewaste.lifetimes(("0306",), 100), ["KEN"], range(2008, 2020))
    for row in result.cells:
        if row["impact"] == "generated_mass":
            year = int(row["year"]) - 2008
            assert row["mean"] == pytest.approx(made.total()[year, 1:].mean(), rel=1e-9)
            assert row["point"] < shorter.total()[year, 0]


def test_indicators_of_a_study():
    more = [
        {"activity": "population", "country": "KEN", "entity": "KEN", "year": "2019", "quantity": "1000000",
         "unit": "person"},
        {"activity": "ewaste_collected", "country": "KEN", "entity": "KEN", "year": "2019", "item": "0306",
         "quantity": "30", "unit": "t"},
        {"activity": "ewaste_recycled", "country": "KEN", "entity": "KEN", "year": "2019", "item": "0306",
         "quantity": "25", "unit": "t"},
    ]  # fmt: skip
    result = assessed("ewaste-cdf", ROWS + more)
    cells = {(c["impact"], c["item"], c["year"]): c["point"] for c in result.cells}
    found = {(i["indicator"], i["item"]): i["point"] for i in result.indicators if i["year"] == "2019"}
    generated = {k: cells["generated_mass", k, "2019"] for k in ("0306", "0302")}
    assert found["ewaste_collection_rate", "0306"] == pytest.approx(100 * 30_000 / generated["0306"])
    assert found["ewaste_recycling_rate", "0306"] == pytest.approx(100 * 25_000 / generated["0306"])
    assert found["ewaste_gap", "0306"] == pytest.approx(generated["0306"] - 30_000)
    assert found["ewaste_per_person", ""] == pytest.approx(sum(generated.values()) / 1e6)
    assert found["ewaste_collected_per_person", ""] == pytest.approx(0.03)


def test_apparent_consumption_in_a_study_may_fall_below_zero():
    at = {"entity": "KEN", "country": "KEN", "year": "2019", "item": "0306", "unit": "unit"}
    rows = [
        {"activity": f"eee_{a}", "quantity": q, **at}
        for a, q in (("produced", "10"), ("imported", "100"), ("exported", "150"))
    ]
    result = assessed("ewaste-placed", rows)
    points = {c["impact"]: c["point"] for c in result.cells}
    assert points["placed_units"] == pytest.approx(-40)
    assert points["placed_mass"] == pytest.approx(-40 * 0.09)
    assert any("Exports are above supply" in w and "3.6 kg" in w for w in result.warnings)
    with pytest.raises(InputError, match="placed"):
        assessed("ewaste-placed", [*rows, {"activity": "eee_placed", "quantity": "5", **at}])


def test_recycling_avoids_emissions_apart_from_the_account():
    """93 Mt CO2e over 13.8 Mt of e-waste in 2022 (GEM 2024): 6.74 kg per kg, given by the study."""
    row = {"activity": "ewaste_recycled", "country": "KEN", "entity": "KEN", "year": "2019", "item": "0306",
           "quantity": "10", "unit": "t"}  # fmt: skip
    own = {"source": "own", "status": "provisional", "statistic": "mean", "distribution": "exact"}
    factors = [
        {"factor": "ewaste_recycling_avoided", "item": "0306", "value": 93 / 13.8, "unit": "kg CO2e/kg", **own},
        {"factor": "ewaste_material_share", "item": "0306", "material": "copper", "value": 0.1, "unit": "1", **own},
        {"factor": "material_price", "material": "copper", "year": "2019", "value": 6, "unit": "USD/kg", **own},
    ]  # fmt: skip
    result = assessed(["ewaste-cdf", "ewaste-recycling"], [*ROWS, row], factors=factors)
    points = {c["impact"]: c["point"] for c in result.cells if c["year"] == "2019" and c["item"] == "0306"}
    assert points["recycling_avoided"] == pytest.approx(67_391, rel=1e-4)
    assert points["recycled_materials"] == pytest.approx(1000)
    assert points["recycled_value"] == pytest.approx(6000)
    assert "GHG" not in {c["impact"] for c in result.cells}
    with pytest.raises(GapError, match="ewaste_recycling_avoided"):
        assessed(["ewaste-cdf", "ewaste-recycling"], [*ROWS, row], factors=factors[1:])


# ---- apparent consumption


def test_trade_codes_become_keys():
    assert trade.key_of("85171200") == "0306"
    assert trade.key_of("8517 12") == "0306"
    assert trade.key_of("85171200", {"85171200": "0305"}) == "0305"
    assert trade.key_of("010121") is None


def test_apparent_consumption_in_units_and_mass():
    rows = [
        {"country": "KEN", "year": 2020, "flow": "production", "key": "0306", "quantity": 0, "unit": "unit"},
        {
            "country": "KEN",
            "year": 2020,
            "flow": "import",
            "code": "851712",
            "quantity": 1000,
            "unit": "unit",
        },
        {"country": "KEN", "year": 2020, "flow": "import", "code": "851712", "quantity": 0.009, "unit": "t"},
        {"country": "KEN", "year": 2020, "flow": "export", "code": "851712", "quantity": 200, "unit": "unit"},
        {"country": "KEN", "year": 2021, "flow": "import", "key": "0306", "quantity": 5, "unit": "piece"},
        {"country": "FJI", "year": 2020, "flow": "production", "key": "0306", "quantity": 1, "unit": "unit"},
        {"country": "FJI", "year": 2020, "flow": "import", "key": "0306", "quantity": 1, "unit": "unit"},
        {"country": "FJI", "year": 2020, "flow": "export", "key": "0306", "quantity": 3, "unit": "unit"},
    ]
    fiji, kenya, later = trade.apparent_consumption(rows)
    assert (kenya.units, kenya.mass) == (pytest.approx(900), pytest.approx(81))
    assert kenya.flags == ("mass from average weight", "units from average weight")
    assert (fiji.units, fiji.flags[0]) == (-1, "below zero: exports above supply")
    assert np.isnan(later.units) and later.flags[:2] == ("no production given", "no export given")
    row = kenya.row(entity="Kenya")
    assert row["activity"] in load_activities() and row["quantity"] == pytest.approx(900)
    by_year = trade.apparent_consumption(rows[5:], weights={("0306", 2020): 0.2, "0306": 0.1})
    assert by_year[0].mass == pytest.approx(-0.2)


def test_wrong_trade_rows_are_told_together(tmp_path):
    rows = [
        {"country": "KEN", "year": 2020, "flow": "imports", "key": "0306", "quantity": 1, "unit": "unit"},
        {"country": "KEN", "year": 2020, "flow": "import", "code": "010121", "quantity": 1, "unit": "unit"},
        {"country": "KEN", "year": 2020, "flow": "import", "key": "0306", "quantity": -1, "unit": "unit"},
        {"country": "KEN", "year": 2020, "flow": "import", "key": "306", "quantity": 1, "unit": "unit"},
        {"country": "KEN", "year": 2020, "flow": "import", "key": "0306", "quantity": 1, "unit": "kWh"},
        {"country": "KEN", "year": "?", "flow": "import", "key": "0306", "quantity": 1, "unit": "unit"},
    ]
    with pytest.raises(InputError) as error:
        trade.apparent_consumption(rows)
    assert [p.line for p in error.value.problems] == [1, 2, 3, 4, 5, 6]
    table = tmp_path / "cn.csv"
    table.write_text("cn8,unu_key,description\n85171200,0306,phones\n85171300,306,phones\n")
    with pytest.raises(InputError, match="306"):
        trade.read_codes(table)
    table.write_text("cn8,unu_key,description\n85171200,0306,phones\n")
    assert trade.read_codes(table) == {"85171200": "0306"}


def test_keys_that_are_counted_otherwise():
    assert trade.crt_monitors(100, 50, 22) == pytest.approx((116 - 50) * 22)
    assert trade.photovoltaic(2, 100_000) == 200_000


# ---- cleaning, worked examples of Statistics Netherlands' README


def test_outlier_in_time():
    """2008 is refused; with the figures as printed the bounds are 1.28 and 4.80 (the README has 1.30 and 4.78)."""
    values = [3.08, 3.04, 3.5, 4.96, 2.71, 2.6, 2.47]
    made = cleaning.drop_outliers(ewaste.series(range(2005, 2012), values))
    assert made.told == {2008: "original; outlier, high"}
    assert np.isnan(made.array[3]) and np.isfinite(np.delete(made.array, 3)).all()
    assert cleaning.drop_outliers(ewaste.series(range(2007, 2012), values[2:])).told == {}
    assert ewaste.clean(ewaste.series(range(2005, 2012), values)).array[3] == pytest.approx((3.5 + 2.71) / 2)


def test_outlier_among_similar_countries():
    given_ = [ewaste.series([2010], [v]) for v in (3.08, 3.04, 3.5, 4.96, 2.71, 2.6, 2.47)]
    made = cleaning.drop_unlike(given_)
    assert [bool(s.told) for s in made] == [False, False, False, True, False, False, False]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1.20, 1.20, None, 1.60), (1.20, 1.20, 1.40, 1.60)),
        ((1.20, None, None, 1.60), (1.20, 1.33, 1.47, 1.60)),
        ((1.30, 1.40, 1.70, None), (1.30, 1.40, 1.70, 2.00)),
        ((None, 1.70, 1.40, 1.30), (2.00, 1.70, 1.40, 1.30)),
        ((2.0, 1.0, None), (2.0, 1.0, 0.0)),
    ],
)
def test_missing_years(values, expected):
    made = cleaning.fill(ewaste.series(range(2005, 2005 + len(values)), values))
    assert made.array.round(2) == pytest.approx(expected)
    assert list(made.told.values()) == ["missing; from neighbouring years"] * values.count(None)


def test_a_longer_hole_stays():
    made = cleaning.fill(ewaste.series(range(2005, 2010), (1, None, None, None, 2)))
    assert np.isnan(made.array[1:4]).all()


def test_missing_country_by_purchasing_power():
    assert cleaning.by_purchasing_power(19500, (17480, 0.6), (21307, 1.00)) == pytest.approx(0.81, abs=0.005)
    strata = [([17480.0], [0.6]), ([21307.0], [1.0])]
    made = cleaning.fill_by_similar(ewaste.series([2010], [None]), [19500.0], strata)
    assert made.values[0] == pytest.approx(0.81, abs=0.005)
    assert made.told == {2010: "missing; from similar countries"}
    assert cleaning.fill_by_similar(ewaste.series([2010], [None]), [9000.0], strata).told == {2010: "missing"}


def test_jumps():
    made = cleaning.drop_jumps(ewaste.series(range(2010, 2014), (1.0, 1.6, 1.1, 1.1)))
    assert made.told == {2011: "original; jump"}
    assert cleaning.drop_jumps(ewaste.series(range(2010, 2014), (0.1, 0.2, 0.1, 0.1))).told == {}


def test_back_cast_is_a_line_from_the_introduction():
    """03i: mean of the first three values / (years to estimate + 1) for each year since the introduction."""
    made = ewaste.back_cast(ewaste.series(range(1995, 1999), (3.0, 4.0, 5.0, 9.0)), introduced=1985)
    assert made.years[0] == 1980 and made.values[:5] == (0.0,) * 5
    assert made.values[5:15] == pytest.approx([4 / 11 * i for i in range(1, 11)])
    assert made.values[15:] == (3.0, 4.0, 5.0, 9.0)
    assert set(made.told) == set(range(1980, 1995))
    assert set(made.told.values()) == {"missing; back-cast"}
    with pytest.raises(UsageError, match="without any value"):
        ewaste.back_cast(ewaste.series([1995], [None]), 1985)


def test_forward():
    given_ = ewaste.series([2013, 2014, 2015], (1.0, 2.0, None))
    assert ewaste.carry_forward(given_, 2017).values == (1.0, 2.0, 2.0, 2.0, 2.0)
    made = ewaste.carry_forward(given_, 2016, driver=[100, 110, 121])
    assert made.values == pytest.approx((1.0, 2.0, 2.2, 2.42))
    assert made.told == {2015: "missing; extrapolated", 2016: "missing; extrapolated"}
    with pytest.raises(UsageError, match="driver"):
        ewaste.carry_forward(given_, 2016, driver=[1, 2])


def test_a_table_is_prepared_and_every_change_told():
    years, whole = range(1995, 2003), range(1980, 2003)
    rows = [
        {"country": c, "year": y, "flow": flow, "key": key, "quantity": q, "unit": "t"}
        for c in ("KEN", "DEU") for key in ("0306", "0304") for i, y in enumerate(years)
        for flow, q in (("production", 0), ("import", 100 + i), ("export", 300 * (c + key + str(y) == "DEU03042002")))
        if (c, key, y, flow) != ("KEN", "0306", 1998, "export") and (c, key) != ("KEN", "0304")
    ]  # fmt: skip
    given_ = ewaste.as_array(trade.apparent_consumption(rows), ("KEN", "DEU"), ("0306", "0304"), years)
    assert np.isnan(given_[0, 0, 3]) and given_[1, 1, -1] == pytest.approx(-193_000)
    people = np.full((2, len(whole)), 1000.0)
    made = ewaste.prepare(given_, ("KEN", "DEU"), ("0306", "0304"), years, people, outliers=False)
    assert made.gaps == (("KEN", "0304"),) and made.years == tuple(whole)
    assert made.placed[0, 0, 18] == pytest.approx(103_000)
    assert (made.placed[0, 0, :5] == 0).all() and 0 < made.placed[0, 0, 5] < made.placed[0, 0, 6]
    told = {(f.country, f.key, f.year): f.what for f in made.flags}
    assert told["KEN", "0306", 1998] == "missing; from neighbouring years"
    assert told["DEU", "0304", 2002] == "below zero"
    assert told["DEU", "0306", 1985] == "missing; back-cast"
    assert ("DEU", "0306", 1999) not in told
    refused = ewaste.prepare(given_, ("KEN", "DEU"), ("0306", "0304"), years, people)
    assert {(f.country, f.key, f.year): f.what for f in refused.flags}["DEU", "0304", 2002].startswith(
        "original; outlier, low"
    )
    none = np.zeros((1, 2, len(years)))
    lamps = ewaste.prepare(none, ("KEN",), ("0505", "0304"), years, people[:1])  # LED lamps came in 2004
    assert lamps.gaps == (("KEN", "0304"),) and not lamps.placed[0, 0].any()
    with pytest.raises(UsageError, match="population"):
        ewaste.prepare(given_, ("KEN", "DEU"), ("0306", "0304"), years, people[:, 1:])


# ---- longer lives and refurbishment


def life(draws=40):
    lives = ewaste.lifetimes(("0306",), draws)
    return ewaste.Life(lives.shape[0], lives.scale[0])


PLACED = np.linspace(50, 200, 30)


def test_the_reference_is_the_account():
    base = ewaste.reference(range(1995, 2025), PLACED, life())
    made = ewaste.account(PLACED[None, None], ewaste.lifetimes(("0306",), 40), ["KEN"], range(1995, 2025))
    assert np.allclose(base.waste, made.by_country[0], rtol=1e-12)
    assert np.allclose(base.stock, made.stock("KEN", "0306"), rtol=1e-12)


@given(
    longer=st.floats(0.5, 2), share=st.floats(0, 0.6), start=st.integers(1996, 2022),
    hold=st.sampled_from(["stock", "placed"]),
)  # fmt: skip
def test_scenarios_conserve_mass(longer, share, start, hold):
    base = ewaste.reference(range(1995, 2025), PLACED, life(8))
    made = ewaste.scenario(base, life(8), start=start, longer=longer, refurbished=share, hold=hold)
    assert np.allclose(made.placed.sum(axis=0), made.waste.sum(axis=0) + made.stock[-1], rtol=1e-10)
    before = start - 1995
    assert np.allclose(made.waste[:before], base.waste[:before], rtol=1e-9)
    held = (made.stock, base.stock) if hold == "stock" else (made.placed, base.placed)
    assert np.allclose(*held, rtol=1e-9)


def test_longer_lives_need_fewer_goods_on_the_same_stock():
    base = ewaste.reference(range(1995, 2025), PLACED, life())
    made = ewaste.scenario(base, life(), start=2010, longer=1.5)
    avoided = made.avoided(base)
    assert (avoided[15:].sum(axis=0) > 0).all() and np.allclose(avoided[:15], 0, atol=1e-9)
    assert np.allclose(made.avoided_embodied(base, 60.0), 60 * avoided)
    phone = ewaste.embodied("smartphone", 40)
    assert np.allclose(made.avoided_embodied(base, phone)[20], phone * avoided[20])
    with pytest.raises(GapError, match="device_embodied"):
        ewaste.embodied("teapot", 1)
    both = ewaste.scenario(base, life(), start=2010, longer=1.5, refurbished=0.2)
    assert (both.avoided(base).sum(axis=0) > avoided.sum(axis=0)).all()
    unchanged = ewaste.scenario(base, life(), start=2010)
    assert np.allclose(unchanged.placed, base.placed, rtol=1e-9)


def test_wrong_scenarios_are_refused():
    base = ewaste.reference(range(1995, 2025), PLACED, life(1))
    for wrong in ({"refurbished": 1.2}, {"longer": 0}, {"hold": "sales"}):
        with pytest.raises(UsageError):
            renewal.scenario(base, life(1), start=2010, **wrong)
    with pytest.raises(UsageError, match="Did you mean '0306'"):
        ewaste.lifetimes(("0306",), 1).longer({"0360": 2.0})


def test_longer_lives_of_one_key():
    lives = ewaste.lifetimes(("0306", "0302"), 5)
    longer = lives.longer({"0306": 1.2})
    assert np.allclose(longer.scale[0], 1.2 * lives.scale[0])
    assert np.array_equal(longer.scale[1], lives.scale[1])
    assert np.allclose(lives.longer(2.0).mean, 2 * lives.mean)


# ---- what becomes of it


def test_gap_flows_and_rates():
    made = ewaste.Management(
        np.array([100.0, 90.0]), np.array([30.0]), residual_waste=np.array([20.0]), exported=np.array([5.0])
    )
    assert made.gap.tolist() == [45.0, 35.0]
    assert made.undocumented == ("other_recycling",)
    with pytest.raises(GapError, match="ewaste_recycled"):
        _ = made.recycling_rate
    rate = ewaste.rate_on_placed(np.array([0, 0, 0, 65.0]), np.array([90.0, 100, 110, 300]))
    assert np.isnan(rate[:3]).all() and rate[3] == pytest.approx(0.65)


def test_materials_and_their_value():
    mass = {"0306": np.array([100.0]), "0302": np.array([200.0])}
    shares = {("0306", "copper"): 0.1, ("0302", "copper"): 0.05, ("0302", "steel"): 0.6}
    made = ewaste.materials(mass, shares)
    assert {m: a[0] for m, a in made.items()} == pytest.approx(
        {"copper": 20.0, "steel": 120.0, "not known": 160.0}
    )
    assert sum(a[0] for a in made.values()) == pytest.approx(300)
    assert {m: a[0] for m, a in ewaste.value(made, {"copper": 6, "steel": 0.3}).items()} == pytest.approx(
        {"copper": 120.0, "steel": 36.0}
    )
    with pytest.raises(GapError, match="steel"):
        ewaste.value(made, {"copper": 6})
    with pytest.raises(GapError, match="0304"):
        ewaste.materials({"0304": np.ones(1)}, shares)
    with pytest.raises(UsageError, match=r"add to 1\.1"):
        ewaste.materials({"x": np.ones(1)}, {("x", "a"): 0.6, ("x", "b"): 0.5})
    assert ewaste.avoided_emissions({"0306": np.array([13.8])}, {"0306": 93 / 13.8})[0] == pytest.approx(93)
    with pytest.raises(GapError, match="0302"):
        ewaste.avoided_emissions(mass, {"0306": 1.0})


def test_rows_to_show(world):
    rows = ewaste.tidy(world)
    assert len(rows) == len(COUNTRIES) * len(YEARS)
    assert rows[0]["low"] <= rows[0]["median"] <= rows[0]["high"] and rows[0]["unit"] == "kg"
    assert sum(r["point"] for r in ewaste.tidy(world, "key")) == pytest.approx(sum(r["point"] for r in rows))
    with pytest.raises(UsageError):
        ewaste.tidy(world, "colour")


# ---- circularity


MATRIX = {
    (str(r), str(m)): value for (r, m), value in {(1, 0): 100, (1, 1): 90, (2, 1): 60, (2, 2): 20}.items()
}
INDICATORS = [
    ewaste.Indicator("lifetime", "durability", "1", "0"),
    ewaste.Indicator("robustness", "durability", "2", "1"),
    ewaste.Indicator("spare parts", "3RUe", "2", "2"),
    ewaste.Indicator("batteries", "3RUe", "1", "0", applies=False),
    ewaste.Indicator("take-back", "3RUm", "1", "1"),
]


def test_circularity_score():
    """The figures of the matrix are invented: the Recommendation's are the user's to give."""
    made = ewaste.circularity_score(INDICATORS, MATRIX)
    assert made.aspects == {"durability": 80, "3RUe": 20, "3RUm": 90}
    assert made.overall is None and made.status == "provisional"
    weighted = ewaste.circularity_score(INDICATORS, MATRIX, {"durability": 2, "3RUe": 1, "3RUm": 1})
    assert weighted.overall == pytest.approx((160 + 20 + 90) / 4)


def test_circularity_without_the_matrix_is_a_gap():
    with pytest.raises(GapError, match=r"matrix of relevance and margin of improvement of ITU-T L\.1023"):
        ewaste.circularity_score(INDICATORS, None)
    with pytest.raises(GapError, match=r"R 2, MI 2"):
        ewaste.circularity_score(INDICATORS, {k: v for k, v in MATRIX.items() if k != ("2", "2")})
    wrong = [*INDICATORS, ewaste.Indicator("lifetime", "3RUx", "1", "0")]
    with pytest.raises(InputError) as error:
        ewaste.circularity_score(wrong, {**MATRIX, ("1", "0"): 120}, {"durability": 1})
    assert len(error.value.problems) == 4
