"""What a method states of rows and of indicators: rules, valid ranges, cross-checks, approaches."""

from __future__ import annotations

from typing import Any

import pytest

import netprint
from netprint.errors import InputError


def method(**more: Any) -> dict[str, Any]:
    return {
        "id": "m",
        "activities": {"power": "kWh", "lease": "kWh", "load": "kWh"},
        "terms": [
            {
                "id": "s2",
                "activity": "power",
                "formula": "quantity * grid_direct[country, year]",
                "books": {"flow": "CO2e", "scope": 2},
            },
            {
                "id": "c8",
                "activity": "lease",
                "formula": "quantity * grid_direct[country, year]",
                "books": {"flow": "CO2e", "scope": 3, "category": "category", "approach": "supplier-specific",
                          "quality": "data_quality"},
            },
        ],
        **more,
    }  # fmt: skip


def study(rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    rows = [{"country": "KEN", "year": 2022, "unit": "kWh", **r} for r in rows]
    return {
        "title": "t",
        "method": method(**more),
        "period": 2022,
        "by": ["year"],
        "activities": rows,
        "draws": 200,
    }


LEASED = {
    "id": "leased_once",
    "title": "a leased site in Scope 2 or in category 8",
    "either": "activity == 'power'",
    "or": "activity == 'lease'",
    "same": ["site", "year"],
    "cites": "GHG Protocol Scope 3 Standard, category 8",
}


def test_a_site_in_both_selectors_is_refused_with_both_rows() -> None:
    rows = [
        {"activity": "power", "site": "A", "quantity": 1},
        {"activity": "power", "site": "", "quantity": 1},
        {"activity": "lease", "site": "", "quantity": 1},
        {"activity": "lease", "site": "A", "quantity": 2},
        {"activity": "lease", "site": "B", "quantity": 3},
    ]
    with pytest.raises(InputError) as told:
        netprint.assess(study(rows, rules=[LEASED]))
    (problem,) = told.value.problems
    assert (problem.line, problem.field) == (4, "site")
    assert "site A, year 2022, which stands at rows:1 too" in problem.found
    assert "category 8" in problem.expected


def test_rows_that_agree_in_no_column_pass() -> None:
    rows = [
        {"activity": "power", "site": "A", "quantity": 1},
        {"activity": "lease", "site": "B", "quantity": 2},
    ]
    assert netprint.assess(study(rows, rules=[LEASED])).total("inventory")["point"] > 0


def test_selectors_join_by_and_and_or() -> None:
    both = "(activity == 'power') * (tier != 'billed') + (activity == 'load')"
    rows = [
        {"activity": "power", "site": "A", "quantity": 1, "tier": "billed"},
        {"activity": "load", "site": "B", "quantity": 1},
        {"activity": "lease", "site": "A", "quantity": 2},
        {"activity": "lease", "site": "B", "quantity": 3},
    ]
    with pytest.raises(InputError) as told:
        netprint.assess(study(rows, rules=[{**LEASED, "either": both}]))
    (problem,) = told.value.problems
    assert problem.line == 4 and "rows:2" in problem.found


def test_a_column_must_have_one_of_the_labels() -> None:
    rule = {"id": "named", "when": "activity == 'lease'", "column": "category", "labels": ["8 leased assets"]}
    rows = [
        {"activity": "lease", "quantity": 1, "category": "8 leased asets"},
        {"activity": "lease", "quantity": 1, "category": ""},
        {"activity": "power", "quantity": 1, "category": "what the method does not ask"},
    ]
    with pytest.raises(InputError) as told:
        netprint.assess(study(rows, rules=[rule]))
    first, second = told.value.problems
    assert "8 leased assets" in first.remedy and first.line == 1
    assert second.found == "no category" and second.line == 2


@pytest.mark.parametrize(
    "rule",
    [
        {"id": "r", "either": "quantity * 2", "or": "activity == 'lease'", "same": ["site"]},
        {"id": "r", "either": "activity == 'power'", "or": "activity == 'lease'"},
        {"id": "r", "when": "activity == 'power'"},
        {"id": "r", "when": "activity == 'power'", "column": "site", "lables": ["x"]},
    ],
)
def test_a_rule_that_is_none_is_refused_when_loaded(rule: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        netprint.assess(study([{"activity": "power", "quantity": 1}], rules=[rule]))


def with_indicator(**more: Any) -> dict[str, Any]:
    made = method()
    made["terms"].append({"id": "pue", "title": "PUE", "formula": "power / load", "unit": "1", **more})
    return made


ROWS = [{"activity": "power", "quantity": 100}, {"activity": "load", "quantity": 80}]


def test_an_indicator_outside_its_range_is_refused() -> None:
    made = study([{"activity": "power", "quantity": 60}, ROWS[1]])
    with pytest.raises(InputError) as told:
        netprint.assess({**made, "method": with_indicator(valid={"min": 1})})
    (problem,) = told.value.problems
    assert problem.found == "PUE is 0.75 (year 2022)" and problem.expected == "at least 1"
    assert "power / load" in problem.remedy


def test_an_indicator_inside_its_range_passes() -> None:
    result = netprint.assess({**study(ROWS), "method": with_indicator(valid={"min": 1, "max": 1.25})})
    assert result.indicators.one(indicator="pue")["point"] == pytest.approx(1.25)


def test_a_cross_check_that_differs_is_told() -> None:
    made = study([*ROWS, {"activity": "lease", "quantity": 70}])
    agreed = netprint.assess({**made, "method": with_indicator(equals="power / load")})
    assert not any("contradict" in w for w in agreed.warnings)
    differing = netprint.assess({**made, "method": with_indicator(equals="power / lease")})
    (told,) = (w for w in differing.warnings if "contradict" in w)
    assert "PUE (year 2022) is 1.25, and 1.42857 by `power / lease`" in told


def test_a_cross_check_in_another_unit_is_refused() -> None:
    with pytest.raises(InputError) as told:
        netprint.assess({**study(ROWS), "method": with_indicator(equals="power")})
    assert "pue.equals" in str(told.value)


def test_approach_and_quality_are_dimensions_and_suppliers_data_have_a_share() -> None:
    made = study([
        {"activity": "power", "quantity": 1},
        {"activity": "lease", "quantity": 2, "category": "8 leased assets", "data_quality": "good"},
    ])  # fmt: skip
    made["method"]["terms"].append({
        "id": "c1", "activity": "load", "formula": "quantity * grid_direct[country, year]",
        "books": {"flow": "CO2e", "scope": 3, "category": "1 goods", "approach": "spend-based"},
    })  # fmt: skip
    made["activities"].append({**made["activities"][0], "activity": "load", "quantity": 6})
    result = netprint.assess({**made, "by": ["approach"]})
    view = result.views["approach"]
    assert view.one(approach="supplier-specific", quality="good")["category"] == "8 leased assets"
    assert {r["approach"] for r in result.cells} == {"", "supplier-specific", "spend-based"}
    assert result.indicators.one(indicator="supplier_share")["point"] == pytest.approx(0.25)
