"""The laws of the design, on small studies that hypothesis makes up."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netprint
from netprint.errors import GapError, InputError

CLIMATE = "climate change"
SEEN = ("point", "mean", "median", "low", "high")

METHOD = {
    "id": "laws",
    "activities": {"electricity": "kWh", "fuel": "L"},
    "terms": [
        {"id": "s2", "activity": "electricity", "formula": "quantity * grid_of[country, year]",
         "books": {"flow": "CO2e", "scope": 2}},
        {"id": "s2_location", "activity": "electricity", "formula": "quantity * (grid_of[country, year] + "
        "upstream)",
         "books": {"flow": "CO2e", "account": "location", "scope": 2}},
        {"id": "s1", "activity": "fuel", "formula": "quantity * burnt[item, gas]", "over": {"gas": ["CO2",
         "CH4_fossil"]},
         "books": {"flow": "gas", "scope": 1}},
    ],
    "totals": {"location-based": ["inventory", "location"]},
}  # fmt: skip
FACTORS = [
    {"factor": "grid_of", "country": "KEN", "year": 2022, "value": 0.1, "unit": "kg CO2e/kWh", "gsd": 1.3},
    {"factor": "grid_of", "country": "KEN", "year": 2023, "value": 0.11, "unit": "kg CO2e/kWh", "gsd": 1.2},
    {
        "factor": "grid_of",
        "country": "DEU",
        "year": 2023,
        "value": 0.4,
        "unit": "kg CO2e/kWh",
        "p2_5": 0.3,
        "p97_5": 0.5,
    },
    {"factor": "burnt", "item": "diesel", "gas": "CO2", "value": 2.7, "unit": "kg/L", "gsd": 1.02},
    {"factor": "burnt", "item": "diesel", "gas": "CH4_fossil", "value": 1e-4, "unit": "kg/L", "gsd": 2},
    {"factor": "burnt", "item": "petrol", "gas": "", "value": 1.3, "unit": "kg/L"},
]
CARDS = [
    {
        "factor": "grid_of",
        "unit": "kg CO2e/kWh",
        "index": "country year",
        "fallback": "year",
        "correlation": 0.9,
    },
    {"factor": "burnt", "unit": "kg/L", "index": "item gas"},
]
STUDY = {
    "title": "laws",
    "method": METHOD,
    "period": "2021..2023",
    "by": ["year", "entity", "scope"],
    "draws": 200,
    "factors": FACTORS,
    "cards": CARDS,
    "parameters": {
        "upstream": {
            "value": 0.02,
            "unit": "kg CO2e/kWh",
            "distribution": "triangular",
            "min": 0.01,
            "max": 0.03,
        }
    },
}


def assessed(activities: Any, engine: str = "relational", **changes: Any) -> Any:
    return netprint.assess(STUDY | {"activities": activities} | changes, engine=engine)


def row(entity: str = "A", quantity: float = 100.0, **more: Any) -> dict[str, Any]:
    base = {
        "activity": "electricity", "entity": entity, "country": "KEN", "year": 2023, "item": "", "shop": "x",
        "quantity": quantity, "unit": "kWh", "uncertainty": None, "tier": "",
    }  # fmt: skip
    return base | more


amounts = st.floats(0, 1e6, allow_subnormal=False).map(lambda x: float(f"{x:.6g}"))
rows = st.one_of(
    st.builds(
        row,
        entity=st.sampled_from("AB"),
        shop=st.sampled_from("xyz"),
        quantity=amounts,
        country=st.sampled_from(["KEN", "DEU"]),
        year=st.sampled_from([2022, 2023]),
        unit=st.sampled_from(["kWh", "MWh"]),
        uncertainty=st.sampled_from([None, 2.0, 30.0]),
        tier=st.sampled_from(["metered", "estimated", ""]),
    ),
    st.builds(
        row,
        entity=st.sampled_from("AB"),
        activity=st.just("fuel"),
        quantity=amounts,
        unit=st.sampled_from(["L", "m3"]),
        item=st.sampled_from(["diesel", "petrol"]),
        uncertainty=st.sampled_from([None, 5.0]),
        tier=st.sampled_from(["metered", "modelled"]),
    ),
)
tables = st.lists(rows, min_size=1, max_size=8)
few = settings(max_examples=8)


def same(a: Any, b: Any) -> None:
    """Equal to 1e-12 of the sum of absolute values, and the collapsed tables bit for bit."""
    assert a.collapsed.hash == b.collapsed.hash
    assert a.draws.keys() == b.draws.keys()
    for key, draws in a.draws.items():
        np.testing.assert_allclose(draws, b.draws[key], rtol=1e-12, atol=1e-12 * np.abs(draws).max())
    for left, right in zip(a.cells, b.cells, strict=True):
        assert {k: v for k, v in left.items() if k not in SEEN} == {
            k: v for k, v in right.items() if k not in SEEN
        }
        for name in SEEN:
            assert left[name] == pytest.approx(right[name], rel=1e-11, abs=1e-9)


# ---- law 3: parts sum to the whole


@few
@given(tables)
def test_parts_sum_to_the_whole_in_point_mean_and_every_draw(activities):
    result = assessed(activities)
    for account in ("inventory", "location", "location-based"):
        held = [r for r in result.cells if r["account"] == account]
        if not held:
            continue
        for statistic in ("point", "mean"):
            whole = result.total(account)[statistic]
            assert sum(r[statistic] for r in held) == pytest.approx(whole, rel=1e-12, abs=1e-9)
            years = [r[statistic] for r in result.views["year"] if r["account"] == account]
            assert sum(years) == pytest.approx(whole, rel=1e-12, abs=1e-9)
        years_draws = [d for (year, a, _), d in result.draws.items() if year and a == account]
        whole_draws = result.draws["", account, CLIMATE]
        np.testing.assert_allclose(sum(years_draws), whole_draws, rtol=1e-12, atol=1e-9)


@few
@given(tables)
def test_the_trace_adds_up_to_its_cells(activities):
    result = assessed(activities)
    for cell in result.cells:
        if cell["account"] in ("inventory", "location"):
            at = {k: cell[k] for k in ("year", "entity", "scope", "account")}
            parts = [line["contribution"] for line in result.lines.where(**at)]
            assert sum(parts) == pytest.approx(cell["point"], rel=1e-12, abs=1e-9)


# ---- law 11: disjoint entities add up


@few
@given(tables)
def test_disjoint_entities_add_up_in_every_draw(activities):
    joined = assessed(activities)
    parts = [
        assessed(own) for name in "AB" if (own := [r for r in activities if r["entity"] == name])
    ]  # fmt: skip
    for key, draws in joined.draws.items():
        held = [p.draws[key] for p in parts if key in p.draws]
        np.testing.assert_allclose(sum(held), draws, rtol=1e-12, atol=1e-12 * np.abs(draws).max())


# ---- law 6: what changes nothing


@few
@given(tables, st.randoms(use_true_random=False))
def test_row_order_changes_nothing(activities, random):
    shuffled = list(activities)
    random.shuffle(shuffled)
    same(assessed(activities), assessed(shuffled))


@few
@given(tables, st.integers(0, 8))
def test_tables_however_the_rows_are_split_change_nothing(activities, cut):
    parts = [part for part in (activities[:cut], activities[cut:]) if part]
    import pandas as pd

    same(assessed(activities), assessed([pd.DataFrame(part) for part in parts]))


@few
@given(tables)
def test_the_engine_changes_nothing(activities):
    same(assessed(activities), assessed(activities, engine="dense"))


def test_chunking_changes_nothing():
    """More rows than one batch of either engine holds, in one table and in ten."""
    import pandas as pd

    n = 300_000
    random = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "activity": "electricity", "entity": random.choice(["A", "B"], n), "country": "KEN", "year": 2023,
            "quantity": random.lognormal(3, 4, n), "unit": "kWh", "uncertainty": random.choice([0.0, 2.0, 30.0], n),
            "tier": random.choice(["metered", "estimated"], n),
        }
    )  # fmt: skip
    whole = assessed(frame)
    same(whole, assessed(frame, engine="dense"))
    cuts = [0, *sorted(random.integers(1, n, 9).tolist()), n]
    same(whole, assessed([frame.iloc[a:b] for a, b in pairwise(cuts) if a < b]))


def test_order_of_magnitude_does_not_eat_small_rows():
    """Integers in place of floats: a million small rows beside a huge one are not lost, in whatever order."""
    import pandas as pd

    quantity = np.concatenate([[1e15], np.full(100_000, 0.01)])
    frame = pd.DataFrame(
        {
            "activity": "electricity",
            "entity": "A",
            "country": "KEN",
            "year": 2023,
            "quantity": quantity,
            "unit": "kWh",
        }
    )
    forward, backward = assessed(frame), assessed(frame.iloc[::-1])
    same(forward, backward)
    assert forward.collapsed.quantity.tolist() == [1e15 + 1000]


DEFAULTS = {
    "tier left empty is metered without a name": ({"tier": ""}, {"tier": "metered"}),
    "a period of one year states the year": ({"year": 2023}, {"year": "2023"}),
    "a unit that is the activity's own": (
        {"quantity": 100.0, "unit": "kWh"},
        {"quantity": 0.1, "unit": "MWh"},
    ),
    "no uncertainty is certainty": ({"uncertainty": None}, {"uncertainty": 0.0}),
    "a country by its name": ({"country": "KEN"}, {"country": "Kenya"}),
    "a year as a whole float": ({"year": 2023}, {"year": 2023.0}),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_stating_a_default_in_a_row_changes_no_result(name):
    before, after = (assessed([row(**labels), row(entity="B", country="DEU")]) for labels in DEFAULTS[name])
    for key, draws in before.draws.items():
        np.testing.assert_allclose(after.draws[key], draws, rtol=1e-12)
    assert before.collapsed.hash == after.collapsed.hash


def test_stating_a_default_of_the_study_or_in_a_column_is_one():
    bare = {"activity": "electricity", "quantity": 100, "unit": "kWh"}
    period = {"period": 2023}
    by_study = assessed([bare], entity="A", country="KEN", **period)
    by_row = assessed([bare | {"entity": "A", "country": "KEN", "year": 2023}], **period)
    both = assessed([bare | {"entity": "A", "country": "", "year": ""}], entity="B", country="KEN", **period)
    same(by_study, by_row)
    same(by_study, both)


@pytest.mark.parametrize(
    ("factor", "stated"),
    [
        ({"value": 0.1}, {"statistic": "mean", "distribution": "exact"}),
        ({"value": 0.1, "gsd": 1.2}, {"distribution": "lognormal", "statistic": "median"}),
        ({"value": 0.1, "p2_5": 0.05, "p97_5": 0.15}, {"distribution": "normal", "statistic": "mean"}),
        ({"value": 0.1, "min": 0, "max": 0.3, "distribution": "triangular"}, {"statistic": "mean"}),
        ({"value": 1, "points": "0.5 1.0 1.5"}, {"distribution": "empirical", "statistic": "mean"}),
        ({"value": 0.1}, {"status": "provisional", "note": "a note", "page": "7"}),
    ],
)
def test_stating_a_default_of_a_factor_changes_nothing(factor, stated):
    def with_factor(more: dict[str, Any]) -> Any:
        given_row = {
            "factor": "grid_of",
            "country": "KEN",
            "year": 2023,
            "unit": "kg CO2e/kWh",
            "source": "S",
        }
        return assessed([row()], factors=[given_row | factor | more])

    same(with_factor({}), with_factor(stated))


def test_stating_the_defaults_of_a_study_changes_nothing():
    default = {"kind": "inventory", "seed": 1429, "gaps": "error", "gwp": "AR6"}
    same(assessed([row()]), assessed([row()], **default))


def test_the_seed_and_the_number_of_draws():
    base, other, longer = assessed([row()]), assessed([row()], seed=1430), assessed([row()], draws=400)
    key = ("", "inventory", CLIMATE)
    assert not np.array_equal(base.draws[key][1:], other.draws[key][1:])
    assert base.draws[key][0] == other.draws[key][0]
    np.testing.assert_array_equal(longer.draws[key][:201], base.draws[key])


def test_a_row_of_zero_and_a_row_of_another_account_change_no_other_draw():
    base = assessed([row()])
    more = assessed(
        [row(), row(quantity=0), row(entity="B", activity="fuel", unit="L", item="petrol", quantity=5)]
    )
    key = ("2023", "location", CLIMATE)
    np.testing.assert_allclose(more.draws[key], base.draws[key], rtol=1e-12)


# ---- linearity, shared draws


@few
@given(tables, st.sampled_from([0.5, 2.0, 1024.0]))
def test_scaling_the_quantities_scales_the_result(activities, scale):
    base, scaled = (
        assessed(activities),
        assessed([r | {"quantity": r["quantity"] * scale} for r in activities]),
    )
    for key, draws in base.draws.items():
        np.testing.assert_allclose(
            scaled.draws[key], draws * scale, rtol=1e-8, atol=1e-9 * np.abs(draws).max() + 1e-9
        )


def test_a_factor_used_twice_has_one_draw():
    """A − A is zero in every draw: the factor, the row's error and a shared error cancel."""
    for tier in ("metered", "estimated"):
        here = row(uncertainty=30.0, tier=tier, times="")
        result = assessed([here, here | {"times": "-1"}])
        alone = np.abs(assessed([here]).draws["", "inventory", CLIMATE]).max()
        assert np.abs(result.draws["", "inventory", CLIMATE]).max() <= 1e-12 * alone


