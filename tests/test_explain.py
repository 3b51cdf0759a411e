"""Every number can be walked back to factor rows and sources, and forward from a factor."""

from __future__ import annotations

import json

import pytest

from netprint import bundle
from netprint.assess import assess
from netprint.errors import UsageError
from netprint.explain import explain, number

TERMS = [
    {"id": "s2", "activity": "electricity", "formula": "quantity * grid_direct[country, year]", "status": "verified",
     "books": {"flow": "CO2e", "account": "location", "scope": 2}, "cites": "Guidance, ch. 6"},
    {"id": "s1", "activity": "burnt", "formula": "quantity * direct[item, gas]", "over": {"gas": ["CO2"]},
     "books": {"flow": "gas", "scope": 1}, "status": "verified"},
]  # fmt: skip
HERE = {"country": "KEN", "year": 2023}
ROWS = [
    {**HERE, "activity": "electricity", "quantity": 1000, "unit": "MWh", "tier": "metered", "uncertainty": 2},
    {
        **HERE,
        "activity": "electricity",
        "quantity": 500,
        "unit": "MWh",
        "tier": "estimated",
        "uncertainty": 30,
    },
    {**HERE, "activity": "burnt", "item": "diesel", "quantity": 20000, "unit": "L", "uncertainty": 2},
]
CARDS = [
    {"factor": "grid_direct", "unit": "kg CO2e/kWh", "index": "country year", "fallback": "year", "correlation": "0.9"},
    {"factor": "direct", "unit": "kg/L", "index": "item gas"},
]  # fmt: skip
FACTORS = [
    {"factor": "grid_direct", "country": "KEN", "year": 2022, "value": 0.1, "unit": "kg CO2e/kWh", "gsd": 1.1,
     "distribution": "lognormal", "statistic": "mean", "source": "S1", "page": "p. 7", "licence": "CC BY 4.0"},
    {"factor": "direct", "item": "diesel", "gas": "CO2", "value": 2.7, "unit": "kg/L", "source": "S2"},
]  # fmt: skip
METHOD = {
    "id": "m", "terms": TERMS, "activities": {"burnt": "L"}, "totals": {"location-based": ["inventory", "location"]},
}  # fmt: skip
STUDY = {
    "title": "mini", "entity": "Savanna", "period": 2023, "by": ["scope"], "draws": 1000, "method": METHOD,
    "activities": ROWS, "cards": CARDS, "factors": FACTORS,
}  # fmt: skip


@pytest.fixture(scope="module")
def result():
    return assess(STUDY)


def test_a_cell_down_to_its_sources(result):
    found = explain(result, "2023/2/location")
    assert found.asked == "year 2023, scope 2, account location"
    (cell,) = found.cells
    assert cell["point"] == pytest.approx(150_000)
    assert cell["low"] < 150_000 < cell["high"]
    assert [line["multiplication"] for line in found.lines] == [
        "1 000 000 kWh × 0.1 kg CO2e/kWh = 100 000 kg CO2e",
        "500 000 kWh × 0.1 kg CO2e/kWh = 50 000 kg CO2e",
    ]
    assert sum(line["share_of_variance"] for line in found.lines) == pytest.approx(1)
    (row,) = found.lines[0]["rests_on"]
    assert (row["label"], row["proxy"], row["source"], row["page"], row["licence"]) == (
        "grid_direct[KEN, 2022]", "lag 1", "S1", "p. 7", "CC BY 4.0",
    )  # fmt: skip


def test_as_text(result):
    lines = str(explain(result, "2023/2/location")).splitlines()
    assert lines[0] == "mini: year 2023, scope 2, account location"
    assert lines[1].startswith("  location (2023, 2): 150 000 kg CO2e, 95 % interval ")
    assert lines[3] == "s2 (country KEN, year 2023), year 2023, scope 2, account location"
    assert lines[4].startswith("  1 000 000 kWh × 0.1 kg CO2e/kWh = 100 000 kg CO2e   ")
    assert lines[5] == "  term: quantity * grid_direct[country, year], Guidance, ch. 6, verified"
    assert lines[6] == (
        "  grid_direct[KEN, 2022] = 0.1 kg CO2e/kWh, provisional, stands in for [KEN, 2023] (lag 1)"
    )
    assert lines[7] == "    source: S1: p. 7, CC BY 4.0"
    assert "  the records share an error: electricity, estimated, Savanna" in lines


def test_without_a_cell_the_totals(result):
    found = explain(result)
    assert {c["account"] for c in found.cells} == {"inventory", "location", "location-based"}
    assert sum(line["contribution"] for line in found.lines) == pytest.approx(204_000)


def test_a_total_is_made_of_its_accounts(result):
    found = explain(result, "2023/location-based")
    assert found.cells[0]["point"] == pytest.approx(204_000)
    assert len(found.lines) == 3


def test_forward_from_a_factor(result):
    found = explain(result, factor="grid_direct")
    assert [(c["account"], c["point"], c["share_of_account"]) for c in found.cells] == [
        ("location", pytest.approx(150_000), pytest.approx(1))
    ]
    assert explain(result, factor="grid_direct[KEN, 2022]").cells == found.cells
    assert explain(result, factor="gwp").cells[0]["account"] == "inventory"


def test_a_bundle_explains_like_its_result(result, tmp_path):
    path = bundle.write(result, tmp_path / "out.zip")
    for cell in (None, "2023/2"):
        assert str(explain(path, cell)) == str(explain(result, cell))
    json.dumps(explain(path).as_dict())


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("2024/2", "'2024' is no year or scope or account or flow or term of the result."),
        (
            "scop=2",
            "The result has no column 'scop'; it has year, scope, account, flow, term. Did you mean 'scope'?",
        ),
        ("scope=3", "'3' is no scope of the result. Known: 1, 2."),
        ("1/location", "The result has no cell 1/location: its labels are known, but not together."),
    ],
)
def test_cells_that_are_not_there(result, cell, message):
    with pytest.raises(UsageError) as caught:
        explain(result, cell)
    assert str(caught.value).startswith(message)


def test_factors_that_nothing_rests_on(result):
    with pytest.raises(UsageError) as caught:
        explain(result, factor="grid_dirct")
    assert str(caught.value) == (
        "No number of the result rests on the factor 'grid_dirct'. Did you mean 'grid_direct' or 'direct'?"
    )


def test_a_public_bundle_has_no_trace(result, tmp_path):
    path = bundle.write(result, tmp_path / "out", public=True)
    with pytest.raises(UsageError) as caught:
        explain(path)
    assert str(caught.value) == "'mini' has no trace to explain: it is a public bundle."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567.8, "1 234 568"),
        (0.1, "0.1"),
        (0.0, "0"),
        (1e-9, "1e-09"),
        (-2500, "-2 500"),
        (None, "–"),
        (12.5, "12.5"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text
