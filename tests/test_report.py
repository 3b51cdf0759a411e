"""The report: one safe, self-contained page in six languages, in which every number leads to its source."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from netprint.assess import assess
from netprint.errors import UsageError
from netprint.report import numbers
from netprint.report.charts import bars, draw
from netprint.report.html import LARGEST, render
from netprint.report.words import TEXTS, languages
from netprint.result import Result

LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def inventory(years: range, countries: tuple[str, ...]) -> list[dict[str, object]]:
    """A year's electricity, fuels, leaks, subscribers and certificates in every country."""
    rows: list[dict[str, object]] = []
    for year in years:
        for place, country in enumerate(countries, 1):
            at = {"country": country, "year": year}
            guess = {**at, "tier": "estimated"}
            rows += [
                {**at, "activity": "electricity", "quantity": 90 * place, "unit": "GWh", "uncertainty": 2},
                {**guess, "activity": "electricity", "quantity": 10 * place, "unit": "GWh", "uncertainty": 30},
                {**at, "activity": "fuel", "item": "diesel", "quantity": 8e5 * place, "unit": "L", "uncertainty": 5},
                {**guess, "activity": "vehicle_fuel", "item": "biodiesel", "quantity": 2e4, "unit": "L",
                 "uncertainty": 20},
                {**guess, "activity": "refrigerant", "item": "R-410A", "quantity": 300, "unit": "kg",
                 "uncertainty": 40},
                {**guess, "activity": "refrigerant", "item": "R-22", "quantity": 40, "unit": "kg", "uncertainty": 40},
                {**at, "activity": "subscribers", "quantity": 2e6 * place, "unit": "subscribers", "uncertainty": 1},
                {**at, "activity": "instrument", "item": "certificate", "quantity": 20 * place, "unit": "GWh",
                 "uncertainty": 0, "instrument_factor": 0.0},
            ]  # fmt: skip
    return rows


STUDY = {
    "title": "Savanna Mobile, 2021 to 2023", "method": "itu-t-l1420", "period": "2021..2023", "base_year": 2021,
    "entity": "Savanna", "consolidation": "operational control", "by": ["year", "country", "scope", "category"],
    "gwp": "AR6", "draws": 300, "seed": 1429, "gaps": "report",
    "sensitivities": [{"id": "life_cycle", "factors": {"grid_direct": "grid_lifecycle[country, year]"}}],
    "reported": [
        {"year": y, "scope": 2, "value": 90_000, "unit": "t CO2e", "source": "Annual report", "per": "electricity",
         "per_unit": "MWh"} for y in (2022, 2023)
    ],
    "organisation": "Savanna Mobile plc", "exclusions": [{"what": "Scope 3", "reason": "outside this study"}],
}  # fmt: skip

KENYA = {"country": "KEN", "year": 2023}
MINIMAL = {
    "title": HOSTILE, "entity": HOSTILE, "period": 2023, "by": ["scope"], "draws": 200, "gaps": "report",
    "organisation": HOSTILE, "boundary": {HOSTILE: [HOSTILE]}, "note": HOSTILE,
    "method": {
        "id": "own", "activities": {"electricity": "kWh", "fuel": "L"}, "cites": [HOSTILE],
        "terms": [
            {"id": "s2", "title": HOSTILE, "activity": "electricity", "formula": "quantity * grid_own[item]",
             "books": {"flow": "CO2e", "scope": 2, "category": HOSTILE}, "cites": HOSTILE, "status": "verified"},
            {"id": "s1", "activity": "fuel", "formula": "quantity * fuel_own[item]",
             "books": {"flow": "CO2", "scope": 1}},
        ],
    },
    "factors": [
        {"factor": "grid_own", "item": HOSTILE, "value": 0.1, "unit": "kg/kWh", "gsd": 1.1, "source": HOSTILE,
         "note": HOSTILE, "licence": HOSTILE, "page": HOSTILE},
        {"factor": "fuel_own", "item": "diesel", "value": 2.7, "unit": "kg/L", "source": "javascript:alert(3)"},
    ],
    "activities": [
        {**KENYA, "activity": "electricity", "item": HOSTILE, "quantity": 1000, "unit": "kWh", "tier": "estimated",
         "uncertainty": 30},
        {**KENYA, "activity": "fuel", "item": "diesel", "quantity": 2, "unit": "L"},
        {**KENYA, "activity": "fuel", "item": "petrol", "quantity": 20, "unit": "L"},
    ],
    "reported": [{"year": 2023, "value": 1, "unit": "kg Sb", "note": HOSTILE, "source": HOSTILE}],
}  # fmt: skip


@pytest.fixture(scope="module")
def result() -> Result:
    return assess({**STUDY, "activities": inventory(range(2021, 2024), ("KEN", "FRA", "IND"))})


@pytest.fixture(scope="module")
def minimal() -> Result:
    return assess(MINIMAL)


@pytest.fixture(scope="module")
def pages(result: Result) -> dict[str, str]:
    return {lang: render(result, lang) for lang in LANGUAGES}