def test_years_of_a_factor_share_its_series():
    """ρ of the card: what two years of one factor have in common."""
    activities = [row(year=2022), row(year=2023)]
    for rho in (0.0, 0.5, 1.0):
        cards = [CARDS[0] | {"correlation": rho}, CARDS[1]]
        result = assessed(activities, cards=cards, draws=4000)
        a, b = (np.log(result.draws[year, "inventory", CLIMATE][1:]) for year in ("2022", "2023"))
        assert np.corrcoef(a, b)[0, 1] == pytest.approx(rho, abs=0.04)


# ---- law 2: absence is a state, not zero

UNKNOWN = row(activity="fuel", unit="L", item="kerosine")


def test_a_gap_is_an_error_where_the_study_says_so():
    with pytest.raises(GapError) as told:
        assessed([row(), UNKNOWN])
    assert str(told.value) == (
        "2 gaps: no factor was found and none was assumed.\n"
        "  burnt[kerosine, CO2], needed by the term s1 for 100 L; nearest known: burnt[diesel, CO2]\n"
        "  burnt[kerosine, CH4_fossil], needed by the term s1 for 100 L; nearest known: burnt[diesel, "
        "CH4_fossil]\n"
        "Give the factor in the study's own factor table, or say `gaps: report` to go on without it."
    )


