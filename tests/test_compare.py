"""The bars of a comparison add up to the difference, and each cause has its own bar."""

from __future__ import annotations

import json
import sys

import pytest

from netprint import bundle
from netprint.assess import assess
from netprint.compare import compare
from netprint.errors import UsageError

TERMS = [
    {"id": "s2", "activity": "electricity", "formula": "quantity * grid_own[country, year]",
     "books": {"flow": "CO2e", "account": "location", "scope": 2}},
    {"id": "s1", "activity": "burnt", "formula": "quantity * direct[item, gas]", "over": {"gas": ["CO2", "N2O"]},
     "books": {"flow": "gas", "scope": 1}},
    {"id": "peak", "each": ["entity", "year"], "formula": "max(electricity - excess, 0 * excess) * penalty",
     "books": {"flow": "CO2e", "account": "market", "scope": 2}},
]  # fmt: skip
TOTALS = {"location-based": ["inventory", "location"], "market-based": ["inventory", "market"]}


def result(title="A", size=1000, litres=20_000, grid=0.1, gwp="AR6", terms=(), years=(2022, 2023), **more):
    rows = []
    for year in years:
        rows += [
            {"activity": "electricity", "country": "KEN", "year": year, "quantity": size, "unit": "MWh",
             "uncertainty": 2},
            {"activity": "burnt", "item": "diesel", "country": "KEN", "year": year, "quantity": litres, "unit": "L"},
        ]  # fmt: skip
    factors = [
        {"factor": "grid_own", "country": "KEN", "value": grid, "unit": "kg CO2e/kWh", "gsd": 1.1, "source": "S1",
         "distribution": "lognormal", "statistic": "mean"},
        {"factor": "direct", "item": "diesel", "gas": "CO2", "value": 2.7, "unit": "kg/L", "source": "S2"},
        {"factor": "direct", "item": "diesel", "gas": "N2O", "value": 0.001, "unit": "kg/L", "source": "S2"},
        {"factor": "excess", "value": 100_000, "unit": "kWh", "source": "S3"},
        {"factor": "penalty", "value": 0.05, "unit": "kg CO2e/kWh", "source": "S3"},
    ]  # fmt: skip
    cards = [
        {"factor": "grid_own", "unit": "kg CO2e/kWh", "index": "country year"},
        {"factor": "direct", "unit": "kg/L", "index": "item gas"},
    ]
    method = {"id": "m", "terms": [*TERMS, *terms], "totals": TOTALS, "activities": {"burnt": "L"}}
    return assess(
        {"title": title, "entity": "Savanna", "method": method, "period": f"{years[0]}..{years[-1]}", "draws": 400,
         "by": ["year", "scope"], "gwp": gwp, "activities": rows, "factors": factors, "cards": cards, **more}
    )  # fmt: skip


@pytest.fixture(scope="module")
def base():
    return result()


def bars(found):
    return {bar["cause"]: pytest.approx(bar["contribution"]) for bar in found.bars}


def adds_up(found, a, b):
    difference = b.total(found.total)["point"] - a.total(found.total)["point"]
    assert found.difference == pytest.approx(difference, rel=1e-12, abs=1e-6)
    assert sum(bar["contribution"] for bar in found.bars) == pytest.approx(
        found.difference, rel=1e-14, abs=1e-9
    )
    assert found.points[1] - found.points[0] == pytest.approx(found.difference, rel=1e-12, abs=1e-6)


def test_nothing_differs(base):
    found = compare(base, base)
    assert found.bars == found.lines == found.factors == ()
    assert found.difference == 0
    assert found.interval == (0, 0)


def test_activity_data(base):
    other = result("B", size=1100)
    found = compare(base, other)
    adds_up(found, base, other)
    assert bars(found) == {"activity data": 2 * 100_000 * 0.1}


def test_factors(base):
    other = result("B", grid=0.12)
    found = compare(base, other)
    adds_up(found, base, other)
    assert bars(found) == {"factors": 2 * 1_000_000 * 0.02}
    assert found.factors[0]["factor"] == "grid_own[KEN, 2022]"
    assert found.factors[0]["a"] == "0.1 kg CO2e/kWh (grid_own[KEN, any], S1)"


