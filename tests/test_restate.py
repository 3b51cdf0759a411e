"""The base year: a bridge that adds up in every draw, a decision by the policy, bundles that supersede one another."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import sys
from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest

import netprint
from netprint import bundle
from netprint.bundle.chain import history, identity
from netprint.cli import main
from netprint.engine.bridge import shapley
from netprint.errors import InputError, UsageError
from netprint.load import release
from netprint.rebase import rebased
from netprint.report.html import render

TERMS = [
    {"id": "s1", "activity": "burnt", "formula": "quantity * direct[item, gas]", "over": {"gas": ["CO2", "N2O"]},
     "books": {"flow": "gas", "scope": 1, "category": "combustion"}},
    {"id": "s2", "activity": "power", "formula": "quantity * grid_own[country, year]",
     "books": {"flow": "CO2e", "account": "location", "scope": 2, "category": "electricity"}},
]  # fmt: skip
REFRIGERANT = {"id": "leaks", "activity": "power", "formula": "quantity * leak",
               "books": {"flow": "CO2e", "scope": 1, "category": "fugitive"}}  # fmt: skip
TOTALS = {"location-based": ["inventory", "location"]}
#: (entity, year) → power in MWh; fuel is a hundredth of it in litres times 1000.
OLD = {("A", 2021): 500, ("B", 2021): 300, ("A", 2022): 600, ("B", 2022): 330}


def inventory(
    title="Old", power=OLD, litres=10.0, grid=0.1, gwp="AR6", terms=(), leak=0.001, countries=None, **more
):
    rows, places = [], countries or {}
    for (entity, year), mwh in power.items():
        at = {"entity": entity, "year": year, "country": places.get(entity, "KEN")}
        rows += [
            {**at, "activity": "power", "quantity": mwh, "unit": "MWh", "uncertainty": 3},
            {**at, "activity": "burnt", "item": "diesel", "quantity": litres * mwh, "unit": "L", "uncertainty": 5},
        ]  # fmt: skip
    factors = [
        *({"factor": "grid_own", "country": c, "value": grid, "unit": "kg CO2e/kWh", "gsd": 1.1, "source": "S1",
           "distribution": "lognormal", "statistic": "mean"} for c in sorted({"KEN", *places.values()})),
        {"factor": "direct", "item": "diesel", "gas": "CO2", "value": 2.7, "unit": "kg/L", "source": "S2", "gsd": 1.02},
        {"factor": "direct", "item": "diesel", "gas": "N2O", "value": 0.001, "unit": "kg/L", "source": "S2"},
        {"factor": "leak", "value": leak, "unit": "kg CO2e/kWh", "source": "S3"},
    ]  # fmt: skip
    years = sorted({y for _, y in power})
    study = {
        "title": title, "period": f"{years[0]}..{years[-1]}", "base_year": 2021, "draws": 300, "gwp": gwp,
        "method": {"id": "m", "terms": [*TERMS, *terms], "totals": TOTALS,
                   "activities": {"burnt": "L", "power": "kWh"}},
        "cards": [{"factor": "grid_own", "unit": "kg CO2e/kWh", "index": "country year"},
                  {"factor": "direct", "unit": "kg/L", "index": "item gas"},
                  {"factor": "leak", "unit": "kg CO2e/kWh", "index": ""}],
        "factors": factors, "by": ["year", "scope"],
    }  # fmt: skip
    return netprint.assess({**study, "activities": rows, **more})


POLICY = {"threshold": "5 %"}


@pytest.fixture(scope="module")
def old():
    return inventory()


def bars(found):
    return {bar["cause"]: pytest.approx(bar["contribution"]) for bar in found.bars}


def adds_up(one, two, found):
    """Bars, in the point and in every draw, for every total and scope."""
    assert sum(b["contribution"] for b in found.bars) == pytest.approx(found.difference, rel=1e-12, abs=1e-6)
    assert found.points[1] - found.points[0] == pytest.approx(found.difference)
    year, totals = "2021", ["location-based"]
    made = rebased(one, two, year, totals[0], totals)
    for measured in made.measured:
        ends = [r.views["scope" if measured.scope else "year"] for r in (one, two)]
        at = {"year": year, "impact": "climate change", "account": measured.total}
        at |= {"scope": measured.scope} if measured.scope else {}
        points = [view.one(**at)["point"] for view in ends]
        assert measured.before[0] == pytest.approx(points[0], rel=1e-12)
        assert sum(v[0] for v in measured.bars.values()) == pytest.approx(
            points[1] - points[0], rel=1e-12, abs=1e-6
        )
    whole = next(m for m in made.measured if not m.scope)
    drawn = two.draws["2021", "location-based", "climate change"]
    scale = np.abs(drawn) + sum(np.abs(v) for v in whole.bars.values())
    assert np.all(np.abs(whole.before + sum(whole.bars.values()) - drawn) <= 1e-12 * scale)


# -- the published examples --------------------------------------------------------------------------------------------


PLAIN = {"id": "plain", "activities": {"emitted": "t"},
         "terms": [{"id": "s1", "activity": "emitted", "formula": "quantity * one",
                    "books": {"flow": "CO2e", "scope": 1, "category": "facilities"}}]}  # fmt: skip


def company(title, emitted, years, **more):
    """Emissions in t by facility and year; base year one is 2001."""
    rows = [
        {"activity": "emitted", "entity": e, "year": 2000 + y, "quantity": q, "unit": "t", "country": "WORLD"}
        for e, series in emitted.items() for y, q in series.items()
    ]  # fmt: skip
    factor = {"factor": "one", "value": 1, "unit": "t CO2e/t", "source": "t CO2e as published"}
    return netprint.assess(
        {"title": title, "method": PLAIN, "period": f"2001..{2000 + years}", "base_year": 2001, "draws": 100,
         "activities": rows, "factors": [factor], "restatement": {"threshold": "5 %"}, **more}
    )  # fmt: skip


#: GHG Protocol Corporate Standard (revised edition, 2004), ch. 5, figures 6 (Gamma), 7 (Beta), 8 (Teta); provisional:
#: entered as recalled, the standard itself was not at hand. Before, and as stated in year three; base year in t CO2
#: before and after, and year three.
GOLDEN = {
    "Gamma acquires facility C": (
        {"A": {1: 25, 2: 30}, "B": {1: 25, 2: 30}},
        {"A": {1: 25, 2: 30, 3: 30}, "B": {1: 25, 2: 30, 3: 30}, "C": {1: 15, 2: 20, 3: 20}}, (50, 65, 80), True,
    ),
    "Beta divests unit C": (
        {"A": {1: 25, 2: 30}, "B": {1: 25, 2: 30}, "C": {1: 25, 2: 30}},
        {"A": {1: 25, 2: 30, 3: 30}, "B": {1: 25, 2: 30, 3: 30}}, (75, 50, 60), True,
    ),
    "Teta acquires what did not exist in year one": (
        {"A": {1: 25, 2: 30}, "B": {1: 25, 2: 30}},
        {"A": {1: 25, 2: 30, 3: 30}, "B": {1: 25, 2: 30, 3: 30}, "C": {2: 15, 3: 20}}, (50, 50, 80), False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_the_examples_of_the_corporate_standard(name):
    before, after, (was, now, third), due = GOLDEN[name]
    one, two = company(name, before, 2), company(f"{name}, year three", after, 3)
    found = netprint.restate(one, two)
    assert found.points == (pytest.approx(1000 * was), pytest.approx(1000 * now))
    assert bars(found) == ({"structural change": 1000 * (now - was)} if due else {})
    assert found.due is due and found.act is due
    assert two.total("inventory", 2003)["point"] == pytest.approx(1000 * third)
    change = two.trend.one(year="2003", account="inventory")  # the trend stands on the base year as it is now
    assert change["point"] == pytest.approx(1000 * (third - now))
    assert change["relative_point"] == pytest.approx(100 * (third / now - 1))


def test_what_was_founded_later_is_named():
    before, after, *_ = GOLDEN["Teta acquires what did not exist in year one"]
    found = netprint.restate(company("Teta", before, 2), company("Teta, year three", after, 3))
    assert found.decision == "Not required: nothing changed."
    assert found.notes == (
        "No activity data in the base year: C. What was founded later changes no base year; what existed in 2001 and "
        "was acquired needs its data of 2001.",
    )


def test_growth_never_triggers(old):
    grown = {**OLD, ("A", 2022): 60_000, ("B", 2022): 1, ("A", 2023): 99_999}
    found = netprint.restate(old, inventory("Grown", grown, restatement=POLICY))
    assert found.difference == 0 and found.bars == () and found.due is False and not found.act


def test_the_structure_of_a_day_holds_for_the_years_before():
    """An acquisition within the year, as the table of entities tells it, is taken into the base year as a whole."""
    emitted = {"A": {1: 50, 2: 50, 3: 50}, "C": {1: 15, 2: 20, 3: 20}, "D": {1: 5, 2: 5}}
    stakes = [
        {"entity": "A"},
        {"entity": "C", "parent": "A", "share": "100 %", "control": "yes", "from": "2003-01-01"},
        {"entity": "D", "parent": "A", "share": "100 %", "control": "yes", "to": "2002-12-31"},
    ]  # fmt: skip
    more = {"consolidation": "operational control", "entities": stakes}
    dated = company("As it was", emitted, 3, **more)
    assert [dated.total("inventory", y)["point"] for y in (2001, 2002, 2003)] == [55_000, 55_000, 70_000]
    policy = {"threshold": "5 %", "structure": "2003-12-31"}
    now = company("As it is", emitted, 3, **more, restatement=policy)
    assert [now.total("inventory", y)["point"] for y in (2001, 2002, 2003)] == [65_000, 70_000, 70_000]
    found = netprint.restate(dated, now)
    assert bars(found) == {"structural change": 10_000}
    assert [(r["entity"], r["contribution"]) for r in found.entities] == [("D", -5000), ("C", 15_000)]


def test_another_share_is_a_structural_change():
    def of(share, base):
        stakes = [{"entity": "A"}, {"entity": "C", "parent": "A", "share": share, "control": "yes"}]
        return company(
            share, {"A": {1: 50}, "C": {1: base}}, 1, consolidation="equity share", entities=stakes
        )

    found = netprint.restate(of("40 %", 20), of("60 %", 22))
    assert bars(found) == {"structural change": 4000, "activity data": 0.6 * 2000}
    assert found.entities[0]["what"] == "share from 40 % to 60 %"


# -- causes ------------------------------------------------------------------------------------------------------------


CHANGES = {
    "activity data": {"power": {**OLD, ("A", 2021): 550}},
    "factors": {"grid": 0.12},
    "GWP set": {"gwp": "AR5"},
    "boundary": {"terms": [REFRIGERANT]},
    "structural change": {"power": {**OLD, ("C", 2021): 100, ("C", 2022): 100}},
}


@pytest.mark.parametrize("cause", CHANGES)
def test_each_cause_has_its_own_bar(old, cause):
    new = inventory("New", **CHANGES[cause], restatement=POLICY)
    found = netprint.restate(old, new)
    adds_up(old, new, found)
    assert set(bars(found)) == {cause}
    assert found.bars[0]["low"] <= found.bars[0]["contribution"] <= found.bars[0]["high"]
    assert {b["cause"]: -b["contribution"] for b in netprint.restate(new, old).bars} == bars(found)


def test_method(old, monkeypatch):
    changed = [{**TERMS[0], "formula": "1.1 * quantity * direct[item, gas]"}, TERMS[1]]
    monkeypatch.setattr(sys.modules[__name__], "TERMS", changed)
    new = inventory("New", restatement=POLICY)
    found = netprint.restate(old, new)
    adds_up(old, new, found)
    assert bars(found) == {"method": 0.1 * old.total("inventory", 2021)["point"]}


def test_all_causes_at_once_add_up_and_are_symmetric(old):
    power = {**OLD, ("A", 2021): 550, ("C", 2021): 100}
    del power["B", 2021]
    new = inventory("New", power, 12.0, 0.12, "AR5", [REFRIGERANT], restatement=POLICY)
    found = netprint.restate(old, new)
    adds_up(old, new, found)
    assert set(bars(found)) == {"structural change", "boundary", "activity data", "factors", "GWP set"}
    assert {b["cause"]: -b["contribution"] for b in netprint.restate(new, old).bars} == bars(found)
    left, came = found.entities
    assert (left["entity"], came["entity"]) == ("B", "C")
    structural = next(b["contribution"] for b in found.bars if b["cause"] == "structural change")
    assert left["contribution"] + came["contribution"] == pytest.approx(structural)
    assert left["contribution"] == pytest.approx(-(300e3 * 0.1 + 3000 * (2.7 + 0.273)))


def test_what_comes_does_so_at_its_own_factors(old):
    """An acquired entity in a country that the old inventory had no factor for is no change of factors."""
    new = inventory("New", {**OLD, ("C", 2021): 100}, countries={"C": "TZA"}, restatement=POLICY)
    found = netprint.restate(old, new)
    adds_up(old, new, found)
    assert bars(found) == {"structural change": 100e3 * 0.1 + 1000 * (2.7 + 0.273)}


def test_a_corrected_country_takes_the_new_factor(old):
    """A row whose place was wrong is an error of the data, though the old factors lack the place."""
    new = inventory("New", countries={"B": "TZA"}, restatement=POLICY)
    found = netprint.restate(old, new)
    adds_up(old, new, found)
    assert found.difference == pytest.approx(0, abs=1e-6)
    assert all(b["cause"] in ("activity data", "factors") for b in found.bars)


def test_quantities_in_a_new_unit_change_with_the_method(old):
    """Fuel in kg where it was litres: neither can be changed without the other."""
    changed = [{**TERMS[0], "formula": "quantity * direct[item, gas] / fuel_density"}, TERMS[1]]
    density = {"factor": "fuel_density", "value": 0.8, "unit": "kg/L", "source": "S4"}
    rows = [
        {"entity": e, "year": y, "country": "KEN", **row}
        for (e, y), mwh in OLD.items()
        for row in (
            {"activity": "power", "quantity": mwh, "unit": "MWh", "uncertainty": 3},
            {"activity": "burnt", "item": "diesel", "quantity": 8.4 * mwh, "unit": "kg", "uncertainty": 5},
        )
    ]  # fmt: skip
    text = dict(line.split(": ", 1) for line in old.study.splitlines())
    study = {k: json.loads(v) for k, v in text.items()}
    study["method"] |= {"terms": changed, "activities": {"burnt": "kg", "power": "kWh"}}
    new = netprint.assess(
        {**study, "title": "New", "factors": [*study["factors"], density], "activities": rows, "restatement": POLICY}
    )  # fmt: skip
    found = netprint.restate(old, new)
    adds_up(old, new, found)
    assert bars(found) == {"activity data and method": 0.05 * old.total("inventory", 2021)["point"]}


def test_a_shapley_value_is_the_mean_over_all_orders():
    worth = {"": 0, "a": 3, "b": 5, "c": 1, "ab": 13, "ac": 4, "bc": 6, "abc": 20}
    held = {frozenset(k): {("1", "inventory"): np.array([float(v)])} for k, v in worth.items()}
    found = {p[0]: v["1", "inventory"][0] for p, v in shapley([("a",), ("b",), ("c",)], held.__getitem__)}
    for player, value in found.items():
        steps = []
        for order in permutations("abc"):
            before = order[: order.index(player)]
            steps.append(worth["".join(sorted((*before, player)))] - worth["".join(sorted(before))])
        assert value == pytest.approx(sum(steps) / 6)
    assert sum(found.values()) == pytest.approx(20)


# -- where the old one cannot be assessed again ------------------------------------------------------------------------


def otherwise(result):
    """The result as if its catalogue were another one, in which its factors had other values."""
    year = result.views["year"]
    points = [
        v * 1.01 if a == "location" else v
        for v, a in zip(year.columns["point"], year.columns["account"], strict=True)
    ]
    changed = replace(year, columns={**year.columns, "point": points})
    return replace(
        result, views={**result.views, "year": changed}, versions={**result.versions, "catalogue": "x"}
    )


def test_another_catalogue_serves_where_the_old_one_comes_out_as_it_was(old):
    unknown = replace(old, versions={**old.versions, "catalogue": "another"})
    found = netprint.restate(unknown, inventory("New", {**OLD, ("A", 2021): 550}, restatement=POLICY))
    assert set(bars(found)) == {"activity data"} and found.interval is not None


def test_without_the_old_catalogue_the_traces_tell_points(old):
    new = inventory("New", grid=0.12, restatement=POLICY)
    old = otherwise(old)
    found = netprint.restate(old, new)
    assert bars(found) == {"factors": 800e3 * 0.02}
    assert found.interval is None and found.bars[0]["low"] is None
    assert found.measures[0]["chance"] is None and found.due is True
    assert found.notes[0].startswith("'Old' comes out otherwise with the catalogue and methods at hand.")


def test_traces_by_entity_tell_structure():
    by = {"by": ["entity", "year"]}
    one = otherwise(inventory(**by))
    two = inventory("New", {**OLD, ("C", 2021): 100, ("C", 2022): 100}, **by, restatement=POLICY)
    assert set(bars(netprint.restate(one, two))) == {"structural change"}


def test_a_newer_release_of_the_catalogue_is_a_change_of_factors(study, tmp_path, monkeypatch):
    """The old bundle is assessed again with its own release, in which the grid of Kenya was dirtier."""
    folder = tmp_path / "releases"
    shutil.copytree(release.RELEASES, folder)
    now = release.releases()[-1].number
    about = json.loads((folder / f"{now}.json").read_text("utf-8"))
    about |= {"release": "2025.01", "date": "2025-01-31", "hash": "0" * 64}
    (folder / "2025.01.json").write_text(json.dumps(about), "utf-8")
    (folder / "2025.01.cards.csv.gz").write_bytes((folder / f"{now}.cards.csv.gz").read_bytes())
    rows = list(csv.reader(io.StringIO(gzip.decompress((folder / f"{now}.csv.gz").read_bytes()).decode())))
    dirtier = [[*r[:2], "0.13", *r[3:]] if r[:2] == ["grid_lifecycle", "KEN|2023"] else r for r in rows]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(dirtier)
    (folder / "2025.01.csv.gz").write_bytes(gzip.compress(text.getvalue().encode()))
    monkeypatch.setattr(release, "RELEASES", folder)
    path = study()
    with release.using(release.as_of("2025.01")):
        one = netprint.assess(path)
    two = netprint.assess(path)
    found = netprint.restate(one, two)
    assert found.difference == pytest.approx(
        two.total("location-based", 2023)["point"] - one.total("location-based", 2023)["point"]
    )
    assert found.difference < 0 and set(bars(found)) == {"factors"} and found.interval is not None


# -- the decision ------------------------------------------------------------------------------------------------------


def test_below_the_threshold(old):
    new = inventory("New", {**OLD, ("A", 2021): 510}, restatement=POLICY)
    found = netprint.restate(old, new)
    assert found.due is False and not found.act
    assert found.decision.startswith(
        "Not required: 1.25 % < 5 % (location-based; activity data; in 0 % of draws"
    )


def test_what_is_no_trigger_does_not_count(old):
    policy = {"threshold": "5 %", "triggers": ["structural change", "method"]}
    found = netprint.restate(old, inventory("New", grid=0.2, restatement=policy))
    assert found.due is False and found.bars[0]["counts"] is False
    assert "factors: another release of the catalogue, or other own factors, 95 %" in str(found)
    assert str(found).count("(no trigger of the policy)") == 1


def test_changes_that_cancel_do_not_hide(old):
    """One cause that reaches the threshold is enough, though another takes its effect back."""
    power = {k: v * (1.1 if k[1] == 2021 else 1) for k, v in OLD.items()}
    new = inventory("New", power, 10.0, 0.088, restatement={**POLICY, "of": "total"})
    found = netprint.restate(old, new)
    assert found.measures[0]["share"] > 0.05 > abs(found.difference) / found.points[0]
    assert found.due is True and found.measures[0]["largest"] == "factors"


def test_a_sale_does_not_hide_a_purchase(old):
    power = {("A", 2021): 500, ("A", 2022): 600, ("C", 2021): 300, ("C", 2022): 300}
    found = netprint.restate(old, inventory("New", power, restatement={**POLICY, "of": "total"}))
    assert found.difference == pytest.approx(0, abs=1e-6)
    assert found.due is True and found.measures[0]["share"] == pytest.approx(300 / 800)
    assert found.measures[0]["largest"].startswith("structural change (")
    policy = {**POLICY, "triggers": ["factors"]}
    assert netprint.restate(old, inventory("New", power, restatement=policy)).due is False


def test_small_changes_count_together(old):
    power = {**OLD, ("A", 2021): 525}
    found = netprint.restate(old, inventory("New", power, 10.0, 0.104, restatement={**POLICY, "of": "total"}))
    alone = [abs(b["contribution"]) / found.points[0] for b in found.bars]
    assert max(alone) < 0.05 < sum(alone)
    assert found.due is True and found.decision.startswith("Recalculate: ")
    assert "all causes together" in found.decision


def test_a_scope_is_measured_unless_only_the_total_is_asked_for(old):
    """Scope 2 grows by 6 %, which is 4.6 % of the total."""
    shared = netprint.restate(old, inventory("New", grid=0.106, restatement=POLICY))
    alone = netprint.restate(old, inventory("New", grid=0.106, restatement={**POLICY, "of": ["total"]}))
    scopes = {m["scope"]: round(m["share"], 4) for m in shared.measures}
    assert scopes == {"": round(4800 / (80e3 + 8000 * 2.973), 4), "1": 0.0, "2": 0.06}
    assert shared.due is True and "scope 2" in shared.decision
    assert alone.due is False and alone.decision.startswith("Not required: 4.62 % < 5 %")


def test_a_scope_that_was_nothing_before(old):
    travel = {"id": "s3", "activity": "power", "formula": "quantity * leak",
              "books": {"flow": "CO2e", "scope": 3, "category": "travel"}}  # fmt: skip
    found = netprint.restate(old, inventory("New", terms=[travel], restatement=POLICY))
    scope3 = next(m for m in found.measures if m["scope"] == "3")
    assert scope3["before"] == 0 and scope3["share"] is None and scope3["due"] is True
    assert found.decision.startswith(
        "Recalculate: a change from nothing >= 5 % (location-based, scope 3; boundary"
    )
    json.dumps(found.as_dict(), allow_nan=False)


def test_the_chance_is_that_of_the_draws(old):
    new = inventory("New", {**OLD, ("A", 2021): 540}, restatement=POLICY)
    found = netprint.restate(old, new)
    made = rebased(old, new, "2021", "location-based", ["location-based"]).measured[0]
    share = np.abs(made.bars["activity data"] / made.before)[1:]
    assert found.measures[0]["chance"] == np.mean(share >= 0.05)
    assert 0 < found.measures[0]["chance"] < 1


def test_without_a_policy_nothing_is_decided(old):
    found = netprint.restate(old, inventory("New", grid=0.11))
    assert found.due is None and found.act
    assert found.decision.startswith("Not decided: the study states no policy.")
    assert not netprint.restate(old, old).act


def test_another_policy_is_told(old):
    one = inventory(restatement={"threshold": 0.1})
    found = netprint.restate(one, inventory("New", grid=0.11, restatement=POLICY))
    assert "The policy of 'Old' was another one (threshold); the newer one decided." in found.notes


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({}, "`threshold` is missing"),
        ({"threshold": "a lot"}, "`threshold` is 'a lot'; expected a share of the base year like 5 % or 0.05"),
        ({"threshold": 5}, "`threshold` is 5"),
        ({"threshold": "5 %", "triggers": ["structure"]}, "'structure'; expected some of structural change, boundary"),
        ({"threshold": "5 %", "structure": "2024"}, "expected a day such as 2024-12-31"),
        ({"threshold": "5 %", "supersede": "x"}, "the key `supersede` is not known here"),
        ("5 %", "`restatement` is '5 %'"),
    ],
)  # fmt: skip
def test_what_a_policy_may_not_say(policy, message):
    with pytest.raises(InputError, match="restatement") as caught:
        inventory(restatement=policy)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"base_year": 2022}, "The base year is 2021 in 'Old' and 2022 in 'New'"),
        ({"power": {("A", 2022): 5}, "base_year": None}, "'New' has nothing in the base year 2021; it has 2022."),
    ],
)  # fmt: skip
def test_what_cannot_be_restated(old, more, message):
    with pytest.raises(UsageError, match="base year") as caught:
        netprint.restate(old, inventory("New", **more))
    assert str(caught.value).startswith(message)


def test_a_total_that_only_one_has_is_refused(old):
    with pytest.raises(
        UsageError, match="'market-based' is no total that both form alike; these are: location-based"
    ):
        netprint.restate(old, old, "market-based")


# -- bundles that supersede one another --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Three inventories in a folder, each superseding the one before; their paths."""
    folder = tmp_path_factory.mktemp("chain")
    paths = [bundle.write(inventory("First", restatement=POLICY), folder / "first")]
    for name, power in (
        ("second", {**OLD, ("C", 2021): 100, ("C", 2022): 100}),
        ("third", {**OLD, ("C", 2021): 150, ("C", 2022): 160}),
    ):
        policy = {**POLICY, "supersedes": paths[-1].name}
        made = inventory(name.capitalize(), power, restatement=policy, root=str(folder))
        paths.append(bundle.write(made, folder / name))
    return paths