def test_a_gap_that_is_reported_is_no_zero():
    result = assessed([row(), UNKNOWN], gaps="report")
    scope_1 = result.cells.one(scope="1", account="inventory")
    assert [scope_1[s] for s in SEEN] == [None] * 5
    assert scope_1["coverage"] == 0
    scope_2 = result.cells.one(scope="2", account="inventory")
    assert scope_2["coverage"] == 1 and scope_2["point"] == pytest.approx(11)
    total = result.total("inventory")
    assert total["coverage"] == pytest.approx(1 / 2) and total["point"] == pytest.approx(11)
    assert [(g["state"], g["factor"], g["asked"], g["quantity"]) for g in result.gaps] == [
        ("NE", "burnt", "kerosine, CO2", 100),
        ("NE", "burnt", "kerosine, CH4_fossil", 100),
    ]
    assert (
        "inventory: factors were found for 50.0% of the records; the rest is a gap, not zero."
        in result.warnings
    )


def test_a_stated_zero_counts_as_covered():
    zero = [*FACTORS, {"factor": "burnt", "item": "kerosine", "gas": "", "value": 0, "unit": "kg/L"}]
    result = assessed([UNKNOWN], factors=zero)
    total = result.total("inventory")
    assert (total["point"], total["coverage"]) == (0, 1)


