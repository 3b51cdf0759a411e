"""Studies that name a table beside the catalogue, and studies outside the validity of what they use."""

from __future__ import annotations

from typing import Any

import pytest

import netprint
from netprint.errors import InputError
from netprint.load.factors import catalog, optional_table

WATER = {
    "id": "water", "impacts": {"water": "L"},
    "terms": [{"id": "of_power", "activity": "electricity", "formula": "quantity * grid_water[country]",
               "books": {"flow": "water", "account": "inventory"}}],
}  # fmt: skip
ROW = {"activity": "electricity", "country": "FRA", "quantity": 10, "unit": "kWh"}


def assessed(**changes: Any) -> Any:
    study = {"title": "Water", "method": WATER, "period": 2023, "activities": [ROW], "draws": 200}
    return netprint.assess({**study, **changes})


def test_a_study_that_names_the_table_uses_it_and_owes_its_duties():
    plain, named = assessed(), assessed(factors="catalog:ecologits")
    other = optional_table("ecologits").rows["grid_water"]["FRA",].value
    assert plain.total("inventory", 2023, "water")["point"] == pytest.approx(
        10 * catalog().rows["grid_water"]["FRA",].value
    )
    assert named.total("inventory", 2023, "water")["point"] == pytest.approx(10 * other)
    used = named.factors.one(factor="grid_water")
    assert (used["licence"], used["whose"]) == ("MPL-2.0", "catalogue")
    assert "MPL-2.0" in {row["licence"] for row in named.sources}
    assert not any("were not used" in text or text.startswith("Own factor") for text in named.warnings)


@pytest.mark.parametrize("first", [True, False])
def test_a_row_of_the_user_stands_on_top_of_it(first: bool):
    own = {"factor": "grid_water", "country": "FRA", "value": 5, "unit": "L/kWh", "source": "mine"}
    factors = ["catalog:ecologits", own] if first else [own, "catalog:ecologits"]
    found = assessed(factors=factors)
    assert found.total("inventory", 2023, "water")["point"] == pytest.approx(50)
    assert found.factors.one(factor="grid_water")["whose"] == "own"


def test_another_name_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"catalog:ecologit.*catalog:ecologits"):
        assessed(factors=["catalog:ecologit"])


def trip(year: int) -> list[str]:
    method = {
        "id": "trips", "activities": {"ride": "pkm"},
        "terms": [
            {"id": "t", "activity": "ride", "formula": "quantity * travel_direct[item]", "books": {"flow": "CO2e"}}
        ],
    }  # fmt: skip
    ride = {"activity": "ride", "item": "rail", "quantity": 100, "unit": "pkm"}
    return [
        w for w in assessed(method=method, activities=[ride], period=year).warnings if "here they stand" in w
    ]


def test_a_study_outside_the_validity_of_a_value_is_told():
    (text,) = trip(2022)
    assert text == "uk-ghg-factors-2025 states travel_direct[rail] for 2025; here they stand for 2022."
    assert trip(2025) == []
