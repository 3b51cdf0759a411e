"""The one primitive, a collapsed row times an expression, and the axis: an L.1480 effect, a practice, a lifetime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import netprint
from netprint.errors import GapError, InputError

CLIMATE = "climate change"


def assessed(**changes: Any) -> Any:
    base = {"title": "primitive", "entity": "E", "country": "WORLD", "period": 2023, "draws": 1000}
    return netprint.assess(base | changes)


def use(quantity: float, **labels: Any) -> dict[str, Any]:
    return {"activity": "use", "quantity": quantity, "unit": "kWh", "year": 2023} | labels


def method(formula: str = "quantity * ef", **more: Any) -> dict[str, Any]:
    term = {
        "id": "caused",
        "activity": "use",
        "formula": formula,
        "books": {"flow": "CO2e"} | more.pop("books", {}),
    }
    return {"id": "m", "activities": {"use": "kWh"}, "terms": [term, *more.pop("terms", [])]} | more


UNCERTAIN = {"value": 1, "unit": "kg CO2e/kWh", "distribution": "lognormal", "statistic": "mean", "gsd": 1.3}
SAVING = {"value": 0.3, "unit": "1", "distribution": "normal", "p2_5": 0.1, "p97_5": 0.5}


# ---- ITU-T L.1480

EFFECT = method(
    "quantity * ef", books={"account": "account"}, totals={"net": ["first_order", "second_order"]}
)
REFERENCE = use(1000, node="travel", account="second_order", times="-1", uncertainty="10")
SOLUTION = use(700, node="travel", account="second_order", times="1", uncertainty="10")
OWN = use(60, node="solution", account="first_order", times="1", uncertainty="10")


def points(result: Any) -> dict[str, float]:
    return {row["account"]: row["point"] for row in result.views["all"]}


def test_the_net_effect_of_one_solution():
    result = assessed(method=EFFECT, activities=[REFERENCE, SOLUTION, OWN], parameters={"ef": UNCERTAIN})
    assert points(result) == pytest.approx({"first_order": 60, "second_order": -300, "net": -240})
    draws = {
        account: result.draws["", account, CLIMATE] for account in ("first_order", "second_order", "net")
    }
    np.testing.assert_allclose(draws["net"], draws["first_order"] + draws["second_order"], rtol=1e-12)


@pytest.mark.parametrize(
    ("rows", "accounts"),
    [
        ([REFERENCE, SOLUTION], {"second_order"}),
        ([OWN], {"first_order"}),
        ([REFERENCE, SOLUTION, OWN], {"first_order", "second_order", "net"}),
    ],
    ids=["no first order", "no second order", "both"],
)
def test_net_needs_both_orders(rows, accounts):
    result = assessed(method=EFFECT, activities=rows, parameters={"ef": UNCERTAIN})
    assert set(points(result)) == accounts


def test_a_misspelt_account_is_refused():
    wrong = [{**OWN, "account": "first_ordr"}, {**OWN, "account": "", "node": "x"}]
    with pytest.raises(InputError) as told:
        assessed(method=EFFECT, activities=wrong, parameters={"ef": UNCERTAIN})
    known = (
        "inventory, location, market, biogenic, non_kyoto, first_order, second_order, higher_order, "
        "removals, credits, "
        "adaptation"
    )
    assert str(told.value) == (
        "2 problems in the input; nothing was computed.\n"
        f"  activities, account: the account '', which the term caused books; expected {known}. "
        "Write one of these for each row.\n"
        f"  activities, account: the account 'first_ordr', which the term caused books; expected {known}. "
        "Did you mean 'first_order' or 'higher_order'?"
    )


# ---- a practice


def test_a_practice_is_the_same_row_times_minus_its_saving():
    """The factor, the saving and the error of the row have one draw in both rows."""
    shared = {"method": method(), "parameters": {"ef": UNCERTAIN, "saving": SAVING}}
    row = use(1000, uncertainty="20")
    before = assessed(activities=[row], **shared).draws["", "inventory", CLIMATE]
    after = assessed(activities=[row, {**row, "times": "-saving"}], **shared).draws["", "inventory", CLIMATE]
    effect = assessed(activities=[{**row, "times": "-saving"}], **shared).draws["", "inventory", CLIMATE]
    left = assessed(activities=[{**row, "times": "1 - saving"}], **shared).draws["", "inventory", CLIMATE]
    np.testing.assert_allclose(after, before + effect, rtol=1e-12)
    np.testing.assert_allclose(after, left, rtol=1e-12)
    saving = -effect / before
    assert saving[0] == pytest.approx(0.3)
    assert saving[1:].mean() == pytest.approx(0.3, abs=0.01)
    assert saving[1:].std() == pytest.approx(0.4 / (2 * 1.959964), rel=0.1)


def test_error_propagation_knows_that_both_rows_share_their_error():
    """Half of a row ± 10 % is ± 10 %, also when it stands as the row and minus half of it."""
    row = use(1000, uncertainty="10")
    rows = [row, {**row, "times": "-0.5"}]
    (found,) = assessed(
        method=method(), activities=rows, parameters={"ef": {"value": 1, "unit": "kg CO2e/kWh"}}
    ).propagation
    assert (found["point"], found["relative"]) == pytest.approx((500, 10))


def test_a_saving_by_item_and_adoption_by_year():
    result = assessed(
        method=method("quantity * ef_of[item]"),
        activities=[use(100, item="ran"), use(100, item="ran", times="-saving_of[item] * adopted[year]"), use(50,
         item="core")],
        factors=[
            {"factor": "ef_of", "unit": "kg CO2e/kWh", "item": "ran", "value": 2},
            {"factor": "ef_of", "unit": "kg CO2e/kWh", "item": "", "value": 3},
            {"factor": "saving_of", "unit": "1", "item": "ran", "value": 0.2},
            {"factor": "adopted", "unit": "1", "year": 2023, "value": 0.5},
        ],
    )  # fmt: skip
    assert result.total("inventory")["point"] == pytest.approx(200 * (1 - 0.2 * 0.5) + 150)


def test_a_missing_saving_is_a_gap():
    with pytest.raises(GapError) as told:
        assessed(
            method=method("quantity * ef_of[item]"),
            activities=[use(100, item="core", times="-saving_of[item]")],
            factors=[
                {"factor": "ef_of", "unit": "kg CO2e/kWh", "item": "core", "value": 2},
                {"factor": "saving_of", "unit": "1", "item": "cores", "value": 0.2},
            ],
        )
    assert str(told.value) == (
        "1 gap: no factor was found and none was assumed.\n"
        "  saving_of[core], needed by the term caused for 100 kWh; nearest known: saving_of[cores]\n"
        "Give the factor in the study's own factor table, or say `gaps: report` to go on without it."
    )


def test_sums_of_activities_know_the_multiplier():
    """What a cell term or an indicator sums is the row times its expression, not the bare row."""
    cell = {
        "id": "lost",
        "each": ["entity", "year"],
        "formula": "use * 0.1 * ef",
        "books": {"flow": "CO2e", "category": "losses"},
    }
    used = {"id": "used", "formula": "use", "unit": "kWh"}
    rows = [use(1000), use(1000, times="-saving"), use(500, times="2")]
    result = assessed(
        method=method(terms=[cell, used]),
        activities=rows,
        parameters={"ef": {"value": 3, "unit": "kg CO2e/kWh"}, "saving": SAVING},
        by=["category"],
    )  # fmt: skip
    assert [row["point"] for row in result.indicators] == pytest.approx([1700] * len(result.indicators))
    assert result.cells.one(category="losses")["point"] == pytest.approx(510)
    assert result.cells.one(category="")["point"] == pytest.approx(5100)


TIMES = {
    "-savng": "the name `savng` is not known; expected an activity, factor, column, term or function that "
    "is known. "
    "Did you mean 'saving'?",
    "saving[": "`saving[` is not a formula at column 7; expected numbers, names, factor[index], + - * / "
    "**, comparisons "
    "and the functions of the formula language. Check brackets, commas and operators.",
    "saving[item]": "`saving[item]` has an index of 1; expected `saving` without an index. The index "
    "follows the order of "
    "the factor's card.",
    "ef": "it is in kg CO2e/kWh; expected a number without unit. Divide it by what it is a share of.",
    "quantity / 2": "the name `quantity` is not known; expected an activity, factor, column, term or "
    "function that is "
    "known. Did you mean 'entity' or 'activity'?",
}


@pytest.mark.parametrize("text", TIMES)
def test_a_multiplier_that_does_not_hold(text):
    with pytest.raises(InputError) as told:
        assessed(
            method=method(), activities=[use(1, times=text)], parameters={"ef": UNCERTAIN, "saving": SAVING}
        )
    assert str(told.value) == (
        f"1 problem in the input; nothing was computed.\n  activities, times: `{text}`: {TIMES[text]}"
    )


def test_all_multipliers_that_do_not_hold_are_listed_at_once():
    with pytest.raises(InputError) as told:
        assessed(
            method=method(),
            activities=[use(1, times=text) for text in TIMES],
            parameters={"ef": UNCERTAIN, "saving": SAVING},
        )
    assert len(told.value.problems) == len(TIMES)


@pytest.mark.parametrize("terms", [[], [{"id": "used", "formula": "use", "unit": "kWh"}]])
def test_a_multiplier_that_divides_by_zero(terms):
    with pytest.raises(InputError) as told:
        assessed(
            method=method(terms=terms),
            activities=[use(1, times="1 / none")],
            parameters={"ef": UNCERTAIN, "none": {"value": 0, "unit": "1"}},
        )
    assert "`1 / none` divides by `none`, which is zero" in str(told.value)


# ---- an axis


def cohort(ages: str, draws: int = 100, **lifetime: Any) -> Any:
    """Ten phones of 5 kWh a year, shipped in 2023, on a grid that gets cleaner by 0.01 kg a year."""
    return assessed(
        method={
            "id": "cohort",
            "activities": {"sold": "piece"},
            "terms": [
                {
                    "id": "in_use",
                    "activity": "sold",
                    "formula": "quantity * energy * grid_of[country, year + age] * min(max(lifetime[item] "
                    "- age, 0), 1)",
                    "over": {"age": ages},
                    "books": {"flow": "CO2e", "year": "year + age"},
                }
            ],
        },
        period="2023..2060",
        draws=draws,
        by=["year"],
        activities=[{"activity": "sold", "item": "phone", "year": 2023, "quantity": 10, "unit": "piece"}],
        factors=[
            *(
                {
                    "factor": "grid_of",
                    "unit": "kg CO2e/kWh",
                    "country": "WORLD",
                    "year": 2023 + age,
                    "value": 0.5 - 0.01 * age,
                }
                for age in range(31)
            ),
            {"factor": "lifetime", "unit": "1", "item": "phone", **lifetime},
        ],
        parameters={"energy": {"value": 5, "unit": "kWh"}},
    )


def test_a_cohort_is_booked_in_the_years_of_its_use():
    result = cohort("0..30", value=3.5)
    found = {row["year"]: row["point"] for row in result.cells if row["point"]}
    assert found == pytest.approx({"2023": 25, "2024": 24.5, "2025": 24, "2026": 23.5 / 2})
    assert result.total("inventory")["point"] == pytest.approx(sum(found.values()))


def test_an_uncertain_lifetime_has_one_draw_for_the_whole_axis():
    """The weights of one draw are those of one lifetime, so the draws are those of the sum."""
    result = cohort("0..30", draws=10_000, value=4, distribution="uniform", min=3, max=5)
    total = result.draws["", "inventory", CLIMATE][1:]
    lowest, highest = 25 + 24.5 + 24, 25 + 24.5 + 24 + 23.5 + 23
    assert total.min() >= lowest and total.max() <= highest
    # F⁻¹ is piecewise linear in the lifetime; its quantile is the sum at that quantile of the lifetime.
    assert np.quantile(total, 0.25) == pytest.approx(lowest + 23.5 * 0.5, abs=0.8)
    assert np.quantile(total, 0.75) == pytest.approx(lowest + 23.5 + 23 * 0.5, abs=0.8)


def test_an_axis_that_is_too_short_is_refused():
    with pytest.raises(InputError) as told:
        cohort("0..3", value=4)
    share = (23.5 / (25 + 24.5 + 24 + 23.5)) * 100
    assert str(told.value) == (
        "1 problem in the input; nothing was computed.\n"
        f"  method, in_use.over.age: {share:.1f}% of the weight stands at the last point of the axis `age`; "
        "expected at most 0.1%, so that nothing is cut off. Make the axis longer."
    )


def test_an_axis_with_a_unit():
    """Ages in years against a lifetime in years."""
    result = assessed(
        method={
            "id": "m",
            "activities": {"sold": "piece"},
            "terms": [
                {"id": "on", "activity": "sold", "formula": "quantity * ef * min(max(lifetime - age, 0) / "
                "one, 1)",
                 "over": {"age": "0..30 year"}, "books": {"flow": "CO2e"}}
            ],
        },
        activities=[{"activity": "sold", "quantity": 1, "unit": "piece"}],
        parameters={"ef": {"value": 2, "unit": "kg CO2e"}, "lifetime": {"value": 5.5, "unit": "year"},
                    "one": {"value": 1, "unit": "year"}},
    )  # fmt: skip
    assert result.total("inventory")["point"] == pytest.approx(11)