def test_no_row_is_no_zero():
    """An account that nothing books is absent, and no total is made of it."""
    result = assessed([UNKNOWN | {"item": "petrol"}])
    assert {r["account"] for r in result.views["all"]} == {"inventory", "location-based"}
    with pytest.raises(KeyError):
        result.total("location")


# ---- law 4: accounts are never added to each other but by totals


@few
@given(tables)
def test_accounts_are_added_by_totals_only(activities):
    with_total, without = assessed(activities), assessed(activities, method={**METHOD, "totals": {}})
    found = {k: v for k, v in with_total.draws.items() if k[1] != "location-based"}
    assert found.keys() == without.draws.keys()
    for (year, account, impact), draws in with_total.draws.items():
        if account == "location-based":
            parts = [
                without.draws[k]
                for a in ("inventory", "location")
                if (k := (year, a, impact)) in without.draws
            ]
            np.testing.assert_allclose(sum(parts), draws, rtol=1e-12, atol=1e-9)


# ---- `by`


@few
@given(tables)
def test_a_column_added_to_by_changes_no_total(activities):
    coarse, fine = (
        assessed(activities, by=["year"]),
        assessed(activities, by=["year", "tier", "country", "item"]),
    )
    for account in {r["account"] for r in coarse.views["all"]}:
        assert fine.total(account)["point"] == pytest.approx(
            coarse.total(account)["point"], rel=1e-12, abs=1e-9
        )