@pytest.fixture(scope="module")
def hostile(minimal: Result) -> str:
    return render(minimal)


class Elements(HTMLParser):
    """Every element of a page with its attributes; void elements and the tree are checked on the way."""

    VOID = frozenset({"meta", "br", "img"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


def readable(page: str) -> str:
    """The text of a page without tags and style."""
    return html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)))


# -- the page as a file ----------------------------------------------------------------------------------------------


def test_each_language_is_one_small_file(pages: dict[str, str]):
    for page in pages.values():
        assert len(page.encode()) < LARGEST


def test_a_large_study_prints_fewer_lines_and_says_so():
    countries = tuple("KEN FRA IND DEU BRA ZAF USA MEX ESP ITA POL SWE JPN THA PHL".split())
    rows = inventory(range(2019, 2024), countries)
    wide = assess({**STUDY, "period": "2019..2023", "base_year": 2019, "draws": 100, "activities": rows})
    page = render(wide)
    assert len(page.encode()) < LARGEST
    assert re.search(r"more are in trace\.csv", readable(page))


def test_nothing_is_loaded_and_nothing_runs(pages: dict[str, str], hostile: str):
    for page in (*pages.values(), hostile):
        elements = Elements(page)
        names = {tag for tag, _ in elements.found}
        assert not names & {
            "script",
            "link",
            "img",
            "iframe",
            "object",
            "embed",
            "base",
            "form",
            "use",
            "image",
        }
        for tag, attributes in elements.found:
            assert not any(
                a.startswith("on") or a in ("src", "srcset", "style", "xlink:href") for a in attributes
            )
            address = attributes.get("href") or "#"
            assert address.startswith("#") or (tag == "a" and address.startswith(("http://", "https://")))
        style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
        assert style and not re.search(r"url\(|@import|@font-face", style[1])


def test_what_a_user_writes_is_text(hostile: str):
    assert "<script" not in hostile and "<img" not in hostile
    assert readable(hostile).count("<script>alert(1)</script>") > 10


def test_every_link_has_its_target_and_no_name_is_used_twice(pages: dict[str, str], hostile: str):
    for page in (*pages.values(), hostile):
        elements = Elements(page)
        idents = [a["id"] for _, a in elements.found if "id" in a]
        assert len(idents) == len(set(idents))
        linked = {h[1:] for a in elements.of("a") if (h := a.get("href") or "").startswith("#")}
        assert linked <= set(idents)


def test_a_number_leads_to_its_lines_factors_and_sources(pages: dict[str, str]):
    page = pages["en"]
    cell = re.search(r'<a href="#(c\d+)"><span class="n">[\d\u202f.]+</span></a>', page)
    assert cell
    line = page[page.index(f'<tr id="{cell[1]}">') :]
    factor = re.search(r'href="#(f\d+)"', line)
    assert factor
    row = page[page.index(f'<tr id="{factor[1]}">') :]
    source = re.search(r'href="#(s\d+)"', row)
    assert source and f'<tr id="{source[1]}">' in page


def test_every_chart_has_a_label_a_title_a_description_and_a_table(pages: dict[str, str]):
    for page in pages.values():
        charts = Elements(page).of("svg")
        assert len(charts) >= 7
        assert all(c.get("role") == "img" and c.get("aria-label") for c in charts)
        assert page.count("</title><desc>") == len(charts)
        pairs = re.findall(r'<div class="pair"><figure>.*?</figure><div class="table">', page, re.DOTALL)
        assert len(pairs) == len(charts)


# -- languages -------------------------------------------------------------------------------------------------------


def test_every_language_has_the_same_texts_with_the_same_places():
    assert languages() == LANGUAGES
    texts = {lang: json.loads((TEXTS / f"{lang}.json").read_text(encoding="utf-8")) for lang in LANGUAGES}
    for lang, here in texts.items():
        assert list(here) == list(texts["en"]), lang
        for key, value in here.items():
            assert value.strip(), (lang, key)
            assert sorted(re.findall(r"{\w+}", value)) == sorted(re.findall(r"{\w+}", texts["en"][key])), (
                lang,
                key,
            )


def test_arabic_runs_from_right_to_left_with_western_digits(pages: dict[str, str]):
    assert '<html lang="ar" dir="rtl">' in pages["ar"]
    assert '<html lang="zh" dir="ltr">' in pages["zh"]
    assert not re.search("[٠-٩۰-۹]", pages["ar"])


def test_an_unknown_language_is_refused_by_name(result: Result):
    with pytest.raises(UsageError, match=r"'de'.*ar, en, es, fr, ru, zh"):
        render(result, "de")


# -- what is said ----------------------------------------------------------------------------------------------------


def test_the_first_screen_says_what_a_manager_needs(result: Result, pages: dict[str, str]):
    first = readable(pages["en"].split('<section id="reported"')[0])
    row = result.total("location-based", 2023)
    assert numbers.fixed(row["point"] / 1000, numbers.places_of(row, 1e-3)) in first
    for said in ("Location-based total", "Market-based total", "t CO₂e", "95\u202f% interval", "Coverage", "not stated",
                 "operational control", "IPCC AR6", "Provisional", "Proxies", "itu-t-l1420"):  # fmt: skip
        assert said in first


