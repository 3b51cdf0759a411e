"""The claim guard: what is refused, with the rule named, and what is warned of."""

from __future__ import annotations

import copy

import pytest

import netprint
from netprint import claims
from netprint.cli import main
from netprint.errors import InputError, UsageError
from netprint.load.effect import Contribution

READING = "by our reading of L.1480"


def given(identifier, order, with_, without=None, **more):
    first = {"stage": "C"} if order == "first" else {"mechanism": more.pop("mechanism", "substitution")}
    amount = {
        "activity": more.pop("activity", "given_emissions"),
        "unit": more.pop("unit", "kg CO2e"),
        "with": with_,
    }
    if order != "first":
        amount["without"] = 0 if without is None else without
    for key in ("country", "year"):
        if key in more:
            amount[key] = more.pop(key)
    return {"id": identifier, "order": order, "tier": 2, **first, "quantified": [amount], **more}


SERVICE, GOODS = given("service", "first", 60), given("goods", "second", 700, 1000)
REBOUND = given("rebound", "higher", 30, mechanism="rebound by price")


def study(nodes=(SERVICE, GOODS, REBOUND), **changed):
    return {
        "title": "An effect", "kind": "effect", "solution": "a service", "functional_unit": "one use",
        "commissioner": "a test", "perspective": "user context", "period": "2025", "places": ["GBR"], "draws": 100,
        "reference": {"scenario": "as before", "kind": "market average", "why": "it is what most do"},
        "nodes": copy.deepcopy(list(nodes)), **changed,
    }  # fmt: skip


def refused(given_study):
    with pytest.raises(InputError) as caught:
        netprint.assess(given_study)
    return [str(p) for p in caught.value.problems]


def warned(given_study):
    return netprint.assess(given_study).tags["effect"]["warnings"]


# -- refused -------------------------------------------------------------------------------------------------------


def test_net_without_the_first_order_is_refused():
    assert refused(study((GOODS, REBOUND))) == [
        "study, nodes: the second-order effect stands without the first-order effect of the solution; by our reading "
        "of L.1480, a net second-order effect is what is left after the solution's own first-order effect; expected a "
        "quantified node of first order in every year. Add a node with `order: first` and the life cycle of the ICT "
        "solution."
    ]


def test_net_of_a_year_without_the_first_order_is_refused():
    nodes = (given("service", "first", 60, year=2025), GOODS, REBOUND)
    (told,) = refused(study(nodes, period="2025..2027"))
    assert "the second-order effect of 2026, 2027 stands without the first-order effect" in told


def test_a_first_order_of_zero_is_stated_and_accepted():
    effect = netprint.assess(study((given("service", "first", 0), GOODS, REBOUND))).tags["effect"]
    assert effect["net"]["point"] == -300 and effect["first_order"]["point"] == 0


@pytest.mark.parametrize("included", [False, {"excluded": ""}, {"excluded": None}])
def test_a_node_left_out_without_a_reason_is_refused(included):
    left = {"id": "seats", "order": "higher", "mechanism": "rebound by price", "included": included}
    assert refused(study((SERVICE, GOODS, REBOUND, left))) == [
        "study, nodes.seats: the node 'seats' is excluded without a reason; by our reading of L.1480, a consequence "
        "that is left out of the tree is named with the reason; expected `included: {excluded: the reason}`. Say why "
        "it is left out, or include it."
    ]


def test_a_public_statement_from_tier_3_is_refused():
    weak = (SERVICE, GOODS | {"tier": 3}, REBOUND)
    assert refused(study(weak, public=True)) == [
        "study, public: a public statement is wanted and the assessment is of Tier 3 (by goods); by our reading of "
        "L.1480, a Tier 3 assessment is a screening and no ground for a public statement; expected Tier 1 or 2 in "
        "every node that matters. Better the data of these nodes, or write `public: false`."
    ]
    effect = netprint.assess(study(weak)).tags["effect"]
    assert effect["claims"]["may"] == ["internal"] and effect["claims"]["may_not"][0] == "public"
    assert netprint.assess(study(public=True)).tags["effect"]["claims"]["may"] == ["net_reduction"]


def test_the_command_line_writes_no_public_bundle_of_tier_3(tmp_path, capsys):
    from netprint.bundle.provenance import as_text

    path = tmp_path / "study.yaml"
    path.write_text(as_text(study((SERVICE, GOODS | {"tier": 3}, REBOUND))), encoding="utf-8")
    assert main(["assess", str(path), "--public", "--out", str(tmp_path / "public")]) == 2
    assert f"{READING}, a Tier 3 assessment is a screening" in capsys.readouterr().err
    assert not (tmp_path / "public").exists()
    assert main(["assess", str(path), "--out", str(tmp_path / "own")]) == 0
    assert "nothing of it may be said in public" in capsys.readouterr().out


def test_the_tier_is_that_of_the_weakest_node_that_matters():
    small = given("small", "second", 1, 0, tier=3) | {"tier": 3}
    assert netprint.assess(study((SERVICE, GOODS, small, REBOUND))).tags["effect"]["tier"] == 2
    assert netprint.assess(study((SERVICE, GOODS, REBOUND | {"tier": 3}))).tags["effect"]["tier"] == 2
    said = {"direction": "increase", "size": "large", "why": "nobody measured it"}
    words = {"id": "words", "order": "second", "mechanism": "induction", "tier": 3, "described": said}
    effect = netprint.assess(study((SERVICE, GOODS, words, REBOUND))).tags["effect"]
    assert effect["tier"] == 3 and effect["tier_by"] == ["words"]