def test_a_column_of_by_that_is_in_the_key_already_changes_no_draw():
    activities = [row(uncertainty=5.0), row(entity="B", country="DEU", uncertainty=5.0)]
    coarse, fine = assessed(activities, by=[]), assessed(activities, by=["entity", "country", "scope"])
    for key, draws in coarse.draws.items():
        np.testing.assert_allclose(fine.draws[key], draws, rtol=1e-12)


# ---- Monte Carlo against closed forms


def closed(
    activities: list[dict[str, Any]], formula: str, parameters: dict[str, Any], n: int = 20_000
) -> Any:
    method = {
        "id": "closed",
        "activities": {"use": "kWh"},
        "terms": [{"id": "all", "activity": "use", "formula": formula, "books": {"flow": "CO2e"}}],
    }
    given_rows = [
        {"activity": "use", "entity": "A", "country": "WORLD", "year": 2023, "unit": "kWh", **a}
        for a in activities
    ]
    return netprint.assess(
        {
            "title": "closed",
            "method": method,
            "period": 2023,
            "activities": given_rows,
            "parameters": parameters,
            "draws": n,
        }
    )


def normal(value: float, percent: float) -> dict[str, Any]:
    half = value * percent / 100
    return {
        "value": value,
        "unit": "kg CO2e/kWh",
        "distribution": "normal",
        "p2_5": value - half,
        "p97_5": value + half,
    }


def test_a_sum_of_normals():
    """Independent normals: standard deviations add in quadrature."""
    parameters = {"a": normal(3, 20), "b": normal(5, 10)}
    total = closed([{"quantity": 10}], "quantity * (a + b)", parameters).total("inventory")
    sd = 10 * math.hypot(3 * 0.2, 5 * 0.1) / 1.959964
    assert total["mean"] == pytest.approx(80, abs=4 * sd / math.sqrt(20_000))
    assert (total["high"] - total["low"]) / 2 == pytest.approx(1.959964 * sd, rel=0.03)


def test_a_product_of_lognormals():
    """Logarithms add: the gsd of a product of independent lognormals."""
    parameters = {
        "a": {"value": 3, "unit": "kg CO2e/kWh", "gsd": 1.2},
        "b": {"value": 2, "unit": "1", "gsd": 1.4},
    }
    total = closed([{"quantity": 10}], "quantity * a * b", parameters).total("inventory")
    s = math.hypot(math.log(1.2), math.log(1.4))
    assert total["point"] == pytest.approx(60)
    assert total["median"] == pytest.approx(60, rel=0.02)
    assert total["mean"] == pytest.approx(60 * math.exp(s * s / 2), rel=0.02)
    assert total["low"] == pytest.approx(60 * math.exp(-1.959964 * s), rel=0.03)
    assert total["high"] == pytest.approx(60 * math.exp(1.959964 * s), rel=0.03)


def test_errors_that_rows_share_add_and_others_do_not():
    """Four rows of ± 10 %: independent they make ± 5 %, estimated by one hand ± 10 %."""
    parameters = {"ef": {"value": 1, "unit": "kg CO2e/kWh"}}
    for tier, half in (("metered", 0.05), ("estimated", 0.10)):
        rows_ = [{"quantity": 100, "uncertainty": 10, "tier": tier} for _ in range(4)]
        total = closed(rows_, "quantity * ef", parameters).total("inventory")
        assert (total["high"] - total["low"]) / 2 / total["mean"] == pytest.approx(half, rel=0.03)


def test_both_approaches_of_the_ipcc():
    """IPCC (2006), Vol. 1, ch. 3: approach 1 stands beside approach 2, from the same model."""
    result = closed([{"quantity": 100, "uncertainty": 5}], "quantity * ef", {"ef": normal(1, 10)})
    (first,) = result.propagation
    assert first["relative"] == pytest.approx(math.hypot(5, 10), abs=1e-6)
    total = result.total("inventory")
    assert (total["high"] - total["low"]) / 2 == pytest.approx(
        first["point"] * first["relative"] / 100, rel=0.03
    )


def test_error_propagation_of_a_sum():
    """Eq. 3.2: 100 ± 11.18 % and 50 ± 20 % make 150 ± 10.0 %."""
    activities = [
        {"quantity": 100, "uncertainty": 5, "item": "a"},
        {"quantity": 50, "uncertainty": 20, "item": "b"},
    ]
    (found,) = closed(
        activities, "quantity * where(item == 'a', ef, one)", {"ef": normal(1, 10), "one": normal(1, 0.0001)}
    ).propagation
    assert found["relative"] == pytest.approx(10.0, abs=0.01)


