"""Effects of ICT on other sectors (ITU-T L.1480): the golden case, identities, time, scale, format and report."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import numpy as np
import pytest

import netprint
from netprint.assess import assess_prepared, collapse_activities, model, prepare
from netprint.bundle import read, write
from netprint.engine.effect import node_draws, parts
from netprint.errors import InputError, UsageError
from netprint.forms.effect import new_effect
from netprint.report.html import LARGEST, render

EXAMPLES = Path(__file__).parent.parent / "examples"
CLIMATE = "climate change"
SOLUTION = {
    "id": "service", "order": "first", "stage": "C1", "tier": 1,
    "quantified": [{"activity": "given_emissions", "unit": "kg CO2e", "with": 60}],
}  # fmt: skip
GOODS = {
    "id": "goods", "order": "second", "mechanism": "substitution", "tier": 1,
    "quantified": [{"activity": "given_emissions", "unit": "kg CO2e", "with": 700, "without": 1000}],
}  # fmt: skip


def effect_study(nodes=(SOLUTION, GOODS), **changed):
    return {
        "title": "An effect", "kind": "effect", "solution": "a service", "functional_unit": "one use",
        "commissioner": "a test", "perspective": "user context", "period": "2025", "places": ["GBR"], "draws": 400,
        "reference": {"scenario": "as before", "kind": "market average", "why": "it is what most do"},
        "nodes": copy.deepcopy(list(nodes)), **changed,
    }  # fmt: skip


def node(identifier, order, with_, without=0, **more):
    first = {"stage": "C"} if order == "first" else {"mechanism": more.pop("mechanism", "optimisation")}
    other = {"displaced" if order == "first" else "without": without}
    amount = {"activity": more.pop("activity", "electricity"), "with": with_, **other}
    for key in ("item", "country", "year", "unit", "before"):
        if key in more:
            amount[key] = more.pop(key)
    return {"id": identifier, "order": order, "tier": 2, **first, "quantified": [amount], **more}


PARAMETERS = {
    "energy": {"value": 100, "unit": "kWh/year", "distribution": "uniform", "min": 60, "max": 140},
    "saved": {"value": 0.3, "unit": "1", "distribution": "uniform", "min": 0.1, "max": 0.5},
    "other": {"value": 0.4, "unit": "1", "distribution": "uniform", "min": 0.2, "max": 0.6},
    "power": {"value": 2, "unit": "W", "distribution": "uniform", "min": 1, "max": 3},
    "price": {"value": 0.2, "unit": "USD2022/kWh"},
}
RUNNING = node("running", "first", "power * one_year", 0)
SAVING = node("saving", "second", "energy * (1 - saved)", "energy")
SPENT = node("spent", "higher", "-saving * price", 0, activity="spend_usd2022", item="restaurants",
             mechanism="rebound by income")  # fmt: skip
TREE = (RUNNING, SAVING, node("more", "second", "energy * saved / 5", 0, mechanism="induction"), SPENT)


def uncertain(nodes=TREE, **changed):
    return effect_study(nodes, parameters=PARAMETERS, **changed)


def run_of(study):
    prepared = prepare(study)
    return model(prepared.study, prepared.plan).run(collapse_activities(prepared).rows)


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


# -- the golden case and the identities ----------------------------------------------------------------------------


def test_reference_1000_solution_700_first_order_60_gives_a_net_of_minus_240():
    result = netprint.assess(effect_study())
    assert {r["account"]: r["point"] for r in result.views["all"]} == {
        "first_order": 60, "second_order": -300, "net": -240,
    }  # fmt: skip
    effect = result.tags["effect"]
    assert effect["net"]["point"] == -240 and effect["verdict"] == "reduction" and effect["probability"] == 1
    assert effect["total"] is None and effect["higher_order"] is None
    assert [s["stage"] for s in effect["stages"]] == ["C, use (C1)"]


def test_the_nodes_sum_to_net_and_net_and_higher_order_to_the_total_in_every_draw():
    study = uncertain()
    result, draws = netprint.assess(study), node_draws(run_of(study))
    first, second, higher, net, total = (
        result.draws["", a, CLIMATE] for a in ("first_order", "second_order", "higher_order", "net", "total")
    )
    assert np.std(net[1:]) > 0 and set(draws) == {"running", "saving", "more", "spent"}
    close(draws["running"], first)
    close(draws["saving"] + draws["more"], second)
    close(draws["running"] + draws["saving"] + draws["more"], net)
    close(net + higher, total)
    close(draws["spent"], higher)


def test_the_order_of_the_nodes_changes_nothing():
    one, other = netprint.assess(uncertain()), netprint.assess(uncertain(tuple(reversed(TREE))))
    assert one.tags["collapsed"] == other.tags["collapsed"]
    for key, draws in one.draws.items():
        close(draws, other.draws[key])


def test_scaling_is_linear_in_users_and_what_both_sides_share_cancels():
    at_scale = {"perspective": {"at scale": "city"}}
    one = netprint.assess(uncertain(**at_scale, scale={"users": 10, "adoption": 0.5}))
    ten = netprint.assess(uncertain(**at_scale, scale={"users": 100, "adoption": 0.5}))
    for key, draws in one.draws.items():
        close(draws * 10, ten.draws[key])
    same = netprint.assess(uncertain((RUNNING, node("saving", "second", "energy", "energy"))))
    assert np.abs(same.draws["", "second_order", CLIMATE]).max() < 1e-9


def test_two_equal_solutions_save_one_less_the_product_together():
    """The second one finds what the first one left: a + b (1 - a) = 1 - (1 - a)(1 - b)."""
    both = (RUNNING, SAVING)
    alone = netprint.assess(uncertain(both)).draws["", "second_order", CLIMATE]
    overlapped = uncertain(both, scale={"overlap": [{"solution": "its twin", "share": "saved"}]})
    after = netprint.assess(overlapped).draws["", "second_order", CLIMATE]
    together = (RUNNING, node("saving", "second", "energy * (1 - (1 - (1 - saved) * (1 - saved)))", "energy"))
    close(alone + after, netprint.assess(uncertain(together)).draws["", "second_order", CLIMATE])


def test_an_overlap_of_one_node_acts_on_what_rests_on_it_and_on_nothing_else():
    scale = {"overlap": [{"solution": "another", "share": 0.25, "nodes": ["saving"]}]}
    plain, overlapped = node_draws(run_of(uncertain())), node_draws(run_of(uncertain(scale=scale)))
    for name, left in (("running", 1), ("saving", 0.75), ("more", 1), ("spent", 0.75)):
        close(plain[name] * left, overlapped[name])


def test_money_saved_is_spent_on_the_same_draws():
    draws = node_draws(run_of(uncertain()))
    kg_per_kwh = 0.2182 / (1 - 0.0995)
    assert draws["saving"][0] == pytest.approx(-100 * 0.3 * kg_per_kwh)
    assert draws["spent"][0] == pytest.approx(100 * 0.3 * 0.2 * 0.194)
    assert np.corrcoef(draws["saving"][1:], draws["spent"][1:])[0, 1] < -0.5


# -- first order, higher order, actual reductions ------------------------------------------------------------------


def test_ict_of_the_reference_that_is_displaced_is_taken_off_by_stage():
    devices = node("devices", "first", 0.1, 0.25, activity="ict_goods", item="laptop") | {"stage": "ABD"}
    effect = netprint.assess(uncertain((RUNNING, devices, SAVING))).tags["effect"]
    stages = {s["stage"]: s for s in effect["stages"]}
    row = stages["A, B and D, not told apart"]
    assert row["solution"]["point"] == pytest.approx(18.64) and row["displaced"]["point"] == pytest.approx(
        -46.6
    )
    assert row["effect"]["point"] == pytest.approx(-27.96)
    whole = sum(s["effect"]["point"] for s in stages.values())
    assert whole == pytest.approx(effect["first_order"]["point"])


def test_a_total_stands_only_where_every_higher_order_node_is_quantified_or_bounded():
    words = {"direction": "increase", "size": "small", "why": "it is there"}
    described = {"id": "seats", "order": "higher", "mechanism": "rebound by price", "described": words}
    bounded = described | {
        "described": words | {"bounds": {"low": 1, "high": 3, "unit": "kg CO2e", "source": "here"}}
    }
    for nodes, there in (
        (TREE, True), ((*TREE, described), False), ((*TREE, bounded), True), ((RUNNING, SAVING), False),
    ):  # fmt: skip
        result = netprint.assess(uncertain(nodes))
        assert (result.tags["effect"]["total"] is not None) == there
        assert any(r["account"] == "total" for r in result.views["all"]) == there
    draws = node_draws(run_of(uncertain((*TREE, bounded))))["seats"]
    assert draws[0] == 2 and 1 <= draws[1:].min() < 1.1 and 2.9 < draws[1:].max() <= 3


@pytest.mark.parametrize(
    ("with_", "without", "before", "actual", "lesser", "increase"),
    [
        (700, 1000, 900, 200, 100, 0),
        (700, 1000, 1200, 300, 0, 0),
        (700, 1000, 600, 0, 300, 0),
        (1000, 700, 900, 0, 0, 300),
    ],
)
def test_actual_reductions_are_told_from_lesser_increases(with_, without, before, actual, lesser, increase):
    goods = node("goods", "second", with_, without, activity="given_emissions", unit="kg CO2e", before=before)
    found = netprint.assess(effect_study((SOLUTION, goods))).tags["effect"]["reduction"]
    assert [found[k]["point"] for k in ("actual", "lesser", "increase")] == [actual, lesser, increase]


def test_without_before_the_kind_of_a_reduction_is_not_told():
    effect = netprint.assess(effect_study()).tags["effect"]
    assert effect["reduction"] is None and "actual" in effect["claims"]["may_not"]


# -- time ----------------------------------------------------------------------------------------------------------


def test_adoption_runs_straight_between_years_and_starts_above_what_is_there_anyway():
    study = uncertain(
        period="2025..2029", perspective={"at scale": "country"},
        scale={"users": 100, "adoption": {2025: 0.1, 2029: 0.5}, "already": 0.2, "effective_use": 0.5},
    )  # fmt: skip
    found = parts(run_of(study))
    amounts = {y: found["running", "with", "C, use", str(y)][0] for y in range(2025, 2030)}
    per = amounts[2029] / 0.3
    assert [amounts[y] / per for y in range(2025, 2030)] == pytest.approx([0, 0, 0.1, 0.2, 0.3])
    saved = found["saving", "without", "", "2029"][0] * 2 / -0.3
    assert saved == pytest.approx(100 * 100 * per / 100 / (2 * 8.76), rel=1e-6)
    effect = netprint.assess(study).tags["effect"]
    assert [y["adoption"]["point"] for y in effect["scale"]] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])


def test_a_logistic_curve_has_half_its_saturation_at_its_midpoint():
    curve = {"saturation": 0.8, "midpoint": 2027, "growth": 1.2}
    study = uncertain(
        period="2025..2029", perspective={"at scale": "world"}, scale={"users": 10, "adoption": curve}
    )
    scale = netprint.assess(study).tags["effect"]["scale"]
    assert scale[2]["adoption"]["point"] == pytest.approx(0.4)
    assert scale[4]["adoption"]["point"] == pytest.approx(0.8 / (1 + np.exp(-1.2 * 2)))


def test_a_cleaner_grid_of_the_years_keeps_the_draws_of_today():
    study = uncertain((RUNNING, SAVING), period="2025..2028", grid={"yearly": 0.1, "since": 2025})
    found = parts(run_of(study))
    for year in (2026, 2027, 2028):
        later, now = (found["saving", "without", "", str(y)] for y in (year, 2025))
        assert later[0] / now[0] == pytest.approx(0.9 ** (year - 2025))
        assert np.corrcoef(later[1:], now[1:])[0, 1] > 0.99
    assert not netprint.assess(study).gaps.columns["factor"]


def test_what_gets_more_efficient_by_itself_does_so_on_both_sides_and_for_what_rests_on_it():
    study = uncertain(
        period="2025..2026", autonomous=[{"yearly": 0.2, "since": 2025, "nodes": ["saving"], "why": "w"}]
    )
    plain, moved = (parts(run_of(s)) for s in (uncertain(period="2025..2026"), study))
    for name, case, left in (
        ("saving", "with", 0.8),
        ("saving", "without", 0.8),
        ("spent", "with", 0.8),
        ("more", "with", 1),
    ):
        close(moved[name, case, "", "2026"], plain[name, case, "", "2026"] * left)


def test_sensitivities_move_parameters_nodes_and_the_grid_on_the_same_draws():
    scenarios = [
        {"id": "half", "title": "Half", "about": "reference", "factors": {"energy": "energy / 2"}},
        {"id": "twice", "title": "Twice", "about": "rebound", "select": "node == 'spent'", "times": 2},
        {"id": "clean", "title": "Clean", "about": "grid",
         "factors": {"grid_lifecycle": "grid_lifecycle[country, year] / 2"}},
    ]  # fmt: skip
    effect = netprint.assess(uncertain(sensitivities=scenarios)).tags["effect"]
    found = {s["id"]: s for s in effect["sensitivities"]}
    assert found["half"]["second_order"]["point"] == pytest.approx(effect["second_order"]["point"] / 2)
    assert found["twice"]["higher_order"]["mean"] == pytest.approx(2 * effect["higher_order"]["mean"])
    assert found["twice"]["net"] == effect["net"]
    assert found["clean"]["net"]["low"] == pytest.approx(effect["net"]["low"] / 2)


def test_users_differ_by_place():
    study = uncertain(
        (RUNNING, SAVING), places=["GBR", "FRA"], perspective={"at scale": "world"}, scale={"users": "people[country]"},
        factors=[{"factor": "people", "country": "GBR", "value": 3, "unit": "person", "source": "here"},
                 {"factor": "people", "country": "FRA", "value": 5, "unit": "person", "source": "here"}],
    )  # fmt: skip
    one = {c: node_draws(run_of(uncertain((RUNNING, SAVING), places=[c])))["saving"] for c in ("GBR", "FRA")}
    close(node_draws(run_of(study))["saving"], 3 * one["GBR"] + 5 * one["FRA"])
    with pytest.raises(InputError, match=r"the same for each of 2 places.*counted once for each place"):
        prepare({**study, "scale": {"users": 8}})


# -- the format: every problem with its place ----------------------------------------------------------------------


def refusal(study):
    with pytest.raises(InputError) as caught:
        prepare(study)
    return str(caught.value)


def test_units_of_expressions_are_checked_before_anything_is_computed():
    told = refusal(uncertain((RUNNING, node("saving", "second", "price", "energy"))))
    assert (
        "nodes.1.quantified.0.with: `price` is in USD2022/kWh; expected an amount of electricity, like kWh"
        in told
    )
    told = refusal(uncertain((RUNNING, node("saving", "second", 3, "energy"))))
    assert "`3` is in 1" in told and "give the row its `unit`" in told
    told = refusal(uncertain((RUNNING, node("saving", "second", "energi", "energy"))))
    assert "`energi` is not known" in told and "Did you mean 'energy'" in told
    told = refusal(uncertain(scale={"effective_use": "power"}))
    assert "it is in W; expected a number or a share" in told


def test_a_number_takes_the_unit_of_its_row_and_an_amount_per_year_that_of_its_year():
    plain = node_draws(run_of(uncertain((RUNNING, node("saving", "second", 0, 0.1, unit="MWh")))))
    yearly = node_draws(run_of(uncertain((RUNNING, node("saving", "second", 0, "energy")))))
    assert plain["saving"][0] == pytest.approx(yearly["saving"][0])
    fuel = node("fuel", "second", 0, 10, activity="fuel", unit="L", item="diesel")
    assert node_draws(run_of(uncertain((RUNNING, fuel))))["fuel"][0] == pytest.approx(-10 * 3.2, rel=0.1)


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ((RUNNING, SAVING, SAVING), "the id 'saving' stands twice"),
        ((RUNNING, SAVING | {"parent": "savin"}), "the node 'savin' is not known"),
        ((RUNNING, SAVING | {"parent": "saving"}), "'saving' stands above itself"),
        ((RUNNING, SAVING | {"mechanism": "magic"}), "`mechanism` is 'magic'"),
        ((RUNNING | {"stage": "E"}, SAVING), "`stage` is 'E'"),
        ((RUNNING, {"id": "empty", "order": "second", "mechanism": "induction"}), "neither quantified nor described"),
        ((RUNNING, node("a", "second", "b", 0), node("b", "second", "a", 0)), "rests on itself"),
        ((RUNNING, SAVING, node("x", "second", "saving", 0, year=2026)), "other places or years"),
        ((RUNNING, node("saving", "second", 0, 1, activity="elektricity")), "no term of the method takes the activity"),
        ((RUNNING, node("energy", "second", 0, 1, unit="kWh")), "both called 'energy'"),
    ],
)  # fmt: skip
def test_trees_that_do_not_hold_are_refused_with_the_place(nodes, told):
    assert told in refusal(uncertain(nodes))


def test_all_problems_are_told_at_once_with_their_lines(tmp_path):
    text = (EXAMPLES / "streaming" / "study.yaml").read_text("utf-8")
    for right, wrong in (
        ("    mechanism: induction", "    mechanism: inducing"), ("kind: previous", "kind: nothin"),
        ("films * length * player_power", "films * playr_power"),
    ):  # fmt: skip
        assert right in text
        text = text.replace(right, wrong)
    path = tmp_path / "study.yaml"
    path.write_text(text, "utf-8")
    told = refusal(path)
    assert "3 problems" in told and "Did you mean 'nothing'" in told
    assert re.search(r"study\.yaml:\d+, nodes\.1\.quantified\.0\.displaced", told)
    assert re.search(r"study\.yaml:\d+, nodes\.5\.mechanism", told)


def test_activities_do_not_stand_in_an_effect_study():
    assert "an effect study has `activities`" in refusal(effect_study(activities=[]))


# -- result, report, template --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def streaming():
    return netprint.assess(EXAMPLES / "streaming" / "study.yaml")


def test_the_examples_say_what_their_numbers_bear(streaming):
    effect = streaming.tags["effect"]
    assert (
        effect["verdict"] == "not told from zero"
        and effect["tier"] == 3
        and 0.05 < effect["probability"] < 0.95
    )
    assert effect["net"]["low"] < 0 < effect["net"]["high"]
    prepared = prepare(EXAMPLES / "meetings" / "study.yaml")
    assert prepared.study.effect.effect.node("respending").depends_on == ("flights",)


def test_a_bundle_reproduces_itself(streaming, tmp_path):
    write(streaming, tmp_path / "result")
    kept = read(tmp_path / "result")
    assert kept.tags["effect"]["net"] == streaming.tags["effect"]["net"]
    again = netprint.rerun(tmp_path / "result")
    assert again.tags["effect"] == streaming.tags["effect"]
    for key, draws in again.draws.items():
        close(draws, streaming.draws[key])


@pytest.mark.parametrize("lang", ["en", "fr", "es", "ru", "zh", "ar"])
def test_the_report_holds_every_field_and_the_tree_in_six_languages(streaming, lang):
    page = render(streaming, lang)
    assert len(page.encode()) < LARGEST and "{" not in re.sub(
        r"<style>.*?</style>", "", page, flags=re.DOTALL
    )
    for section in ("claims", "tree", "nodes", "first", "years", "other", "fields", "gates"):
        assert f'<section id="effect_{section}">' in page
    fields = page.split('<section id="effect_fields">')[1].split("</section>")[0]
    for said in ("Example of this project", "the films that one household watches in a year", "What the household did",
                 "2025", "(GBR)", "Disc of 2008", "no factor per film is held"):  # fmt: skip
        assert said in fields
    svg = page.split('<section id="effect_tree">')[1].split("</svg>")[0]
    assert 'role="img"' in svg and "<title>" in svg and "<desc>" in svg
    for title in ("Discs not made", "Drives to the shop not made", "More is watched"):
        assert title in svg
    assert svg.count("<g>") == 1 + len(streaming.tags["effect"]["nodes"])


def test_the_amounts_on_the_tree_are_those_of_the_nodes(streaming):
    page = render(streaming)
    svg = page.split('<section id="effect_tree">')[1].split("</svg>")[0]
    for name, amount in (("discs_made", "4.97"), ("more_viewing", "6.81")):
        found = next(n for n in streaming.tags["effect"]["nodes"] if n["id"] == name)
        assert f"{abs(found['effect']['point']):.2f}" == amount and amount in svg


def test_the_template_can_be_assessed_at_once(tmp_path):
    (path,) = new_effect(
        tmp_path / "new", organisation='Savanna: "Mobile"', countries=["Kenya"], years=(2025, 2026)
    )
    found = netprint.check(path)
    assert found.ok, found
    prepared = prepare(path)
    assert prepared.study.effect.effect.places == ("KEN",) and prepared.study.period == (2025, 2026)
    assert assess_prepared(prepared).tags["effect"]["net"] is not None
    with pytest.raises(UsageError, match="one country"):
        new_effect(tmp_path / "two", countries=["Kenya", "France"])


def test_a_net_with_a_gap_in_one_of_its_orders_is_in_no_table():
    """A partial gap is not zero either: the tables of the result print no NET, as the headline does not."""
    import netprint

    given = {"activity": "given_emissions", "unit": "kg CO2e"}
    nodes = [
        {"id": "service", "title": "Service", "order": "first", "stage": "C1", "tier": 1,
         "quantified": [{**given, "with": 60}]},
        {"id": "goods", "title": "Goods", "order": "second", "mechanism": "substitution", "tier": 1,
         "quantified": [{**given, "with": 700, "without": 1000}]},
    ]  # fmt: skip
    study = {
        "title": "t", "kind": "effect", "solution": "s", "functional_unit": "one", "commissioner": "c",
        "perspective": "user context", "reference": {"scenario": "r", "why": "w"}, "period": 2025, "places": ["GBR"],
        "draws": 200, "gaps": "report", "nodes": nodes,
    }  # fmt: skip
    assert netprint.assess(study).total("net", 2025)["point"] == pytest.approx(-240)
    missing = {"activity": "ict_goods", "item": "nonsense", "with": 5, "without": 0}
    nodes.append({**nodes[1], "id": "other", "quantified": [missing]})
    result = netprint.assess(study)
    assert result.tags["effect"]["net"] is None
    assert "net" not in {row["account"] for row in result.views["year"]}
