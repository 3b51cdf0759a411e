"""Places: codes, names in six languages, groups for the fallback, dated memberships."""

from __future__ import annotations

import csv
from datetime import date
from importlib import resources

import pytest

from netprint import places
from netprint.errors import UsageError

P = places.load()


def test_every_place_has_a_name_in_every_language() -> None:
    assert len(P.countries) == 250
    for code, names in P.names.items():
        assert tuple(names) == places.LANGUAGES
        assert all(name == name.strip() and name for name in names.values()), code


@pytest.mark.parametrize("language", places.LANGUAGES)
def test_every_country_is_found_by_its_name(language: str) -> None:
    for code in P.countries:
        assert P.find(P.name(code, language), language) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("KEN", "KEN"), ("ke", "KEN"), ("kenya", "KEN"), ("  Кения ", "KEN"), ("肯尼亚", "KEN"),
        ("كينيا", "KEN"),
        ("Cote d'Ivoire", None), ("Côte d'Ivoire", "CIV"), ("Côte d’Ivoire", "CIV"), ("Russia", "RUS"),
        ("Sub-Saharan Africa", "M49-202"), ("m49-202", "M49-202"), ("world", "WORLD"), ("Monde", "WORLD"),
        ("LDC", "LDC"), ("Kosovo", "XKX"), ("Taiwan", "TWN"), ("NO", "NOR"), ("Micronesia", None),
        ("Nowhere", None), ("", None), ("United Kingdom", "GBR"), ("United States", "USA"),
    ],
)  # fmt: skip
def test_find(text: str, code: str | None) -> None:
    assert P.find(text) == code


def test_names_are_taken_from_the_language_asked_for() -> None:
    assert P.find("Allemagne", "fr") == "DEU"
    assert P.find("Allemagne", "es") is None
    assert P.name("CHE", "fr") == "Suisse"
    with pytest.raises(UsageError, match="no place names in 'de'"):
        P.find("Deutschland", "de")
    with pytest.raises(UsageError, match="no place code"):
        P.name("KNY")


def test_nearest_offers_codes_with_names() -> None:
    assert P.nearest("Kenia")[0] == "KEN (Kenya)"
    assert P.nearest("Germny")[0] == "DEU (Germany)"
    assert set(P.nearest("Micronesia")[:2]) == {
        "FSM (Micronesia (Federated States of))",
        "M49-057 (Micronesia)",
    }
    assert P.nearest("zzzzzzz") == []


def test_groups_go_from_near_to_far() -> None:
    assert P.groups("KEN") == ("M49-014", "M49-202", "M49-002", "WORLD")
    assert P.groups("FRA") == ("M49-155", "M49-150", "WORLD")
    assert P.groups("TWN") == ("M49-030", "M49-142", "WORLD")
    assert P.groups("XKX") == ("M49-039", "M49-150", "WORLD")
    assert P.groups("ATA") == ("WORLD",)
    assert P.groups("M49-014") == ("M49-202", "M49-002", "WORLD")
    assert P.groups("WORLD") == P.groups("no such place") == ()
    assert P.groups("FRA", 2023) == ("M49-155", "M49-150", "EU", "EU27", "WB-HIC", "WORLD")


def test_every_country_but_antarctica_lies_in_a_region() -> None:
    assert [code for code in P.countries if P.groups(code) == ("WORLD",)] == ["ATA"]
    for group in P.m49_groups:
        assert P.members(group, 2023), group


@pytest.mark.parametrize("country", ["BGD", "LAO", "NPL"])
def test_graduation_on_24_november_2026(country: str) -> None:
    assert P.member(country, "LDC", 2026)
    assert P.member(country, "LDC", date(2026, 11, 23))
    assert not P.member(country, "LDC", date(2026, 11, 24))
    assert not P.member(country, "LDC", 2027)


def test_dated_groups() -> None:
    assert len(P.members("LDC", 2025)) == 44
    assert len(P.members("LDC", 2027)) == 41
    assert len(P.members("EU", 2019)) == 28
    assert len(P.members("EU", 2021)) == len(P.members("EU27", 1990)) == 27
    assert P.member("GBR", "EU", date(2020, 1, 31)) and not P.member("GBR", "EU", date(2020, 2, 1))
    assert len(P.members("LLDC", 2024)) == 32
    assert not P.member("SSD", "LDC", 2010) and P.member("SSD", "LDC", 2013)
    for group in ("WORLD", "M49-150", "FRA"):
        assert P.member("FRA", group, 2020)
    with pytest.raises(UsageError, match="Did you mean 'LDC'"):
        P.member("KEN", "LDCS", 2020)


def test_a_country_has_one_income_group_at_a_time() -> None:
    income = ("WB-LIC", "WB-LMC", "WB-UMC", "WB-HIC")
    for year in (2019, 2023, 2024, 2025, 2026):
        for country in P.countries:
            assert sum(P.member(country, group, year) for group in income) <= 1, (country, year)
    assert P.member("CRI", "WB-UMC", date(2025, 6, 30)) and P.member("CRI", "WB-HIC", date(2025, 7, 1))


def test_recalled_rows_say_so() -> None:
    text = resources.files("netprint").joinpath("catalog/places/memberships.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        assert row["status"] in ("verified", "provisional")
        assert row["status"] == "provisional" or "recalled" not in row["source"]
        assert not row["to"] or row["from"] < row["to"]