def test_reported_figures_stand_beside_with_the_factor_they_imply(result: Result, pages: dict[str, str]):
    said = readable(pages["en"])
    scope2 = result.views["scope"].one(year="2023", scope="2", account="location-based")
    assert numbers.change(100 * (scope2["point"] / 90e6 - 1)) in said
    assert f"{numbers.number(90e3 / 600e3, 3)} t CO₂e/MWh" in said


def test_memo_accounts_stand_apart(pages: dict[str, str]):
    assert "Biogenic CO₂" in readable(pages["en"]) and "Gases outside the Kyoto basket" in readable(
        pages["en"]
    )


def test_what_the_reporter_left_out_is_said(pages: dict[str, str], hostile: str):
    fields = pages["en"].split('<section id="fields"')[1]
    assert fields.count("not stated by the reporter") >= 5
    assert "Scope 3" in fields and "outside this study" in fields


def test_gaps_and_a_missing_interval_are_said(minimal: Result, hostile: str):
    said = readable(hostile)
    assert len(minimal.gaps) == 1
    assert "fuel_own[petrol]" in said and "NE" in said


def test_the_word_for_a_clause_nobody_read_is_missing(pages: dict[str, str]):
    assert not any("conformant" in page.lower() for page in pages.values())


def test_a_result_without_draws_is_rendered(result: Result):
    bare = replace(
        result, draws={}, collapsed=None, sensitivities={}, reported=replace(result.reported, columns={})
    )
    page = render(bare)
    assert 'id="reported"' not in page and 'id="location_market"' in page


# -- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (0, 4, "0"), (204_277, 4, "204\u202f300"), (-4.1234, 3, "−4.12"), (0.0456789, 3, "0.0457"), (100.0, 4, "100"),
        (1.2e-13, 2, "1.2\u202f×\u202f10⁻¹³"), (float("nan"), 4, "–"), (None, 4, "–"), (9999.6, 4, "10\u202f000"),
    ],
)  # fmt: skip
def test_numbers_are_rounded_and_grouped(value: float | None, digits: int, written: str):
    assert numbers.number(value, digits) == written


def test_an_interval_is_rounded_with_its_point():
    wide = {"point": 204_000.0, "low": 158_081.0, "high": 262_692.0}
    assert "204\u202f000" in numbers.point(wide) and "[158\u202f100, 262\u202f700]" not in numbers.interval(
        wide
    )
    assert "[158\u202f000, 263\u202f000]" in numbers.interval(wide)
    narrow = {"point": 204_321.0, "low": 203_000.0, "high": 205_000.0}
    assert "204\u202f300" in numbers.point(narrow)


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (1.0, "100\u202f%"),
        (0.0, "0\u202f%"),
        (0.9999, ">\u202f99.9\u202f%"),
        (0.0001, "<\u202f0.1\u202f%"),
        (0.123, "12.3\u202f%"),
    ],
)
def test_shares_never_round_to_all_or_nothing(share: float, written: str):
    assert numbers.percent(share) == written


@pytest.mark.parametrize(
    ("unit", "written"),
    [("t CO2e", "t CO₂e"), ("kg CO2e/kWh", "kg CO₂e/kWh"), ("m2", "m²"), ("km3", "km³"), ("MWh", "MWh")],
)
def test_units_are_spelled_for_readers(unit: str, written: str):
    assert numbers.unit(unit) == written


def test_a_chart_of_hostile_names_is_harmless_and_small():
    chart = draw(
        bars([{"name": HOSTILE, "value": 1, "low": 0.5, "high": 2, "color": "#000"}], "t"), HOSTILE, HOSTILE
    )
    assert "<script" not in chart and "<img" not in chart and len(chart) < 5000
    Elements(chart)


# -- in a browser ----------------------------------------------------------------------------------------------------


def test_no_page_is_wider_than_a_phone(pages: dict[str, str], hostile: str, tmp_path: Path):
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.fail("No browser was found. Install Chromium, for example with `apt-get install chromium`.")
    shown = {**pages, "hostile": hostile}
    frames = "".join(
        f'<iframe name="{name}" style="width:360px;height:800px;border:0" srcdoc="{html.escape(page)}"></iframe>'
        for name, page in shown.items()
    )
    measure = (
        "onload=()=>{document.title=[...document.querySelectorAll('iframe')].map(f=>f.name+'='"
        "+f.contentDocument.documentElement.scrollWidth).join(' ')}"
    )
    (tmp_path / "phone.html").write_text(
        f"<!DOCTYPE html><body>{frames}<script>{measure}</script>", encoding="utf-8"
    )
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
        (tmp_path / "phone.html").as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    title = re.search(r"<title>([^<]*)</title>\s*</head>", done.stdout)
    assert title, done.stderr[-2000:]
    widths = dict(part.split("=") for part in title[1].split())
    assert set(widths) == set(shown)
    assert all(int(width) <= 360 for width in widths.values()), widths
