"""Which factor row answers: exact, any, own over catalogue, fallbacks with their spread, formulas, gaps."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import netprint
from netprint.engine import draws
from netprint.engine.resolve import Found, Gap, Resolver, pedigree
from netprint.errors import InputError, Problems
from netprint.load.factors import Card, Factor, FactorTable, Shape, catalog, check_formulas

GROUPS = {
    "KEN": ("M49-014", "M49-202", "WORLD"),
    "UGA": ("M49-014", "M49-202", "WORLD"),
    "DEU": ("EU27", "WORLD"),
}


def card(
    name: str = "grid", fallback: str = "year group world", index: str = "country year", rho: float = 0.0
) -> Card:
    return Card(name, "kg CO2e/kWh", tuple(index.split()), fallback=tuple(fallback.split()), rho=rho)


def table(
    card_: Card, values: Mapping[tuple[str, ...], Any], *, own: bool = False, mine: bool = False
) -> FactorTable:
    """A table of one factor; a text is a formula. ``mine``: the table has the card."""
    from netprint.formula.parse import parse

    rows = {}
    for index, value in values.items():
        formula = parse(value) if isinstance(value, str) else None
        rows[index] = Factor(
            card_, index, 0.0 if formula else value, Shape(), "S", "verified", formula=formula, own=own
        )
    return FactorTable({card_.name: card_} if mine else {}, {card_.name: rows})


def resolver(*tables: FactorTable, cards: Mapping[str, Card] | None = None, **more: Any) -> Resolver:
    known = {f.card.name: f.card for t in reversed(tables) for rows in t.rows.values() for f in rows.values()}
    return Resolver(tables, known | dict(cards or {}), lambda c: GROUPS.get(c, ("WORLD",)), **more)


def found(resolver_: Resolver, *index: str, name: str = "grid") -> tuple[float, str]:
    answer = resolver_((name, index))
    assert isinstance(answer, Found), str(answer)
    return answer.factor.value, answer.proxy.text if answer.proxy else ""


# ---- the row itself


def test_exact_comes_first():
    both = resolver(
        table(card(), {("KEN", "2023"): 1.0, ("KEN", ""): 2.0, ("", ""): 3.0, ("KEN", "2022"): 4.0})
    )
    assert found(both, "KEN", "2023") == (1.0, "")


def test_an_empty_entry_means_any_the_fewest_first():
    rows = resolver(table(card(), {("KEN", ""): 2.0, ("", "2023"): 2.5, ("", ""): 3.0}))
    assert found(rows, "KEN", "2019") == (2.0, "")
    assert found(rows, "DEU", "2023") == (2.5, "")
    assert found(rows, "DEU", "2019") == (3.0, "")


def test_any_is_no_proxy_and_comes_before_another_year():
    rows = resolver(table(card(), {("KEN", "2022"): 1.0, ("", ""): 3.0}))
    assert found(rows, "KEN", "2023") == (3.0, "")


def test_own_rows_win_over_the_catalogue_at_every_step():
    shipped = table(card(), {("KEN", "2023"): 1.0, ("KEN", "2020"): 1.5, ("M49-014", "2023"): 9.0}, mine=True)
    own = table(card(), {("KEN", "2023"): 5.0, ("DEU", ""): 6.0, ("UGA", "2019"): 7.0}, own=True)
    both = resolver(own, shipped)
    assert found(both, "KEN", "2023") == (5.0, "")
    assert found(both, "DEU", "2023") == (6.0, "")
    assert found(both, "UGA", "2023") == (7.0, "lag 4")
    assert found(both, "KEN", "2021") == (
        1.5,
        "lag 1",
    )  # a nearer year of the catalogue before a farther own one
    assert found(both, "KEN", "2022") == (5.0, "lag 1")


def test_an_exact_row_of_the_catalogue_wins_over_an_own_proxy():
    shipped = table(card(), {("KEN", "2023"): 1.0}, mine=True)
    own = table(card(), {("KEN", "2022"): 5.0}, own=True)
    assert found(resolver(own, shipped), "KEN", "2023") == (1.0, "")


def test_an_own_card_shadows_the_catalogue_altogether():
    shipped = table(card(), {("KEN", "2023"): 1.0}, mine=True)
    own = table(card(index="country", fallback=""), {("DEU",): 5.0}, own=True, mine=True)
    both = Resolver((own, shipped), {**shipped.cards, **own.cards}, lambda c: ())
    assert found(both, "DEU") == (5.0, "")
    assert isinstance(both(("grid", ("KEN",))), Gap)


# ---- another year, group, the world


@pytest.mark.parametrize(
    ("asked", "year", "lag"),
    [
        ("2021", "2020", 1),
        ("2022", "2020", 2),
        ("2023", "2024", 1),
        ("2030", "2024", 6),
        ("1995", "2010", 15),
    ],
)
def test_the_nearest_year_of_two_equally_near_the_earlier(asked, year, lag):
    rows = resolver(table(card(), {("KEN", y): float(y) for y in ("2010", "2020", "2024")}))
    assert found(rows, "KEN", asked) == (float(year), f"lag {lag}")


def test_another_year_of_a_row_that_means_any_country():
    rows = resolver(table(card(), {("", "2020"): 3.0, ("DEU", "2010"): 1.0}))
    assert found(rows, "KEN", "2021") == (3.0, "lag 1")
    assert found(rows, "DEU", "2021") == (1.0, "lag 11")


def test_groups_nearest_first_then_the_world():
    rows = {("M49-014", "2023"): 2.0, ("M49-202", "2023"): 3.0, ("WORLD", "2020"): 4.0}
    assert found(resolver(table(card(), rows)), "KEN", "2023") == (2.0, "group")
    assert found(resolver(table(card(), rows)), "DEU", "2023") == (4.0, "world lag 3")
    del rows["M49-014", "2023"]
    assert found(resolver(table(card(), rows)), "KEN", "2023") == (3.0, "group")


def test_a_near_group_of_another_year_before_a_far_one():
    rows = resolver(table(card(), {("M49-014", "2020"): 2.0, ("M49-202", "2023"): 3.0}))
    assert found(rows, "KEN", "2023") == (2.0, "group lag 3")


@pytest.mark.parametrize("fallback", ["", "year", "group"])
def test_a_card_falls_back_only_as_it_says(fallback):
    rows = resolver(table(card(fallback=fallback), {("WORLD", "2023"): 1.0}))
    assert isinstance(rows(("grid", ("KEN", "2023"))), Gap)


def test_the_order_of_the_card_decides():
    rows = {("KEN", "2000"): 1.0, ("M49-014", "2023"): 2.0}
    assert found(resolver(table(card(), rows)), "KEN", "2023") == (1.0, "lag 23")
    assert found(resolver(table(card(fallback="group year"), rows)), "KEN", "2023") == (2.0, "group")


def test_years_are_no_fallback_of_a_label():
    rows = resolver(table(card(), {("KEN", "2020"): 1.0}))
    assert isinstance(rows(("grid", ("KEN", ""))), Gap)


# ---- the spread of a proxy


def spreads(values: Mapping[tuple[str, str], float]) -> FactorTable:
    name = "proxy:grid"
    made = Card(name, "1", ("level", "lag"))
    rows = {
        i: Factor(made, i, 1.0, Shape("lognormal", "mean", gsd=gsd), f"spread {' '.join(i)}", "verified")
        for i, gsd in values.items()
    }
    return FactorTable({name: made}, {name: rows})


def sources(values: Mapping[tuple[str, str], float], level: str, lag: int) -> list[str]:
    where = {"year": "KEN", "group": "M49-014", "world": "WORLD"}[level]
    both = resolver(table(card(), {(where, str(2023 - lag)): 1.0}), spreads(values))
    answer = both(("grid", ("KEN", "2023")))
    assert isinstance(answer, Found) and answer.proxy is not None
    return [s.source for s in answer.proxy.spreads]


def test_the_spread_of_the_largest_lag_that_is_not_above():
    wide = {("year", "1"): 1.2, ("year", "3"): 1.3, ("year", "5"): 1.4}
    assert [sources(wide, "year", lag) for lag in (1, 2, 3, 4, 5, 40)] == [
        ["spread year 1"], ["spread year 1"], ["spread year 3"], ["spread year 3"], ["spread year 5"],
         ["spread year 5"],
    ]  # fmt: skip


def test_a_group_of_another_year_has_both_spreads():
    wide = {("year", "1"): 1.2, ("group", ""): 1.5, ("world", ""): 1.9}
    assert sources(wide, "group", 0) == ["spread group "]
    assert sources(wide, "group", 2) == ["spread group ", "spread year 1"]
    assert sources(wide, "world", 1) == ["spread world ", "spread year 1"]


def test_the_pedigree_matrix_is_the_floor():
    narrow = {("year", "1"): 1.0001}
    assert sources(narrow, "year", 1) == ["pedigree year lag 1"]
    assert sources({("year", "1"): pedigree("year", 1) + 1e-6}, "year", 1) == ["spread year 1"]


def test_the_pedigree_matrix_alone():
    assert sources({}, "year", 4) == ["pedigree year lag 4"]
    assert sources({}, "group", 0) == ["pedigree group lag 0"]


def test_the_pedigree_matrix():
    """Squared geometric standard deviations, version 2 of the matrix, combined in quadrature of their logarithms."""
    assert [round(pedigree("year", lag) ** 2, 4) for lag in (1, 3, 4, 6, 7, 10, 11)] == [
        1.03, 1.03, 1.10, 1.10, 1.19, 1.19, 1.29,
    ]  # fmt: skip
    assert pedigree("group", 0) ** 2 == pytest.approx(1.08)
    assert pedigree("world", 4) ** 2 == pytest.approx(math.exp(math.hypot(math.log(1.10), math.log(1.11))))


# ---- the draws of a proxy


def study(**changes: Any) -> dict[str, Any]:
    return {
        "title": "resolve",
        "entity": "E",
        "period": "2015..2030",
        "draws": 4000,
        "by": ["year", "country"],
        "method": {
            "id": "resolve",
            "activities": {"use": "kWh"},
            "terms": [{"id": "all", "activity": "use", "formula": "quantity * ef[country, year]",
             "books": {"flow": "CO2e"}}],
        },
        "cards": [{"factor": "ef", "unit": "kg CO2e/kWh", "index": "country year", "fallback": "year group "
        "world"}],
        "factors": [{"factor": "ef", "country": "KEN", "year": 2022, "value": 2, "unit": "kg CO2e/kWh",
         "source": "S"}],
        "activities": [{"activity": "use", "country": "KEN", "year": 2023, "quantity": 1, "unit": "kWh"}],
    } | changes  # fmt: skip


def drawn(year: str = "", **changes: Any) -> np.ndarray:
    return netprint.assess(study(**changes)).draws[year, "inventory", "climate change"]


SPREAD = {"factor": "proxy:ef", "level": "year", "lag": 1, "value": 1, "unit": "1", "gsd": 1.5, "statistic": "mean",
          "source": "spread lag 1"}  # fmt: skip


def test_a_proxy_is_the_factor_times_a_factor_of_mean_one():
    with_spread = drawn(factors=[*study()["factors"], SPREAD])
    assert with_spread[0] == 2
    n = len(with_spread) - 1
    assert with_spread[1:].mean() == pytest.approx(2, abs=4 * with_spread.std() / math.sqrt(n))
    s = math.log(1.5)
    z = draws.normal(1429, ["own", "proxy:ef", "spread lag 1", "KEN", "2023"], n)
    np.testing.assert_allclose(with_spread[1:], 2 * np.exp(s * z - s * s / 2), rtol=1e-12)


def test_the_identity_of_a_proxy_is_the_index_that_was_asked():
    """Two countries that stand on one value of the world differ; the same row asked twice is the same."""
    world = {
        "factor": "ef",
        "country": "WORLD",
        "year": 2023,
        "value": 2,
        "unit": "kg CO2e/kWh",
        "source": "S",
    }
    row = study()["activities"][0]
    kenya, again, uganda = (
        drawn(factors=[world], activities=[row | {"country": c, "quantity": q}])
        for c, q in (("KEN", 1), ("KEN", 3), ("UGA", 1))
    )
    np.testing.assert_allclose(again, 3 * kenya, rtol=1e-12)
    assert abs(np.corrcoef(kenya[1:], uganda[1:])[0, 1]) < 0.06


def test_the_series_of_a_proxy_by_the_card_of_its_spread():
    cards = [*study()["cards"], {"factor": "proxy:ef", "unit": "1", "index": "level lag", "correlation": 0.5}]
    rows = [study()["activities"][0] | {"year": y} for y in (2021, 2023)]
    result = netprint.assess(study(cards=cards, factors=[*study()["factors"], SPREAD], activities=rows))
    a, b = (np.log(result.draws[y, "inventory", "climate change"][1:]) for y in ("2021", "2023"))
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.5, abs=0.05)


def test_a_proxy_is_told():
    result = netprint.assess(study(factors=[*study()["factors"], SPREAD]))
    assert next(iter(result.lines))["factors"] == "ef[KEN, 2022] (proxy, lag 1)"
    assert result.total("inventory")["proxy_share"] == 1
    exact = netprint.assess(study(activities=[study()["activities"][0] | {"year": 2022}]))
    assert exact.total("inventory")["proxy_share"] == 0


# ---- factors given by formulas


def test_a_formula_factor_has_only_its_inputs_draws():
    factors = [
        {
            "factor": "ef",
            "country": "",
            "year": "",
            "value": "=zebra_rate[country] * share",
            "unit": "kg CO2e/kWh",
        },
        {"factor": "zebra_rate", "country": "KEN", "value": 4, "unit": "kg CO2e/kWh", "gsd": 1.3},
        {"factor": "share", "value": 0.5, "unit": "1"},
    ]
    by_formula = drawn(factors=factors)
    direct = study()["method"] | {
        "terms": [
            {
                "id": "all",
                "activity": "use",
                "formula": "quantity * zebra_rate[country] * 0.5",
                "books": {"flow": "CO2e"},
            }
        ]
    }
    np.testing.assert_allclose(by_formula, drawn(factors=factors, method=direct), rtol=1e-12)


def test_a_formula_may_be_the_first_that_is_known():
    factors = [
        {
            "factor": "ef",
            "country": "",
            "year": "",
            "value": "=first(better[country], 2 * worse)",
            "unit": "kg CO2e/kWh",
        },
        {"factor": "better", "country": "DEU", "value": 7, "unit": "kg CO2e/kWh"},
        {"factor": "worse", "value": 3, "unit": "kg CO2e/kWh"},
    ]
    rows = [study()["activities"][0] | {"country": c} for c in ("KEN", "DEU")]
    result = netprint.assess(study(factors=factors, activities=rows))
    assert {r["country"]: r["point"] for r in result.cells} == {"KEN": 6, "DEU": 7}


def test_a_formula_may_rest_on_another_year_of_itself():
    values = {("KEN", "2020"): 1.0} | {
        ("KEN", str(y)): "grid[country, year - 1] * 0.5" for y in range(2021, 2031)
    }
    answer = resolver(table(card(), values))(("grid", ("KEN", "2023")))
    assert isinstance(answer, Found) and answer.inputs == (("grid", ("KEN", "2022")),)
    factors = [
        {"factor": "ef", "country": "KEN", "year": 2020, "value": 8, "unit": "kg CO2e/kWh"},
        *({"factor": "ef", "country": "KEN", "year": y, "value": "=ef[country, year - 1] * 0.5",
         "unit": "kg CO2e/kWh"}
          for y in range(2021, 2024)),
    ]  # fmt: skip
    assert drawn(factors=factors)[0] == 1


@pytest.mark.parametrize(
    "values",
    [
        {("KEN", "2023"): "grid[country, year]"},
        {("KEN", "2023"): "grid[country, 2022]", ("KEN", "2022"): "grid[country, 2023]"},
        {("", ""): "grid[country, year - 1] * 0.98"},
    ],
    ids=["itself", "each other", "for ever"],
)
def test_a_factor_that_is_defined_by_itself_is_a_gap(values):
    answer = resolver(table(card(), values))(("grid", ("KEN", "2023")))
    assert isinstance(answer, Gap)
    assert "it is defined by itself" in str(answer)


def test_a_missing_input_is_named():
    values = {("", ""): "life_cycle[country] * 0.5"}
    life_cycle = Card("life_cycle", "kg CO2e/kWh", ("country",))
    shipped = FactorTable({}, table(card(), values).rows | table(life_cycle, {("DEU",): 1.0}).rows)
    answer = resolver(shipped)(("grid", ("KEN", "2023")))
    assert str(answer) == "grid[KEN, 2023]: it needs life_cycle[KEN]: the nearest known are life_cycle[DEU]"


def test_every_formula_of_the_catalogue_holds():
    problems = Problems()
    check_formulas(catalog(), {}, problems)
    assert [str(p) for p in problems] == []


WRONG = {
    "=zebra_rat[country]": "the factor `zebra_rat` is not known; expected an activity, factor, column, "
    "term or function that "
    "is known. Did you mean 'zebra_rate'?",
    "=zebra_rate[item]": "the index `item` is neither a column nor an axis; expected a column of the "
    "activity table, an axis of "
    "`over`, or a text in quotes. If it is a label, write it in quotes: 'item'.",
    "=zebra_rate[country] * hours": "the formula gives kg CO2e h/kWh; expected the unit of the factor, kg "
    "CO2e/kWh. "
    "Mend the formula or the unit.",
    "=quantity": "the name `quantity` is not known; expected an activity, factor, column, term or function "
    "that is known. "
    "Declare it, or add it to the factor table.",
    "=": "the formula is empty; expected numbers, names, factor[index], + - * / **, comparisons and the "
    "functions of the "
    "formula language. Write a formula, for example quantity * factor[item].",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_formula_factor_that_does_not_hold(text):
    factors = [
        {"factor": "ef", "country": "", "year": "", "value": text, "unit": "kg CO2e/kWh"},
        {"factor": "zebra_rate", "country": "KEN", "value": 4, "unit": "kg CO2e/kWh"},
        {"factor": "hours", "value": 4, "unit": "h"},
    ]
    with pytest.raises(InputError) as told:
        drawn(factors=factors)
    assert [str(p) for p in told.value.problems] == [f"factors:1, value: {WRONG[text]}"]


# ---- gaps


def test_a_gap_names_what_is_nearest():
    rows = resolver(
        table(card(fallback=""), {("KEN", "2023"): 1.0, ("KEN", "2021"): 1.0, ("DEU", "2019"): 1.0})
    )
    assert (
        str(rows(("grid", ("KEN", "2022"))))
        == "grid[KEN, 2022]: the nearest known are grid[KEN, 2023], grid[KEN, 2021]"
    )
    assert str(rows(("grid", ("UGA", "2023")))) == "grid[UGA, 2023]: the nearest known are grid[KEN, 2023]"
    assert isinstance(rows(("grid", ("", "2023"))), Gap)


def test_a_factor_that_no_table_has():
    assert str(resolver(table(card(), {}))(("grdi", ("KEN",)))) == "grdi[KEN]"


def test_an_alias_and_a_scenario():
    from netprint.formula.parse import parse

    rows = table(card("gwp_ar6", index="flow"), {("CH4",): 27.0})
    assert found(resolver(rows, aliases={"gwp": "gwp_ar6"}), "CH4", name="gwp") == (27.0, "")
    changed = resolver(
        table(card(), {("KEN", "2023"): 1.0}), mapped={"grid": parse("grid[country, year] * 0.5")}
    )
    answer = changed(("grid", ("KEN", "2023")))
    assert isinstance(answer, Found) and answer.inputs == (("grid", ("KEN", "2023")),)
    assert answer.factor.source == "scenario"


# ---- first(…) in a term


def test_first_takes_the_first_that_resolves_by_its_own_card():
    method = study()["method"] | {
        "terms": [{"id": "all", "activity": "use", "formula": "quantity * first(a[country, year], "
        "b[country, year])",
                   "books": {"flow": "CO2e"}}]
    }  # fmt: skip
    unit = "kg CO2e/kWh"
    result = netprint.assess(
        study(
            method=method,
            cards=[
                {
                    "factor": "a",
                    "unit": unit,
                    "index": "country year",
                    "kind": "residual mix",
                    "fallback": "year",
                },
                {
                    "factor": "b",
                    "unit": unit,
                    "index": "country year",
                    "kind": "average mix",
                    "fallback": "world",
                },
            ],
            factors=[
                {"factor": "a", "country": "DEU", "year": 2021, "value": 1, "unit": unit},
                {"factor": "b", "country": "DEU", "year": 2023, "value": 2, "unit": unit},
                {"factor": "b", "country": "WORLD", "year": 2023, "value": 3, "unit": unit},
            ],
            activities=[study()["activities"][0] | {"country": c} for c in ("DEU", "KEN")],
        )
    )
    assert {r["country"]: r["point"] for r in result.cells} == {"DEU": 1, "KEN": 3}
    assert "all: a is not known for [KEN, 2023]; b stands in." in result.warnings


def test_where_none_of_first_resolves_the_last_is_the_gap():
    method = study()["method"] | {
        "terms": [
            {
                "id": "all",
                "activity": "use",
                "formula": "quantity * first(a[country], b[country])",
                "books": {"flow": "CO2e"},
            }
        ]
    }
    rows = [{"factor": f, "country": "DEU", "value": 1, "unit": "kg CO2e/kWh"} for f in "ab"]
    result = netprint.assess(study(method=method, factors=rows, cards=[], gaps="report"))
    assert [(g["factor"], g["asked"], g["near"]) for g in result.gaps] == [("b", "KEN", "b[DEU]")]


def test_identities_of_the_catalogue_are_text():
    """What is keyed is plain text, so that JSON of an identity is the same on every machine."""
    for rows in catalog().rows.values():
        for index, factor in list(rows.items())[:50]:
            assert json.loads(json.dumps([*index, factor.source])) == [*index, factor.source]
            assert all(isinstance(part, str) for part in index)