def test_a_driver_moves_what_it_moves_alone():
    result = closed([{"quantity": 100}], "quantity * (a + b)", {"a": normal(3, 20), "b": normal(5, 10)})
    found = {d["input"]: (d["low"], d["high"]) for d in result.drivers}
    assert found["a"] == pytest.approx((800 - 60, 800 + 60))
    assert found["b"] == pytest.approx((800 - 50, 800 + 50))


# ---- what cannot be


def test_a_result_that_is_no_number_is_an_error():
    with pytest.raises(InputError) as told:
        closed(
            [{"quantity": 1}],
            "quantity * ef * log(none)",
            {"ef": normal(1, 10), "none": {"value": 0, "unit": "1"}},
        )
    assert str(told.value) == (
        "1 problem in the input; nothing was computed.\n"
        "  method, all.formula: `quantity * ef * log(none)` is not a finite number at every row; expected "
        "a finite number in "
        "every draw. Check logarithms, powers and the ranges of the factors."
    )


@pytest.mark.parametrize("engine", ["relational", "dense"])
@pytest.mark.parametrize("quantity", [1e14, 1e18, 1e35])
def test_quantities_too_large_to_be_summed_exactly(quantity, engine):
    with pytest.raises(InputError) as told:
        assessed([row(quantity=quantity, uncertainty=50.0)], engine)
    assert str(told.value) == (
        "1 problem in the input; nothing was computed.\n"
        "  activities, quantity: the quantities of an activity are too large to be summed exactly; "
        "expected sums below 9e18, and standard deviations (quantity times uncertainty) below 3e12, of the "
        "activity's own unit. "
        "Declare the activity in a larger unit under `activities:` of the method, and mend quantities that "
        "are too large."
    )


def test_the_electricity_of_the_world_is_not_too_large():
    result = assessed([row(quantity=30_000.0, unit="TWh", uncertainty=10.0)])
    assert result.total("inventory")["point"] == pytest.approx(30e12 * 0.11)


# ---- what a review of the first release found


def test_many_inputs_are_all_propagated():
    """4 000 sites with independent errors: approach 1 and Monte Carlo agree, nothing is left out."""
    rows = [row(site=f"s{i}", uncertainty=30) for i in range(1200)]
    result = assessed(rows, by=["year", "site"], draws=2000)
    exact = result.propagation.one(account="inventory", year="2023")
    drawn = result.total("inventory", 2023)
    assert exact["high"] - exact["low"] == pytest.approx(drawn["high"] - drawn["low"], rel=0.08)


def test_records_outside_the_period_are_told():
    result = assessed([row(), row(year=2030)], period=2023)
    assert "1 records lie outside the period and are not assessed (years: 2030)." in result.warnings


def test_the_unit_of_an_activity_changes_no_interval():
    """The same data in kWh and in GWh (errors are kept to about a millionth of the activity's unit)."""
    spans = []
    for unit in ("kWh", "GWh"):
        method = {
            "id": "m",
            "activities": {"w": unit},
            "terms": [
                {
                    "id": "t",
                    "activity": "w",
                    "formula": "quantity * ef",
                    "books": {"flow": "CO2e"},
                    "status": "verified",
                }
            ],
        }
        study = {
            "title": "s",
            "method": method,
            "period": 2023,
            "draws": 2000,
            "parameters": {"ef": {"value": 1, "unit": "kg CO2e/kWh"}},
        }
        rows = [
            {"activity": "w", "year": 2023, "quantity": 10_000, "unit": "MWh", "uncertainty": 1}
            for _ in range(4)
        ]
        spans.append(netprint.assess({**study, "activities": rows}).total("inventory", 2023))
    for name in ("point", "low", "high"):
        assert spans[1][name] == pytest.approx(spans[0][name], rel=1e-6)


def test_many_labels_do_not_overflow_the_dense_engine():
    rows = [row(site=f"s{i}", item=f"i{i}", supplier=f"u{i}", network=f"n{i}") for i in range(3000)]
    by = ["year", "site", "item", "supplier", "network"]
    assert (
        assessed(rows, by=by, draws=100).collapsed.hash
        == assessed(rows, by=by, draws=100, engine="dense").collapsed.hash
    )
