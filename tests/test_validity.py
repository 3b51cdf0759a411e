"""Periods of validity: how they are read, what shows them, and what a study outside of them is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from netprint.ask.show import answer
from netprint.engine.resolve import Resolver
from netprint.engine.validity import overstepped
from netprint.errors import Problems
from netprint.load.factor import Card, FactorTable
from netprint.load.factor_rows import VALIDITY, load_rows
from netprint.load.factors import catalog

if TYPE_CHECKING:
    from netprint.engine.run import Run

CARDS = {
    "tea": Card("tea", "kg CO2e/kg", ("item",)),
    "grid_lifecycle": Card("grid_lifecycle", "kg CO2e/kWh", ("country", "year")),
}


def read(**cells: str) -> tuple[list[Any], list[str]]:
    row = {"factor": "tea", "item": "green", "value": "2", "unit": "kg CO2e/kg", "source": "s", **cells}
    problems = Problems()
    return load_rows([(2, row)], "factors.csv", CARDS, problems), [str(p) for p in problems]


# ---- reading


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("2025", "2025", "2025"),
        ("", "2024", "to 2024"),
        ("2023", "", "from 2023"),
        ("2023-07-01", "2024-06-30", "from 2023-07-01 to 2024-06-30"),
        ("", "", ""),
    ],
)
def test_a_period_is_read_and_told(first: str, last: str, told: str):
    (factor,), problems = read(valid_from=first, valid_to=last)
    assert (factor.validity, problems) == (told, [])


@pytest.mark.parametrize(("year", "holds"), [(2022, False), (2023, True), (2024, True), (2025, False)])
def test_a_period_holds_in_each_year_that_it_touches(year: int, holds: bool):
    (factor,), _ = read(valid_from="2023-07-01", valid_to="2024-06-30")
    assert factor.holds_in(year) is holds


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"valid_from": "soon"}, "'soon' is no year and no date"),
        ({"valid_to": "2025-02-30"}, "'2025-02-30' is no year and no date"),
        ({"valid_from": "2025", "valid_to": "2024"}, "from 2025 to 2024"),
    ],
)
def test_a_period_that_is_none_is_refused(cells: dict[str, str], said: str):
    found, (problem,) = read(**cells)
    assert found == [] and said in problem


def test_a_last_year_includes_its_days():
    found, problems = read(valid_from="2024-07-01", valid_to="2024")
    assert len(found) == 1 and problems == []


def test_the_year_of_an_index_is_its_validity():
    grid = {"factor": "grid_lifecycle", "item": "", "country": "KEN", "year": "2023", "unit": "kg CO2e/kWh"}
    found, (problem,) = read(**grid, valid_to="2023")
    assert found == [] and "the year of the index is the validity" in problem


def test_no_row_of_the_catalogue_says_its_year_twice():
    dated = [f for rows in catalog().rows.values() for f in rows.values() if f.validity]
    assert len(dated) > 350
    assert [f.label for f in dated if "year" in f.card.index] == []


# ---- showing


def test_show_says_when_a_value_holds():
    assert answer("travel_direct", ("rail",))["validity"] == "2025"
    assert answer("gwp_ar4", ("HFC-134a",))["validity"] == "to 2024"
    assert answer("gwp_ar5", ("HFC-134a",))["validity"] == ""
    assert answer("network_energy_per_data", ("end to end", "Aslan 2018"))["validity"] == "2015"


def test_the_columns_are_no_index():
    assert VALIDITY == ("valid_from", "valid_to")
    (factor,), _ = read(valid_from="2025")
    assert factor.index == ("green",)


# ---- a study outside


def told(
    *labels: dict[str, str], item: str = "green", period: tuple[int, int] | None = None, **cells: str
) -> list[str]:
    """The warnings of lines with these labels that need ``tea[item]``, given by a row with these cells."""
    (factor,), problems = read(**cells)
    assert problems == []
    table = FactorTable(CARDS, {"tea": {factor.index: factor}})
    asked = ("tea", (item,))
    uniques = [SimpleNamespace(needs=(asked,), labels=at) for at in labels]
    run = SimpleNamespace(
        lines=SimpleNamespace(uniques=uniques), derived=[], period=period,
        coefficients=SimpleNamespace(resolver=Resolver((table,), CARDS, lambda place: ())),
    )  # fmt: skip
    return overstepped(cast("Run", run))


def test_years_outside_are_told_once_for_a_source():
    found = told({"year": "2022"}, {"year": "2023"}, {"year": "2025"}, valid_from="2025", valid_to="2025")
    assert found == ["s states tea[green] for 2025; here they stand for 2022, 2023."]


def test_years_inside_and_values_without_a_period_are_not_told():
    assert told({"year": "2025"}, valid_from="2025") == []
    assert told({"year": "1990"}) == []


def test_a_line_without_a_year_has_those_of_the_study():
    assert told({}, period=(2023, 2025), valid_to="2024") == [
        "s states tea[green] for to 2024; here they stand for 2025."
    ]


def test_an_input_of_a_formula_is_told_too():
    table = catalog()
    resolver = Resolver((table,), table.cards, lambda place: ())
    asked = ("heat_upstream", ("GBR",))
    line = SimpleNamespace(needs=(asked,), labels={"year": "2019"})
    run = SimpleNamespace(
        lines=SimpleNamespace(uniques=[line]), derived=[SimpleNamespace(needs=(asked,), cell={"year": "2018"})],
        period=(2018, 2019), coefficients=SimpleNamespace(resolver=resolver),
    )  # fmt: skip
    (text,) = overstepped(cast("Run", run))
    assert "uk-ghg-factors-2025" in text and "2018, 2019" in text
