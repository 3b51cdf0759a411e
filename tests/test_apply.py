"""apply: practices on an inventory, by the one engine, on shared draws, in any order."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import netprint
from netprint.apply import apply
from netprint.apply.account import recovery
from netprint.apply.choices import estimate
from netprint.apply.choosing import merit, pareto, per_tonne, rank_probabilities, sets, whole_order
from netprint.apply.information import information
from netprint.apply.interaction import bands, saved, shapley, shapley_of_product, shapley_of_stream
from netprint.cli import main
from netprint.errors import UsageError
from netprint.report.macc import curve
from netprint.report.practices import page

WORDS = dict.fromkeys(("en", "fr", "es", "ar", "zh", "ru"), "A practice")
STUDY = {
    "title": "Savanna", "kind": "inventory", "method": "itu-t-l1420", "period": "2023", "draws": 400,
    "activities": [
        {"activity": "electricity", "country": "KEN", "year": 2023, "network": "mobile", "quantity": 1000,
         "unit": "MWh", "uncertainty": 5, "tier": "metered"},
        {"activity": "electricity", "country": "UGA", "year": 2023, "network": "fixed", "quantity": 400, "unit": "MWh",
         "uncertainty": 20, "tier": "estimated"},
        {"activity": "fuel", "country": "KEN", "year": 2023, "item": "diesel", "quantity": 20000, "unit": "L"},
        {"activity": "sites", "country": "KEN", "year": 2023, "quantity": 50, "unit": "site"},
    ],
}  # fmt: skip
ALL = "(activity == 'electricity')"
MOBILE = "(activity == 'electricity') * (network == 'mobile')"


@pytest.fixture
def made(tmp_path):
    """Write a practice with some keys changed; its path."""

    def write(name: str, **changed: object) -> str:
        data: dict[str, object] = {
            "id": name, "title": WORDS, "summary": WORDS, "domain": "mobile network", "order": "first",
            "actors": ["operator"], "status": "draft", "maturity": "proven", "applies": ALL, "stream": "electricity",
            "share": {"value": 1}, "effect": {"kind": "share", "unit": "1", "what": "share saved"},
            "evidence": [{"value": 0.2, "low": 0.1, "high": 0.3, "what": "x", "grade": "measured", "source": "own"}],
            "own_footprint": [], "own_footprint_reason": "nothing", "rebound": {"value": 0},
            "persistence": {"years": 10}, "cost": {"unknown": "not published"}, "sources": [],
        }  # fmt: skip
        data |= changed
        path = tmp_path / f"{name}.yaml"
        path.write_text(json.dumps({k: v for k, v in data.items() if v is not None}), encoding="utf-8")
        return str(path)

    return write


def rows(found) -> dict[str, dict]:
    return {r["id"]: r for r in found.practices}


# -- identities -------------------------------------------------------------------------------------------------------


def test_one_practice_avoids_rows_times_adoption_times_share_times_effect(made):
    base = netprint.assess(STUDY).total("location-based", 2023)["point"] / 1000
    electricity = netprint.assess({**STUDY, "activities": STUDY["activities"][:2]}).total(
        "location-based", 2023
    )["point"]
    found = apply(made("a", share={"value": 0.5}), STUDY, adoption=0.4, effects=0.3)
    assert found.baseline["point"] == pytest.approx(base)
    assert found.total["avoided"]["point"] == pytest.approx(electricity / 1000 * 0.5 * 0.4 * 0.3)
    assert found.total["after"]["point"] == pytest.approx(base - found.total["avoided"]["point"])


def test_it_is_the_engine_with_the_rows_times_what_is_kept(made):
    """The same as a sensitivity of the study that multiplies the rows, in every draw."""
    found = apply(made("a"), STUDY, effects=0.25, adoption=0.5)
    changed = [
        {**r, "times": "1 - 0.5 * 0.25" if r["activity"] == "electricity" else ""}
        for r in STUDY["activities"]
    ]
    plain, after = netprint.assess(STUDY), netprint.assess({**STUDY, "activities": changed})
    key = ("2023", "location-based", "climate change")
    assert found.draws["a"] == pytest.approx(plain.draws[key] - after.draws[key], rel=1e-9)


def test_one_stream_multiplies_and_streams_add(made):
    a, b = made("a", share={"value": 0.5}), made("b", share={"value": 0.5})
    c = made("c", share={"value": 0.4}, stream="cooling")
    base = apply(a, STUDY, effects=1, shares=1).total["avoided"]["point"]
    found = apply([a, b, c], STUDY, effects={"a": 0.3, "b": 0.5, "c": 0.25})
    assert found.total["avoided"]["point"] == pytest.approx(base * (0.5 * (1 - 0.7 * 0.5) + 0.4 * 0.25))
    assert found.total["interaction"]["point"] == pytest.approx(base * 0.5 * 0.3 * 0.5)


def test_no_order_changes_anything(made):
    files = [made("a"), made("b", applies=MOBILE), made("c", share={"value": 0.3})]
    found = [apply(list(order), STUDY).as_dict() for order in permutations(files)]
    assert all(f == found[0] for f in found)


def test_shapley_shares_add_up_to_the_whole_in_every_draw(made):
    files = [made("a"), made("b", applies=MOBILE), made("c", share={"value": 0.3, "low": 0.1, "high": 0.6})]
    found = apply(files, STUDY)
    whole = np.array([found.total["avoided"][k] for k in ("point", "mean")])
    parts = np.array([[r["avoided"][k] for k in ("point", "mean")] for r in found.practices])
    assert parts.sum(axis=0) == pytest.approx(whole)
    net = sum(found.draws.values())
    after = np.array([found.total["after"]["point"], found.baseline["point"] - net[0] / 1000])
    assert after[0] == pytest.approx(after[1])


def test_a_market_based_total_is_recomputed_by_the_engine(made, tmp_path):
    """Certificates cover more of what is left: a saving avoids the residual mix first, and no line of it is linear."""
    instruments = tmp_path / "instruments.csv"
    instruments.write_text(
        "type,market,vintage,quantity,unit,factor\nI-REC,KEN,2023,900,MWh,0\n", encoding="utf-8"
    )
    study = {
        **STUDY,
        "instruments": instruments.name,
        "root": str(tmp_path),
        "activities": STUDY["activities"][:1],
    }
    found = apply([made("a"), made("b")], study, effects=0.1, total="market-based")
    alone = apply(made("c"), study, effects=0.1, total="market-based").total["avoided"]["point"]
    assert alone == pytest.approx(found.baseline["point"])  # 1000 - 900 certificates, 100 saved
    assert found.total["avoided"]["point"] == pytest.approx(
        found.baseline["point"]
    )  # 190 saved: no more than all
    parts = [r["avoided"]["point"] for r in found.practices]
    assert sum(parts) == pytest.approx(found.total["avoided"]["point"]) and parts[0] == pytest.approx(
        parts[1]
    )


@given(st.lists(st.tuples(st.floats(-0.5, 1), st.floats(0, 1)), min_size=1, max_size=5))
def test_the_closed_form_is_the_shapley_value(pairs):
    x, share = np.array(pairs).T[..., None]

    def value(chosen):
        inside = sorted(chosen)
        return saved(share[inside], x[inside]) if inside else np.zeros(1)

    exact, _ = shapley(value, len(x), 1)
    closed = shapley_of_stream(share, x)
    assert closed == pytest.approx(np.array(exact), abs=1e-12)
    assert closed.sum(axis=0) == pytest.approx(saved(share, x), abs=1e-12)


def test_many_practices_have_exact_shares_too():
    x = np.random.default_rng(1).uniform(0, 0.4, (30, 50))
    assert shapley_of_product(x).sum(axis=0) == pytest.approx(1 - np.prod(1 - x, axis=0), abs=1e-13)


def test_sampled_orders_add_up_and_are_near():
    x = np.random.default_rng(2).uniform(0, 0.4, (9, 20))
    found, exact = shapley(lambda s: 1 - np.prod(1 - x[sorted(s)], axis=0), 9, 1429)
    assert not exact
    assert np.sum(found, axis=0) == pytest.approx(1 - np.prod(1 - x, axis=0), abs=1e-12)
    assert np.array(found) == pytest.approx(shapley_of_product(x), abs=0.03)


def test_slices_of_one_size_are_one_band_and_others_lie_one_over_the_other():
    assert len(bands(np.full((3, 4), 0.7))) == 1
    share, x = np.array([[0.5], [0.2]]), np.array([[0.5], [1.0]])
    assert saved(share, x)[0] == pytest.approx(0.3 * 0.5 + 0.2 * 1.0)


# -- what it adds, brings back, costs ---------------------------------------------------------------------------------


def test_own_footprint_and_rebound_are_taken_off_and_shown_apart(made):
    own = [
        {"activity": "fuel", "item": "diesel", "quantity": 10, "unit": "L", "per": "sites", "when": "yearly"}
    ]
    found = apply(made("a", own_footprint=own, rebound={"value": 0.1}), STUDY, effects=0.2, adoption=0.5)
    row = rows(found)["a"]
    diesel = netprint.assess({**STUDY, "activities": [{**STUDY["activities"][2], "quantity": 10 * 50 * 0.5}]})
    assert row["own"]["point"] == pytest.approx(diesel.total("location-based", 2023)["point"] / 1000)
    assert row["rebound"]["point"] == pytest.approx(0.1 * row["avoided"]["point"])
    assert row["net"]["point"] == pytest.approx(row["avoided"]["point"] * 0.9 - row["own"]["point"])
    assert row["lifetime"]["point"] == pytest.approx(10 * row["net"]["point"])


def test_what_is_spent_once_is_spread_over_the_years_it_lasts(made):
    def own(when):
        row = {
            "activity": "fuel",
            "item": "diesel",
            "quantity": 10,
            "unit": "L",
            "per": "sites",
            "when": when,
        }
        return rows(apply(made("a", own_footprint=[row]), STUDY))["a"]["own"]["point"]

    assert own("once") == pytest.approx(own("yearly") / 10)


def test_an_own_footprint_without_factor_is_a_gap_and_no_zero(made):
    own = [{"activity": "ict_goods", "item": "no such thing", "quantity": 1, "unit": "unit", "per": "sites"}]
    found = apply(made("a", own_footprint=own), STUDY)
    assert rows(found)["a"]["own"] is None
    assert any("no such thing" in w for w in found.warnings)
    assert "without that of a, which is not known" in str(found)


def test_an_absolute_effect_is_per_driver(made):
    effect = {"kind": "absolute", "unit": "MWh/site", "driver": "sites", "what": "saved a site and year"}
    found = apply(made("a", effect=effect, applies=MOBILE), STUDY, effects=2, adoption=0.5)
    assert rows(found)["a"]["saved"][0]["point"] == pytest.approx(50 * 2000 * 0.5)  # kWh
    with pytest.raises(UsageError, match="more than the share"):
        apply(made("a", effect=effect, applies=MOBILE), STUDY, effects=50)


def test_money(made):
    cost = {"investment": {"value": 1000, "unit": "USD2022", "per": "sites"},
            "yearly": {"value": 0.01, "unit": "USD2022", "per": "saved"}}  # fmt: skip
    found = apply(
        made("a", cost=cost, applies=MOBILE), STUDY, effects=0.1, prices={"electricity": "0.12 USD/kWh"}
    )
    row = rows(found)["a"]
    annuity = 50_000 * 0.05 / (1 - 1.05**-10)
    assert row["money_saved"]["point"] == pytest.approx(12_000)
    assert row["yearly_cost"]["point"] == pytest.approx(annuity + 0.01 * 100_000)
    assert row["cost_per_tonne"]["point"] == pytest.approx((annuity + 1000 - 12_000) / row["net"]["point"])
    assert recovery(0.0, np.array([4.0]))[0] == 0.25


def test_costs_and_prices_in_two_currencies_are_not_added(made):
    cost = {"investment": {"value": 1000, "unit": "EUR2022", "per": "sites"}}
    found = apply(made("a", cost=cost), STUDY, prices={"electricity": "0.12 USD/kWh"})
    assert rows(found)["a"]["yearly_cost"] is None
    assert any("is in EUR and prices are in USD" in w for w in found.warnings)


# -- choosing ---------------------------------------------------------------------------------------------------------


def test_measures_that_save_money_rank_by_money_saved():
    # the first saves 100 with 1 t (-100/t), the second 90 with 10 t (-9/t), the third costs 5/t, the fourth 1/t
    assert merit([-100, -90, 50, 10], [1, 10, 10, 10]) == [0, 1, 3, 2]
    assert merit([-90, -100], [10, 20]) == [1, 0]  # cost per tonne alone would put -9/t before -5/t


def test_cost_per_tonne_has_no_interval_where_the_net_may_be_an_increase():
    draws = np.array([10.0, *np.linspace(-5, 25, 99)])
    assert per_tonne(np.full(100, 50.0), draws)["low"] is None
    assert per_tonne(np.full(100, 50.0), draws + 20)["low"] is not None
    assert per_tonne(np.full(100, 50.0), -draws - 100) is None


def test_ranks():
    net = np.array([[3.0, 3, 1], [2, 2, 2], [1, 1, 3]])
    assert rank_probabilities(net)[0].tolist() == pytest.approx([2 / 3, 0, 1 / 3])
    assert whole_order(net, [0, 1, 2]) == pytest.approx(2 / 3)


def test_the_pareto_front_and_the_greedy_rule():
    worth, costs = [10.0, 7, 5], [10.0, 5, 5]

    def net(chosen):
        return np.full(3, sum(worth[i] for i in chosen))

    front = pareto(sets(costs, net), costs)
    assert front == [frozenset(), frozenset({1}), frozenset({1, 2}), frozenset({0, 1}), frozenset({0, 1, 2})]
    many = sets([1.0] * 12, lambda s: np.full(3, float(sum(s))))
    assert frozenset(range(12)) in many and frozenset({11, 10}) in many and len(many) < 200


def test_budget_and_target(made):
    files = [made("a"), made("b", applies=MOBILE)]
    found = apply(
        files,
        STUDY,
        effects={"a": 0.3, "b": 0.1},
        investment={"a": "1000USD", "b": "50USD"},
        budget="100USD",
        target="10 %",
    )
    assert found.sets["budget"]["practices"] == ["b"]
    assert found.sets["target"]["practices"] == ["a"] and found.sets["target"]["probability"] > 0.5
    with pytest.raises(UsageError, match="A budget needs costs"):
        apply(files, STUDY, budget="100USD")


def test_the_value_of_information_is_that_of_a_case_known_in_closed_form():
    """Two practices: one certain at 0, one N(0, 1): knowing it is worth E max(0, z) = 0.3989; an idle one, nothing."""
    rng = np.random.default_rng(5)
    z, idle = rng.normal(size=20_000), rng.normal(size=20_000)
    net = np.array([np.zeros(20_000), z - z.mean()])
    found = {r["parameter"]: r["value"] for r in information(net, {"z": z, "idle": idle}, 1)}
    assert found["z"] == pytest.approx(0.3989, abs=0.01)
    assert found["idle"] < 0.01
    assert information(net[:1], {"z": z}, 1) == []


def test_what_to_measure_is_the_effect_that_is_not_known(made):
    wide = [{"low": 0.0, "high": 0.4, "what": "x", "grade": "measured", "source": "own"}]
    narrow = [{"low": 0.19, "high": 0.21, "what": "x", "grade": "measured", "source": "own"}]
    found = apply([made("a", evidence=wide), made("b", evidence=narrow)], STUDY)
    assert found.information[0]["parameter"] == "effect of a" and found.information[0]["value"] > 0
    assert 0 < found.ranks["first"] < 0.9


# -- guards -----------------------------------------------------------------------------------------------------------


def test_the_same_tonne_is_not_claimed_twice(made):
    files = [made("a", share={"value": 0.7}), made("b", share={"value": 0.6}, stream="cooling")]
    with pytest.raises(UsageError) as caught:
        apply(files, STUDY)
    assert "The same tonne would be claimed twice" in str(caught.value)
    assert "cooling 0.6 (b), electricity 0.7 (a), together 1.3" in str(caught.value)
    one = apply(files, STUDY, overlap="one-stream", effects={"a": 1.0, "b": 1.0})
    everything = apply(made("c"), STUDY, effects=1).total["avoided"]["point"]
    assert one.total["avoided"]["point"] == pytest.approx(0.7 * everything)


def test_no_practice_saves_more_than_there_is(made):
    found = apply([made("a"), made("b"), made("c")], STUDY, effects=1)
    assert found.total["after"]["low"] >= 0


def test_the_same_tonne_is_not_claimed_twice_in_the_draws(made):
    files = [made("a", share={"low": 0.4, "high": 0.95}), made("b", share={"value": 0.3}, stream="cooling")]
    with pytest.raises(UsageError, match=r"more than the whole in 0\.4\d* of the draws"):
        apply(files, STUDY)
    one = apply(files, STUDY, overlap="one-stream", effects=1)
    electricity = apply(made("c"), STUDY, effects=1).total["avoided"]["high"]
    assert one.total["avoided"]["high"] <= electricity * 0.96


def test_a_few_draws_beyond_the_whole_are_told(made):
    files = [made("a", share={"low": 0.4, "high": 0.705}), made("b", share={"value": 0.3}, stream="cooling")]
    found = apply(files, STUDY)
    assert any("together more than the whole in 0.0" in w for w in found.warnings)
    fits = [files[1], made("a", share={"low": 0.4, "high": 0.7})]
    assert not any("more than the whole" in w for w in apply(fits, STUDY).warnings)


def test_draws_of_an_absolute_effect_do_not_save_more_than_there_is(made):
    effect = {"kind": "absolute", "unit": "MWh/site", "driver": "sites", "what": "saved a site and year"}
    file = made("a", effect=effect, applies=MOBILE)  # 50 sites use 20 MWh each
    with pytest.raises(UsageError, match="than its stream is in"):
        apply(file, STUDY, effects="5..15..30")
    few = apply(file, STUDY, effects="5..10..20.8")
    assert any("than its stream is in 0.0" in w for w in few.warnings)
    assert not any("than its stream is" in w for w in apply(file, STUDY, effects="5..10..19").warnings)


def test_all_that_cannot_be_run_is_said_at_once(made):
    claim = [{"value": 0.2, "what": "a brochure", "grade": "vendor claim", "source": "own"}]
    files = [
        made("a", applies="(activity == 'heat')"),
        made("b", evidence=claim),
        made("c", share={"note": "Unknown."}),
    ]
    with pytest.raises(UsageError) as caught:
        apply(files, STUDY)
    told = str(caught.value)
    assert "a has no baseline" in told and "vendor claim: a brochure" in told and "--share c=0.5" in told


def test_claims_run_only_when_asked_and_are_marked(made):
    claim = [{"value": 0.2, "what": "a brochure", "grade": "vendor claim", "source": "own"}]
    found = apply(made("b", evidence=claim), STUDY, accept_claims=True)
    assert rows(found)["b"]["effect"]["claims"] and rows(found)["b"]["grade"] == "vendor claim"
    assert any("runs on potentials and vendor claims alone" in w for w in found.warnings)


def test_other_sectors_are_shown_beside_and_adaptation_is_told(made):
    second = made("s", order="second")
    adaptation = made(
        "w", order="adaptation", effect={"kind": "benefit", "unit": "1", "what": "less damage"}, stream=None
    )
    found = apply([made("a"), second, adaptation], STUDY, effects={"a": 0.1, "s": 0.5})
    alone = apply(made("a"), STUDY, effects=0.1)
    assert found.total["net"] == alone.total["net"]
    assert [r["id"] for r in found.beside] == ["s"] and [r["what"] for r in found.benefits] == ["less damage"]


def test_an_empty_column_is_named(made):
    with pytest.raises(UsageError, match="The column network is empty"):
        apply(made("a", applies=MOBILE), {**STUDY, "activities": [{**STUDY["activities"][2], "network": ""}]})


def test_a_bundle_holds_only_its_own_columns(made):
    bundle = netprint.assess(STUDY)
    assert apply(made("a"), bundle, effects=0.1).total["avoided"]["point"] > 0
    with pytest.raises(UsageError, match="collapsed table does not hold"):
        apply(made("a", applies=MOBILE), bundle)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"adoption": 1.5}, "a fraction from 0 to 1"),
        ({"adoption": {"b": 0.5}}, "which is not applied"),
        ({"effects": "much"}, "expected a number, or a range"),
        ({"on": {"a": "activity"}}, "expected comparisons of columns"),
        ({"prices": {"electrcity": "1USD/kWh"}}, "Did you mean 'electricity'"),
        ({"prices": {"electricity": "1USD/kg"}}, "expected per kWh"),
        ({"prices": {"electricity": "1USD/kWh", "fuel_mass": "1EUR/kg"}}, "one currency"),
        ({"year": 1999}, "has no year 1999"),
        ({"total": "markets"}, "is no account"),
        ({"overlap": "ignore"}, "refuse or one-stream"),
        ({"effects": 12}, "12 % is written 0.12 or 12%"),
        ({"effects": "0.5..1.5"}, "effect of a is 0.5..1.5"),
        ({"effects": -2}, "a share from -1 to 1"),
        ({"years": -5}, "a number above 0"),
        ({"years": "0"}, "a number above 0"),
        ({"years": "0..5"}, "a number above 0"),
        ({"years": float("inf")}, "a number above 0"),
        ({"discount": 5}, "5 % is written 0.05"),
        ({"discount": -0.9}, "from 0 to less than 1"),
        ({"discount": 1.0}, "from 0 to less than 1"),
        ({"target": "-5 t"}, "an amount above 0"),
        ({"target": "0 %"}, "an amount above 0"),
        ({"target": "0.5"}, "Say 50% or 0.5 t"),
        ({"target": "500"}, "Say 500 t"),
        ({"target": "5 kWh"}, "t CO2e a year like 5000t"),
        ({"budget": "-5USD"}, "not below 0"),
        ({"budget": "5"}, "a number and a unit"),
        ({"investment": {"a": "5USD"}, "yearly": {"a": "5EUR"}}, "Costs are in EUR and USD"),
    ],
)
def test_wrong_options_are_said(made, options, said):
    with pytest.raises(UsageError, match=said):
        apply(made("a"), STUDY, **options)


def test_per_cent_and_negative_effects_are_taken(made):
    per_cent, plain = apply(made("a"), STUDY, effects="12%"), apply(made("a"), STUDY, effects=0.12)
    assert per_cent.total["avoided"] == plain.total["avoided"]
    assert apply(made("a"), STUDY, effects=-0.1).total["avoided"]["point"] < 0


def test_all_effects_out_of_range_are_said_at_once(made):
    with pytest.raises(UsageError) as caught:
        apply([made("a"), made("b")], STUDY, effects={"a": 12, "b": 7})
    assert "effect of a is 12" in str(caught.value) and "effect of b is 7" in str(caught.value)


def test_an_absolute_effect_may_be_above_one(made):
    effect = {"kind": "absolute", "unit": "MWh/site", "driver": "sites", "what": "saved a site and year"}
    assert apply(made("a", effect=effect, applies=MOBILE), STUDY, effects=2).total["avoided"]["point"] > 0


@pytest.mark.parametrize(
    "options", [["--years", "0"], ["--years=-5"], ["--discount", "5"], ["--discount=-0.9"], ["--effect", "a=12"],
                ["--target=-5 t"], ["--target", "0.5"]],
)  # fmt: skip
def test_the_command_refuses_what_python_refuses(made, study, options, capsys):
    assert main(["apply", made("a"), str(study()), *options]) == 2
    assert "expected" in capsys.readouterr().err


def test_a_yearly_cost_is_not_free_within_a_budget(made):
    files = [made("a"), made("b", applies=MOBILE)]
    given = {"effects": {"a": 0.3, "b": 0.1}, "yearly": {"a": "1000USD"}, "investment": {"b": "50USD"}}
    found = apply(files, STUDY, budget="100USD", **given).sets
    assert found["budget"]["practices"] == ["b"] and found["budget"]["outlay"] == 50
    assert "one yearly cost" in found["note"]
    more = apply(files, STUDY, budget="2000USD", **given).sets
    assert more["budget"]["practices"] == ["a", "b"]
    assert more["budget"]["outlay"] == 1050 and more["budget"]["investment"] == 50


def test_a_yearly_cost_counts_where_nobody_knows_how_long_the_practice_lasts(made):
    found = apply(
        made("a", persistence={"note": "unknown"}), STUDY, investment={"a": "50USD"}, yearly={"a": "70USD"},
        budget="100USD",
    )  # fmt: skip
    assert found.sets["budget"]["practices"] == []


def test_a_budget_in_another_currency_than_the_costs_is_refused(made):
    with pytest.raises(UsageError, match="one currency"):
        apply(made("a"), STUDY, investment={"a": "50USD"}, budget="100EUR")


def test_ranges():
    assert estimate("5..15 %", "x").low == pytest.approx(0.05)
    assert estimate("0.1..0.2..0.3", "x").value == 0.2
    with pytest.raises(UsageError, match="rise"):
        estimate("0.3..0.1", "x")


# -- shown ------------------------------------------------------------------------------------------------------------


def test_the_page_and_the_curve_are_static_and_speak_six_languages(made):
    found = apply(
        [made("a"), made("b", applies=MOBILE)], STUDY, prices={"electricity": "0.12USD/kWh"},
        investment={"a": "9e6USD", "b": "1000USD"}, budget="1e7USD",
    )  # fmt: skip
    for language in ("en", "fr", "es", "ar", "zh", "ru"):
        written = page(found, language)
        assert f'lang="{language}"' in written and "<script" not in written and "A practice" in written
    svg = curve(found)
    assert svg.startswith("<svg") and 'role="img"' in svg and "<title>" in svg and "<desc>" in svg
    assert [r["id"] for r in found.curve] == ["b", "a"]
    with pytest.raises(UsageError, match="these are: en"):
        page(found, "de")


def test_the_command(made, study, tmp_path, capsys):
    out = tmp_path / "page.html"
    command = ["apply", made("a"), str(study()), "--adoption", "50 %", "--price", "electricity=0.12USD/kWh"]
    assert main([*command, "--out", str(out)]) == 0
    assert "Avoided together" in capsys.readouterr().out and out.read_text("utf-8").startswith(
        "<!DOCTYPE html>"
    )
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["practices"][0]["adoption"] == 0.5
    assert main([*command, "--out", str(Path(tmp_path) / "page.pdf")]) == 2
    assert "ends in .html or .svg" in capsys.readouterr().err


def test_drivers_are_those_of_what_is_selected(made):
    """50 sites of the mobile network are no sites of the fixed one."""
    rows_ = [*STUDY["activities"][:3], {**STUDY["activities"][3], "network": "mobile"}]
    more = {**STUDY["activities"][3], "network": "fixed", "quantity": 7}
    own = [
        {"activity": "fuel", "item": "diesel", "quantity": 1, "unit": "L", "per": "sites", "when": "yearly"}
    ]
    study = {**STUDY, "activities": [*rows_, more]}
    found = [
        rows(apply(made("a", own_footprint=own, applies=selector), study))["a"]["own"]["point"]
        for selector in (MOBILE, MOBILE.replace("mobile", "fixed"), ALL)
    ]
    assert found[0] / 50 == pytest.approx(found[1] / 7) and found[2] == pytest.approx(found[0] + found[1])


def test_amounts_in_several_units_are_not_added(made):
    cost = {"yearly": {"value": 1, "unit": "USD2022", "per": "acted"}}
    both = "(activity == 'electricity') + (activity == 'fuel_volume')"
    found = apply(made("a", cost=cost, applies=both), STUDY, prices={"electricity": "0.1USD/kWh"})
    assert rows(found)["a"]["yearly_cost"] is None
    assert any("have several units" in w for w in found.warnings)


def test_two_practices_are_the_engine_with_both_multipliers_in_every_draw(made):
    study = {**STUDY, "by": ["year", "network"]}  # the same columns in the key, so the same draws of its rows
    found = apply([made("a"), made("b", applies=MOBILE)], study, effects={"a": 0.3, "b": 0.5})
    times = {"mobile": "(1 - 0.3) * (1 - 0.5)", "fixed": "1 - 0.3"}
    changed = [{**r, "times": times.get(str(r.get("network", "")), "")} for r in STUDY["activities"]]
    key = ("2023", "location-based", "climate change")
    plain, after = (
        netprint.assess(study).draws[key],
        netprint.assess({**study, "activities": changed}).draws[key],
    )
    assert found.draws["a"] + found.draws["b"] == pytest.approx(plain - after, rel=1e-9)


def test_only_other_sectors_change_nothing_of_the_inventory(made):
    found = apply(made("s", order="second"), STUDY)
    assert found.total["net"]["point"] == 0 and found.total["after"] == found.baseline
    assert found.beside[0]["avoided"]["point"] > 0 and found.practices == ()
    assert "never subtracted" in str(found) and "never subtracted" in page(found)


def test_without_the_activity_that_an_effect_is_per_it_is_refused(made):
    effect = {"kind": "absolute", "unit": "MWh/site", "driver": "sites", "what": "saved a site and year"}
    with pytest.raises(UsageError, match="no row of the activity 'sites'"):
        apply(made("a", effect=effect), {**STUDY, "activities": STUDY["activities"][:3]})
