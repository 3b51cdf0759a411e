"""Law 11: for disjoint entities the sum of bundles is the assessment of their joined tables, in every draw."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from netprint import bundle
from netprint.assess import assess, rerun
from netprint.errors import UsageError
from netprint.merge import merge


def rows(entity, country, size, years=(2022, 2023)):
    """A few records of one entity."""
    found = []
    for year in years:
        for tier, uncertainty in (("metered", 2), ("estimated", 30)):
            found.append(
                {"activity": "electricity", "entity": entity, "country": country, "year": year, "unit": "MWh",
                 "quantity": size / 3 + year, "tier": tier, "uncertainty": uncertainty}
            )  # fmt: skip
        found.append(
            {"activity": "fuel", "entity": entity, "country": country, "year": year, "unit": "L", "item": "diesel",
             "quantity": 70 * size, "uncertainty": 5}
        )  # fmt: skip
    return found


def study(title, activities, **more):
    return {
        "title": title, "method": "itu-t-l1420", "period": "2022..2023", "by": ["year", "country", "scope"],
        "draws": 200, "gaps": "report", "activities": activities, **more,
    }  # fmt: skip


KENYA, UGANDA = rows("Savanna", "KEN", 900), rows("Nile", "UGA", 100)


@pytest.fixture(scope="module")
def members():
    return assess(study("Savanna", KENYA, completeness={"site": 4})), assess(
        study("Nile", UGANDA, completeness={"site": 3})
    )


@pytest.fixture(scope="module")
def merged(members, tmp_path_factory):
    paths = [bundle.write(m, tmp_path_factory.mktemp("bundles") / f"{m.title}.zip") for m in members]
    return merge(paths)


def test_the_sum_of_bundles_is_the_assessment_of_the_joined_tables(members, merged):
    joined = assess(study("Joined", KENYA + UGANDA, completeness={"site": 7}))
    assert merged.collapsed.hash == joined.collapsed.hash
    assert set(merged.draws) == set(joined.draws)
    for key, draws in joined.draws.items():
        np.testing.assert_array_equal(merged.draws[key], draws)
        parts = sum(m.draws[key] for m in members)
        np.testing.assert_allclose(parts, draws, rtol=1e-12, atol=1e-9)
    assert list(merged.cells) == list(joined.cells)


def test_the_order_of_bundles_changes_nothing(members, merged):
    other = merge(members[::-1])
    assert list(other.cells) == list(merged.cells)
    assert other.collapsed.hash == merged.collapsed.hash


def test_a_merged_bundle_reproduces_itself_and_merges_again(merged, tmp_path):
    path = bundle.write(merged, tmp_path / "sum")
    again = rerun(path)
    assert list(again.cells) == list(merged.cells)
    assert again.tags == merged.tags
    third = assess(study("Lake", rows("Lake", "TZA", 50), completeness={"site": 1}))
    assert len(merge([path, third]).collapsed) == len(merged.collapsed) + len(third.collapsed)


def test_title_and_inputs_name_the_members(members, merged):
    assert merged.title == "Savanna + Nile"
    assert merged.inputs["bundle 1, Savanna, collapsed table"] == members[0].tags["collapsed"]
    assert merge(members, title="East Africa").title == "East Africa"


def test_the_same_entity_twice_is_refused(members):
    with pytest.raises(UsageError) as caught:
        merge([members[0], members[0]])
    assert str(caught.value) == (
        "These bundles do not add up; nothing was merged.\n"
        "  The entity 'Savanna' is in 'Savanna' and 'Savanna'; it would be counted twice."
    )


def test_rows_without_an_entity_are_refused():
    nameless = [{k: v for k, v in r.items() if k != "entity"} for r in KENYA]
    one, two = assess(study("A", nameless)), assess(study("B", nameless))
    with pytest.raises(UsageError, match=r"'A' and 'B' have rows without an entity, which may be the same"):
        merge([one, two])


def test_every_difference_is_told_at_once(members):
    own = [
        {
            "factor": "grid_direct",
            "country": "UGA",
            "year": 2023,
            "value": 0.05,
            "unit": "kg CO2e/kWh",
            "source": "S",
        }
    ]
    other = assess(
        study("Nile", UGANDA, gwp="AR5", seed=7, draws=100, method="ghgp-corporate", by=["year"], factors=own)
    )
    with pytest.raises(UsageError) as caught:
        merge([members[0], other])
    text = str(caught.value)
    assert "The seed differs: 1429 in 'Savanna', 7 in 'Nile'." in text
    assert "The number of draws differs: 200 in 'Savanna', 100 in 'Nile'." in text
    assert "The GWP set differs: AR6 in 'Savanna', AR5 in 'Nile'." in text
    assert "The methods differ: itu-t-l1420 in 'Savanna', ghgp-corporate in 'Nile'." in text
    assert "The grouping differs: year, country, scope in 'Savanna', year in 'Nile'." in text
    assert "The own factors of 'Savanna' and 'Nile' differ: grid_direct[UGA, 2023]." in text


def test_another_release_of_the_catalogue_is_refused(members, monkeypatch):
    monkeypatch.setattr(sys.modules["netprint.merge"], "catalogue", lambda: "f" * 64)
    with pytest.raises(UsageError, match=r"The release of the catalogue differs: .* in this netprint\."):
        merge(members)


def test_one_bundle_and_public_bundles_are_refused(members, tmp_path):
    with pytest.raises(UsageError, match=r"There is nothing to merge: give two bundles or more\."):
        merge(members[:1])
    public = bundle.write(members[1], tmp_path / "public", public=True)
    with pytest.raises(UsageError, match=r"Bundle 2, .*public, is public: it holds no collapsed table"):
        merge([members[0], public])


def test_years_that_not_all_cover_are_said(members):
    longer = assess(
        study(
            "Nile",
            rows("Nile", "UGA", 100, (2021, 2022, 2023)),
            period="2021..2023",
            completeness={"site": 3},
        )
    )
    result = merge([members[0], longer])
    assert "2021 is not in the period of 'Savanna'; its totals lack them." in result.warnings
    assert result.total("location", 2021)["point"] == pytest.approx(longer.total("location", 2021)["point"])


def test_a_term_across_entities_does_not_add_up():
    method = {
        "id": "m",
        "terms": [
            {"id": "over", "each": ["year"], "formula": "electricity * grid_direct['KEN', year]",
             "books": {"flow": "CO2e", "scope": 2}},
        ],
    }  # fmt: skip
    parts = [assess(study(e, rows(e, "KEN", 10), method=method, by=["year"])) for e in ("A", "B")]
    with pytest.raises(UsageError, match=r"The term over is computed across entities"):
        merge(parts)


def lossy(entity, declared, column="loss", **more):
    """A study that multiplies by a numeric column of its rows, in the unit that it declares for it."""
    method = {
        "id": "m",
        "activities": {"leaked": "kg"},
        "terms": [
            {"id": "s1", "activity": "leaked", "formula": "quantity * loss", "books": {"flow": "CO2e", "scope": 1}},
        ],
    }  # fmt: skip
    row = {
        "activity": "leaked",
        "entity": entity,
        "country": "KEN",
        "year": 2022,
        "unit": "kg",
        "quantity": 10,
    }
    columns = {"loss": {"unit": declared}, **({column: {"unit": "kg"}} if column != "loss" else {})}
    given = study(entity, [{**row, "loss": 3}], method=method, by=["year"], columns=columns, **more)
    return assess(given)


def test_columns_in_other_units_are_refused():
    a, b = lossy("A", "kg CO2e/kg"), lossy("B", "g CO2e/kg")
    with pytest.raises(UsageError) as caught:
        merge([a, b])
    assert str(caught.value) == (
        "These bundles do not add up; nothing was merged.\n"
        "  The unit of the column loss differs: kg CO2e/kg in 'A', g CO2e/kg in 'B'."
    )


def test_the_same_unit_in_another_spelling_adds_up():
    both = merge([lossy("A", "kg CO2e/kg"), lossy("B", "kgCO2e / kg")])
    assert both.total("inventory")["point"] == pytest.approx(60)


def test_sensitivities_and_columns_of_one_alone_are_told_together():
    half = [{"id": "half", "select": "country == 'KEN'", "times": "0.5"}]
    a, b = lossy("A", "kg CO2e/kg", sensitivities=half), lossy("B", "kg CO2e/kg", column="mass")
    with pytest.raises(UsageError) as caught:
        merge([a, b])
    text = str(caught.value)
    assert "The unit of the column mass differs: none in 'A', kg in 'B'." in text
    assert "The sensitivity half differs: select: country == 'KEN'; times: 0.5 in 'A', none in 'B'." in text


def test_plans_are_compared_part_by_part(members):
    from dataclasses import replace

    from netprint.assess import restore
    from netprint.merge import unlike

    a = restore(members[0])
    activities = {**a.plan.activities, "electricity": replace(a.plan.activities["electricity"], unit="MWh")}
    totals = {**a.plan.totals, "location-based": ("inventory",)}
    b = replace(a, plan=replace(a.plan, activities=activities, totals=totals, impacts={"water": "L"}))
    found = {what: (x, y) for what, x, y in unlike(a, b)}
    assert found["unit of the activity electricity"] == ("kWh", "MWh")
    assert found["unit of the impact water"] == ("", "L")
    assert found["total location-based"] == ("inventory + location", "inventory")
    assert len(found) == 3
    assert not list(unlike(a, a))