def test_the_tags_hold_what_is_superseded(chain):
    first, second, third = chain
    told = bundle.read(third).tags["supersedes"]
    assert told["hash"] == identity(second)
    assert [link["hash"] for link in told["chain"]] == [identity(second), identity(first)]
    assert told["difference"] == pytest.approx(50e3 * 0.1 + 500 * 2.973)
    assert bundle.read(third).tags["restatement"]["threshold"] == 0.05


def test_a_declared_recalculation_is_done(chain):
    found = netprint.restate(chain[0], chain[1])
    assert found.due and found.declared and not found.act
    assert str(found).endswith("'Second' supersedes 'First'.")
    back = netprint.restate(chain[1], chain[0])
    assert back.due and not back.declared and back.act


def test_the_identity_is_that_of_the_result(chain, tmp_path):
    held = bundle.read(chain[0])
    assert identity(held) == identity(chain[0])
    assert identity(bundle.write(held, tmp_path / "again.zip")) == identity(chain[0])
    assert len({identity(p) for p in chain}) == 3


def test_a_bundle_run_again_keeps_what_it_supersedes(chain):
    assert netprint.rerun(chain[1]).tags["supersedes"] == bundle.read(chain[1]).tags["supersedes"]


def test_a_sum_of_bundles_supersedes_nothing(chain, tmp_path):
    other = inventory("Other", {("X", 2021): 10, ("X", 2022): 10})
    merged = netprint.merge([bundle.read(chain[1]), other])
    assert "supersedes" not in merged.tags and "restatement" not in merged.tags
    assert netprint.rerun(bundle.write(merged, tmp_path / "sum")).tags["base_year"] == 2021