def test_an_effect_is_never_added_to_an_inventory():
    method = {
        "id": "mixed", "terms": [], "totals": {"all": ["inventory", "second_order"]},
        "activities": {"caused": "kg CO2e"},
    }  # fmt: skip
    rows = [{"activity": "caused", "quantity": 1, "unit": "kg CO2e", "country": "GBR", "year": 2025}]
    (told,) = refused({"title": "T", "method": method, "period": "2025", "activities": rows})
    assert "the total 'all' adds second_order to inventory" in told and READING in told
    assert "never added to, or taken off, an inventory" in told
    (told,) = refused({"title": "T", "method": "itu-t-l1480", "period": "2025", "activities": rows})
    assert "a study of the kind inventory has the method itu-t-l1480" in told
    (told,) = refused(study(method=["itu-t-l1480", "iso-iec-21031", "itu-t-l1420"]))[:1]
    assert "books to an inventory" in told


def test_an_effect_and_an_inventory_do_not_merge(tmp_path):
    row = {
        "activity": "electricity",
        "quantity": 1,
        "unit": "MWh",
        "country": "GBR",
        "year": 2025,
        "entity": "E",
    }
    inventory = netprint.assess(
        {"title": "I", "method": "itu-t-l1420", "period": "2025", "activities": [row], "draws": 100}
    )
    with pytest.raises(UsageError, match="do not add up"):
        netprint.merge([inventory, netprint.assess(study())])


def test_shares_of_registered_actors_above_one_are_refused():
    entries = [{"actor": "vendor", "share": 0.7, "key": "revenue", "who_else": "x"},
               {"actor": "operator", "share": 0.4, "key": "revenue", "who_else": "x"}]  # fmt: skip
    (told,) = refused(study(contribution=entries))
    assert (
        "the shares of the actors (vendor 0.7, operator 0.4) add up to 1.1; by our reading of L.1480" in told
    )
    one, other = ([Contribution("vendor", s, "revenue", "")] for s in (0.6, 0.3))
    claims.check_shares([one, other])
    with pytest.raises(UsageError, match=r"add up to 1.2; by our reading of L.1480"):
        claims.check_shares([one, one])


# -- warned --------------------------------------------------------------------------------------------------------


def test_a_careful_study_is_not_warned():
    about = [
        {"id": a, "title": a, "about": a, "factors": {"p": "p * 2"}} for a in ("reference", "rebound", "grid")
    ]
    careful = study(
        (SERVICE, given("goods", "second", "700 * p", 1000), REBOUND), sensitivities=about,
        parameters={"p": {"value": 1, "unit": "1", "source": "here"}},
    )  # fmt: skip
    assert warned(careful) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"nodes": [SERVICE, GOODS]}, "holds only favourable nodes"),
        ({"nodes": [SERVICE, GOODS]}, "No node is a rebound"),
        ({"reference": {"scenario": "s", "kind": "nothing", "why": "w"}}, "nothing instead of what the market"),
        ({"perspective": {"at scale": "city"}, "scale": {"users": 10, "adoption": 1}}, "All users adopt the solution"),
        ({"perspective": {"at scale": "city"}, "scale": {"users": 10}}, "No adoption is stated"),
        ({"scale": {"effective_use": 1}}, "All adopters use it effectively"),
        ({"nodes": [SERVICE, given("use", "second", 1, 2, activity="electricity", unit="kWh", country="WORLD")]},
         "Electricity takes the mean of WORLD"),
        ({"perspective": {"at scale": "city"}, "scale": {"users": 10, "adoption": 0.5, "evidence": "pilot"}},
         "is scaled linearly to all users"),
        ({}, "No sensitivity is about reference, rebound, grid"),
        ({"contribution": [{"actor": "vendor", "share": 0.2, "key": "revenue"}]}, "may claim it twice"),
        ({"perspective": "contribution", "scale": {"users": 1, "adoption": 0.5}}, "names no actor, share, key"),
    ],
)  # fmt: skip
def test_what_makes_an_effect_look_better_is_warned_of(changed, told):
    assert any(told in w for w in warned(study(**changed)))
    result = netprint.assess(study(**changed))
    assert any(told in w for w in result.warnings)


# -- what may be said ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("with_", "verdict", "may", "barred"),
    [(700, "reduction", "net_reduction", False), (1300, "increase", "net_increase", True)],
)
def test_the_statement_follows_from_the_sign(with_, verdict, may, barred):
    effect = netprint.assess(study((SERVICE, given("goods", "second", with_, 1000), REBOUND))).tags["effect"]
    assert effect["verdict"] == verdict and effect["claims"]["may"] == [may]
    assert ("reduces" in effect["claims"]["may_not"]) == barred


def test_what_cannot_be_told_from_zero_is_no_reduction():
    parameter = {"p": {"value": 0, "unit": "kg CO2e", "distribution": "uniform", "min": -1000, "max": 1000}}
    unsure = study((SERVICE, given("goods", "second", "p", 0), REBOUND), parameters=parameter, draws=1000)
    effect = netprint.assess(unsure).tags["effect"]
    assert effect["verdict"] == "not told from zero" and effect["claims"]["may"] == ["net_unclear"]
    assert "reduces" in effect["claims"]["may_not"]


def test_what_may_never_be_said_is_always_listed():
    said = netprint.assess(study()).tags["effect"]["claims"]["may_not"]
    assert {"inventory", "offset", "neutral", "gross", "compare", "sole"} <= set(said)