def test_activity_data_at_old_and_factors_at_new_quantities(base):
    other = result("B", size=1100, grid=0.12)
    found = compare(base, other)
    adds_up(found, base, other)
    assert bars(found) == {"activity data": 20_000, "factors": 2 * 1_100_000 * 0.02}


def test_the_gwp_set(base):
    other = result("B", gwp="AR5", litres=30_000)
    found = compare(base, other)
    adds_up(found, base, other)
    assert bars(found) == {
        "activity data": 2 * 10_000 * (2.7 + 0.001 * 273),
        "GWP set": 2 * 30_000 * 0.001 * (265 - 273),
    }


def test_the_boundary(base):
    added = {"id": "upstream", "activity": "electricity", "formula": "quantity * penalty",
             "books": {"flow": "CO2e", "scope": 3}}  # fmt: skip
    other = result("B", terms=[added])
    found = compare(base, other)
    adds_up(found, base, other)
    assert bars(found) == {"boundary": 2 * 1_000_000 * 0.05}
    assert bars(compare(other, base)) == {"boundary": -2 * 1_000_000 * 0.05}


def test_years_that_only_one_has(base):
    other = result("B", years=(2022, 2023, 2024))
    found = compare(base, other)
    adds_up(found, base, other)
    assert set(bars(found)) == {"year"}


def test_one_year_with_another(base):
    other = result("B", size=1100, grid=0.12)
    found = compare(base, other, year="2022:2023")
    assert found.years == (("2022",), ("2023",))
    assert bars(found) == {"activity data": 10_000, "factors": 22_000}


def test_cell_terms_are_split_by_assessing_again(base):
    other = result("B", size=1100)
    found = compare(base, other, "market-based")
    adds_up(found, base, other)
    assert bars(found) == {"activity data": 2 * 100_000 * 0.05}


def test_cell_terms_of_bundles_that_cannot_be_assessed_again(base, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["netprint.compare"], "catalogue", lambda: "other")
    paths = [bundle.write(r, tmp_path / r.title) for r in (base, result("B", size=1100))]
    found = compare(*paths, "market-based")
    assert bars(found) == {"cell terms": 2 * 100_000 * 0.05}
    assert found.interval is None
    assert found.note == (
        "The interval of the difference is not known: 'A' cannot be assessed again with this netprint."
    )


def test_what_both_share_cancels_in_the_interval(base, tmp_path):
    other = result("B", size=1100)
    paths = [bundle.write(r, tmp_path / f"{r.title}.zip") for r in (base, other)]
    found = compare(*paths, "location")
    low, high = found.interval
    assert low < found.difference < high
    apart = base.total("location")
    assert high - low < 0.5 * (apart["high"] - apart["low"])
    assert compare(base, other, "location").interval == pytest.approx(found.interval)


def test_another_seed_has_no_common_draws(base):
    found = compare(base, result("B", seed=2))
    assert found.interval is None
    assert found.note.endswith("the two were drawn with another seed or number of draws.")


def test_as_text(base):
    lines = str(compare(base, result("B", size=1100, grid=0.12))).splitlines()
    assert lines[:5] == [
        "location-based, kg CO2e",
        "  318 920  A (2022, 2023)",
        "  +20 000  activity data: quantities",
        "  +44 000  factors: factor rows",
        "  382 920  B (2022, 2023)",
    ]
    assert lines[5].startswith("Difference: +64 000 kg CO2e, 95 % interval +")
    json.dumps(compare(base, base).as_dict())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"total": "locaton"},
         "'locaton' is no account that both results have; these are: location-based, market-based, inventory, "
         "location, market. Did you mean 'location' or 'location-based'?"),
        ({"year": "2029"}, "'A' has no year 2029; it has 2022, 2023."),
    ],
)  # fmt: skip
def test_what_cannot_be_compared(base, options, message):
    with pytest.raises(UsageError) as caught:
        compare(base, base, **options)
    assert str(caught.value) == message