def test_the_history(chain):
    links = history(chain[2]).links
    assert [r["title"] for r in links] == ["Third", "Second", "First"]
    assert [r["where"] for r in links] == [str(p) for p in reversed(chain)]
    points = [bundle.read(p).total("location-based", 2021)["point"] for p in reversed(chain)]
    assert [r["point"] for r in links] == pytest.approx(points)
    assert all(a["hash"] != b["hash"] for a, b in pairwise(links))


def test_a_history_without_the_older_bundles(chain, tmp_path):
    moved = shutil.copytree(chain[2], tmp_path / "elsewhere")
    links = history(moved).links
    assert [r["title"] for r in links] == ["Third", "Second", "First"]
    assert [r["where"] for r in links] == [str(moved), "", ""]


def test_a_changed_bundle_is_found(chain, tmp_path):
    for path in chain:
        shutil.copytree(path, tmp_path / path.name)
    shutil.rmtree(tmp_path / "first")
    bundle.write(inventory("First", grid=0.2), tmp_path / "first")
    with pytest.raises(UsageError, match=r"first is not the bundle that .*second supersedes: its hash is"):
        history(tmp_path / "third")


def test_a_bundle_written_over_the_one_it_supersedes_is_a_circle(chain, tmp_path):
    shutil.copytree(chain[0], tmp_path / "result")
    policy = {**POLICY, "supersedes": "result"}
    made = inventory("New", grid=0.2, restatement=policy, root=str(tmp_path))
    bundle.write(made, tmp_path / "result")
    with pytest.raises(UsageError, match=r"goes in a circle: .*result supersedes .*result"):
        history(tmp_path / "result")


