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
    for key in ("country", "year", "item"):
        if key in more:
            amount[key] = more.pop(key)
    return {"id": identifier, "order": order, "tier": 2, **first, "quantified": [amount], **more}


def displacing(with_, displaced):
    node = given("service", "first", with_)
    return node | {"quantified": [node["quantified"][0] | {"displaced": displaced}]}


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
    with pytest.raises(UsageError, match="do not add up") as caught:
        netprint.merge([inventory, netprint.assess(study())])
    assert claims.RULES["inventory"] in str(caught.value).splitlines()[1]


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


def shared(identifier, tier, size, direction="increase", order="second"):
    said = {"direction": direction, "size": size, "why": "nobody measured it"}
    return {"id": identifier, "order": order, "mechanism": "induction", "tier": tier, "described": said}


# -- a gap is not zero ---------------------------------------------------------------------------------------------

LACKS = given("service", "first", 100, activity="ict_goods", item="smartphon", unit="1", stage="ABCD") | {
    "tier": 1
}


@pytest.mark.parametrize(
    ("nodes", "order"),
    [
        ((LACKS, GOODS, REBOUND), "first_order"),
        ((SERVICE, given("goods", "second", 1, 2, activity="travel", item="flightt", unit="km")), "second_order"),
    ],
)  # fmt: skip
def test_a_missing_factor_of_the_first_or_second_order_leaves_no_net(nodes, order):
    effect = netprint.assess(study(nodes, gaps="report")).tags["effect"]
    assert effect[order] is effect["net"] is effect["total"] is effect["probability"] is None
    assert effect["verdict"] == "not formed" and effect["claims"]["may"] == ["unformed"]
    assert effect["years"][0]["net"] is None
    assert effect["missing"] == [nodes[0]["id"] if order == "first_order" else "goods"]
    (told,) = refused(study(nodes, gaps="report", public=True))
    assert "a factor is missing for" in told and "a gap is not zero" in told
    with pytest.raises(UsageError, match="a gap is not zero"):
        claims.check_publishable(effect)


def test_a_gap_of_one_year_or_one_activity_leaves_the_rest_of_a_node_out_of_no_sum():
    goods = GOODS | {"quantified": [
        {"id": "old", "activity": "given_emissions", "unit": "kg CO2e", "with": 700, "without": 1000, "before": 900},
        {"id": "new", "activity": "travel", "item": "flightt", "unit": "km", "with": 1, "without": 0, "before": 0,
         "year": 2026},
    ]}  # fmt: skip
    effect = netprint.assess(study((SERVICE, goods, REBOUND), gaps="report", period="2025..2026")).tags[
        "effect"
    ]
    assert [y["net"] and y["net"]["point"] for y in effect["years"]] == [-240, None]
    node = next(n for n in effect["nodes"] if n["id"] == "goods")
    assert node["effect"] is node["with"] is effect["net"] is effect["reduction"] is None
    assert node["without"]["point"] == 2000


def test_a_missing_higher_order_factor_leaves_no_total_and_the_net():
    rebound = given(
        "rebound", "higher", 1, 0, mechanism="rebound by price", activity="travel", item="flightt", unit="km"
    )
    effect = netprint.assess(study((SERVICE, GOODS, rebound), gaps="report")).tags["effect"]
    assert effect["net"]["point"] == -240 and effect["higher_order"] is effect["total"] is None
    assert effect["missing"] == ["rebound"] and "total" in effect["claims"]["may_not"]


@pytest.mark.parametrize("lang", ["en", "fr", "es", "ru", "zh", "ar"])
def test_the_report_of_a_gap_names_the_node_and_no_net(lang):
    from netprint.report.html import render

    nodes = (LACKS | {"title": "the LAMP"}, GOODS, REBOUND)
    page = render(netprint.assess(study(nodes, gaps="report")), lang)
    headline = page.split('id="headline"')[1].split("</section>")[0]
    assert "the LAMP" in headline and headline.count('class="card"') == 2


# -- shares of the scale -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scale", "field", "told"),
    [
        ({"adoption": 50}, "scale.adoption", "it is 50;"),
        ({"adoption": -0.5}, "scale.adoption", "it is -0.5;"),
        ({"adoption": {"saturation": 80, "midpoint": 2025, "growth": 0.9}}, "scale.adoption", "it is 40;"),
        ({"adoption": 0.5, "effective_use": 2}, "scale.effective_use", "it is 2;"),
        ({"adoption": 0.5, "already": 1.5}, "scale.already", "it is 1.5;"),
        ({"adoption": 0.5, "overlap": [{"solution": "x", "share": 1.5}]}, "scale.overlap.0.share", "it is 1.5;"),
        ({"adoption": 0.5, "users": -10}, "scale.users", "it is -10; expected 0 or more"),
        ({"adoption": "p"}, "scale.adoption", "it is from 0.6"),
    ],
)  # fmt: skip
def test_what_is_no_share_is_refused(scale, field, told):
    uncertain = {"p": {"value": 0.9, "unit": "1", "distribution": "uniform", "min": 0.6, "max": 1.2}}
    wrong = study(perspective={"at scale": "city"}, scale={"users": 10, **scale}, parameters=uncertain)
    (found,) = refused(wrong)
    assert field in found and told in found


