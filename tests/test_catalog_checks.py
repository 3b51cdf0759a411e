"""Second sources: every cross-check holds what it says, was read, and explains what differs."""

from __future__ import annotations

import pytest

from netprint.ask import evidence
from netprint.ask.attributions import LINKS, NAMES
from netprint.load.factors import CATALOG, catalog, read_csv, sources
from netprint.units import parse

CHECKS = evidence.compared()


@pytest.mark.parametrize("file", ["grid.csv", "more.csv"])
def test_the_first_value_is_that_of_the_catalogue(file: str):
    for _, row in read_csv(CATALOG / "evidence" / "crosschecks" / file):
        found = catalog().rows[row["factor"]][tuple(row["index"].split(" | "))]
        assert float(row["value"]) == pytest.approx(found.value, rel=1e-4), row
        assert row["source"] == found.source, row
        assert parse(row["unit"]) == parse(found.card.unit), row


def test_ratios_are_first_over_second_and_both_sources_are_known_and_differ():
    for row in CHECKS:
        assert row["ratio"] == pytest.approx(float(row["value"]) / float(row["second_value"]), rel=3e-3), row
        assert row["source"] != row["second_source"], row
        assert {row["source"], row["second_source"]} <= set(sources()), row


def test_at_least_150_values_were_read_in_a_second_source():
    read = [r for r in CHECKS if sources()[r["second_source"]]["seen"].startswith("2026")]
    assert len(read) == len(CHECKS) >= 150
    assert len({(r["factor"], r["index"]) for r in read}) >= 140


def test_at_least_40_are_other_measurements_and_not_other_prints_of_one():
    """Tables of one report, printed twice, find slips of the pen only; they do not count here."""
    other = {(r["factor"], r["index"]) for r in CHECKS if not r["factor"].startswith("gwp_")}
    assert len(other) >= 90


def test_a_difference_above_a_tenth_is_explained_in_words():
    far = [r for r in CHECKS if not 1 / 1.1 <= r["ratio"] <= 1.1]
    assert len(far) > 30
    assert [r for r in far if len(r["explanation"].split()) < 3] == []


def test_what_is_compared():
    least = {
        "fuel_direct": 15, "gwp_ar4": 14, "gwp_ar5": 16, "gwp_ar6": 18, "grid_lifecycle": 10, "device_embodied": 8,
        "grid_losses": 12, "grid_losses_generated": 7,
    }  # fmt: skip
    found = {factor: len({r["index"] for r in CHECKS if r["factor"] == factor}) for factor in least}
    assert {factor: n for factor, n in found.items() if n < least[factor]} == {}


def test_fuels_of_three_books_agree_within_a_twentieth():
    ratios = [r["ratio"] for r in CHECKS if r["factor"] == "fuel_direct"]
    assert len(ratios) >= 20
    assert [r for r in ratios if not 0.94 < r < 1.06] == []


def test_warming_potentials_are_the_same_but_for_the_one_that_was_edited():
    apart = {r["index"] for r in CHECKS if r["factor"].startswith("gwp_") and r["ratio"] != 1}
    assert apart == {("SF6",)}


# -- licences ---------------------------------------------------------------------------------------------------------

SPELLINGS = {
    "", "facts, cite the source", "facts, cite the source (page CC BY-SA 4.0)", "MIT (package)", "Apache-2.0",
    "CC-BY-4.0", "CC-BY-3.0", "CC0-1.0", "OGL-UK-3.0", "US public domain", "etalab-2.0", "MPL-2.0",
    "Singapore Open Data Licence 1.0", "IPCC, cite the source", "ECB, cite the source", "bp, cite the source",
    "CN, official default, cite the source",
}  # fmt: skip
"""Those of SPDX where it has the licence."""


def test_a_licence_is_spelled_in_one_way():
    wrong = {}
    for path in sorted(CATALOG.rglob("*.csv")):
        for line, row in read_csv(path):
            parts = set((row.get("licence") or "").split("; "))
            if not parts <= SPELLINGS:
                wrong[f"{path.name}:{line}"] = row["licence"]
    assert wrong == {}


def test_a_licence_that_asks_for_its_address_has_one():
    ask = {"CC-BY-4.0", "CC-BY-3.0", "OGL-UK-3.0", "etalab-2.0", "MPL-2.0", "Apache-2.0", "CC0-1.0"}
    assert {NAMES.get(name, name) for name in ask} <= set(LINKS)


def test_sources_that_ask_for_a_name_say_where_they_are_found():
    own = ("this project", "netprint contributors")
    missing = [
        name for name, row in sources().items()
        if row.get("licence", "") in ("CC-BY-4.0", "CC-BY-3.0", "OGL-UK-3.0", "etalab-2.0", "MPL-2.0")
        and not row.get("url") and row.get("publisher") not in own
    ]  # fmt: skip
    assert missing == []
    assert sources()["ember-2026"]["url"] and sources()["ember-owid-2025"]["url"]


def test_every_source_that_was_published_has_a_licence():
    without = [n for n, row in sources().items() if row.get("publisher") and not row.get("licence")]
    assert without == []