def test_a_missing_bundle_is_refused(tmp_path):
    with pytest.raises(UsageError, match="nowhere does not exist"):
        inventory(restatement={**POLICY, "supersedes": "nowhere"}, root=str(tmp_path))


def test_compare_explain_and_report_say_so(chain):
    said = "'Second' supersedes 'First'; its base year stands on another basis."
    assert netprint.compare(chain[0], chain[1]).supersedes == said
    assert said in str(netprint.compare(chain[1], chain[0]))
    assert netprint.compare(chain[0], chain[0]).supersedes == ""
    told = str(netprint.explain(chain[1]))
    assert (
        "It supersedes 'First': base year 2021, location-based, 103 784 to 116 757 kg CO2e (structural change"
        in told
    )
    for lang in ("ar", "en", "es", "fr", "ru", "zh"):
        page = render(bundle.read(chain[1]), lang)
        section = page.split('<section id="restated"')[1].split("</section>")[0]
        assert section.count('role="img"') == 1 and "<desc>" in section and identity(chain[0])[:12] in section
    assert 'id="restated"' not in render(bundle.read(chain[0]))
    fields = render(bundle.read(chain[0])).split('<section id="fields"')[1]
    assert "of the base year (the total, each scope); triggers: structural change, boundary" in fields


def test_a_public_bundle_names_what_it_supersedes_and_no_bar(chain, tmp_path):
    public = bundle.read(bundle.write(bundle.read(chain[1]), tmp_path / "public", public=True))
    told = public.tags["supersedes"]
    assert told["chain"][0]["hash"] == identity(chain[0])
    assert told["bars"] == told["entities"] == told["measures"] == told["notes"] == []
    assert '"entity"' not in json.dumps(told) and told["decision"] == ""
    assert 'id="restated"' in render(public)
    assert [r["title"] for r in history(tmp_path / "public").links] == ["Second", "First"]