def test_every_share_that_is_none_is_named_at_once():
    drifts = {"autonomous": [{"yearly": 50, "since": 2024, "why": "x"}]}
    wrong = study(
        perspective={"at scale": "city"}, scale={"users": -1, "adoption": 2, "effective_use": 3}, **drifts
    )
    found = "\n".join(refused(wrong))
    assert len(refused(wrong)) == 4
    assert all(
        f in found for f in ("scale.users", "scale.adoption", "scale.effective_use", "autonomous.0.yearly")
    )


def test_a_sensitivity_beyond_a_share_is_refused_by_its_name():
    beyond = [{"id": "all", "title": "All", "about": "adoption", "factors": {"p": "p * 3"}}]
    given_study = study(
        perspective={"at scale": "city"}, scale={"users": 10, "adoption": "p"}, sensitivities=beyond,
        parameters={"p": {"value": 0.5, "unit": "1"}},
    )  # fmt: skip
    (found,) = refused(given_study)
    assert "it is 1.5 in the sensitivity 'all'" in found


# -- the tier and what bars a reduction ----------------------------------------------------------------------------


def test_many_small_nodes_of_tier_3_matter_together():
    many = [given(f"n{i}", "second", 0, 10, tier=3) | {"tier": 3} for i in range(30)]
    effect = netprint.assess(study((SERVICE, *many, REBOUND))).tags["effect"]
    assert effect["tier"] == 3 and effect["tier_by"] == [n["id"] for n in many]
    (told,) = refused(study((SERVICE, *many, REBOUND), public=True))
    assert "is of Tier 3" in told


def test_a_node_that_is_only_described_counts_as_tier_3_whatever_it_states():
    effect = netprint.assess(study((SERVICE, GOODS, shared("words", 1, "medium"), REBOUND))).tags["effect"]
    assert effect["tier"] == 3 and effect["tier_by"] == ["words"]
    assert effect["claims"]["may"] == ["internal"] and "unquantified" in effect["claims"]["may_not"]
    small = netprint.assess(study((SERVICE, GOODS, shared("words", 1, "small"), REBOUND))).tags["effect"]
    assert small["tier"] == 2 and small["claims"]["may"] == ["net_reduction"]


def test_an_increase_of_higher_order_in_words_alone_bars_a_reduction():
    words = shared("words", 2, "large", order="higher")
    effect = netprint.assess(study((SERVICE, GOODS, words))).tags["effect"]
    assert effect["tier"] == 2 and effect["verdict"] == "reduction"
    assert effect["claims"]["may"] == ["net_unclear"] and "unquantified" in effect["claims"]["may_not"]
    saves = shared("words", 2, "large", "decrease", order="higher")
    assert netprint.assess(study((SERVICE, GOODS, saves))).tags["effect"]["claims"]["may"] == [
        "net_reduction"
    ]


@pytest.mark.parametrize("lang", ["en", "fr", "es", "ru", "zh", "ar"])
def test_a_total_that_is_an_increase_bars_a_reduction(lang):
    from netprint.report.html import render

    result = netprint.assess(
        study((SERVICE, GOODS, given("rebound", "higher", 500, mechanism="rebound by price")))
    )
    effect = result.tags["effect"]
    assert effect["total"]["point"] == 260 and effect["claims"]["may"] == ["net_outweighed"]
    assert "total_increase" in effect["claims"]["may_not"]
    page = render(result, lang).split('id="effect_claims"')[1].split("</section>")[0]
    assert "260" in page and "\u2212240" in page


@pytest.mark.parametrize("reason", ["-", "  ", "no", "...", "12 345"])
def test_a_sign_is_no_reason(reason):
    left = {"id": "seats", "order": "higher", "mechanism": "scale", "included": {"excluded": reason}}
    (told,) = refused(study((SERVICE, GOODS, REBOUND, left)))
    assert "the node 'seats' is excluded without a reason" in told
    said = left | {"included": {"excluded": "\u592a\u5c0f"}}
    assert netprint.assess(study((SERVICE, GOODS, REBOUND, said))).tags["effect"]["net"]["point"] == -240


@pytest.mark.parametrize(("direction", "low", "high"), [("increase", -1000, -900), ("decrease", -5, 20)])
def test_bounds_of_the_other_direction_are_refused(direction, low, high):
    bounds = {"low": low, "high": high, "unit": "kg CO2e", "source": "x"}
    node = shared("words", 3, "small", direction)
    (told,) = refused(
        study((SERVICE, GOODS, REBOUND, node | {"described": node["described"] | {"bounds": bounds}}))
    )
    assert f"the direction is {direction!r}" in told
    mended = {"low": -high, "high": -low, "unit": "kg CO2e", "source": "x"}
    node["described"]["bounds"] = mended
    assert netprint.assess(study((SERVICE, GOODS, REBOUND, node))).tags["effect"]["net"] is not None


def test_the_note_stands_near_the_headline_and_the_source_in_the_record():
    from netprint.report.html import render

    page = render(netprint.assess(study(note="Read with CARE.", source="The WARD register")), "en")
    assert "Read with CARE." in page.split('id="headline"')[1].split("</section>")[0]
    assert "The WARD register" in page.split('id="effect_fields"')[1].split("</section>")[0]


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
        ({"nodes": [given("service", "first", 0), GOODS, REBOUND]}, "The first-order effect is zero or below zero"),
        ({"nodes": [given("service", "first", -500), GOODS, REBOUND]}, "The first-order effect is zero or below zero"),
        ({"nodes": [displacing(60, 500), GOODS, REBOUND]}, "The node service displaces more than 2 times"),
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