def test_the_command(chain, tmp_path, capsys):
    first, second, _ = map(str, chain)
    assert main(["restate", first, second]) == 0
    assert "Recalculate: " in capsys.readouterr().out
    assert main(["restate", second, first, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["act"] is True and told["bars"][0]["cause"] == "structural change"
    assert main(["restate", "--history", second]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[0] == "bundle" and [line.split()[0] for line in lines[1:]] == ["Second", "First"]
    assert main(["restate", first]) == 2
    assert "Name the older bundle and the newer study or bundle" in capsys.readouterr().err
    assert main(["restate", first, "--history", first]) == 2


def test_a_study_is_assessed_first(study, tmp_path):
    text = """\
        title: {title}
        method: itu-t-l1420
        period: 2023
        base_year: 2023
        activities: activities.csv
        draws: 200
        restatement: {{threshold: 5 %{more}}}
    """
    rows = """\
        activity,entity,country,year,item,quantity,unit,uncertainty
        fuel,Savanna,KEN,2023,diesel,20000,L,2
    """
    path = study(study__yaml=text.format(title="Old", more=""), activities__csv=rows)
    assert main(["assess", str(path), "--out", str(tmp_path / "old")]) == 0
    rows += "        fuel,Bought,KEN,2023,diesel,9000,L,2\n"
    study(study__yaml=text.format(title="New", more=""), activities__csv=rows)
    assert main(["restate", str(tmp_path / "old"), str(path)]) == 1
    study(study__yaml=text.format(title="New", more=", supersedes: old"), activities__csv=rows)
    assert main(["restate", str(tmp_path / "old"), str(path)]) == 0
